//! The wire half of an enrolment: one request, one reply. A host may also ask which key orders are signed with.

use std::sync::Arc;

use evenkeel_common::limits::HELLO_TIMEOUT;
use evenkeel_common::wire::v1::EnrolRequest;
use evenkeel_common::wire::v3::{KeyReply, KeyRequest};
use evenkeel_common::wire::{CloseCode, decode, encode};
use quinn::Connection;
use tokio::time::timeout;

use super::backend::Backend;
use super::frames::read_body;
use super::gate::Ticket;
use super::server::Shared;
use super::sessions::close;

/// The message version that brought [`KeyRequest`].
const KEY_SINCE: u8 = 3;

/// Answers the one request of an enrolment connection. The ticket is held to the end, so that enrolments count as
/// handshakes under way.
pub(super) async fn run<B: Backend>(connection: &Connection, ticket: Ticket, shared: &Arc<Shared<B>>) {
    let (code, reason) = match timeout(HELLO_TIMEOUT.to_std(), answer(connection, shared)).await {
        Ok(Ok(())) => (CloseCode::Done, String::new()),
        Ok(Err(reason)) => (CloseCode::Protocol, reason),
        Err(_) => (CloseCode::Silent, "no enrolment request came in time".to_owned()),
    };
    close(connection, code, &reason);
    drop(ticket);
}

async fn answer<B: Backend>(connection: &Connection, shared: &Arc<Shared<B>>) -> Result<(), String> {
    let (mut send, mut receive) = connection.accept_bi().await.map_err(|error| error.to_string())?;
    let body = read_body(&mut receive).await.map_err(|error| error.to_string())?;
    let body = body.unwrap_or_default();
    // The first byte says which version brought the message: what asks for a key is of the third.
    let frame = if body.first() == Some(&KEY_SINCE) && shared.version_max >= KEY_SINCE {
        let _: KeyRequest = decode(&body).map_err(|error| error.to_string())?;
        encode(&KeyReply { key: shared.backend.order_key().0 })
    } else {
        let request: EnrolRequest = decode(&body).map_err(|error| error.to_string())?;
        encode(&shared.backend.enrol(request, connection.remote_address().ip()).await)
    };
    let frame = frame.map_err(|error| error.to_string())?;
    send.write_all(&frame).await.map_err(|error| error.to_string())?;
    // The peer closes when it has the reply; closing earlier could overtake it.
    drop(send.finish());
    drop(send.stopped().await);
    Ok(())
}
