//! The machine against a collector of a few lines, over lines that break at any time.

use std::collections::BTreeMap;

use evenkeel_common::action::{Outcome, Verb};
use evenkeel_common::id::DomainUuid;
use evenkeel_common::limits::UNACKED_MAX_BATCHES;
use evenkeel_common::wire::v1::Welcome;
use proptest::prelude::*;

use super::*;
use crate::uplink::testing::batch;

const START: UnixMs = UnixMs(1_700_000_000_000);

fn me() -> Myself {
    Myself {
        epoch: 5,
        machine_id: "m".into(),
        agent_version: "0.1.0".into(),
        csr_der: vec![1],
        cert: CertLife {
            renew_at: START.plus(DurationMs::from_s(86_400)),
            not_after: START.plus(DurationMs::from_s(2 * 86_400)),
        },
        queue_max_batches: 100,
    }
}

/// A machine with its clock.
struct Rig {
    machine: Machine,
    now: MonoMs,
    draw: u64,
}

impl Rig {
    fn new(me: Myself) -> Self {
        Self { machine: Machine::new(me, MonoMs(0)), now: MonoMs(0), draw: 0 }
    }

    fn at(&self) -> At {
        At { mono: self.now, wall: START.plus(self.now.since(MonoMs(0))), draw: self.draw }
    }

    fn handle(&mut self, event: Event) -> Vec<Effect> {
        self.machine.handle(event, self.at())
    }

    /// Lets time pass to the next timeout.
    fn timer(&mut self) -> Vec<Effect> {
        self.now = self.machine.next_timeout(self.at()).expect("a timeout").max(self.now);
        self.handle(Event::Timer)
    }

    fn live(mut self, last_seq: u64) -> Self {
        assert_eq!(self.timer(), [Effect::Connect]);
        self.handle(Event::Connected);
        self.handle(welcome(last_seq));
        assert!(self.machine.is_live());
        self
    }

    fn push(&mut self, tick: i64) -> Vec<Effect> {
        self.handle(Event::Batch(Box::new(batch(tick, 0))))
    }
}

fn welcome(last_seq: u64) -> Event {
    Event::Received(ToAgent::Welcome(Welcome { version: VERSION, last_seq, collector_epoch: 1 }))
}

fn gone() -> Event {
    Event::Lost(Away::Unreachable("gone".into()))
}

fn sent(effects: &[Effect]) -> Vec<u64> {
    let seq = |effect: &Effect| match effect {
        Effect::Send(message) => match &**message {
            ToCollector::Batch { batch, .. } => Some(batch.seq),
            _ => None,
        },
        _ => None,
    };
    effects.iter().filter_map(seq).collect()
}

fn said(effects: &[Effect]) -> Vec<&Notice> {
    effects.iter().filter_map(|effect| if let Effect::Say(notice) = effect { Some(notice) } else { None }).collect()
}

#[test]
fn says_once_that_the_collector_is_away_and_once_that_it_is_back() {
    let mut rig = Rig::new(me());
    let mut notices = Vec::new();
    for _ in 0..20 {
        assert_eq!(rig.timer(), [Effect::Connect]);
        let lost = rig.handle(if notices.is_empty() { Event::Lost(Away::Stopping) } else { gone() });
        notices.extend(said(&lost).into_iter().cloned());
        rig.draw = u64::MAX;
    }
    assert_eq!(notices, [Notice::Away(Away::Stopping)]);
    let waited = rig.now;
    let mut rig = rig.live(0);
    assert!(waited.0 > 60_000, "{waited:?}");
    let lost = rig.handle(Event::Lost(Away::Refused("revoked".into())));
    assert_eq!(said(&lost), [&Notice::Away(Away::Refused("revoked".into()))]);
    let before = rig.now;
    rig.draw = 0;
    rig.timer();
    assert!(rig.now.since(before) >= DurationMs(RECONNECT_MAX.0 / 2), "who was refused waits");
}

#[test]
fn waits_are_drawn_from_a_growing_range() {
    let longest = |attempts| (0..70_000).step_by(7).map(|draw| wait(attempts, false, draw).0).max();
    assert!(longest(0) <= Some(500) && longest(0) > Some(400));
    assert!(longest(1) <= Some(1_000) && longest(1) > Some(900));
    assert!(longest(60) <= Some(60_000) && longest(60) > Some(59_000));
    assert_eq!(wait(60, false, 0), DurationMs(0));
}

