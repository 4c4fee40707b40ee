//! What the endpoint asks: enrol this host, admit this session, renew this certificate.

use std::net::IpAddr;
use std::sync::Arc;

use evenkeel_common::error::chain;
use evenkeel_common::id::AgentId;
use evenkeel_common::pki::{self, CertificateAuthority, OrderPublicKey};
use evenkeel_common::time::UnixMs;
use evenkeel_common::token::TokenSecret;
use evenkeel_common::wire::CloseCode;
use evenkeel_common::wire::v1::{EnrolReply, EnrolRequest, Hello};
use uuid::Builder;

use super::Control;
use crate::enrol::{Asked, NoSession, Refusal, decide, may_have_session};
use crate::net::{Admitted, NotAdmitted};
use crate::store::activity::Category;
use crate::store::{AgentRow, AgentState, StoreError};

/// Longest program version kept.
const VERSION_MAX_CHARS: usize = 64;

/// The door: [`Control`] with the key of the CA.
#[derive(Clone, Debug)]
pub struct Door {
    control: Control,
    authority: Arc<CertificateAuthority>,
}

impl Door {
    /// The door of a running collector.
    #[must_use]
    pub const fn new(control: Control, authority: Arc<CertificateAuthority>) -> Self {
        Self { control, authority }
    }

    /// The key that orders are signed with.
    #[must_use]
    pub fn order_key(&self) -> OrderPublicKey {
        self.control.order_key()
    }

    /// Answers an enrolment request from `from`.
    pub async fn enrol(&self, request: EnrolRequest, from: IpAddr, now: UnixMs) -> EnrolReply {
        let Ok(key_hash) = pki::key_hash(&request.csr_der) else {
            return refused("the signing request is damaged; are both programs of a version that fit?");
        };
        let asked = Asked {
            token_id: request.token_id.clone(),
            secret: TokenSecret(request.secret),
            name: request.name.clone(),
            machine_id: request.machine_id.clone(),
            key_hash,
            agent_version: request.agent_version.chars().take(VERSION_MAX_CHARS).collect(),
            new_id: AgentId(Builder::from_random_bytes(rand::random()).into_uuid()),
        };
        let decided = self
            .control
            .store()
            .enrol(request.token_id, request.name.clone(), key_hash, move |situation| decide(&asked, situation, now))
            .await;
        match decided {
            Ok(Ok(enrolled)) if enrolled.agent.state == AgentState::Approved => {
                self.issue(enrolled.agent, &request.csr_der, from, now).await
            }
            Ok(Ok(enrolled)) => {
                if enrolled.count_use {
                    let message = format!(
                        "agent {} at {from} asks to join; `evenkeel agent approve {}` lets it in",
                        enrolled.agent.id, enrolled.agent.name
                    );
                    self.control.note(now, Category::Warning, "agent_pending", enrolled.agent.name, message).await;
                }
                EnrolReply::Pending
            }
            Ok(Err(refusal)) => {
                self.note_refusal(&refusal, request.name, from, now).await;
                refused(refusal)
            }
            Err(error) => refused(store_failed(&error)),
        }
    }

    async fn issue(&self, agent: AgentRow, csr_der: &[u8], from: IpAddr, now: UnixMs) -> EnrolReply {
        let issued = match self.authority.issue_agent(csr_der, agent.id, now) {
            Ok(issued) => issued,
            Err(error) => return refused(chain(&error)),
        };
        if let Err(error) = self.control.store().note_certificate(agent.id, issued.not_after).await {
            return refused(store_failed(&error));
        }
        let message = format!("agent {} at {from} has a certificate until {}", agent.id, issued.not_after);
        self.control.note(now, Category::Informational, "agent_joined", agent.name, message).await;
        EnrolReply::Issued {
            agent_id: agent.id.to_bytes(),
            cert_der: issued.cert.to_vec(),
            ca_der: self.authority.cert().to_vec(),
        }
    }

    /// A stranger with no valid token only gets into the log of the program, where it is held back: the activity log is
    /// not for strangers to fill.
    async fn note_refusal(&self, refusal: &Refusal, name: String, from: IpAddr, now: UnixMs) {
        let stranger = matches!(
            refusal,
            Refusal::UnknownToken { .. } | Refusal::Name(_) | Refusal::MachineId | Refusal::NoRenewal { .. }
        );
        if stranger {
            tracing::debug!(%from, %refusal, "enrolment refused");
        } else {
            let message = format!("a host at {from} was refused: {refusal}");
            self.control.note(now, Category::Warning, "join_refused", name, message).await;
        }
    }

    /// Whether an agent with this key on this machine may have a session, and where its streams stand.
    ///
    /// # Errors
    /// Why not.
    pub async fn admit(&self, agent: AgentId, key_hash: [u8; 32], hello: &Hello) -> Result<Admitted, NotAdmitted> {
        let store = self.control.store();
        let row = store.agent(agent).await.map_err(|error| busy(&error))?;
        may_have_session(row.as_ref(), key_hash, &hello.machine_id).map_err(|why| {
            let code = if why == NoSession::Revoked { CloseCode::Revoked } else { CloseCode::NotAdmitted };
            NotAdmitted { code, message: why.to_string() }
        })?;
        let mut ends = Vec::with_capacity(hello.streams.len());
        for epoch in &hello.streams {
            ends.push(store.last_seq(agent, *epoch).await.map_err(|error| busy(&error))?);
        }
        let collector_epoch = store.collector_epoch().await.map_err(|error| busy(&error))?;
        Ok(Admitted { ends, collector_epoch })
    }

    /// The name of an agent's host; empty when it is not known or cannot be read now.
    pub async fn name_of(&self, agent: AgentId) -> String {
        self.control.store().agent(agent).await.ok().flatten().map(|row| row.name).unwrap_or_default()
    }

    /// A new certificate for the same identity and key.
    ///
    /// # Errors
    /// Why not.
    pub async fn renew(&self, agent: AgentId, csr_der: &[u8], now: UnixMs) -> Result<Vec<u8>, NotAdmitted> {
        let not = |code, message: String| NotAdmitted { code, message };
        let key_hash = pki::key_hash(csr_der).map_err(|error| not(CloseCode::Protocol, chain(&error)))?;
        let row = self.control.store().agent(agent).await.map_err(|error| busy(&error))?;
        let Some(row) = row.filter(|row| row.state == AgentState::Approved && row.key_hash == key_hash) else {
            return Err(not(
                CloseCode::NotAdmitted,
                "the certificate is not renewed: the key is not the agent's".into(),
            ));
        };
        let issued =
            self.authority.issue_agent(csr_der, agent, now).map_err(|error| not(CloseCode::Protocol, chain(&error)))?;
        self.control.store().note_certificate(agent, issued.not_after).await.map_err(|error| busy(&error))?;
        let message = format!("certificate until {}", issued.not_after);
        self.control.note(now, Category::Informational, "certificate_renewed", row.name, message).await;
        Ok(issued.cert.to_vec())
    }
}

fn refused(message: impl ToString) -> EnrolReply {
    EnrolReply::Refused { message: message.to_string() }
}

fn store_failed(error: &StoreError) -> String {
    tracing::error!(error = chain(error), "the store failed");
    "the collector's store failed; look into the log of `evenkeel serve` and try again".to_owned()
}

fn busy(error: &StoreError) -> NotAdmitted {
    NotAdmitted { code: CloseCode::Busy, message: store_failed(error) }
}
