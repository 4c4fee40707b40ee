//! What the endpoint asks, answered by the parts that know: the door, ingest, the activity log.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::action::Progress;
use evenkeel_common::clock;
use evenkeel_common::id::{ActionId, AgentId};
use evenkeel_common::pki::{CertificateAuthority, OrderPublicKey};
use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::{Batch, EnrolReply, EnrolRequest, Hello};

use crate::control::{Control, Door};
use crate::ingest::{Ingest, IngestError};
use crate::net::{AcceptError, Admitted, Backend, NetEvent, NotAdmitted};
use crate::store::activity::Category;

/// An agent that is turned away comes back every minute; its entry in the log does not come more often than this.
const SAY_AGAIN: DurationMs = DurationMs::from_s(3_600);
/// What an agent is told when ingest is closing.
const CLOSING_RETRY_MS: u32 = 1_000;

/// See the module.
pub(super) struct Agents {
    control: Control,
    door: Door,
    ingest: Ingest,
    /// When what was last said of an agent. At most three kinds an identity, and only identities with a certificate.
    said: Mutex<HashMap<(AgentId, &'static str), MonoMs>>,
}

impl Agents {
    pub(super) fn new(control: Control, authority: Arc<CertificateAuthority>, ingest: Ingest) -> Self {
        Self { door: Door::new(control.clone(), authority), control, ingest, said: Mutex::default() }
    }

    /// Whether it is time to say this of the agent (again).
    fn is_news(&self, agent: AgentId, kind: &'static str, now: MonoMs) -> bool {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let news = said.get(&(agent, kind)).is_none_or(|last| now.since(*last) >= SAY_AGAIN);
        if news {
            said.insert((agent, kind), now);
        }
        news
    }
}

impl Backend for Agents {
    async fn admit(&self, agent: AgentId, key_hash: [u8; 32], hello: &Hello) -> Result<Admitted, NotAdmitted> {
        self.door.admit(agent, key_hash, hello).await
    }

    async fn accept(
        &self,
        agent: AgentId,
        received: UnixMs,
        sent: (i64, u64),
        batch: Arc<Batch>,
    ) -> Result<u64, AcceptError> {
        let (sent_wall_ms, sent_mono_ms) = sent;
        self.ingest.accept(agent, received, sent_wall_ms, sent_mono_ms, batch).await.map_err(|error| match error {
            IngestError::Busy { retry_ms } => AcceptError::Busy { retry_ms },
            IngestError::Closed => AcceptError::Busy { retry_ms: CLOSING_RETRY_MS },
            IngestError::Invalid(error) => AcceptError::Invalid(error.to_string()),
        })
    }

    async fn action(&self, agent: AgentId, id: ActionId, progress: Progress) -> bool {
        self.control.action_news(agent, id, progress, clock::wall()).await
    }

    async fn renew(&self, agent: AgentId, csr_der: &[u8]) -> Result<Vec<u8>, NotAdmitted> {
        self.door.renew(agent, csr_der, clock::wall()).await
    }

    async fn enrol(&self, request: EnrolRequest, from: IpAddr) -> EnrolReply {
        self.door.enrol(request, from, clock::wall()).await
    }

    fn order_key(&self) -> OrderPublicKey {
        self.control.order_key()
    }

    async fn event(&self, agent: AgentId, event: NetEvent) {
        let connected = event == NetEvent::Connected;
        let (category, kind, message) = describe(event);
        let repeats = matches!(kind, "agent_not_admitted" | "duplicate_identity" | "agent_protocol");
        if repeats && !self.is_news(agent, kind, clock::mono()) {
            return;
        }
        let host = self.door.name_of(agent).await;
        self.control.note(clock::wall(), category, kind, host, message).await;
        if connected {
            self.control.actions_on_connect(agent, clock::wall()).await;
        }
    }
}

fn describe(event: NetEvent) -> (Category, &'static str, String) {
    match event {
        NetEvent::Connected => (Category::Informational, "agent_connected", "the agent has a session".to_owned()),
        NetEvent::Disconnected { reason } => (Category::Warning, "agent_disconnected", reason),
        NetEvent::Goodbye(goodbye) => {
            let back = match goodbye.expected_s {
                0 => String::new(),
                seconds => format!("; it expects to be back in {seconds} s"),
            };
            (Category::Informational, "agent_goodbye", format!("the agent said goodbye: {}{back}", goodbye.reason))
        }
        NetEvent::NotAdmitted(refused) => (Category::Warning, "agent_not_admitted", refused.message),
        NetEvent::Duplicate { between: [older, newer] } => (
            Category::Exception,
            "duplicate_identity",
            format!(
                "two running agents have this identity, at {older} and {newer} (a cloned image?); both were refused"
            ),
        ),
        NetEvent::Protocol { reason } => {
            (Category::Exception, "agent_protocol", format!("the agent broke the protocol: {reason}"))
        }
    }
}
