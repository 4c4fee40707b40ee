//! What the machine has to say, once each.

use std::fmt;

use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::units::show_duration;
use evenkeel_common::wire::v1::Gap;

/// Why there is no session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Away {
    /// No answer, or none any more.
    Unreachable(String),
    /// TLS: one side does not trust the other.
    Tls(String),
    /// The collector says no: why.
    Refused(String),
    /// The collector stops; it said so.
    Stopping,
    /// It answered, but a session did not begin in time.
    Silent,
    /// It did something that the protocol does not allow.
    Protocol(String),
    /// This agent's own files are not usable.
    Local(String),
}

/// What makes it worth saying again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AwayKind {
    Gone,
    Tls,
    Refused,
    Protocol,
    Local,
}

impl Away {
    pub(super) const fn kind(&self) -> AwayKind {
        match self {
            Self::Unreachable(_) | Self::Stopping | Self::Silent => AwayKind::Gone,
            Self::Tls(_) => AwayKind::Tls,
            Self::Refused(_) => AwayKind::Refused,
            Self::Protocol(_) => AwayKind::Protocol,
            Self::Local(_) => AwayKind::Local,
        }
    }

    /// Whether it takes a person to change it.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Tls(_))
    }
}

impl fmt::Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "the collector is not reachable: {why}"),
            Self::Tls(why) => write!(f, "no trust between agent and collector: {why}"),
            Self::Refused(why) => write!(f, "the collector refuses this agent: {why}"),
            Self::Stopping => f.write_str("the collector stops"),
            Self::Silent => f.write_str("the collector answered, but began no session in time"),
            Self::Protocol(why) => write!(f, "the collector broke the protocol: {why}"),
            Self::Local(why) => f.write_str(why),
        }
    }
}

/// Something for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// No session; readings are kept.
    Away(Away),
    /// A session; after how long without, and how many batches are behind.
    Connected {
        /// How long there was none, when that was said.
        after: Option<DurationMs>,
        /// Batches that wait.
        behind: u64,
    },
    /// The spool is full: from now on the oldest readings go.
    SpoolFull(Gap),
    /// The spool's disk takes nothing: why.
    DiskFails(String),
    /// It does again.
    DiskWorks,
    /// A batch fits no frame and was dropped.
    BatchTooLarge(String),
    /// A new certificate.
    Renewed {
        /// The end of its life.
        until: UnixMs,
    },
}

impl Notice {
    /// Whether it is a warning.
    #[must_use]
    pub const fn is_warning(&self) -> bool {
        matches!(self, Self::Away(_) | Self::SpoolFull(_) | Self::DiskFails(_) | Self::BatchTooLarge(_))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(away) => write!(f, "{away}; readings are kept and sent later"),
            Self::Connected { after: None, behind: 0 } => f.write_str("connected to the collector"),
            Self::Connected { after: None, behind } => {
                write!(f, "connected to the collector; {behind} batches are sent now")
            }
            Self::Connected { after: Some(after), behind } => write!(
                f,
                "connected to the collector again after {}; {behind} batches are sent now",
                show_duration(*after)
            ),
            Self::SpoolFull(gap) => {
                write!(f, "the spool is full: the oldest readings are dropped ({} batches so far)", gap.batches)
            }
            Self::DiskFails(why) => {
                write!(f, "the spool's disk takes nothing ({why}); readings are kept in memory until it does")
            }
            Self::DiskWorks => f.write_str("the spool's disk works again"),
            Self::BatchTooLarge(error) => write!(f, "a batch was dropped: {error}"),
            Self::Renewed { until } => write!(f, "the certificate was renewed; it is valid until {until}"),
        }
    }
}
