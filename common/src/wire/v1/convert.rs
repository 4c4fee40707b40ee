//! Between the wire's structs and the domain types: everything that arrives is checked here, once.

use super::{
    Batch, EnrolReply, EnrolRequest, HostSample, ToAgent, ToCollector, WireCommand, WireOutcome, WireProgress,
    WireReading, WireValue, WireVerb,
};
use crate::action::{Command, MigrateLimits, Outcome, Progress, Refusal, Verb};
use crate::id::{ActionId, AgentId, DomainUuid};
use crate::limits::{BATCH_MAX_DOMAINS, INTERVAL_MAX, NAME_MAX_BYTES};
use crate::metric::MetricId;
use crate::sample::{Counter, CounterEpoch, Finite, Gauge, Missing, Reading, Value};
use crate::time::UnixMs;
use crate::wire::codec::Message;
use crate::wire::v3::{KeyReply, KeyRequest};

/// What is wrong with a message that decodes. It closes the connection: the peer is broken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConvertError {
    /// A reading names a device that the batch does not list.
    #[error("a reading refers to device {index}, the batch lists {listed}")]
    Device {
        /// The index.
        index: u16,
        /// How many there are.
        listed: usize,
    },
    /// NaN or an infinity.
    #[error("a reading of metric {metric} is not finite")]
    NotFinite {
        /// Its number.
        metric: u16,
    },
    /// A name over the limit.
    #[error("a name of {len} bytes is over the limit of {NAME_MAX_BYTES}")]
    Name {
        /// Its length.
        len: usize,
    },
    /// Too many domains.
    #[error("{count} domains in one batch are over the limit of {BATCH_MAX_DOMAINS}")]
    Domains {
        /// How many.
        count: usize,
    },
    /// An interval of zero or over the limit.
    #[error("an interval of {ms} ms is outside 1 ms … 1 h")]
    Interval {
        /// As sent.
        ms: u32,
    },
    /// `seq` starts at 1.
    #[error("batch number 0 is not valid")]
    Seq,
}

impl Batch {
    /// Checks all that holds for a batch as a whole: names, counts, interval, device indices, finite values.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn validate(&self) -> Result<(), ConvertError> {
        if self.seq == 0 {
            return Err(ConvertError::Seq);
        }
        if self.interval_ms == 0 || i64::from(self.interval_ms) > INTERVAL_MAX.0 {
            return Err(ConvertError::Interval { ms: self.interval_ms });
        }
        if self.domains.len() > BATCH_MAX_DOMAINS {
            return Err(ConvertError::Domains { count: self.domains.len() });
        }
        let events = self.events.iter().flat_map(|event| [&event.kind, &event.name]);
        let names = self.devices.iter().chain(self.domains.iter().map(|domain| &domain.name)).chain(events);
        if let Some(name) = names.into_iter().find(|name| name.len() > NAME_MAX_BYTES) {
            return Err(ConvertError::Name { len: name.len() });
        }
        let host = self.host.iter().flat_map(|host: &HostSample| host.readings.iter());
        for reading in host.chain(self.domains.iter().flat_map(|domain| domain.readings.iter())) {
            self.check(reading)?;
        }
        Ok(())
    }

    /// The domain type of one of this batch's readings; `epoch` is the entity's.
    ///
    /// # Errors
    /// See [`ConvertError`].
    pub fn reading(&self, wire: &WireReading, epoch: u64) -> Result<Reading, ConvertError> {
        let device = self.device(wire.device)?.to_owned();
        Ok(Reading { metric: MetricId(wire.metric), device, value: wire.value(epoch)? })
    }

    /// The name of a device by its number in this batch.
    ///
    /// # Errors
    /// [`ConvertError::Device`] when the batch does not list it.
    pub fn device(&self, index: u16) -> Result<&str, ConvertError> {
        match self.devices.get(usize::from(index)) {
            Some(name) => Ok(name),
            None if index == 0 => Ok(""),
            None => Err(ConvertError::Device { index, listed: self.devices.len() }),
        }
    }

    fn check(&self, wire: &WireReading) -> Result<(), ConvertError> {
        if usize::from(wire.device) >= self.devices.len().max(1) {
            return Err(ConvertError::Device { index: wire.device, listed: self.devices.len() });
        }
        match wire.value {
            WireValue::Float(value) if !value.is_finite() => Err(ConvertError::NotFinite { metric: wire.metric }),
            _ => Ok(()),
        }
    }
}

impl WireReading {
    /// The domain type of the value; `epoch` is the entity's.
    ///
    /// # Errors
    /// [`ConvertError::NotFinite`].
    pub fn value(&self, epoch: u64) -> Result<Value, ConvertError> {
        Ok(match self.value {
            WireValue::Counter(value) => Value::Counter(Counter { epoch: CounterEpoch(epoch), value }),
            WireValue::CounterSince { value, epoch } => Value::Counter(Counter { epoch: CounterEpoch(epoch), value }),
            WireValue::Int(value) => Value::Gauge(Gauge::Int(value)),
            WireValue::Float(value) => Finite::new(value)
                .map(|value| Value::Gauge(Gauge::Float(value)))
                .ok_or(ConvertError::NotFinite { metric: self.metric })?,
            WireValue::Missing(code) => Value::Missing(Missing::from_code(code)),
        })
    }
}

