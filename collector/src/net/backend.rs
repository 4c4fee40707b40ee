//! What the endpoint asks of the rest of the collector. One trait, one real implementation in `app`, one in the tests.

use std::net::IpAddr;
use std::sync::Arc;

use evenkeel_common::action::Progress;
use evenkeel_common::id::{ActionId, AgentId};
use evenkeel_common::pki::OrderPublicKey;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::CloseCode;
use evenkeel_common::wire::v1::{Batch, EnrolReply, EnrolRequest, Goodbye, Hello};

/// An agent may have a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Highest number on disk of each stream that its hello names.
    pub ends: Vec<u64>,
    /// The collector's generation.
    pub collector_epoch: u64,
}

/// An agent may not have a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAdmitted {
    /// The code it is told.
    pub code: CloseCode,
    /// Why, and what to do.
    pub message: String,
}

/// A batch was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Not now; the endpoint keeps the batch and offers it again.
    #[error("the store is busy")]
    Busy {
        /// After how long.
        retry_ms: u32,
    },
    /// The batch makes no sense: the agent is broken.
    #[error("{0}")]
    Invalid(String),
}

/// What is worth an entry in the activity log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetEvent {
    /// A session began.
    Connected,
    /// A session ended without being replaced.
    Disconnected {
        /// Why.
        reason: String,
    },
    /// The agent said that it ends.
    Goodbye(Goodbye),
    /// An identity asked for a session and did not get one.
    NotAdmitted(NotAdmitted),
    /// Two live agents have one identity.
    Duplicate {
        /// Addresses of both.
        between: [IpAddr; 2],
    },
    /// The agent broke the protocol.
    Protocol {
        /// How.
        reason: String,
    },
}

/// See the module. Every future may take its time: only the one session waits.
pub trait Backend: Send + Sync + 'static {
    /// Whether this agent, with the key of this hash, may have a session, and where its streams stand.
    fn admit(
        &self,
        agent: AgentId,
        key_hash: [u8; 32],
        hello: &Hello,
    ) -> impl Future<Output = Result<Admitted, NotAdmitted>> + Send;

    /// Stores a batch that was sent at `sent` by the agent's wall clock, and by the monotonic clock of its tick; answers
    /// with the highest number of its stream on disk once it is on disk.
    fn accept(
        &self,
        agent: AgentId,
        received: UnixMs,
        sent: (i64, u64),
        batch: Arc<Batch>,
    ) -> impl Future<Output = Result<u64, AcceptError>> + Send;

    /// Takes news of an action; `true` when it is on disk and the agent may forget it.
    fn action(&self, agent: AgentId, id: ActionId, progress: Progress) -> impl Future<Output = bool> + Send;

    /// A new certificate (DER) for the same identity.
    fn renew(&self, agent: AgentId, csr_der: &[u8]) -> impl Future<Output = Result<Vec<u8>, NotAdmitted>> + Send;

    /// Answers an enrolment request.
    fn enrol(&self, request: EnrolRequest, from: IpAddr) -> impl Future<Output = EnrolReply> + Send;

    /// The key that orders are signed with.
    fn order_key(&self) -> OrderPublicKey;

    /// Takes note of what happened.
    fn event(&self, agent: AgentId, event: NetEvent) -> impl Future<Output = ()> + Send;
}
