//! Joining a collector with a token.

use std::io;
use std::path::{Path, PathBuf};

use evenkeel_common::error::chain;
use evenkeel_common::id::AgentId;
use evenkeel_common::limits::{APPROVAL_POLL, APPROVAL_WAIT};
use evenkeel_common::pki::{CaPin, FileError, OrderPublicKey, write_atomic};
use evenkeel_common::token::{JoinToken, TokenError};
use evenkeel_common::wire::v1::{EnrolReply, EnrolRequest};
use rustls::pki_types::CertificateDer;
use tokio::time::{Instant, sleep};

use super::client::ConnectError;
use super::enrol::{EnrolError, ask, ask_key};
use super::identity::{AgentIdentity, IdentityError, joined, joining_key};
use crate::actor::trust::Trust;

/// File with a token in the configuration directory, used at the first start.
pub const TOKEN_FILE: &str = "join.token";
/// Drop-in that says where the host joined.
const DROP_IN: &str = "10-join.toml";

/// A wish to join.
#[derive(Clone, Debug)]
pub struct Join {
    /// The token.
    pub token: JoinToken,
    /// `HOST:PORT`, when another than the token's is to be used.
    pub address: Option<String>,
    /// Name of this host.
    pub name: String,
    /// Its machine id.
    pub machine_id: String,
    /// Where the identity goes.
    pub data_dir: PathBuf,
    /// Drop-in directory of the configuration.
    pub drop_in_dir: PathBuf,
    /// Directory of the configuration, where it is written down whose orders this host obeys.
    pub config_dir: PathBuf,
}

/// Why the host has not joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The collector cannot be reached.
    #[error("the collector at {address} cannot be reached")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// Why.
        #[source]
        source: EnrolError,
    },
    /// It is another collector than the token's.
    #[error("{address} is not the collector that the token is from: {why}")]
    Untrusted {
        /// Who was asked.
        address: String,
        /// What TLS says.
        why: String,
    },
    /// The collector says no.
    #[error("{0}")]
    Refused(String),
    /// Nobody approved it in time.
    #[error("nobody has approved this host yet; once `evenkeel agent approve {name}` was run, run the same join again")]
    NotApproved {
        /// Name of the host.
        name: String,
    },
    /// The collector's answer is not usable.
    #[error("the collector's answer is not usable: {0}")]
    Answer(String),
    /// The files of the identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Another file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The drop-in directory.
    #[error("the directory {} cannot be made", path.display())]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Joins. `say` is told when the host has to wait for approval, and when it obeys nobody yet.
///
/// # Errors
/// See [`JoinError`].
pub async fn join(wish: &Join, say: impl Fn(&str)) -> Result<AgentIdentity, JoinError> {
    let address = wish.address.as_ref().unwrap_or(&wish.token.address);
    let key = joining_key(&wish.data_dir)?;
    let request = EnrolRequest {
        token_id: wish.token.id.to_string(),
        secret: wish.token.secret.0,
        name: wish.name.clone(),
        machine_id: wish.machine_id.clone(),
        csr_der: key.signing_request().map_err(IdentityError::from)?,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let deadline = Instant::now() + APPROVAL_WAIT.to_std();
    let mut said = false;
    loop {
        match ask(address, wish.token.pin, &request).await.map_err(|error| unreachable(address, error))? {
            EnrolReply::Issued { cert_der, ca_der, .. } => {
                if CaPin::of(&ca_der) != wish.token.pin {
                    return Err(JoinError::Answer("its CA is not the token's".to_owned()));
                }
                write_drop_in(&wish.drop_in_dir, address)?;
                let identity =
                    joined(&wish.data_dir, key, CertificateDer::from(cert_der), CertificateDer::from(ca_der))?;
                if let Err(why) = pin_order_key(wish, address, &identity).await {
                    say(&format!(
                        "actions will be refused on this host, since it has pinned no order key ({why}): run \
                         `evenkeel-agent trust KEY` here as root, with the key that `evenkeel order-key show` prints at the \
                         collector"
                    ));
                }
                return Ok(identity);
            }
            EnrolReply::Refused { message } => return Err(JoinError::Refused(message)),
            EnrolReply::Pending if Instant::now() >= deadline => {
                return Err(JoinError::NotApproved { name: wish.name.clone() });
            }
            EnrolReply::Pending => {
                if !said {
                    said = true;
                    say(&format!(
                        "waiting for approval, at most ten minutes: run `evenkeel agent approve {}` at the collector",
                        wish.name
                    ));
                }
                sleep(APPROVAL_POLL.to_std()).await;
            }
        }
    }
}

/// Asks the collector, which the token's pin has just proved, for its order key, and pins that.
async fn pin_order_key(wish: &Join, address: &str, identity: &AgentIdentity) -> Result<(), String> {
    let key = ask_key(address, wish.token.pin).await.map_err(|error| chain(&error))?;
    pin(identity.agent, key, &wish.config_dir).map_err(|error| chain(&error))
}

/// Writes down in `config_dir` that this host, `agent`, obeys orders that are signed with `key` and its successors.
///
/// # Errors
/// When the directory does not let this user.
pub fn pin(agent: AgentId, key: OrderPublicKey, config_dir: &Path) -> Result<(), FileError> {
    Trust { agent, key }.write(config_dir)
}

fn unreachable(address: &str, error: EnrolError) -> JoinError {
    let address = address.to_owned();
    match error {
        EnrolError::Connect(ConnectError::Tls(why)) => JoinError::Untrusted { address, why },
        EnrolError::Protocol(why) => JoinError::Answer(why),
        source => JoinError::Unreachable { address, source },
    }
}

/// Writes down where the host joined, as a layer over `agent.toml`.
fn write_drop_in(dir: &Path, address: &str) -> Result<(), JoinError> {
    std::fs::create_dir_all(dir).map_err(|source| JoinError::Directory { path: dir.to_owned(), source })?;
    let value = toml::Value::String(address.to_owned());
    let text = format!("# Written by `evenkeel-agent join`.\ncollector = {value}\n");
    Ok(write_atomic(&dir.join(DROP_IN), text.as_bytes(), 0o644)?)
}

/// The token in `CONFIG_DIR/join.token`; `None` when there is no such file. Lines that start with `#` are comments.
///
/// # Errors
/// When it cannot be read or is no token.
pub fn token_file(config_dir: &Path) -> Result<Option<JoinToken>, TokenFileError> {
    let path = config_dir.join(TOKEN_FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(TokenFileError::Read { path, source }),
    };
    let word = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    word.parse().map(Some).map_err(|source| TokenFileError::Token { path, source })
}

/// Why there is no token in the file.
#[derive(Debug, thiserror::Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("{} cannot be read", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is no token.
    #[error("{} holds no usable token", path.display())]
    Token {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: TokenError,
    },
}
