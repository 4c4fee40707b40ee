//! QUIC settings of the agent's side.

use std::sync::Arc;

use evenkeel_common::limits::{IDLE_TIMEOUT, KEEP_ALIVE, RECEIVE_WINDOW_BYTES};
use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig};
use quinn::{ClientConfig, IdleTimeout, TransportConfig, VarInt};

/// Batches under way: more would only wait in the network instead of in the queue.
const SEND_WINDOW_BYTES: u64 = 4 << 20;
/// The collector asks for signs of life with datagrams of one byte.
const DATAGRAM_BYTES: usize = 1 << 10;

pub(super) fn client_config(tls: rustls::ClientConfig) -> Result<ClientConfig, NoInitialCipherSuite> {
    let mut transport = TransportConfig::default();
    transport
        // The collector opens no streams.
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .stream_receive_window(VarInt::from_u32(RECEIVE_WINDOW_BYTES))
        .receive_window(VarInt::from_u32(RECEIVE_WINDOW_BYTES))
        .send_window(SEND_WINDOW_BYTES)
        .datagram_receive_buffer_size(Some(DATAGRAM_BYTES))
        .datagram_send_buffer_size(DATAGRAM_BYTES)
        .keep_alive_interval(Some(KEEP_ALIVE.to_std()))
        .max_idle_timeout(IdleTimeout::try_from(IDLE_TIMEOUT.to_std()).ok());
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    config.transport_config(Arc::new(transport));
    Ok(config)
}
