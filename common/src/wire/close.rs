//! Why a connection was closed, as the application error code of QUIC's CONNECTION_CLOSE; the reason phrase beside it
//! is for the operator.

/// The codes. Numbers are on the wire: never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CloseCode {
    /// All is said.
    Done,
    /// The collector stops; it will be back.
    Stopping,
    /// The peer broke the protocol.
    Protocol,
    /// The identity may not have a session: unknown, not approved, retired, or of another machine.
    NotAdmitted,
    /// The identity was revoked.
    Revoked,
    /// Two live agents have one identity.
    Duplicate,
    /// The same agent has connected again.
    Replaced,
    /// Too much at once; try later.
    Busy,
    /// Nothing came in time, or nothing was read.
    Silent,
}

impl CloseCode {
    /// All codes; the index is the number.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Stopping,
        Self::Protocol,
        Self::NotAdmitted,
        Self::Revoked,
        Self::Duplicate,
        Self::Replaced,
        Self::Busy,
        Self::Silent,
    ];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The code of a number; `None` when a newer peer sent it.
    #[must_use]
    pub fn of(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Stopping => "stopping",
            Self::Protocol => "protocol",
            Self::NotAdmitted => "not_admitted",
            Self::Revoked => "revoked",
            Self::Duplicate => "duplicate",
            Self::Replaced => "replaced",
            Self::Busy => "busy",
            Self::Silent => "silent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_indices() {
        for (index, code) in CloseCode::ALL.into_iter().enumerate() {
            assert_eq!(usize::try_from(code.number()).unwrap(), index);
            assert_eq!(CloseCode::of(u64::from(code.number())), Some(code));
        }
        assert_eq!(CloseCode::of(99), None);
    }
}
