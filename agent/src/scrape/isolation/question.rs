//! What goes into the machine and what comes out of it.

use std::collections::HashSet;

use evenkeel_common::time::{DurationMs, MonoMs};

use super::Suspicion;
use crate::scrape::groups::Groups;

/// libvirt's UUID of a domain.
pub type DomainId = [u8; 16];

/// What is known when a tick begins.
#[derive(Clone, Copy, Debug)]
pub struct Tick<'a> {
    /// Whether a call about all domains asks nobody else.
    pub is_all: bool,
    /// The active domains.
    pub active: &'a [DomainId],
    /// Those whose process the kernel says is stopped.
    pub stopped: &'a HashSet<DomainId>,
    /// Those whose process waits for a device at this tick and did at the one before.
    pub stuck: &'a HashSet<DomainId>,
    /// Groups to ask for.
    pub wanted: Groups,
    /// No call is begun after this.
    pub until: MonoMs,
}

/// What happened to the call that was ordered last.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// It came back: for each domain whether it is there in full.
    Answered(&'a [(DomainId, bool)]),
    /// It passed its deadline. It is given up; libvirtd holds it on.
    Late,
    /// libvirt or the worker failed.
    Failed,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ask.
    Call(Call),
    /// The tick is over.
    Done,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whom.
    pub whom: Whom,
    /// For what.
    pub groups: Groups,
}

/// Whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Every domain of the host.
    All,
    /// These.
    Only(Vec<DomainId>),
}

/// How a domain came out of a tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// In full.
    Answered,
    /// Its monitor does not answer.
    Hung,
    /// It is not there any more.
    Gone,
    /// It was not asked: the tick had no time left, or too many others hang.
    NotAsked,
}

/// What somebody should hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// A domain is a suspect from now on.
    Hangs(DomainId, Suspicion),
    /// A suspect answers again; it had hung for this long.
    Answers(DomainId, DurationMs),
    /// The host is degraded.
    Degraded,
    /// It is not any more.
    Recovered,
}
