//! Floods. A guest that resets itself in a loop, or a disk that fails at every request, makes thousands of events; they
//! must neither fill the queue to the collector nor push everything else out of its activity log.
//!
//! Each kind of each domain may have some events at once and then one every few seconds; all of the host together may
//! have many. What is over that is left out and counted, and the count is said in an event of the same kind.

use std::collections::HashMap;

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::wire::v1::EventSample;

use super::translate::{Category, of_host};

/// At once and from then on, of one kind of one domain.
const ONE: Rate = Rate { burst: 30, every: DurationMs::from_s(10) };
/// Passes of a migration: the first few tell how it goes.
const ITERATIONS: Rate = Rate { burst: 5, every: DurationMs::from_s(30) };
/// Of all of the host together: 500 guests that stop and start at once are within it.
const ALL: Rate = Rate { burst: 4_000, every: DurationMs(200) };
/// How long what was left out is counted before it is said.
const SUMMARY: DurationMs = DurationMs::from_s(60);
/// Domains and kinds kept apart. Full: those that left nothing out are forgotten, then all others are said and
/// forgotten.
const KEYS_MAX: usize = 8_192;

#[derive(Clone, Copy, Debug)]
struct Rate {
    burst: u32,
    every: DurationMs,
}

impl Rate {
    fn of(kind: &str) -> Self {
        if kind == "vm_migration_iteration" { ITERATIONS } else { ONE }
    }
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u32,
    /// When the last one was put back.
    refilled: MonoMs,
}

impl Bucket {
    fn new(rate: Rate, now: MonoMs) -> Self {
        Self { left: rate.burst, refilled: now }
    }

    fn refill(&mut self, rate: Rate, now: MonoMs) {
        let back = now.since(self.refilled).0.max(0) / rate.every.0;
        self.left = self.left.saturating_add(u32::try_from(back).unwrap_or(u32::MAX)).min(rate.burst);
        self.refilled = if self.left == rate.burst { now } else { self.refilled.plus(DurationMs(back * rate.every.0)) };
    }

    fn take(&mut self) -> bool {
        let some = self.left > 0;
        self.left = self.left.saturating_sub(1);
        some
    }
}

/// What was left out since it was last said.
#[derive(Clone, Debug)]
struct LeftOut {
    count: u64,
    since: MonoMs,
    /// The last of them, whose words the summary repeats.
    last: EventSample,
}

#[derive(Debug)]
struct One {
    bucket: Bucket,
    left_out: Option<LeftOut>,
}

/// What becomes of an event, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is sent.
    Sent,
    /// Left out: too many of this kind from this domain.
    TooManyOfOne,
    /// Left out: too many of the whole host.
    TooManyOfAll,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Limiter {
    ones: HashMap<(Option<[u8; 16]>, String), One>,
    all: Bucket,
    /// Left out for the host's sake, since when.
    of_all: Option<(u64, MonoMs)>,
    /// When the first count is due; too early after counts were said to make room.
    next: Option<MonoMs>,
}

impl Limiter {
    pub(super) fn new(now: MonoMs) -> Self {
        Self { ones: HashMap::new(), all: Bucket::new(ALL, now), of_all: None, next: None }
    }

    /// Decides about one event; `out` gets it if it is sent, and what had to be said to make room.
    pub(super) fn admit(&mut self, event: EventSample, now: MonoMs, out: &mut Vec<EventSample>) -> Verdict {
        let key = (event.domain, event.kind.clone());
        if self.ones.len() >= KEYS_MAX && !self.ones.contains_key(&key) {
            self.make_room(now, out);
        }
        let rate = Rate::of(&event.kind);
        let one = self.ones.entry(key).or_insert_with(|| One { bucket: Bucket::new(rate, now), left_out: None });
        one.bucket.refill(rate, now);
        if !one.bucket.take() {
            let left_out = one.left_out.get_or_insert_with(|| LeftOut { count: 0, since: now, last: event.clone() });
            left_out.count += 1;
            left_out.last = event;
            self.next.get_or_insert(now.plus(SUMMARY));
            return Verdict::TooManyOfOne;
        }
        self.all.refill(ALL, now);
        if !self.all.take() {
            self.of_all.get_or_insert((0, now)).0 += 1;
            self.next.get_or_insert(now.plus(SUMMARY));
            return Verdict::TooManyOfAll;
        }
        out.push(event);
        Verdict::Sent
    }

    /// When a count is due to be said.
    pub(super) const fn next_timeout(&self) -> Option<MonoMs> {
        self.next
    }

    /// The counts that are due.
    pub(super) fn due(&mut self, now: MonoMs, wall: UnixMs) -> Vec<EventSample> {
        if self.next.is_none_or(|next| now < next) {
            return Vec::new();
        }
        let is_due = |since: MonoMs| now >= since.plus(SUMMARY);
        let mut said: Vec<EventSample> = Vec::new();
        for one in self.ones.values_mut() {
            if one.left_out.as_ref().is_some_and(|left_out| is_due(left_out.since)) {
                said.extend(one.left_out.take().map(|left_out| summary(left_out, now)));
            }
        }
        if let Some((count, _)) = self.of_all.take_if(|(_, since)| is_due(*since)) {
            let message = format!("{count} events were left out: all guests together made too many");
            said.push(of_host(wall.0, Category::Warning, "host_events_left_out", &message));
        }
        // The map has no order of its own.
        said.sort_by(|a, b| (a.wall_ms, a.domain, &a.kind).cmp(&(b.wall_ms, b.domain, &b.kind)));
        let ones = self.ones.values().filter_map(|one| one.left_out.as_ref().map(|left_out| left_out.since));
        self.next = ones.chain(self.of_all.map(|(_, since)| since)).min().map(|since| since.plus(SUMMARY));
        said
    }

