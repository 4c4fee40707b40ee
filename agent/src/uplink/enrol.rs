//! The agent's side of an enrolment: one request, one reply.

use std::time::Duration;

use evenkeel_common::limits::HELLO_TIMEOUT;
use evenkeel_common::pki::{CaPin, OrderPublicKey};
use evenkeel_common::tls;
use evenkeel_common::wire::codec::Message;
use evenkeel_common::wire::v1::{EnrolReply, EnrolRequest};
use evenkeel_common::wire::v3::{KeyReply, KeyRequest};
use evenkeel_common::wire::{CloseCode, decode, encode};
use quinn::{Connection, VarInt};
use tokio::time::timeout;

use super::client::{ConnectError, connect, connect_error};
use super::frames::read_body;

/// How long the endpoint may take to say goodbye.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The collector cannot be reached, or is another one.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// No answer in time.
    #[error("the collector did not answer in time")]
    Silent,
    /// Not an answer.
    #[error("the collector's answer is not understood ({0}); upgrade the older side")]
    Protocol(String),
}

/// Asks the collector at `HOST:PORT`, whose CA has this pin.
///
/// # Errors
/// See [`EnrolError`]. A refusal is an answer.
pub async fn ask(collector: &str, pin: CaPin, request: &EnrolRequest) -> Result<EnrolReply, EnrolError> {
    ask_anything(collector, pin, request).await
}

/// Asks the collector at `HOST:PORT`, whose CA has this pin, for the key that it signs orders with.
///
/// # Errors
/// See [`EnrolError`]; [`EnrolError::Protocol`] when it is of a version without signed orders.
pub async fn ask_key(collector: &str, pin: CaPin) -> Result<OrderPublicKey, EnrolError> {
    let request = KeyRequest { agent_version: env!("CARGO_PKG_VERSION").to_owned() };
    let KeyReply { key } = ask_anything(collector, pin, &request).await?;
    Ok(OrderPublicKey(key))
}

async fn ask_anything<Q: Message, R: Message>(collector: &str, pin: CaPin, request: &Q) -> Result<R, EnrolError> {
    let tls = tls::enrolment(pin).map_err(|error| EnrolError::Protocol(error.to_string()))?;
    let (endpoint, connection) = connect(collector, tls).await?;
    let reply =
        timeout(HELLO_TIMEOUT.to_std(), exchange(&connection, request)).await.unwrap_or(Err(EnrolError::Silent));
    connection.close(VarInt::from_u32(CloseCode::Done.number()), b"");
    drop(timeout(CLOSE_TIMEOUT, endpoint.wait_idle()).await);
    reply
}

async fn exchange<Q: Message, R: Message>(connection: &Connection, request: &Q) -> Result<R, EnrolError> {
    let lost = |error: &quinn::ConnectionError| EnrolError::from(connect_error(error, connection.remote_address()));
    let (mut send, mut receive) = connection.open_bi().await.map_err(|error| lost(&error))?;
    let frame = encode(request).map_err(|error| EnrolError::Protocol(error.to_string()))?;
    let sent = send.write_all(&frame).await.is_ok() && send.finish().is_ok();
    let body = match read_body(&mut receive).await {
        Ok(Some(body)) if sent => body,
        result => {
            return Err(match connection.close_reason() {
                Some(reason) => lost(&reason),
                None => {
                    EnrolError::Protocol(result.err().map_or_else(|| "nothing".to_owned(), |error| error.to_string()))
                }
            });
        }
    };
    decode(&body).map_err(|error| EnrolError::Protocol(error.to_string()))
}
