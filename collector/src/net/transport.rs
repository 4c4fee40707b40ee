//! QUIC settings of the collector's side.

use std::sync::Arc;

use evenkeel_common::limits::{CONNECTIONS_MAX, HANDSHAKES_UNPROVEN, IDLE_TIMEOUT, KEEP_ALIVE, RECEIVE_WINDOW_BYTES};
use quinn::crypto::rustls::{NoInitialCipherSuite, QuicServerConfig};
use quinn::{IdleTimeout, ServerConfig, TransportConfig, VarInt};

/// Streams that an agent may have open: the session's, and one to spare while a closed one is not acknowledged yet.
const STREAMS: VarInt = VarInt::from_u32(2);
/// Sending less than this is all a session does: acks and commands.
const SEND_WINDOW_BYTES: u64 = 256 << 10;
/// Room for the one-byte datagrams that ask a connection for a sign of life.
const DATAGRAM_BYTES: usize = 1 << 10;
/// Bytes of handshakes that wait for being accepted, each and together.
const INCOMING_BYTES: u64 = 16 << 10;
const INCOMING_TOTAL_BYTES: u64 = 4 << 20;

pub(super) fn server_config(tls: rustls::ServerConfig) -> Result<ServerConfig, NoInitialCipherSuite> {
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS)
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(RECEIVE_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(RECEIVE_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES)
        .datagram_receive_buffer_size(Some(DATAGRAM_BYTES))
        .datagram_send_buffer_size(DATAGRAM_BYTES)
        .keep_alive_interval(Some(KEEP_ALIVE.to_std()))
        .max_idle_timeout(IdleTimeout::try_from(IDLE_TIMEOUT.to_std()).ok());
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config
        .transport_config(Arc::new(transport))
        .max_incoming(CONNECTIONS_MAX.min(4 * HANDSHAKES_UNPROVEN))
        .incoming_buffer_size(INCOMING_BYTES)
        .incoming_buffer_size_total(INCOMING_TOTAL_BYTES);
    // Tickets for returning peers would let the next connection skip the proof of its address; sessions are long, so
    // nothing is gained by them.
    config.validation_token.sent(0);
    Ok(config)
}
