//! `evenkeel import`: a piece of what is imported, and what became of it.

use serde::{Deserialize, Serialize};

/// A piece.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportRequest {
    /// Make entities that are not known.
    pub create: bool,
    /// The readings.
    pub rows: Vec<ImportRow>,
}

/// `[line, time in ms since 1970, entity, metric, device, value]`; the value is a text, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow(pub u64, pub i64, pub String, pub String, pub String, pub String);

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportView {
    /// Readings that were not there and are now.
    pub accepted: u64,
    /// Readings that were there already.
    pub duplicates: u64,
    /// Lines that were not taken.
    pub rejected: Vec<RejectedView>,
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedView {
    /// Counted from 1.
    pub line: u64,
    /// Why.
    pub reason: String,
}
