//! Readings that come from elsewhere than an agent.

use evenkeel_common::sample::{Gauge, Reading, Value};
use evenkeel_common::time::UnixMs;

use super::{Entity, Store, StoreError};

/// Hours that are looked at in one go, so that ingest does not wait for long: some 30 ms of reading.
const HOURS_AT_ONCE: usize = 16;

/// Readings of one entity in one hour.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportHour {
    /// Domain or host.
    pub entity: Entity,
    /// The readings, in any order.
    pub readings: Vec<(UnixMs, Reading)>,
}

/// What became of one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Imported {
    /// It was not there and is now.
    New,
    /// It was there already.
    Duplicate,
    /// There is another value at this time, which stays.
    Conflict(Value),
}

impl Imported {
    /// What a reading is beside one that is there already.
    #[must_use]
    pub fn beside(known: Value, new: Value) -> Self {
        if same(known, new) { Self::Duplicate } else { Self::Conflict(known) }
    }
}

/// Whether two values are one number. The life of a counter does not count: no text says it.
#[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "a fraction that is equal to a whole number is it")]
fn same(a: Value, b: Value) -> bool {
    match (a, b) {
        (Value::Counter(a), Value::Counter(b)) => a.value == b.value,
        (Value::Gauge(Gauge::Int(int)), Value::Gauge(Gauge::Float(float)))
        | (Value::Gauge(Gauge::Float(float)), Value::Gauge(Gauge::Int(int))) => int as f64 == float.value(),
        (a, b) => a == b,
    }
}

impl Store {
    /// Adds readings that are not there yet, whether their hour is closed or not; answers for each hour and reading in
    /// their order. What was added before an error stays; doing it again finds it there.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn import(&self, hours: Vec<ImportHour>) -> Result<Vec<Vec<Imported>>, StoreError> {
        let mut answers = Vec::with_capacity(hours.len());
        let mut hours = hours.into_iter();
        loop {
            let some: Vec<ImportHour> = hours.by_ref().take(HOURS_AT_ONCE).collect();
            if some.is_empty() {
                return Ok(answers);
            }
            if !self.reserve.allows_ingest() {
                return Err(StoreError::DiskFull);
            }
            let result = self.writer.run(move |engine| engine.import(&some)).await;
            if matches!(result, Err(StoreError::DiskFull)) {
                self.reserve.release();
            }
            answers.extend(result?);
        }
    }
}
