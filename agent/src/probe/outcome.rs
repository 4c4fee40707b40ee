//! What an attempt found.

use evenkeel_common::time::UnixMs;

/// How an attempt ended. The codes are values of `vm_probe_outcome` and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// Answered as it should.
    Ok = 0,
    /// The target refused the connection.
    Refused = 1,
    /// No answer in time.
    Timeout = 2,
    /// The target's host or network cannot be reached.
    Unreachable = 3,
    /// Another HTTP status than expected.
    WrongStatus = 4,
    /// The body does not hold what it should.
    WrongBody = 5,
    /// The TLS handshake failed, or the certificate is not trusted.
    Tls = 6,
    /// The target's name has no address.
    Resolve = 7,
    /// What lies between this host and the VM is broken: it says nothing about the VM.
    Path = 8,
    /// The answer breaks the protocol, or the connection ended in the middle of it.
    Broken = 9,
    /// This agent may not ask: a right is missing, or metadata names a target that it may not.
    NotPermitted = 10,
}

impl Outcome {
    /// All outcomes, in code order.
    #[cfg(test)]
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::Refused,
        Self::Timeout,
        Self::Unreachable,
        Self::WrongStatus,
        Self::WrongBody,
        Self::Tls,
        Self::Resolve,
        Self::Path,
        Self::Broken,
        Self::NotPermitted,
    ];

    /// The value of `vm_probe_outcome`.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The word for tables and events.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::WrongStatus => "wrong status",
            Self::WrongBody => "wrong body",
            Self::Tls => "TLS",
            Self::Resolve => "resolve",
            Self::Path => "path",
            Self::Broken => "broken answer",
            Self::NotPermitted => "not permitted",
        }
    }

    /// Whether the VM is at fault, as far as can be seen from here.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Ok | Self::Path | Self::NotPermitted)
    }

    /// Whether a broken path would look like this.
    #[must_use]
    pub const fn may_be_path(self) -> bool {
        matches!(self, Self::Timeout | Self::Unreachable)
    }
}

/// What one attempt found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// How it ended.
    pub outcome: Outcome,
    /// From the beginning of the attempt to the last thing that was checked; `None` when nothing answered.
    pub response_us: Option<u64>,
    /// End of the life of the server's certificate.
    pub certificate_end: Option<UnixMs>,
    /// In words, without what changes from attempt to attempt; empty when all is well.
    pub detail: String,
}

impl Observation {
    /// An attempt that got no answer.
    #[must_use]
    pub fn without_answer(outcome: Outcome, detail: impl Into<String>) -> Self {
        Self { outcome, response_us: None, certificate_end: None, detail: detail.into() }
    }

    /// The outcome and its words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self.detail.as_str() {
            "" => self.outcome.as_str().to_owned(),
            detail => format!("{}: {detail}", self.outcome.as_str()),
        }
    }
}
