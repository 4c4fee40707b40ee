//! The machine against a collector of a few lines, over lines that break at any time.

mod random;

use std::collections::BTreeMap;

use evenkeel_common::action::{Outcome, Verb};
use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::limits::{BACKLOG_MAX_BATCHES, UNACKED_MAX_BATCHES};
use evenkeel_common::wire::VERSION_MAX;
use evenkeel_common::wire::pack::{Packer, Unpacker};
use evenkeel_common::wire::v1::WireCommand;

use super::*;
use crate::uplink::testing::batch;

const START: UnixMs = UnixMs(1_700_000_000_000);

fn me() -> Myself {
    Myself {
        run: 5,
        first_stream: 1,
        version_max: VERSION_MAX,
        machine_id: "m".into(),
        agent_version: "0.1.0".into(),
        csr_der: vec![1],
        cert: CertLife {
            renew_at: START.plus(DurationMs::from_s(86_400)),
            not_after: START.plus(DurationMs::from_s(2 * 86_400)),
        },
    }
}

/// A machine with its clock, and a spool in memory.
struct Rig {
    machine: Machine,
    now: MonoMs,
    draw: u64,
    spool: BTreeMap<u64, (u64, Vec<Batch>)>,
    packer: Packer,
    keyframe_every: u64,
}

impl Rig {
    fn new(me: Myself) -> Self {
        let spool = BTreeMap::from([(1, (0, Vec::new()))]);
        let machine = Machine::new(me, MonoMs(0));
        Self { machine, now: MonoMs(0), draw: 0, spool, packer: Packer::default(), keyframe_every: 7 }
    }

    fn at(&self) -> At {
        At { mono: self.now, wall: START.plus(self.now.since(MonoMs(0))), draw: self.draw }
    }

    /// One step, and what the spool says to it.
    fn handle(&mut self, event: Event) -> Vec<Effect> {
        let mut all = Vec::new();
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.machine.handle(event, self.at()) {
                match effect {
                    Effect::Streams => events.insert(0, Event::Streams(self.streams())),
                    Effect::Resume(ends) => {
                        for (epoch, end) in ends {
                            self.spool.get_mut(&epoch).expect("known").0 = end;
                        }
                    }
                    Effect::Acknowledge { epoch, seq } => {
                        let acked = &mut self.spool.get_mut(&epoch).expect("known").0;
                        *acked = seq.max(*acked);
                    }
                    Effect::Read { lane, epoch, after, max, max_bytes } => {
                        assert!(max > 0 && max_bytes > 0);
                        let all = &self.spool[&epoch].1;
                        let found = all.iter().filter(|batch| batch.seq > after).take(max).cloned();
                        events.insert(0, Event::Read((lane, epoch, after), Some(found.map(|b| (b, 1)).collect())));
                    }
                    other => all.push(other),
                }
            }
        }
        all
    }

    /// Another stream begins when batches wait, as in the spool.
    fn streams(&mut self) -> Vec<StreamState> {
        let (epoch, (acked, batches)) = self.spool.last_key_value().expect("one");
        if batches.last().is_some_and(|last| last.seq > *acked) {
            let next = epoch + 1;
            self.spool.insert(next, (0, Vec::new()));
        }
        let state = |(epoch, (acked, batches)): (&u64, &(u64, Vec<Batch>))| StreamState {
            epoch: *epoch,
            acked: *acked,
            newest: batches.last().map_or(0, |last| last.seq),
        };
        self.spool.iter().map(state).collect()
    }

    fn waiting(&self) -> usize {
        self.spool.values().map(|(acked, batches)| batches.iter().filter(|batch| batch.seq > *acked).count()).sum()
    }

    /// Lets time pass to the next timeout.
    fn timer(&mut self) -> Vec<Effect> {
        self.now = self.machine.next_timeout(self.at()).expect("a timeout").max(self.now);
        self.handle(Event::Timer)
    }

    fn live(mut self) -> Self {
        assert_eq!(self.timer(), [Effect::Connect]);
        self.handle(Event::Connected);
        let ends = self.acked();
        self.handle(welcome(ends));
        assert!(self.machine.is_live());
        self
    }

    fn acked(&self) -> Vec<u64> {
        self.spool.values().map(|(acked, _)| *acked).collect()
    }

    fn push(&mut self, tick: i64) -> Vec<Effect> {
        let (epoch, (_, batches)) = self.spool.iter_mut().next_back().expect("one");
        let seq = batches.last().map_or(0, |last| last.seq) + 1;
        let stored = Batch { epoch: *epoch, seq, ..batch(tick, 0) };
        batches.push(stored.clone());
        if seq % self.keyframe_every == 0 {
            self.packer.begin_anew();
        }
        let packed = Some(self.packer.pack(&stored).unwrap());
        self.handle(Event::Stored(Box::new(Pushed { batch: stored, packed, size: 1, dropped: None })))
    }
}

