//! `evenkeel activity list`.

use serde::{Deserialize, Serialize};

use super::Time;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityRow {
    /// When.
    pub time: Time,
    /// `informational`, `warning` or `exception`.
    pub category: String,
    /// What kind, such as `vm_moved`.
    pub kind: String,
    /// The host it is about; empty when none.
    pub host: String,
    /// The VM it is about (name); empty when none.
    pub vm: String,
    /// In words.
    pub message: String,
}