#[test]
fn sends_no_more_than_the_window_and_resumes_where_the_collector_is() {
    let mut rig = Rig::new(me());
    for tick in 0..90 {
        rig.push(tick);
    }
    assert_eq!(rig.timer(), [Effect::Connect]);
    assert!(matches!(rig.handle(Event::Connected).as_slice(), [Effect::Send(message)] if message.name() == "hello"));
    let window = u64::try_from(UNACKED_MAX_BATCHES).unwrap();
    assert_eq!(sent(&rig.handle(welcome(3))), (4..4 + window).collect::<Vec<_>>());
    assert_eq!(sent(&rig.handle(Event::Received(ToAgent::Ack { seq: 5 }))), [4 + window, 5 + window]);
    rig.handle(gone());
    let mut rig = rig.live(70);
    assert_eq!(rig.machine.backlog().0, 20);
    // An ack of what was never sent forgets nothing.
    rig.handle(Event::Received(ToAgent::Ack { seq: 10_000 }));
    assert_eq!(sent(&rig.push(91)), [91]);
}

#[test]
fn pauses_when_asked() {
    let mut rig = Rig::new(me()).live(0);
    rig.handle(Event::Received(ToAgent::RetryAfter { ms: 5_000 }));
    assert_eq!(sent(&rig.push(1)), [0; 0]);
    let before = rig.now;
    assert_eq!(sent(&rig.timer()), [1]);
    assert_eq!(rig.now.since(before), DurationMs(5_000));
}

#[test]
fn keeps_the_end_of_an_action_until_it_is_acknowledged() {
    let id = ActionId::from_bytes([7; 16]);
    let mut rig = Rig::new(me()).live(0);
    let command = Command {
        id,
        collector_epoch: 1,
        verb: Verb::Snapshot,
        domain: DomainUuid::from_bytes([1; 16]),
        not_after: START,
    };
    let received = rig.handle(Event::Received(ToAgent::Command((&command).into())));
    assert_eq!(received, [Effect::Run(command)]);
    rig.handle(gone());
    rig.handle(Event::News(id, Progress::Running("backup".into())));
    rig.handle(Event::News(id, Progress::Finished(Outcome::Expired)));
    for acknowledged in [false, true] {
        rig.timer();
        rig.handle(Event::Connected);
        let effects = rig.handle(welcome(0));
        let news: Vec<&str> = effects
            .iter()
            .filter_map(|effect| if let Effect::Send(message) = effect { Some(message.name()) } else { None })
            .collect();
        assert_eq!(news, if acknowledged { vec![] } else { vec!["action"] });
        rig.handle(Event::Received(ToAgent::ActionAck { id: id.to_bytes() }));
        rig.handle(gone());
    }
}

#[test]
fn renews_after_two_thirds_and_after_the_end_with_its_key() {
    let mut rig = Rig::new(me()).live(0);
    let effects = rig.timer();
    assert!(matches!(effects.as_slice(), [Effect::Send(message)] if message.name() == "renew"), "{effects:?}");
    assert_eq!(rig.at().wall, me().cert.renew_at);
    let again = rig.timer();
    assert!(matches!(again.as_slice(), [Effect::Send(message)] if message.name() == "renew"), "asked again");
    let stored = rig.handle(Event::Received(ToAgent::Renewed { cert_der: vec![2] }));
    assert_eq!(stored, [Effect::StoreCertificate(vec![2])]);
    rig.handle(gone());
    rig.now = rig.now.plus(DurationMs::from_s(3 * 86_400));
    assert_eq!(rig.handle(Event::Timer), [Effect::RenewExpired]);
    let life = CertLife { renew_at: rig.at().wall.plus(DurationMs(1)), not_after: rig.at().wall.plus(DurationMs(2)) };
    rig.handle(Event::CertificateStored(life));
    assert_eq!(rig.timer(), [Effect::Connect]);
}

