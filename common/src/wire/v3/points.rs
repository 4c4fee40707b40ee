//! The recovery points that a host sees in its backup folders.

use bincode::{Decode, Encode};

/// Points in one report; more come with the next query.
pub const POINTS_MAX: usize = 500;

/// Collector to agent: which recovery points do you see?
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PointsQuery {
    /// Only points whose id is greater than this.
    pub after: Option<[u8; 16]>,
}

/// Agent to collector, in answer to a query: at most [`POINTS_MAX`] points, by their id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PointsReport {
    /// The query's `after`.
    pub after: Option<[u8; 16]>,
    /// The points.
    pub points: Vec<PointInfo>,
    /// Whether there are more.
    pub more: bool,
    /// Folders that cannot be read, each with the reason: their points are not gone, they are unknown.
    pub unreadable: Vec<(String, String)>,
}

/// One recovery point, as its manifest says it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PointInfo {
    /// Its id: that of the action that made it.
    pub id: [u8; 16],
    /// The domain.
    pub domain: [u8; 16],
    /// Its name then.
    pub name: String,
    /// Time of the content, ms since 1970.
    pub at_ms: i64,
    /// How much it holds.
    pub kind: PointKind,
    /// The point that it needs.
    pub parent: Option<[u8; 16]>,
    /// Size on disk.
    pub bytes: u64,
    /// Target names of the disks in it.
    pub disks: Vec<String>,
    /// Whether the guest was at rest.
    pub quiesce: PointQuiesce,
    /// Name of the folder in the host's `actions.toml`.
    pub target: String,
    /// Where it lies, as that host sees it.
    pub path: String,
    /// Name of the host that made it.
    pub made_by: String,
    /// Whether the last verification found it whole; `None` when it was not verified.
    pub valid: Option<bool>,
    /// When it was verified, ms since 1970.
    pub verified_ms: Option<i64>,
    /// What is wrong with it; empty when nothing is known to be.
    pub problem: String,
}

/// How much a point holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PointKind {
    /// All of the disks.
    Full,
    /// What has changed since its parent.
    Incremental,
}

/// What came of bringing the guest's file systems to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum PointQuiesce {
    /// Not tried.
    NotAsked,
    /// They were frozen.
    Frozen,
    /// The guest has no agent.
    NoAgent,
    /// The agent could not.
    Failed,
}
