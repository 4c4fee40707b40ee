//! An error in JSON.

use serde::{Deserialize, Serialize};

/// What kind of error; decides the exit code and the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request makes no sense as it stands.
    Usage,
    /// The collector does not answer.
    Unreachable,
    /// No object of that name.
    NotFound,
    /// Several objects of that name or prefix.
    Ambiguous,
    /// A policy or guard says no.
    Refused,
    /// Begun, and nobody can say what came of it.
    Unknown,
    /// A deadline passed.
    Deadline,
    /// Tried and failed; also what a newer collector calls otherwise.
    #[serde(other)]
    Failed,
}

impl ErrorKind {
    /// The exit code of the contract.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::NotFound | Self::Ambiguous => 4,
            Self::Refused => 5,
            Self::Unknown => 6,
            Self::Deadline => 7,
        }
    }
}

/// The error itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorView {
    /// What kind.
    pub kind: ErrorKind,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The document: `{"error":{…}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDocument {
    /// The error.
    pub error: ErrorView,
}