impl WireValue {
    /// The wire's form of a value of an entity whose counters live since `epoch`.
    #[must_use]
    pub fn of(value: Value, epoch: u64) -> Self {
        match value {
            Value::Counter(counter) if counter.epoch.0 == epoch => Self::Counter(counter.value),
            Value::Counter(counter) => Self::CounterSince { value: counter.value, epoch: counter.epoch.0 },
            Value::Gauge(Gauge::Int(value)) => Self::Int(value),
            Value::Gauge(Gauge::Float(value)) => Self::Float(value.value()),
            Value::Missing(why) => Self::Missing(why.code()),
        }
    }
}

impl WireCommand {
    /// The command for an agent that does not know signed orders; `None` when it does not know the verb either.
    #[must_use]
    pub fn of(command: &Command) -> Option<Self> {
        let verb = match &command.verb {
            Verb::Snapshot { internal: false, .. } => WireVerb::Snapshot,
            Verb::Restart { apply_pending } => WireVerb::Restart { apply_pending: *apply_pending },
            Verb::Migrate { to_host, limits } if *limits == MigrateLimits::default() => {
                WireVerb::Migrate { to_host: to_host.clone() }
            }
            _ => return None,
        };
        Some(Self {
            id: command.id.to_bytes(),
            collector_epoch: command.collector_epoch,
            verb,
            domain: command.domain.to_bytes(),
            not_after_ms: command.not_after.0,
        })
    }
}

impl From<WireCommand> for Command {
    /// Nobody vouches for it: it names no host and nobody has signed it.
    fn from(wire: WireCommand) -> Self {
        Self {
            id: ActionId::from_bytes(wire.id),
            collector_epoch: wire.collector_epoch,
            host: AgentId::from_bytes([0; 16]),
            verb: match wire.verb {
                WireVerb::Snapshot => Verb::SNAPSHOT,
                WireVerb::Restart { apply_pending } => Verb::Restart { apply_pending },
                WireVerb::Migrate { to_host } => Verb::Migrate { to_host, limits: MigrateLimits::default() },
            },
            domain: DomainUuid::from_bytes(wire.domain),
            issued: UnixMs(0),
            not_after: UnixMs(wire.not_after_ms),
        }
    }
}

impl From<Progress> for WireProgress {
    fn from(progress: Progress) -> Self {
        match progress {
            Progress::Running(step) => Self::Running(step.words),
            Progress::Finished(outcome) => Self::Finished(outcome.into()),
        }
    }
}

impl From<WireProgress> for Progress {
    fn from(wire: WireProgress) -> Self {
        match wire {
            WireProgress::Running(words) => Self::Running(words.into()),
            WireProgress::Finished(outcome) => Self::Finished(outcome.into()),
        }
    }
}

impl From<Outcome> for WireOutcome {
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

impl From<WireOutcome> for Outcome {
    fn from(wire: WireOutcome) -> Self {
        match wire {
            WireOutcome::Succeeded(facts) => Self::Succeeded(facts),
            WireOutcome::Failed(message) => Self::Failed(message),
            WireOutcome::Refused { guard, message } => Self::Refused(Refusal { guard, message }),
            WireOutcome::Expired => Self::Expired,
            WireOutcome::Unknown(evidence) => Self::Unknown(evidence),
        }
    }
}

impl ToCollector {
    /// The message's name in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Hello(_) => "hello",
            Self::Batch { .. } => "batch",
            Self::Action { .. } => "action",
            Self::Renew { .. } => "renew",
            Self::Goodbye(_) => "goodbye",
            Self::Packed(_) => "packed",
            Self::News(_) => "news",
            Self::Points(_) => "points",
            Self::AuditHead(_) => "audit_head",
        }
    }
}

impl Message for ToCollector {
    fn since(&self) -> u8 {
        match self {
            Self::News(_) | Self::Points(_) | Self::AuditHead(_) => 3,
            Self::Packed(_) => 2,
            _ => 1,
        }
    }
}

impl Message for ToAgent {
    fn since(&self) -> u8 {
        if matches!(self, Self::Order(_) | Self::ReportPoints(_) | Self::AuditHead(_)) { 3 } else { 1 }
    }
}

impl Message for EnrolRequest {}
impl Message for EnrolReply {}

impl Message for KeyRequest {
    fn since(&self) -> u8 {
        3
    }
}

impl Message for KeyReply {
    fn since(&self) -> u8 {
        3
    }
}

impl ToAgent {
    /// The message's name in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Welcome(_) => "welcome",
            Self::Ack { .. } => "ack",
            Self::RetryAfter { .. } => "retry_after",
            Self::Command(_) => "command",
            Self::ActionAck { .. } => "action_ack",
            Self::Renewed { .. } => "renewed",
            Self::Order(_) => "order",
            Self::ReportPoints(_) => "report_points",
            Self::AuditHead(_) => "audit_head",
        }
    }

    /// The action that it orders, if it is an order.
    #[must_use]
    pub const fn action(&self) -> Option<ActionId> {
        match self {
            Self::Command(command) => Some(ActionId::from_bytes(command.id)),
            Self::Order(order) => Some(ActionId::from_bytes(order.id)),
            _ => None,
        }
    }
}
