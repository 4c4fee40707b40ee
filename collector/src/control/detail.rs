//! [P] Store rows as the details of views.

use std::collections::HashMap;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::{Kind, by_id};
use evenkeel_common::sample::{Gauge, Value};
use serde_json::Number;

use super::rates;
use crate::store::{Latest, PlacementRow};
use crate::view::vm::{PlacementView, ReadingView};

/// `None` for an empty text.
pub fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// A host's name, or its agent's id when it has none any more.
pub fn host_name(agent: AgentId, names: &HashMap<AgentId, String>) -> String {
    names.get(&agent).cloned().unwrap_or_else(|| agent.to_string())
}

/// Stays one after another; each ends where the next begins.
pub fn placements(rows: &[PlacementRow], names: &HashMap<AgentId, String>) -> Vec<PlacementView> {
    let ends = rows.iter().skip(1).map(|row| Some(row.from.into())).chain(std::iter::once(None));
    rows.iter()
        .zip(ends)
        .map(|(row, to)| PlacementView { host: host_name(row.agent, names), from: row.from.into(), to })
        .collect()
}

/// The newest reading of a series; `None` for a metric that this program does not know.
pub fn reading(latest: &Latest) -> Option<ReadingView> {
    let metric = by_id(latest.metric)?;
    let (at, value) = latest.points.first()?;
    let rate = match metric.kind {
        Kind::Counter => rates::rate(&latest.points, metric.stored_per_unit).ok(),
        Kind::Gauge => None,
    };
    let missing = match value {
        Value::Missing(why) => Some(why.as_str().to_owned()),
        Value::Counter(_) | Value::Gauge(_) => None,
    };
    Some(ReadingView {
        metric: metric.name.to_owned(),
        device: latest.device.clone(),
        kind: metric.kind.as_str().to_owned(),
        unit: metric.unit.as_str().to_owned(),
        value: number(*value, metric.stored_per_unit),
        rate,
        time: (*at).into(),
        missing,
    })
}

/// Integers stay integers when they are stored in the shown unit.
fn number(value: Value, stored_per_unit: f64) -> Option<Number> {
    let whole = stored_per_unit <= 1.0;
    match value {
        Value::Counter(counter) if whole => Some(counter.value.into()),
        Value::Gauge(Gauge::Int(value)) if whole => Some(value.into()),
        other => Number::from_f64(rates::newest(&[(evenkeel_common::time::UnixMs(0), other)], stored_per_unit).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::id::DomainUuid;
    use evenkeel_common::metric::by_name;
    use evenkeel_common::sample::{Counter, CounterEpoch, Missing};
    use evenkeel_common::time::UnixMs;

    use super::*;

    fn latest(metric: &str, device: &str, values: &[Value]) -> Latest {
        let points = values.iter().zip([20_000, 10_000]).map(|(value, at)| (UnixMs(at), *value)).collect();
        let entity = DomainUuid::from_bytes([1; 16]).into();
        Latest { entity, metric: by_name(metric).unwrap().id, device: device.to_owned(), points }
    }

    fn counter(value: u64) -> Value {
        Value::Counter(Counter { epoch: CounterEpoch(1), value })
    }

    #[test]
    fn a_reading_has_its_units_value_and_rate() {
        let cpu =
            reading(&latest("vm_cpu_seconds_total", "", &[counter(7_500_000_000), counter(2_500_000_000)])).unwrap();
        assert_eq!((cpu.value, cpu.rate), (Number::from_f64(7.5), Some(0.5)));
        let bytes = reading(&latest("vm_block_read_bytes_total", "vda", &[counter(u64::MAX)])).unwrap();
        assert_eq!((bytes.value, bytes.rate), (Some(u64::MAX.into()), None));
        let lost = reading(&latest("vm_memory_rss_bytes", "", &[Value::Missing(Missing::Hung)])).unwrap();
        assert_eq!((lost.value, lost.missing.as_deref()), (None, Some("hung")));
    }

    #[test]
    fn a_stay_ends_where_the_next_begins() {
        let (a, b) = (AgentId::from_bytes([1; 16]), AgentId::from_bytes([2; 16]));
        let uuid = DomainUuid::from_bytes([9; 16]);
        let row = |from, agent| PlacementRow { uuid, from: UnixMs(from), agent };
        let names = HashMap::from([(a, "hosta".to_owned())]);
        let found = placements(&[row(0, a), row(1_000, b)], &names);
        assert_eq!((found[0].host.as_str(), found[0].to), ("hosta", Some(UnixMs(1_000).into())));
        assert_eq!((found[1].host.clone(), found[1].to), (b.to_string(), None));
    }
}
