//! Every bound in one place, each with its reason and what happens at it.

use crate::time::DurationMs;

/// UDP port of the collector.
pub const DEFAULT_PORT: u16 = 7443;
/// ALPN of a session between an enrolled agent and the collector.
pub const ALPN_SESSION: &[u8] = b"evenkeel/1";
/// ALPN of enrolment, where the agent has no certificate yet.
pub const ALPN_ENROL: &[u8] = b"evenkeel-enrol/1";
/// Largest frame on the wire. Bigger input closes the connection: a host with 4 000 domains splits its tick into
/// several batches well below it.
pub const FRAME_MAX_BYTES: usize = 1 << 20;
/// Size at which an agent starts a new batch, leaving room for the largest single domain.
pub const BATCH_TARGET_BYTES: usize = 512 << 10;
/// Bytes of an agent's spool unless told otherwise: more than two days of a full host. Full: the oldest segment goes, and
/// a gap says what was in it.
pub const SPOOL_MAX_BYTES: u64 = 256 << 20;
/// Smallest spool: a few segments of a few batches.
pub const SPOOL_MIN_BYTES: u64 = 1 << 20;
/// Largest segment of a spool; a small spool has smaller ones. It is what goes at once when the spool is full.
pub const SPOOL_SEGMENT_BYTES: u64 = 1 << 20;
/// How long a spool keeps what is acknowledged, within its bound: a collector restored from a backup asks for it again.
pub const SPOOL_KEEP: DurationMs = DurationMs::from_s(86_400);
/// Streams that a hello names. A start of the agent makes one, and a reconnection while batches wait.
pub const SPOOL_STREAMS_MAX: usize = 1_000;
/// Batches an agent keeps in memory while its disk takes none (about 2 h at 10 s). Full: the oldest goes and is counted
/// in the next batch's gap.
pub const QUEUE_MAX_BATCHES: usize = 720;
/// Bytes of packed batches an agent keeps in memory; the same policy.
pub const QUEUE_MAX_BYTES: usize = 64 << 20;
/// Batches sent but not yet acknowledged; the sender waits at it.
pub const UNACKED_MAX_BATCHES: usize = 64;
/// Bytes sent but not yet acknowledged, besides the one batch that always may be: a few seconds of a slow line.
pub const UNACKED_MAX_BYTES: usize = 4 << 20;
/// Of batches that waited so many are under way at once: a fresh batch stands behind at most these.
pub const BACKLOG_MAX_BATCHES: usize = 16;
/// Their bytes, besides the one batch that always may be.
pub const BACKLOG_MAX_BYTES: usize = 256 << 10;
/// Domains per batch that a collector accepts; more closes the connection.
pub const BATCH_MAX_DOMAINS: usize = 10_000;
/// Readings per batch; a packed batch that claims more is refused before memory is taken for them (some 10 MiB).
pub const BATCH_MAX_READINGS: usize = 1 << 18;
/// Series that each end of a line of packed batches remembers, some 64 bytes each. The sender begins anew at half of it.
pub const PACK_CONTEXT_MAX_SERIES: usize = 1 << 20;
/// Bytes of names, facts and layouts that each end of such a line remembers; the same policy.
pub const PACK_CONTEXT_MAX_BYTES: usize = 32 << 20;
/// Longest device, host or domain name kept; a longer one is refused.
pub const NAME_MAX_BYTES: usize = 255;
/// Sampling interval: shortest, default and longest.
pub const INTERVAL_MIN: DurationMs = DurationMs::from_s(1);
/// See [`INTERVAL_MIN`].
pub const INTERVAL_DEFAULT: DurationMs = DurationMs::from_s(10);
/// See [`INTERVAL_MIN`].
pub const INTERVAL_MAX: DurationMs = DurationMs::from_s(3600);
/// Keep-alive of an idle connection; NAT tables forget a UDP flow after 30 s.
pub const KEEP_ALIVE: DurationMs = DurationMs::from_s(10);
/// A connection that hears nothing for this long is gone.
pub const IDLE_TIMEOUT: DurationMs = DurationMs::from_s(30);
/// First and longest wait between connection attempts; the wait is drawn evenly from 0 to the current bound.
pub const RECONNECT_FIRST: DurationMs = DurationMs(500);
/// See [`RECONNECT_FIRST`].
pub const RECONNECT_MAX: DurationMs = DurationMs::from_s(60);
/// Clock offset above which a host is flagged.
pub const CLOCK_OFFSET_FLAG: DurationMs = DurationMs::from_s(2);
/// Clock offset above which a reading's time is corrected to receive time − age.
pub const CLOCK_OFFSET_CORRECT: DurationMs = DurationMs::from_s(60);
/// Points a query may return; more is refused with the step that would fit.
pub const QUERY_MAX_POINTS: usize = 1_000_000;
/// Series a query may touch; more is refused.
pub const QUERY_MAX_SERIES: usize = 10_000;
/// Rows a list answers with unless told otherwise; the newest are kept.
pub const LIST_MAX_ROWS: usize = 1_000;
/// Life of an agent's certificate.
pub const AGENT_CERT_LIFE: DurationMs = DurationMs::from_s(30 * 86_400);
/// Life of the collector's own certificate; `serve` makes a new one at start when two thirds are over.
pub const SERVER_CERT_LIFE: DurationMs = DurationMs::from_s(365 * 86_400);
/// Life of the CA.
pub const CA_CERT_LIFE: DurationMs = DurationMs::from_s(20 * 365 * 86_400);
/// Agents connected at once; more are refused at the handshake. A session costs some 100 KiB, and one collector's disk
/// is full long before so many hosts.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Handshakes and enrolments of one address that are not through yet; more are refused. A site behind one NAT address
/// comes back at once after an outage, but its agents draw their waits at random.
pub const HANDSHAKES_PER_ADDRESS: usize = 64;
/// Handshakes that are not through yet, of all addresses; from here on a peer first proves its address (QUIC's Retry),
/// which costs it a round trip and us no memory.
pub const HANDSHAKES_UNPROVEN: usize = 256;
/// A connection on which no Hello or enrolment request arrives for this long is closed.
pub const HELLO_TIMEOUT: DurationMs = DurationMs::from_s(10);
/// Messages waiting to be sent to one agent. Full: acks wait (which slows the agent down), a command cuts the session,
/// because an agent that reads nothing cannot be commanded; the ledger sends it again at the next one.
pub const SESSION_QUEUE: usize = 64;
/// An agent that takes nothing for this long while something waits for it is cut off.
pub const WRITE_TIMEOUT: DurationMs = DurationMs::from_s(20);
/// How long the collector listens for a sign of life from the older of two connections of one identity.
pub const PROBE_TIMEOUT: DurationMs = DurationMs::from_s(2);
/// How long a stop waits for open sessions to take their last acks.
pub const DRAIN_TIMEOUT: DurationMs = DurationMs::from_s(5);
/// Bytes that may be under way in one stream and one connection: two frames, so that one is read while the next comes.
pub const RECEIVE_WINDOW_BYTES: u32 = 2 << 20;
/// News of finished actions that an agent keeps until they are acknowledged. Full: the oldest goes; the actor's journal
/// still has it and answers when the collector asks again.
pub const ACTION_NEWS_MAX: usize = 256;
/// How long an enrolment that waits for approval is asked about again before `join` gives up.
pub const APPROVAL_WAIT: DurationMs = DurationMs::from_s(600);
/// Time between those questions.
pub const APPROVAL_POLL: DurationMs = DurationMs::from_s(5);
/// How long a join token lives unless told otherwise.
pub const TOKEN_TTL: DurationMs = DurationMs::from_s(30 * 60);
/// How long after its end a certificate can still be replaced with nothing but its key.
pub const RENEW_GRACE: DurationMs = DurationMs::from_s(90 * 86_400);
