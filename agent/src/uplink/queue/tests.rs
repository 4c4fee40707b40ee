//! The queue against a naive model: every batch is acknowledged, waiting, or counted exactly once in a gap.

use proptest::prelude::*;

use super::*;
use crate::uplink::testing::batch;

#[derive(Clone, Debug)]
enum Step {
    Push { weight: usize },
    Acknowledge { of_waiting: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0usize..40).prop_map(|weight| Step::Push { weight }),
        1 => (0usize..6).prop_map(|of_waiting| Step::Acknowledge { of_waiting }),
    ];
    proptest::collection::vec(step, 1..120)
}

/// What waits, told by walking it.
fn waiting(queue: &Queue) -> Vec<Batch> {
    let mut found = Vec::new();
    let mut seq = 0;
    while let Some((batch, _)) = queue.after(seq) {
        seq = batch.seq;
        found.push(batch);
    }
    found
}

proptest! {
    #[test]
    fn loses_nothing_uncounted(steps in steps(), max_batches in 1usize..8, max_bytes in 50usize..2_000) {
        let mut queue = Queue::new(max_batches, max_bytes);
        let (mut pushed, mut acknowledged, mut told) = (0i64, 0u64, 0u64);
        for step in steps {
            match step {
                Step::Push { weight } => {
                    pushed += 1;
                    let before = queue.len();
                    let dropped = queue.push(batch(pushed * 10, weight)).unwrap();
                    prop_assert_eq!(queue.len() + dropped, before + 1);
                }
                Step::Acknowledge { of_waiting } => {
                    let going: Vec<Batch> = waiting(&queue).into_iter().take(of_waiting).collect();
                    acknowledged += u64::try_from(going.len()).unwrap();
                    told += going.iter().filter_map(|batch| batch.gap).map(|gap| gap.batches).sum::<u64>();
                    queue.acknowledge(going.last().map_or(0, |batch| batch.seq));
                }
            }
            let waiting = waiting(&queue);
            let tell = |gap: Gap| gap.batches;
            let waiting_tell: u64 = waiting.iter().filter_map(|batch| batch.gap).map(tell).sum();
            let untold = queue.untold.map_or(0, tell);
            let all = acknowledged + told + u64::try_from(waiting.len()).unwrap() + waiting_tell + untold;
            prop_assert_eq!(all, u64::try_from(pushed).unwrap());
            prop_assert_eq!(waiting.len(), queue.len());
            prop_assert!(waiting.windows(2).all(|two| two[0].seq < two[1].seq));
            prop_assert!(queue.len() <= max_batches);
            prop_assert!(queue.bytes() <= max_bytes || queue.len() == 1);
            prop_assert_eq!(queue.bytes(), queue.batches.iter().map(|queued| queued.frame.len()).sum::<usize>());
            // The newest always gets in.
            if let Some(newest) = waiting.last() {
                prop_assert_eq!(newest.seq + 1, queue.next_seq());
            }
        }
    }
}

#[test]
fn says_from_when_to_when_it_dropped() {
    let mut queue = Queue::new(2, usize::MAX);
    for tick in 1..=5 {
        queue.push(batch(tick * 10, 0)).unwrap();
    }
    let told: Vec<Option<Gap>> = waiting(&queue).iter().map(|batch| batch.gap).collect();
    // What makes room tells of what went, and hands on what that one told.
    let gap = |from_ms, to_ms, batches| Some(Gap { from_ms, to_ms, batches });
    assert_eq!(told, [gap(20, 20, 1), gap(10, 30, 2)]);
}

#[test]
fn a_batch_that_fits_no_frame_is_counted() {
    let mut queue = Queue::new(9, usize::MAX);
    assert!(queue.push(batch(10, 2 << 20)).is_err());
    queue.push(batch(20, 0)).unwrap();
    let (batch, _) = queue.after(0).unwrap();
    assert_eq!((batch.seq, batch.gap), (1, Some(Gap { from_ms: 10, to_ms: 10, batches: 1 })));
}
