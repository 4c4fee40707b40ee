//! Domains whose description has become old: what libvirt told goes from here to the next tick.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Marks kept apart. More: all domains are taken as marked, which costs a few ticks of describing.
const MARKED_MAX: usize = 4_096;

/// What was marked since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Every domain; the set says nothing then.
    pub all: bool,
    /// UUIDs of the domains.
    pub domains: BTreeSet<[u8; 16]>,
}

/// The marks, shared between the events and the ticks.
#[derive(Clone, Debug, Default)]
pub struct Marks(Arc<Mutex<Marked>>);

impl Marks {
    /// The domain's description is to be read again.
    pub fn mark(&self, uuid: [u8; 16]) {
        let mut marked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        marked.domains.insert(uuid);
        if marked.domains.len() > MARKED_MAX {
            *marked = Marked { all: true, domains: BTreeSet::new() };
        }
    }

    /// Every description is to be read again: events were missed.
    pub fn mark_all(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Marked { all: true, domains: BTreeSet::new() };
    }

    /// What was marked since the last call.
    #[must_use]
    pub fn take(&self) -> Marked {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_taken_once_and_too_many_mean_all() {
        let marks = Marks::default();
        marks.clone().mark([1; 16]);
        marks.mark([1; 16]);
        assert_eq!(marks.take(), Marked { all: false, domains: BTreeSet::from([[1; 16]]) });
        assert_eq!(marks.take(), Marked::default());
        for n in 0..=u16::try_from(MARKED_MAX).unwrap() {
            let mut uuid = [0; 16];
            uuid[..2].copy_from_slice(&n.to_le_bytes());
            marks.mark(uuid);
        }
        assert!(marks.take().all);
        marks.mark_all();
        assert!(marks.take().all);
    }
}
