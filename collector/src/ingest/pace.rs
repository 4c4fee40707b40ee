//! How long a commit waits for further batches. A commit costs the same for one batch as for many; of a few hosts each gets
//! its acknowledgement at once, of many none waits longer than a tenth of a second.

use std::collections::HashSet;
use std::time::Duration;

use evenkeel_common::id::AgentId;
use tokio::time::Instant;

/// How long a commit waits at most; an acknowledgement may take 200 ms.
const WAIT: Duration = Duration::from_millis(100);
/// Hosts in a second from which on it does.
const MANY: usize = 16;
const SECOND: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub(super) struct Pace {
    since: Instant,
    hosts: HashSet<AgentId>,
    /// Hosts in the second before.
    before: usize,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self { since: Instant::now(), hosts: HashSet::new(), before: 0 }
    }

    /// Takes note of a batch.
    pub(super) fn heard(&mut self, agent: AgentId, now: Instant) {
        let passed = now.duration_since(self.since);
        if passed >= SECOND {
            self.before = if passed < 2 * SECOND { self.hosts.len() } else { 0 };
            self.hosts.clear();
            self.since = now;
        }
        self.hosts.insert(agent);
    }

    /// Until when the commit of a batch that came `now` waits for others.
    pub(super) fn until(&self, now: Instant) -> Instant {
        if self.before.max(self.hosts.len()) >= MANY { now + WAIT } else { now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_few_hosts_do_not_wait_and_many_do_until_they_are_few_again() {
        let mut pace = Pace::new();
        let begin = Instant::now();
        for batch in 0..100 {
            pace.heard(AgentId::from_bytes([batch % 4; 16]), begin);
        }
        assert_eq!(pace.until(begin), begin);
        let later = begin + SECOND;
        (0..20).for_each(|host| pace.heard(AgentId::from_bytes([host; 16]), later));
        assert_eq!(pace.until(later), later + WAIT);
        let quiet = later + 5 * SECOND;
        pace.heard(AgentId::from_bytes([1; 16]), quiet);
        assert_eq!(pace.until(quiet), quiet);
    }
}