    fn make_room(&mut self, now: MonoMs, out: &mut Vec<EventSample>) {
        self.ones.retain(|(_, kind), one| {
            one.bucket.refill(Rate::of(kind), now);
            one.left_out.is_some() || one.bucket.left < Rate::of(kind).burst
        });
        if self.ones.len() >= KEYS_MAX {
            let all = std::mem::take(&mut self.ones);
            out.extend(all.into_values().filter_map(|one| one.left_out).map(|left_out| summary(left_out, now)));
        }
    }
}

fn summary(left_out: LeftOut, now: MonoMs) -> EventSample {
    let LeftOut { count, since, last } = left_out;
    let over_s = now.since(since).0 / 1_000;
    let message = format!("{count} more within {over_s} s were left out; the last: {}", last.message);
    // The words of the last were cut to fit already; what stands before them takes less than the rest of a frame.
    EventSample { message, ..last }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(domain: u8, kind: &str) -> EventSample {
        EventSample {
            wall_ms: 0,
            category: 1,
            kind: kind.to_owned(),
            domain: Some([domain; 16]),
            name: format!("g{domain}"),
            message: "it happened".to_owned(),
        }
    }

    #[test]
    fn a_flood_of_one_kind_is_cut_and_counted_and_hides_nothing_else() {
        let mut limiter = Limiter::new(MonoMs(0));
        let mut out = Vec::new();
        for _ in 0..1_000 {
            limiter.admit(event(1, "vm_rebooted"), MonoMs(0), &mut out);
        }
        assert_eq!(out.len(), 30);
        assert_eq!(limiter.admit(event(1, "vm_io_error"), MonoMs(0), &mut out), Verdict::Sent);
        assert_eq!(limiter.admit(event(2, "vm_rebooted"), MonoMs(0), &mut out), Verdict::Sent);
        assert_eq!(limiter.next_timeout(), Some(MonoMs(60_000)));
        assert_eq!(limiter.due(MonoMs(59_999), UnixMs(0)), []);
        let said = limiter.due(MonoMs(60_000), UnixMs(0));
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].kind.as_str(), said[0].category, said[0].name.as_str()), ("vm_rebooted", 1, "g1"));
        assert_eq!(said[0].message, "970 more within 60 s were left out; the last: it happened");
        assert_eq!(limiter.next_timeout(), None);
        let again = (0..10).map(|_| limiter.admit(event(1, "vm_rebooted"), MonoMs(60_000), &mut out));
        assert_eq!(again.filter(|verdict| *verdict == Verdict::Sent).count(), 6, "one every ten seconds came back");
    }

    #[test]
    fn all_guests_together_have_a_limit_too() {
        let mut limiter = Limiter::new(MonoMs(0));
        let mut out = Vec::new();
        let kinds: Vec<String> = (0..20).map(|n| format!("kind{n}")).collect();
        for domain in 0..=255 {
            for kind in &kinds {
                limiter.admit(event(domain, kind), MonoMs(0), &mut out);
            }
        }
        assert_eq!(out.len(), 4_000);
        let said = limiter.due(MonoMs(60_000), UnixMs(5));
        assert_eq!((said[0].kind.as_str(), said[0].domain, said[0].wall_ms), ("host_events_left_out", None, 5));
        assert!(said[0].message.starts_with("1120 events"), "{}", said[0].message);
    }

    #[test]
    fn guests_that_come_and_go_do_not_make_it_grow() {
        let mut limiter = Limiter::new(MonoMs(0));
        let mut out = Vec::new();
        for n in 0..40_000_i64 {
            let mut one = event(0, "vm_started");
            let mut uuid = [0; 16];
            uuid[..8].copy_from_slice(&n.to_le_bytes());
            one.domain = Some(uuid);
            limiter.admit(one, MonoMs(n.unsigned_abs()), &mut out);
            assert!(limiter.ones.len() <= KEYS_MAX);
        }
    }

    proptest! {
        /// Everything is either sent or counted, once, and no more is sent than burst and rate allow.
        #[test]
        fn sent_and_counted_are_all(steps in prop::collection::vec((0_u64..20_000, 0_u8..3, 0_usize..2), 1..400)) {
            let kinds = ["vm_rebooted", "vm_migration_iteration"];
            let mut limiter = Limiter::new(MonoMs(0));
            let (mut now, mut sent, mut counted) = (0, Vec::new(), 0);
            let count = |said: Vec<EventSample>| -> u64 {
                said.iter().map(|event| event.message.split(' ').next().unwrap().parse::<u64>().unwrap()).sum()
            };
            for (wait, domain, kind) in &steps {
                now += wait / 8;
                limiter.admit(event(*domain, kinds[*kind]), MonoMs(now), &mut sent);
                counted += count(limiter.due(MonoMs(now), UnixMs(0)));
            }
            counted += count(limiter.due(MonoMs(now + 60_000), UnixMs(0)));
            prop_assert_eq!(u64::try_from(sent.len()).unwrap() + counted, u64::try_from(steps.len()).unwrap());
            for (kind, rate) in [(kinds[0], ONE), (kinds[1], ITERATIONS)] {
                for domain in 0..3 {
                    let of_it = sent.iter().filter(|event| event.kind == kind && event.domain == Some([domain; 16]));
                    let allowed = u64::from(rate.burst) + now / u64::try_from(rate.every.0).unwrap();
                    prop_assert!(u64::try_from(of_it.count()).unwrap() <= allowed);
                }
            }
        }
    }
}
