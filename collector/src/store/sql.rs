//! Domain types as SQLite values and back.

use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Value};
use evenkeel_common::time::UnixMs;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// What a series or a poll is about: a domain's UUID or a host's agent id, as 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entity(pub [u8; 16]);

impl From<DomainUuid> for Entity {
    fn from(uuid: DomainUuid) -> Self {
        Self(uuid.to_bytes())
    }
}

impl From<AgentId> for Entity {
    fn from(agent: AgentId) -> Self {
        Self(agent.to_bytes())
    }
}

/// The value in the columns `value, epoch, missing` that start at `first`, of a version that kept a row per reading:
/// counters above 2^63 are the negative number of the same bits. What cannot be read is no data.
pub(super) fn value(row: &Row<'_>, first: usize) -> Result<Value, rusqlite::Error> {
    let epoch: Option<i64> = row.get(first + 1)?;
    let missing: Option<u8> = row.get(first + 2)?;
    Ok(match (row.get_ref(first)?, epoch) {
        (ValueRef::Integer(value), Some(epoch)) => {
            Value::Counter(Counter { epoch: CounterEpoch(epoch.cast_unsigned()), value: value.cast_unsigned() })
        }
        (ValueRef::Integer(value), None) => Value::Gauge(Gauge::Int(value)),
        (ValueRef::Real(value), _) => {
            Finite::new(value).map_or(Value::Missing(Missing::NoData), |value| Value::Gauge(Gauge::Float(value)))
        }
        _ => Value::Missing(missing.map_or(Missing::NoData, Missing::from_code)),
    })
}

/// An agent id column.
pub(super) fn agent(row: &Row<'_>, column: usize) -> Result<AgentId, rusqlite::Error> {
    row.get(column).map(AgentId::from_bytes)
}

/// A time column.
pub(super) fn at(row: &Row<'_>, column: usize) -> Result<UnixMs, rusqlite::Error> {
    row.get(column).map(UnixMs)
}

/// Keeps the number of samples, in the transaction that adds or (with a negative number) removes them.
pub(super) fn add_samples(db: &Connection, samples: i64) -> Result<(), rusqlite::Error> {
    db.prepare_cached("UPDATE totals SET samples = samples + ?")?.execute([samples]).map(drop)
}
