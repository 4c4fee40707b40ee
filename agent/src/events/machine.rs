//! Decides what is sent and when. It does nothing by itself: what the worker told comes in with the time, effects come
//! out.
//!
//! While the line to the collector is free an event waits for its neighbours only, [`TOGETHER`]. While the collector is
//! away a batch for each would push the readings out of the queue, so events are put together for longer then.

use evenkeel_common::time::{DurationMs, MonoMs, UnixMs};
use evenkeel_common::units::show_duration;
use evenkeel_common::wire::v1::EventSample;

use super::limiter::Limiter;
use super::protocol::{Told, What};
use super::translate::{Category, changes_description, of_host, sample};

/// How long the first event of a batch waits for others.
const TOGETHER: DurationMs = DurationMs(100);
/// The same while the collector is away or behind.
const TOGETHER_AWAY: DurationMs = DurationMs::from_s(60);
/// Events in one batch, at most 1.5 KiB each; more go at once in several.
const BATCH_MAX_EVENTS: usize = 256;

/// The time of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    pub(super) mono: MonoMs,
    pub(super) wall: UnixMs,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Input {
    /// The worker says something.
    Told(Told),
    /// The worker ended; another one is started.
    WorkerEnded { reason: String },
    /// Whether batches go out as they come.
    LineIsFree(bool),
    /// The time that [`Machine::next_timeout`] named has come.
    Timer,
    /// The agent ends: nothing waits any longer.
    Stop,
}

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Effect {
    /// Send these in one batch.
    Send(Vec<EventSample>),
    /// Have this domain described again.
    Describe([u8; 16]),
    /// Have all domains described again.
    DescribeAll,
    /// Say this in the log.
    Say(Notice),
}

