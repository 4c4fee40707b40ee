//! What libvirt's events mean for the next tick: which descriptions have become old, and whether anything happened at
//! all.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::machine::Input;
use super::protocol::Told;

/// Marks kept apart. More: all domains are taken as marked, which costs a few ticks of describing.
const MARKED_MAX: usize = 4_096;

/// What was marked since the last look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Every domain; the set says nothing then.
    pub all: bool,
    /// UUIDs of the domains.
    pub domains: BTreeSet<[u8; 16]>,
    /// Events were heard all the time, and none came: every domain is as libvirt said last.
    pub is_quiet: bool,
}

#[derive(Debug, Default)]
struct Inner {
    all: bool,
    domains: BTreeSet<[u8; 16]>,
    hears: bool,
    is_news: bool,
}

/// The marks, shared between the events and the ticks.
#[derive(Clone, Debug, Default)]
pub struct Marks(Arc<Mutex<Inner>>);

impl Marks {
    /// The domain's description is to be read again.
    pub fn mark(&self, uuid: [u8; 16]) {
        let mut inner = self.inner();
        inner.domains.insert(uuid);
        if inner.domains.len() > MARKED_MAX {
            (inner.all, inner.domains) = (true, BTreeSet::new());
        }
    }

    /// Every description is to be read again: events were missed.
    pub fn mark_all(&self) {
        let mut inner = self.inner();
        (inner.all, inner.domains) = (true, BTreeSet::new());
    }

    /// The event worker said something. What happened before it began to hear, or was dropped, only libvirt knows.
    pub(super) fn heard(&self, input: &Input) {
        let mut inner = self.inner();
        match input {
            Input::Told(Told::Listening { .. }) => (inner.hears, inner.is_news) = (true, true),
            Input::Told(Told::Heard(_) | Told::Dropped { .. }) => inner.is_news = true,
            Input::Told(Told::Deaf { .. }) | Input::WorkerEnded { .. } | Input::Stop => inner.hears = false,
            Input::LineIsFree(_) | Input::Timer => {}
        }
    }

    /// What was marked since the last call.
    #[must_use]
    pub fn take(&self) -> Marked {
        let mut inner = self.inner();
        let is_news = std::mem::take(&mut inner.is_news);
        let is_quiet = inner.hears && !is_news && !inner.all && inner.domains.is_empty();
        Marked { all: std::mem::take(&mut inner.all), domains: std::mem::take(&mut inner.domains), is_quiet }
    }

    /// A panic elsewhere leaves whole marks behind: they are still good.
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::protocol::{Heard, What};

    #[test]
    fn marks_are_taken_once_and_too_many_mean_all() {
        let marks = Marks::default();
        marks.clone().mark([1; 16]);
        marks.mark([1; 16]);
        assert_eq!(marks.take().domains, BTreeSet::from([[1; 16]]));
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

    #[test]
    fn it_is_quiet_only_while_events_are_heard_and_none_comes() {
        let marks = Marks::default();
        let after = |input: &Input| {
            marks.heard(input);
            marks.take().is_quiet
        };
        let heard = Heard { wall_ms: 0, uuid: [1; 16], name: "g1".into(), what: What::Reboot };
        assert!(!after(&Input::Timer), "nobody hears yet");
        assert!(!after(&Input::Told(Told::Listening { without: Vec::new() })), "what was before is not known");
        assert!(after(&Input::Timer));
        assert!(!after(&Input::Told(Told::Heard(heard))));
        assert!(after(&Input::LineIsFree(false)));
        assert!(!after(&Input::Told(Told::Dropped { count: 1 })));
        marks.mark([1; 16]);
        assert!(!after(&Input::Timer));
        assert!(after(&Input::Timer));
        for end in [Input::Told(Told::Deaf { reason: String::new() }), Input::WorkerEnded { reason: String::new() }] {
            assert!(!after(&end) && !after(&Input::Timer));
            marks.heard(&Input::Told(Told::Listening { without: Vec::new() }));
            assert!(!marks.take().is_quiet && marks.take().is_quiet);
        }
    }
}
