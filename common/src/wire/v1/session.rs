//! Enrolment and the session's messages.

use bincode::{Decode, Encode};

use super::Batch;
use crate::wire::v2::PackedBatch;
use crate::wire::v3;

/// First message of an agent that has no certificate yet (enrolment ALPN, one request and one reply a connection).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EnrolRequest {
    /// The token's id.
    pub token_id: String,
    /// The token's secret.
    pub secret: [u8; 16],
    /// Name of the host.
    pub name: String,
    /// Content of `/etc/machine-id`.
    pub machine_id: String,
    /// Certificate signing request (DER); the key stays on the host.
    pub csr_der: Vec<u8>,
    /// Version of the agent.
    pub agent_version: String,
}

/// Answer to [`EnrolRequest`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum EnrolReply {
    /// Enrolled.
    Issued {
        /// The identity given.
        agent_id: [u8; 16],
        /// Its certificate (DER).
        cert_der: Vec<u8>,
        /// The CA's certificate (DER).
        ca_der: Vec<u8>,
    },
    /// A person has to approve it: ask again with the same key.
    Pending,
    /// No, and why.
    Refused {
        /// For the operator.
        message: String,
    },
}

/// First message of a session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// Oldest message version the agent speaks.
    pub version_min: u8,
    /// Newest message version the agent speaks.
    pub version_max: u8,
    /// Version of the agent's program.
    pub agent_version: String,
    /// Content of `/etc/machine-id`.
    pub machine_id: String,
    /// Run of the agent: its start in ms since 1970. Two live connections of one run are one agent.
    pub run: u64,
    /// The streams whose batches may follow (see [`Batch::epoch`]), oldest first; the last one takes fresh batches.
    pub streams: Vec<u64>,
    /// Agent's wall clock now, ms since 1970.
    pub wall_ms: i64,
}

/// Answer to [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Welcome {
    /// The message version both will use.
    pub version: u8,
    /// Highest `seq` on disk of each stream that the hello named; 0 when none is.
    pub ends: Vec<u64>,
    /// The collector's generation.
    pub collector_epoch: u64,
}

/// Agent to collector.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
#[expect(clippy::large_enum_variant, reason = "nearly every message is a batch, so boxing it would only cost")]
pub enum ToCollector {
    /// First message.
    Hello(Hello),
    /// Readings.
    Batch {
        /// Agent's wall clock when it was sent, ms since 1970.
        sent_wall_ms: i64,
        /// Agent's monotonic clock when it was sent, ms.
        sent_mono_ms: u64,
        /// How long ago its tick was when it was sent, ms: by the monotonic clock, or by the wall clock when the host was
        /// booted in between.
        age_ms: u64,
        /// The readings.
        batch: Batch,
    },
    /// News of an action.
    Action {
        /// The action's id.
        id: [u8; 16],
        /// The news.
        progress: WireProgress,
    },
    /// A new certificate for the same identity is wanted.
    Renew {
        /// Certificate signing request (DER).
        csr_der: Vec<u8>,
    },
    /// The agent ends on purpose.
    Goodbye(Goodbye),
    /// Readings, packed. Since version 2.
    Packed(PackedBatch),
    /// News of an action with figures. Since version 3.
    News(v3::News),
    /// The recovery points that the host sees. Since version 3.
    Points(v3::PointsReport),
    /// How far the actor's audit chain is. Since version 3.
    AuditHead(v3::AuditHead),
}

/// Why an agent ends on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Goodbye {
    /// `stop`, `restart`, `upgrade`.
    pub reason: String,
    /// How long it expects to be away; 0 when it does not know.
    pub expected_s: u32,
}

/// Collector to agent.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ToAgent {
    /// Answer to Hello.
    Welcome(Welcome),
    /// Everything of a stream up to `seq` is on disk.
    Ack {
        /// The stream.
        epoch: u64,
        /// Highest number on disk.
        seq: u64,
    },
    /// The collector cannot store at the moment: it keeps what it was sent, but send no more batches for a while.
    RetryAfter {
        /// How long to wait.
        ms: u32,
    },
    /// Do something.
    Command(WireCommand),
    /// The news of this finished action is on disk; the agent may forget it.
    ActionAck {
        /// The action's id.
        id: [u8; 16],
    },
    /// The renewed certificate (DER).
    Renewed {
        /// Certificate.
        cert_der: Vec<u8>,
    },
    /// Do something: signed. Since version 3.
    Order(v3::SignedOrder),
    /// Say which recovery points you see. Since version 3.
    ReportPoints(v3::PointsQuery),
    /// How far the collector's audit chain is. Since version 3.
    AuditHead(v3::AuditHead),
}

/// A command on the wire; see `action::Command`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct WireCommand {
    /// The action's id.
    pub id: [u8; 16],
    /// The collector's generation.
    pub collector_epoch: u64,
    /// What to do.
    pub verb: WireVerb,
    /// The domain's UUID.
    pub domain: [u8; 16],
    /// Not to be started after this, ms since 1970.
    pub not_after_ms: i64,
}

/// A verb on the wire; see `action::Verb`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum WireVerb {
    /// See `action::Verb::Snapshot`.
    Snapshot,
    /// See `action::Verb::Restart`.
    Restart {
        /// See there.
        apply_pending: bool,
    },
    /// See `action::Verb::Migrate`.
    Migrate {
        /// See there.
        to_host: String,
    },
}

/// News on the wire; see `action::Progress`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum WireProgress {
    /// The actor has begun; the text names the step.
    Running(String),
    /// It is over.
    Finished(WireOutcome),
}

/// An outcome on the wire; see `action::Outcome`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum WireOutcome {
    /// Done.
    Succeeded(Vec<(String, String)>),
    /// Tried, did not work.
    Failed(String),
    /// Not begun.
    Refused {
        /// The guard's name.
        guard: String,
        /// For the operator.
        message: String,
    },
    /// Its time had passed.
    Expired,
    /// Begun, end unknown.
    Unknown(String),
}