fn welcome(ends: Vec<u64>) -> Event {
    Event::Received(ToAgent::Welcome(Welcome { version: VERSION_MAX, ends, collector_epoch: 1 }))
}

fn gone() -> Event {
    Event::Lost(Away::Unreachable("gone".into()))
}

/// The receiving end of a session's two lanes.
#[derive(Default)]
struct Lines([Unpacker; 2]);

impl Lines {
    fn batches(&mut self, effects: &[Effect]) -> Vec<Batch> {
        let batch = |effect: &Effect| match effect {
            Effect::Send(message) => match &**message {
                ToCollector::Batch { batch, .. } => Some(batch.clone()),
                ToCollector::Packed(packed) => Some(self.0[usize::from(packed.lane)].unpack(&packed.packed).unwrap()),
                _ => None,
            },
            _ => None,
        };
        effects.iter().filter_map(batch).collect()
    }

    fn sent(&mut self, effects: &[Effect]) -> Vec<(u64, u64)> {
        self.batches(effects).iter().map(|batch| (batch.epoch, batch.seq)).collect()
    }
}

fn numbers(epoch: u64, seqs: impl IntoIterator<Item = u64>) -> Vec<(u64, u64)> {
    seqs.into_iter().map(|seq| (epoch, seq)).collect()
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
    let mut rig = rig.live();
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
fn fresh_batches_go_first_and_a_few_that_waited_beside_them() {
    let mut rig = Rig::new(me());
    for tick in 0..90 {
        rig.push(tick);
    }
    assert_eq!(rig.timer(), [Effect::Connect]);
    let hello = rig.handle(Event::Connected);
    let [Effect::Send(message)] = hello.as_slice() else { panic!("{hello:?}") };
    assert!(matches!(&**message, ToCollector::Hello(hello) if hello.streams == [1, 2]), "{message:?}");
    let mut lines = Lines::default();
    let few = u64::try_from(BACKLOG_MAX_BATCHES).unwrap();
    assert_eq!(lines.sent(&rig.handle(welcome(vec![3, 0]))), numbers(1, 4..4 + few));
    assert_eq!(lines.sent(&rig.push(90)), [(2, 1)], "at once, though much waits");
    let ack = |epoch, seq| Event::Received(ToAgent::Ack { epoch, seq });
    assert_eq!(lines.sent(&rig.handle(ack(1, 5))), numbers(1, [4 + few, 5 + few]));
    let window = u64::try_from(UNACKED_MAX_BATCHES).unwrap();
    for tick in 2..=window + 5 {
        let sent = lines.sent(&rig.push(90 + i64::try_from(tick).unwrap()));
        assert_eq!(sent, if tick <= window { vec![(2, tick)] } else { vec![] });
    }
    assert_eq!(lines.sent(&rig.handle(ack(2, 3))), numbers(2, window + 1..=window + 3));
    rig.handle(gone());
    let acked = rig.waiting();
    // An ack of what was never sent forgets nothing.
    let mut rig = rig.live();
    rig.handle(ack(1, 10_000));
    assert!(rig.waiting() + BACKLOG_MAX_BATCHES >= acked);
}

#[test]
fn pauses_when_asked() {
    let mut lines = Lines::default();
    let mut rig = Rig::new(me()).live();
    rig.handle(Event::Received(ToAgent::RetryAfter { ms: 5_000 }));
    assert_eq!(lines.sent(&rig.push(1)), []);
    let before = rig.now;
    assert_eq!(lines.sent(&rig.timer()), [(1, 1)]);
    assert_eq!(rig.now.since(before), DurationMs(5_000));
}

#[test]
fn a_collector_restored_from_a_backup_gets_again_what_it_lost() {
    let mut rig = Rig::new(me()).live();
    let mut lines = Lines::default();
    for tick in 1..=5 {
        lines.sent(&rig.push(tick));
    }
    rig.handle(Event::Received(ToAgent::Ack { epoch: 1, seq: 5 }));
    assert_eq!(rig.waiting(), 0);
    rig.handle(gone());
    rig.timer();
    rig.handle(Event::Connected);
    assert_eq!(Lines::default().sent(&rig.handle(welcome(vec![2]))), numbers(1, 3..=5));
}

#[test]
fn an_older_collector_is_sent_plain_batches() {
    let mut rig = Rig::new(me());
    rig.timer();
    rig.handle(Event::Connected);
    rig.handle(Event::Received(ToAgent::Welcome(Welcome { version: 1, ends: vec![0], collector_epoch: 1 })));
    let effects = rig.push(1);
    assert!(matches!(effects.as_slice(), [Effect::Send(message)] if message.name() == "batch"), "{effects:?}");
}

#[test]
fn the_age_of_a_batch_of_an_earlier_run_is_told_by_the_wall_clock() {
    let age = |first_stream| {
        let mut rig = Rig::new(Myself { first_stream, ..me() }).live();
        rig.now = rig.now.plus(DurationMs(60_000));
        let tick = START.0 + 20_000;
        let (epoch, stored) = (1, batch(tick, 0));
        let stored = Batch { epoch, seq: 1, tick_mono_ms: 50_000, ..stored };
        let effects =
            rig.handle(Event::Stored(Box::new(Pushed { batch: stored, packed: None, size: 1, dropped: None })));
        let [Effect::Send(message)] = effects.as_slice() else { panic!("{effects:?}") };
        let ToCollector::Packed(packed) = &**message else { panic!("{message:?}") };
        packed.age_ms
    };
    assert_eq!(age(1), 10_000);
    assert_eq!(age(2), 40_000);
}

#[test]
fn keeps_the_end_of_an_action_until_it_is_acknowledged() {
    let id = ActionId::from_bytes([7; 16]);
    let mut rig = Rig::new(me()).live();
    let command = Command {
        id,
        collector_epoch: 1,
        host: AgentId::from_bytes([0; 16]),
        verb: Verb::SNAPSHOT,
        domain: DomainUuid::from_bytes([1; 16]),
        issued: UnixMs(0),
        not_after: START,
    };
    let received = rig.handle(Event::Received(ToAgent::Command(WireCommand::of(&command).unwrap())));
    assert_eq!(received, [Effect::Run(command)]);
    rig.handle(gone());
    rig.handle(Event::News(id, Progress::Running("backup".into())));
    rig.handle(Event::News(id, Progress::Finished(Outcome::Expired)));
    for acknowledged in [false, true] {
        rig.timer();
        rig.handle(Event::Connected);
        let effects = rig.handle(welcome(vec![0]));
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
    let mut rig = Rig::new(me()).live();
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
    let mut rig = Rig::new(me()).live();
    let effects = rig.handle(Event::Stop(goodbye()));
    assert!(matches!(effects.as_slice(), [Effect::Send(message)] if message.name() == "goodbye"));
    assert_eq!(rig.timer().last(), Some(&Effect::Finished));
    assert_eq!(Rig::new(me()).handle(Event::Stop(goodbye())), [Effect::Finished]);
}

#[test]
fn a_collector_out_of_turn_is_left() {
    let mut rig = Rig::new(me()).live();
    assert!(matches!(rig.handle(welcome(vec![0])).as_slice(), [Effect::Close(CloseCode::Protocol, _), Effect::Say(_)]));
    // It claims to have what this run never made: its answer is not about this run.
    rig.timer();
    rig.handle(Event::Connected);
    assert!(matches!(rig.handle(welcome(vec![9])).first(), Some(Effect::Close(CloseCode::Protocol, _))));
    rig.timer();
    rig.handle(Event::Connected);
    let silent = rig.timer();
    assert!(matches!(silent.first(), Some(Effect::Close(CloseCode::Silent, _))));
}
