//! Lines that break at any time.

use proptest::prelude::*;

use super::*;

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
    /// Whatever breaks when: every batch is stored once, each stream in order, and nothing is left out.
    #[test]
    fn nothing_is_lost_or_doubled(steps in steps()) {
        let mut rig = Rig::new(me());
        let (mut up, mut down): (Vec<Batch>, Vec<(u64, u64)>) = (Vec::new(), Vec::new());
        let mut lines = Lines::default();
        // What the collector has on disk, by stream.
        let mut disk: BTreeMap<u64, Vec<Batch>> = BTreeMap::new();
        let last = |disk: &BTreeMap<u64, Vec<Batch>>, epoch: u64| {
            disk.get(&epoch).and_then(|batches| batches.last()).map_or(0, |batch| batch.seq)
        };
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
                    let epoch = batch.epoch;
                    if batch.seq > last(&disk, epoch) {
                        disk.entry(epoch).or_default().push(batch);
                    }
                    down.push((epoch, last(&disk, epoch)));
                    Vec::new()
                }
                Step::Answer if !down.is_empty() => {
                    let (epoch, seq) = down.remove(0);
                    rig.handle(Event::Received(ToAgent::Ack { epoch, seq }))
                }
                Step::Break if rig.machine.is_live() => {
                    (up, down) = (Vec::new(), Vec::new());
                    rig.handle(gone())
                }
                Step::Reconnect if !rig.machine.is_live() => {
                    rig.timer();
                    rig.handle(Event::Connected);
                    lines = Lines::default();
                    let ends = rig.spool.keys().map(|epoch| last(&disk, *epoch)).collect();
                    rig.handle(welcome(ends))
                }
                _ => Vec::new(),
            };
            up.extend(lines.batches(&effects));
        }
        prop_assert_eq!(rig.waiting(), 0);
        let mut ticks: Vec<i64> = Vec::new();
        for batches in disk.values() {
            prop_assert!(batches.is_sorted_by_key(|batch| batch.seq));
            ticks.extend(batches.iter().map(|batch| batch.tick_wall_ms));
        }
        ticks.sort_unstable();
        prop_assert_eq!(ticks, (1..=i64::try_from(pushed).unwrap()).collect::<Vec<_>>());
    }
}
