//! An owner from what the store knows.

use evenkeel_common::time::UnixMs;

use super::super::{HeardPoll, Known};
use super::{Ended, FAR, Owner, Rival, Tenure, silence};

impl Owner {
    /// From what the store knows.
    #[must_use]
    pub fn restored(known: &Known) -> Self {
        let mut owner = Self::default();
        let heard_from = known.heard.first().map_or(FAR, |poll| poll.at);
        for (agent, from) in known.placements.iter().filter(|(_, from)| *from < heard_from) {
            let last_active = Some(UnixMs(from.0.saturating_sub(1)));
            if let Some(former) = owner.tenures.last_mut() {
                // When it was last active is not kept; the whole tenure is taken as heard.
                former.last_active = last_active;
            }
            owner.push(Tenure { agent: *agent, from: *from, last_active: Some(*from), ended: None });
        }
        for poll in &known.heard {
            owner.recall(poll);
        }
        if let Some((agent, at, active)) = known.last_poll {
            if owner.current() != Some(agent) {
                let from = if active { known.last_active.unwrap_or(at) } else { at };
                owner.push(Tenure { agent, from, last_active: None, ended: None });
            }
            if let Some(tenure) = owner.tenures.last_mut() {
                tenure.last_active = known.last_active.or(tenure.last_active).max(active.then_some(at));
                tenure.ended = (!active).then_some(Ended { at, gone: false });
                if let Some(gone) = known.gone.filter(|gone| *gone > at) {
                    tenure.ended = Some(Ended { at: gone, gone: true });
                }
            }
            owner.rival = known.rival.map(|agent| Rival { agent, since: at, last_active: at, conflict: true });
        }
        owner
    }

    /// A poll that is on disk, behind all before it.
    fn recall(&mut self, poll: &HeardPoll) {
        let HeardPoll { agent, at, interval, active } = *poll;
        let last = self.tenures.last_mut().filter(|last| last.agent == agent);
        match last {
            Some(last) if !active => last.ended = last.ended.or(Some(Ended { at, gone: false })),
            Some(last)
                if last.last_active.is_none()
                    || (last.ended.is_none()
                        && last.last_active.is_some_and(|heard| at.since(heard) <= silence(interval))) =>
            {
                last.last_active = Some(at);
                last.ended = None;
            }
            _ => {
                let ended = (!active).then_some(Ended { at, gone: false });
                self.push(Tenure { agent, from: at, last_active: active.then_some(at), ended });
            }
        }
    }
}