/// A line for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// Events are heard, after so long without when they were heard before.
    Listening { without: Vec<u32>, after: Option<DurationMs> },
    /// They are not heard.
    Deaf { reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hearing {
    /// Nothing was heard since the start, and it was said so or not.
    NotYet {
        said: bool,
    },
    Listening,
    Deaf {
        since: MonoMs,
    },
}

/// See the module.
#[derive(Debug)]
pub(super) struct Machine {
    hearing: Hearing,
    limiter: Limiter,
    pending: Vec<EventSample>,
    /// When the first of the pending ones came.
    waiting_since: MonoMs,
    line_is_free: bool,
}

impl Machine {
    pub(super) fn new(now: MonoMs) -> Self {
        Self {
            hearing: Hearing::NotYet { said: false },
            limiter: Limiter::new(now),
            pending: Vec::new(),
            waiting_since: now,
            line_is_free: false,
        }
    }

    /// When a `Timer` is due.
    pub(super) fn next_timeout(&self) -> Option<MonoMs> {
        let send = (!self.pending.is_empty()).then(|| self.send_at());
        [send, self.limiter.next_timeout()].into_iter().flatten().min()
    }

    /// One step.
    pub(super) fn handle(&mut self, input: Input, at: At) -> Vec<Effect> {
        let mut effects = Vec::new();
        let stops = input == Input::Stop;
        match input {
            Input::Told(Told::Listening { without }) => self.listening(without, at, &mut effects),
            Input::Told(Told::Deaf { reason }) | Input::WorkerEnded { reason } => self.deaf(reason, at, &mut effects),
            Input::Told(Told::Heard(heard)) => {
                if changes_description(&heard.what) {
                    effects.push(Effect::Describe(heard.uuid));
                }
                let event = sample(&heard);
                if !(heard.what == What::Reboot && self.was_just_told(&event)) {
                    let mut admitted = Vec::new();
                    self.limiter.admit(event, at.mono, &mut admitted);
                    self.keep(admitted, at.mono);
                }
            }
            Input::Told(Told::Dropped { count }) => {
                effects.push(Effect::DescribeAll);
                let message = format!("{count} events came faster than they could be passed on and are lost");
                self.keep(vec![of_host(at.wall.0, Category::Warning, "host_events_lost", &message)], at.mono);
            }
            Input::LineIsFree(free) => self.line_is_free = free,
            Input::Timer | Input::Stop => {}
        }
        let due = self.limiter.due(at.mono, at.wall);
        self.keep(due, at.mono);
        if stops || self.next_batch_is_due(at.mono) {
            effects.extend(self.pending.chunks(BATCH_MAX_EVENTS).map(|events| Effect::Send(events.to_vec())));
            self.pending.clear();
        }
        effects
    }

    fn listening(&mut self, without: Vec<u32>, at: At, effects: &mut Vec<Effect>) {
        let after = match self.hearing {
            Hearing::Deaf { since } => Some(at.mono.since(since)),
            Hearing::NotYet { .. } | Hearing::Listening => None,
        };
        self.hearing = Hearing::Listening;
        if let Some(after) = after {
            let message = format!(
                "libvirt's events are heard again after {}; those of that time are lost and show only in the readings",
                show_duration(after)
            );
            let resumed = of_host(at.wall.0, Category::Warning, "host_events_resumed", &message);
            self.keep(vec![resumed], at.mono);
            effects.push(Effect::DescribeAll);
        }
        effects.push(Effect::Say(Notice::Listening { without, after }));
    }

    fn deaf(&mut self, reason: String, at: At, effects: &mut Vec<Effect>) {
        let is_news = match self.hearing {
            Hearing::NotYet { said } => {
                self.hearing = Hearing::NotYet { said: true };
                !said
            }
            Hearing::Listening => {
                self.hearing = Hearing::Deaf { since: at.mono };
                true
            }
            Hearing::Deaf { .. } => false,
        };
        if is_news {
            effects.push(Effect::Say(Notice::Deaf { reason }));
        }
    }

    /// QEMU tells one reset several times, once for each of the guest's buses.
    fn was_just_told(&self, event: &EventSample) -> bool {
        self.pending.iter().rev().any(|told| {
            (told.domain, &told.kind) == (event.domain, &event.kind) && event.wall_ms - told.wall_ms <= TOGETHER.0
        })
    }

    fn keep(&mut self, events: Vec<EventSample>, now: MonoMs) {
        if self.pending.is_empty() {
            self.waiting_since = now;
        }
        self.pending.extend(events);
    }

    fn next_batch_is_due(&self, now: MonoMs) -> bool {
        now >= self.send_at() || self.pending.len() >= BATCH_MAX_EVENTS
    }

    fn send_at(&self) -> MonoMs {
        self.waiting_since.plus(if self.line_is_free { TOGETHER } else { TOGETHER_AWAY })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::protocol::Heard;

    fn at(ms: u64) -> At {
        At { mono: MonoMs(ms), wall: UnixMs(1_000_000 + i64::try_from(ms).unwrap()) }
    }

    fn heard(domain: u8, what: What) -> Input {
        Input::Told(Told::Heard(Heard { wall_ms: 0, uuid: [domain; 16], name: format!("g{domain}"), what }))
    }

    fn listening() -> Input {
        Input::Told(Told::Listening { without: vec![27] })
    }

    fn sent(effects: &[Effect]) -> Vec<Vec<String>> {
        let kinds = |events: &Vec<EventSample>| events.iter().map(|event| event.kind.clone()).collect();
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(events) => Some(kinds(events)),
                _ => None,
            })
            .collect()
    }

    /// A machine that listens and whose line is free.
    fn machine() -> Machine {
        let mut machine = Machine::new(MonoMs(0));
        machine.handle(Input::LineIsFree(true), at(0));
        let effects = machine.handle(listening(), at(0));
        assert_eq!(effects, [Effect::Say(Notice::Listening { without: vec![27], after: None })], "no gap at the start");
        machine
    }

    #[test]
    fn events_go_within_a_moment_and_neighbours_together() {
        let mut machine = machine();
        assert_eq!(machine.handle(heard(1, What::Reboot), at(1_000)), []);
        assert_eq!(machine.next_timeout(), Some(MonoMs(1_100)));
        let started = machine.handle(heard(2, What::Lifecycle { event: 2, detail: 0 }), at(1_050));
        assert_eq!(started, [Effect::Describe([2; 16])]);
        assert_eq!(sent(&machine.handle(Input::Timer, at(1_100))), [["vm_rebooted", "vm_started"]]);
        assert_eq!(machine.next_timeout(), None);
    }

    #[test]
    fn a_reset_that_qemu_tells_several_times_is_one() {
        let mut machine = machine();
        for domain in [1, 2, 1, 1] {
            machine.handle(heard(domain, What::Reboot), at(1_000));
        }
        assert_eq!(sent(&machine.handle(Input::Timer, at(1_100))), [["vm_rebooted", "vm_rebooted"]]);
        machine.handle(heard(1, What::Reboot), at(1_200));
        assert_eq!(sent(&machine.handle(Input::Timer, at(1_300))), [["vm_rebooted"]]);
    }

    #[test]
    fn while_the_collector_is_away_they_wait_for_each_other_and_go_when_it_is_back() {
        let mut machine = machine();
        machine.handle(Input::LineIsFree(false), at(0));
        machine.handle(heard(1, What::Reboot), at(1_000));
        assert_eq!(machine.next_timeout(), Some(MonoMs(61_000)));
        assert_eq!(sent(&machine.handle(Input::LineIsFree(true), at(30_000))), [["vm_rebooted"]]);
    }

    #[test]
    fn many_go_in_several_batches_without_waiting() {
        let mut machine = machine();
        machine.handle(Input::LineIsFree(false), at(0));
        let batches: Vec<_> = (0..=255).flat_map(|n| sent(&machine.handle(heard(n, What::Reboot), at(1)))).collect();
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [BATCH_MAX_EVENTS]);
    }

    #[test]
    fn a_gap_is_said_once_it_is_over_and_everything_is_described_again() {
        let mut machine = machine();
        let deaf = || Input::Told(Told::Deaf { reason: "gone".into() });
        let said = machine.handle(deaf(), at(1_000));
        assert_eq!(said, [Effect::Say(Notice::Deaf { reason: "gone".into() })]);
        assert_eq!(machine.handle(Input::WorkerEnded { reason: "killed".into() }, at(2_000)), []);
        let effects = machine.handle(listening(), at(13_000));
        assert!(effects.contains(&Effect::DescribeAll));
        let Effect::Send(events) = &machine.handle(Input::Timer, at(13_100))[0] else { panic!("nothing sent") };
        assert_eq!((events[0].kind.as_str(), events[0].domain, events[0].category), ("host_events_resumed", None, 1));
        assert!(events[0].message.contains("after 12s"), "{}", events[0].message);
    }

    #[test]
    fn a_libvirt_that_was_never_there_is_said_once_and_makes_no_gap() {
        let mut machine = Machine::new(MonoMs(0));
        let deaf = || Input::Told(Told::Deaf { reason: "no socket".into() });
        assert_eq!(machine.handle(deaf(), at(0)).len(), 1);
        assert_eq!(machine.handle(deaf(), at(1_000)), []);
        assert_eq!(machine.handle(listening(), at(2_000)).len(), 1);
        assert_eq!(sent(&machine.handle(Input::Stop, at(2_001))), Vec::<Vec<String>>::new());
    }

    #[test]
    fn at_the_end_nothing_is_kept_back() {
        let mut machine = machine();
        machine.handle(Input::Told(Told::Dropped { count: 3 }), at(1_000));
        machine.handle(heard(1, What::Reboot), at(1_001));
        assert_eq!(sent(&machine.handle(Input::Stop, at(1_002))), [["host_events_lost", "vm_rebooted"]]);
    }
}
