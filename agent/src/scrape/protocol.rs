//! What the agent and its child `evenkeel-agent-libvirt scrape-worker` say to each other over the child's stdin and
//! stdout: one request, one reply, each a little-endian `u32` length and that many bytes of JSON. Both are of one
//! build, so there is no version.

use std::fmt;
use std::io::{self, Read, Write};

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use super::isolation::Outcome;
use crate::groups::{Groups, StatsGroup};

/// Largest frame: 4 000 domains with 100 parameters each take about 16 MiB. A bigger one is an error, not memory.
pub const FRAME_MAX_BYTES: usize = 64 << 20;

/// From the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub enum Request {
    /// Read domains, with one call.
    Scrape {
        /// Leave out what a busy domain would make libvirt wait for.
        nowait: bool,
        /// What to ask for.
        groups: Groups,
        /// Whom to ask: these active domains; `None` for every domain, active or not.
        only: Option<Vec<[u8; 16]>>,
        /// Describe at most this many domains whose description is new, changed or old.
        describe_max: u32,
        /// Domains of which something changed: they are described first.
        refresh: Vec<[u8; 16]>,
    },
    /// Say what was learnt of libvirt's host since the last time. It is learnt beside the worker's other work: the
    /// answer comes at once, whatever a storage pool hangs on.
    Host {
        /// Begin another look if none is under way.
        begin: bool,
    },
}

/// To the agent.
#[derive(Clone, Debug, PartialEq, Serialize, DeriveDeserialize)]
pub enum Reply {
    /// The readings.
    Scraped(Scraped),
    /// What was learnt of libvirt's host.
    Host(HostLook),
    /// libvirt did not give any; the reason is its message.
    Failed {
        /// For the operator.
        reason: String,
    },
}

/// One look at a libvirt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, DeriveDeserialize)]
pub struct Scraped {
    /// libvirt's version, `9.0.0`.
    pub libvirt_version: String,
    /// QEMU's version, `7.2.22`; empty when libvirt does not know it.
    pub qemu_version: String,
    /// Every domain, active or not.
    pub domains: Vec<RawDomain>,
    /// Descriptions of some of them.
    pub described: Vec<Description>,
}

/// What was learnt of libvirt's host since the last time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct HostLook {
    /// The storage pools or libvirt's words, if a look at them ended.
    pub pools: Option<Result<Vec<RawPool>, String>>,
    /// Whether libvirt offers guests under KVM for this machine, if it was asked.
    pub kvm_offered: Option<bool>,
    /// How long the look that is under way has taken so far; `None` when none is.
    pub pending_ms: Option<u64>,
}

/// A storage pool as virStoragePoolGetInfo gives it, sizes in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct RawPool {
    /// libvirt's name.
    pub name: String,
    /// `virStoragePoolState`.
    pub state: u32,
    /// Its size.
    pub capacity: u64,
    /// Used part.
    pub allocation: u64,
    /// Room.
    pub available: u64,
}

/// A domain as virConnectGetAllDomainStats gives it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, DeriveDeserialize)]
pub struct RawDomain {
    /// libvirt's UUID.
    pub uuid: [u8; 16],
    /// libvirt's name.
    pub name: String,
    /// libvirt's number of the active domain; `None` when inactive.
    pub id: Option<u32>,
    /// The typed parameters.
    pub params: Vec<(String, Param)>,
    /// What the agent knows of how they were asked for; the worker says nothing of it.
    #[serde(skip)]
    pub look: Look,
}

impl RawDomain {
    /// Whether QEMU answered a call for these groups: what only QEMU knows is there. A call that asks for nothing of the
    /// kind is taken as answered.
    #[must_use]
    pub fn has_answered(&self, asked: Groups) -> bool {
        let has = |name: &str| self.params.iter().any(|(param, _)| param == name);
        let any = |end: &str| self.params.iter().any(|(param, _)| param.starts_with("block.") && param.ends_with(end));
        if self.id.is_none() {
            return true;
        }
        // libvirt reads the resident set of every active domain once it holds the domain's job, whatever devices it has:
        // without it, something else held the job (a monitor that does not answer, mostly).
        if asked.has(StatsGroup::Balloon) {
            has("balloon.rss")
        } else if asked.has(StatsGroup::Iothread) {
            has("iothread.count")
        } else if asked.has(StatsGroup::Block) {
            any(".rd.reqs") || !any(".path")
        } else {
            true
        }
    }
}

/// How a domain was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The groups.
    pub asked: Groups,
    /// What came of those that ask QEMU; `None`: the parameters show it.
    pub outcome: Option<Outcome>,
}

impl Default for Look {
    fn default() -> Self {
        Self { asked: Groups::ALL, outcome: None }
    }
}

