//! The JSON of a journal's record.

use evenkeel_common::action::{Command, Outcome, Refusal, Verb};
use evenkeel_common::id::AgentId;
use evenkeel_common::time::UnixMs;
use serde::{Deserialize, Serialize};

use super::Entry;

/// One action on disk.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    id: String,
    verb: serde_json::Value,
    /// Of which host; since orders are signed.
    #[serde(default)]
    host: String,
    #[serde(default)]
    issued_ms: i64,
    domain: String,
    collector_epoch: u64,
    not_after_ms: i64,
    received_ms: i64,
    finished_ms: Option<i64>,
    outcome: Option<OutcomeRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OutcomeRecord {
    Succeeded(Vec<(String, String)>),
    Failed(String),
    Refused { guard: String, message: String },
    Expired,
    Unknown(String),
}

impl Record {
    /// `None` when the bytes are not a record.
    pub(super) fn parse(bytes: &[u8]) -> Option<Entry> {
        let record: Self = serde_json::from_slice(bytes).ok()?;
        let finished = match (record.finished_ms, record.outcome) {
            (Some(at), Some(outcome)) => Some((UnixMs(at), outcome.into())),
            (None, None) => None,
            _ => return None,
        };
        Some(Entry {
            command: Command {
                id: record.id.parse().ok()?,
                collector_epoch: record.collector_epoch,
                host: record.host.parse().unwrap_or(AgentId::from_bytes([0; 16])),
                verb: match record.verb {
                    // What was written before snapshots had arguments.
                    serde_json::Value::String(word) if word == "snapshot" => Verb::SNAPSHOT,
                    verb => serde_json::from_value(verb).ok()?,
                },
                domain: record.domain.parse().ok()?,
                issued: UnixMs(record.issued_ms),
                not_after: UnixMs(record.not_after_ms),
            },
            received: UnixMs(record.received_ms),
            finished,
        })
    }

    pub(super) fn write(entry: &Entry) -> Vec<u8> {
        let Entry { command, received, finished } = entry;
        let record = Self {
            id: command.id.to_string(),
            verb: serde_json::to_value(&command.verb).expect("a verb of texts and numbers is always JSON"),
            host: command.host.to_string(),
            issued_ms: command.issued.0,
            domain: command.domain.to_string(),
            collector_epoch: command.collector_epoch,
            not_after_ms: command.not_after.0,
            received_ms: received.0,
            finished_ms: finished.as_ref().map(|(at, _)| at.0),
            outcome: finished.as_ref().map(|(_, outcome)| outcome.clone().into()),
        };
        serde_json::to_vec_pretty(&record).expect("a record of texts and numbers is always JSON")
    }
}

impl From<Outcome> for OutcomeRecord {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded(facts) => Self::Succeeded(facts),
            Outcome::Failed(message) => Self::Failed(message),
            Outcome::Refused(Refusal { guard, message }) => Self::Refused { guard, message },
            Outcome::Expired => Self::Expired,
            Outcome::Unknown(evidence) => Self::Unknown(evidence),
        }
    }
}

impl From<OutcomeRecord> for Outcome {
    fn from(record: OutcomeRecord) -> Self {
        match record {
            OutcomeRecord::Succeeded(facts) => Self::Succeeded(facts),
            OutcomeRecord::Failed(message) => Self::Failed(message),
            OutcomeRecord::Refused { guard, message } => Self::Refused(Refusal { guard, message }),
            OutcomeRecord::Expired => Self::Expired,
            OutcomeRecord::Unknown(evidence) => Self::Unknown(evidence),
        }
    }
}