#[test]
fn leaves_in_order_and_not_later_than_its_deadline() {
    let goodbye = || Goodbye { reason: "stop".into(), expected_s: 0 };
    let mut rig = Rig::new(me()).live(0);
    let effects = rig.handle(Event::Stop(goodbye()));
    assert!(matches!(effects.as_slice(), [Effect::Send(message)] if message.name() == "goodbye"));
    assert_eq!(rig.timer().last(), Some(&Effect::Finished));
    assert_eq!(Rig::new(me()).handle(Event::Stop(goodbye())), [Effect::Finished]);
}

#[test]
fn a_collector_out_of_turn_is_left() {
    let mut rig = Rig::new(me()).live(0);
    assert!(matches!(rig.handle(welcome(0)).as_slice(), [Effect::Close(CloseCode::Protocol, _), Effect::Say(_)]));
    // It claims to have what this run never made: its answer is not about this run.
    rig.timer();
    rig.handle(Event::Connected);
    assert!(matches!(rig.handle(welcome(9)).first(), Some(Effect::Close(CloseCode::Protocol, _))));
    rig.timer();
    rig.handle(Event::Connected);
    let silent = rig.timer();
    assert!(matches!(silent.first(), Some(Effect::Close(CloseCode::Silent, _))));
}

#[derive(Clone, Debug)]
enum Step {
    Push,
    /// The collector stores one message of those under way.
    Store,
    /// One of its answers arrives.
    Answer,
    Break,
    Reconnect,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Push),
        4 => Just(Step::Store),
        3 => Just(Step::Answer),
        1 => Just(Step::Break),
        2 => Just(Step::Reconnect),
    ];
    proptest::collection::vec(step, 1..300)
}

proptest! {
    /// Whatever breaks when: every batch is stored once, in order, or counted in a gap.
    #[test]
    fn nothing_is_lost_or_doubled(steps in steps(), queue_max_batches in 3usize..40) {
        let mut rig = Rig::new(Myself { queue_max_batches, ..me() });
        let (mut up, mut down): (Vec<Batch>, Vec<u64>) = (Vec::new(), Vec::new());
        // What the collector has on disk, by number.
        let mut disk: BTreeMap<u64, Batch> = BTreeMap::new();
        let mut pushed = 0u64;
        let finale = [Step::Break, Step::Reconnect].into_iter()
            .chain(std::iter::repeat_n([Step::Store, Step::Answer], 600).flatten());
        for step in steps.into_iter().chain(finale) {
            let effects = match step {
                Step::Push => {
                    pushed += 1;
                    rig.push(i64::try_from(pushed).unwrap())
                }
                Step::Store if !up.is_empty() => {
                    let batch = up.remove(0);
                    let last = disk.last_key_value().map_or(0, |(seq, _)| *seq);
                    if batch.seq > last {
                        disk.insert(batch.seq, batch);
                    }
                    down.push(disk.last_key_value().map_or(0, |(seq, _)| *seq));
                    Vec::new()
                }
                Step::Answer if !down.is_empty() => rig.handle(Event::Received(ToAgent::Ack { seq: down.remove(0) })),
                Step::Break if rig.machine.is_live() => {
                    (up, down) = (Vec::new(), Vec::new());
                    rig.handle(gone())
                }
                Step::Reconnect if !rig.machine.is_live() => {
                    rig.timer();
                    rig.handle(Event::Connected);
                    rig.handle(welcome(disk.last_key_value().map_or(0, |(seq, _)| *seq)))
                }
                _ => Vec::new(),
            };
            for effect in effects {
                if let Effect::Send(message) = effect
                    && let ToCollector::Batch { batch, .. } = *message
                {
                    up.push(batch);
                }
            }
        }
        prop_assert_eq!(rig.machine.backlog().0, 0);
        let ticks: Vec<i64> = disk.values().map(|batch| batch.tick_wall_ms).collect();
        prop_assert!(ticks.is_sorted());
        let counted: u64 = disk.values().filter_map(|batch| batch.gap).map(|gap| gap.batches).sum();
        let stored = u64::try_from(disk.len()).unwrap();
        // A batch that was stored but whose ack was lost may also be counted when it was dropped meanwhile.
        prop_assert!(stored <= pushed && stored + counted >= pushed, "{stored} + {counted} of {pushed}");
        if pushed <= u64::try_from(queue_max_batches).unwrap() {
            prop_assert_eq!((stored, counted), (pushed, 0));
        }
    }
}