/// What is asked for rarely: when a domain is new, has another number, or five minutes have passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
pub struct Description {
    /// libvirt's UUID.
    pub uuid: [u8; 16],
    /// The domain's XML as it is now.
    pub xml: String,
    /// Has a definition that survives its end.
    pub persistent: bool,
    /// Starts with the host.
    pub autostart: bool,
    /// Names of its snapshots.
    pub snapshots: Vec<String>,
    /// Names of its checkpoints.
    pub checkpoints: Vec<String>,
}

/// The value of a typed parameter. Written as the bare JSON value: a whole number reads back as [`Param::U64`] when it
/// is not negative.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Param {
    /// Unsigned, of any width.
    U64(u64),
    /// Signed, of any width.
    I64(i64),
    /// A fraction.
    F64(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
}

impl<'de> Deserialize<'de> for Param {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyParam;
        impl Visitor<'_> for AnyParam {
            type Value = Param;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a truth value or a text")
            }
            fn visit_u64<E>(self, value: u64) -> Result<Param, E> {
                Ok(Param::U64(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Param, E> {
                Ok(Param::I64(value))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Param, E> {
                Ok(Param::F64(value))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Param, E> {
                Ok(Param::Bool(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Param, E> {
                Ok(Param::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(AnyParam)
    }
}

/// Why a frame could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The pipe.
    #[error("the pipe to the scrape worker broke")]
    Io(#[from] io::Error),
    /// Over [`FRAME_MAX_BYTES`].
    #[error("a frame of {len} bytes is over the limit of {FRAME_MAX_BYTES}")]
    TooLong {
        /// Its length.
        len: usize,
    },
    /// Not what was expected.
    #[error("a frame between agent and scrape worker is not understood; are both of one version?")]
    Json(#[from] serde_json::Error),
}

/// A message as a frame, length included.
///
/// # Errors
/// When it is too long.
pub fn frame<M: Serialize>(message: &M) -> Result<Vec<u8>, FrameError> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let len = bytes.len() - 4;
    let head = u32::try_from(len).map_err(|_| FrameError::TooLong { len })?;
    body_len(head.to_le_bytes())?;
    bytes[..4].copy_from_slice(&head.to_le_bytes());
    Ok(bytes)
}

/// The body length that the first four bytes announce.
///
/// # Errors
/// When it is over the limit, before memory is taken for it.
pub fn body_len(head: [u8; 4]) -> Result<usize, FrameError> {
    let len = usize::try_from(u32::from_le_bytes(head)).unwrap_or(usize::MAX);
    if len > FRAME_MAX_BYTES { Err(FrameError::TooLong { len }) } else { Ok(len) }
}

/// The message in a frame's body.
///
/// # Errors
/// When it is another message.
pub fn message<M: DeserializeOwned>(body: &[u8]) -> Result<M, FrameError> {
    Ok(serde_json::from_slice(body)?)
}

/// Writes a frame and flushes.
///
/// # Errors
/// See [`FrameError`].
pub fn send<M: Serialize>(to: &mut impl Write, message: &M) -> Result<(), FrameError> {
    to.write_all(&frame(message)?)?;
    Ok(to.flush()?)
}

/// Reads a frame; `None` when the other side closed.
///
/// # Errors
/// See [`FrameError`].
pub fn receive<M: DeserializeOwned>(from: &mut impl Read) -> Result<Option<M>, FrameError> {
    let mut head = [0; 4];
    match from.read_exact(&mut head) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut body = vec![0; body_len(head)?];
    from.read_exact(&mut body)?;
    message(&body).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_comes_back() {
        let params = vec![
            ("a".to_owned(), Param::U64(u64::MAX)),
            ("b".to_owned(), Param::I64(-1)),
            ("c".to_owned(), Param::F64(1.0)),
            ("d".to_owned(), Param::Bool(true)),
            ("e".to_owned(), Param::Text("vda".to_owned())),
        ];
        let domain = RawDomain { uuid: [7; 16], name: "g1".to_owned(), id: Some(3), params, look: Look::default() };
        let reply = Reply::Scraped(Scraped { domains: vec![domain], ..Scraped::default() });
        let mut pipe = Vec::new();
        send(&mut pipe, &reply).unwrap();
        let mut from = pipe.as_slice();
        assert_eq!(receive::<Reply>(&mut from).unwrap(), Some(reply));
        assert_eq!(receive::<Reply>(&mut from).unwrap(), None);
    }

    #[test]
    fn refuses_a_frame_over_the_limit_before_reading_it() {
        let head = u32::MAX.to_le_bytes();
        assert!(matches!(receive::<Reply>(&mut head.as_slice()), Err(FrameError::TooLong { .. })));
    }

    /// Found by the fuzz target `worker_frames`: without serde_json's `float_roundtrip` the last digit may turn.
    #[test]
    fn a_fraction_comes_through_to_the_last_digit() {
        let first: Param = message(b"9333333333333333333333333333333333333333333333").unwrap();
        assert_eq!(message::<Param>(&frame(&first).unwrap()[4..]).unwrap(), first);
        assert_eq!(first, Param::F64(9_333_333_333_333_333_333_333_333_333_333_333_333_333_333_333_f64));
    }
}
