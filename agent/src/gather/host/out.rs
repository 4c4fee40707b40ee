//! Readings as they are collected.

use evenkeel_common::metric::{Kind, Metric};
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Reading, Value};

use crate::gather::row::clip;

/// The host's readings so far.
pub(super) struct Out {
    pub epoch: CounterEpoch,
    pub readings: Vec<Reading>,
}

impl Out {
    /// A whole number in the metric's stored unit.
    pub fn whole(&mut self, metric: &'static Metric, device: &str, value: u64) {
        let value = match metric.kind {
            Kind::Counter => Value::Counter(Counter { epoch: self.epoch, value }),
            Kind::Gauge => Value::Gauge(Gauge::Int(i64::try_from(value).unwrap_or(i64::MAX))),
        };
        self.push(metric, device, value);
    }

    /// A whole number of the host itself, where there is one.
    pub fn maybe(&mut self, metric: &'static Metric, value: Option<u64>) {
        if let Some(value) = value {
            self.whole(metric, "", value);
        }
    }

    /// A fraction, or why there is none.
    pub fn float(&mut self, metric: &'static Metric, device: &str, value: Option<f64>, why: Missing) {
        let value = value.and_then(Finite::new).map_or(Value::Missing(why), |value| Value::Gauge(Gauge::Float(value)));
        self.push(metric, device, value);
    }

    /// Nothing, and why.
    pub fn missing(&mut self, metric: &'static Metric, device: &str, why: Missing) {
        self.push(metric, device, Value::Missing(why));
    }

    /// Any reading.
    pub fn push(&mut self, metric: &'static Metric, device: &str, value: Value) {
        self.readings.push(Reading { metric: metric.id, device: clip(device), value });
    }
}
