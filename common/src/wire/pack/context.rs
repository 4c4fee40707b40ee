//! What both ends of a line remember.

use std::collections::HashMap;
use std::sync::Arc;

use super::PackError;
use super::entity::Entity;
use crate::limits::{PACK_CONTEXT_MAX_BYTES, PACK_CONTEXT_MAX_SERIES};

/// Which series an entity has at a tick, in order: metric and the number of the entity's device.
pub(super) type Layout = Arc<Vec<(u16, u16)>>;

/// How a value is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Int,
    Float,
    Since(u64),
    Missing(u8),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) epoch: u64,
    pub(super) seq: u64,
    pub(super) wall_ms: i64,
    pub(super) mono_ms: u64,
    pub(super) interval_ms: u32,
    pub(super) boot_id: [u8; 16],
    /// The host is the first.
    pub(super) entities: Vec<Entity>,
    pub(super) layouts: Vec<Layout>,
    /// Kinds that a layout's series had when it was first seen.
    pub(super) hints: Vec<Arc<Vec<Kind>>>,
    pub(super) divisors: HashMap<u16, i64>,
    series: usize,
    bytes: usize,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            epoch: 0,
            seq: 0,
            wall_ms: 0,
            mono_ms: 0,
            interval_ms: 0,
            boot_id: [0; 16],
            entities: vec![Entity::new([0; 16])],
            layouts: Vec::new(),
            hints: Vec::new(),
            divisors: HashMap::new(),
            series: 0,
            bytes: 0,
        }
    }
}

impl Context {
    /// Room taken by what a batch added.
    pub(super) fn took(&mut self, series: usize, bytes: usize) -> Result<(), PackError> {
        self.series += series;
        self.bytes += bytes;
        if self.series > PACK_CONTEXT_MAX_SERIES || self.bytes > PACK_CONTEXT_MAX_BYTES {
            return Err(PackError::Impossible { what: "amount to remember" });
        }
        Ok(())
    }

    /// Time to begin anew, so that what is gone is forgotten.
    pub(super) const fn is_stale(&self) -> bool {
        self.series > PACK_CONTEXT_MAX_SERIES / 2 || self.bytes > PACK_CONTEXT_MAX_BYTES / 2
    }

    /// Whether an entity is there twice.
    pub(super) fn has_twice(&self, indices: &[usize]) -> bool {
        let mut seen = vec![false; self.entities.len()];
        indices.iter().any(|index| std::mem::replace(&mut seen[*index], true))
    }

    pub(super) fn divisor(&self, metric: u16) -> i64 {
        self.divisors.get(&metric).copied().unwrap_or(1)
    }
}
