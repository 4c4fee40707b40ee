//! One VM that moves twenty times, read every second by both hosts. The source keeps its definition.

use super::*;
use crate::store::Entity;

const MOVES: i64 = 20;
/// Seconds between two moves.
const STAY: i64 = 7;

/// What hosts 1 and 2 say of the VM in a second: the owner that it runs, the other one that it is defined and shut off. At
/// a move the counter starts again, as the new QEMU counts its own.
fn second_of(second: i64, host: u8) -> Batch {
    let stay = second / STAY;
    let owner = if stay % 2 == 0 { 1 } else { 2 };
    let spent = second % STAY;
    let mut sample = if host == owner {
        vm(Activity::Active, DomainState::Running, u64::try_from(spent * 3).unwrap())
    } else {
        vm(Activity::Inactive, DomainState::Shutoff, 0)
    };
    sample.counter_epoch = u64::try_from(1_000 + stay).unwrap();
    if host != owner {
        sample.readings.clear();
    }
    let mut batch = batch(u64::try_from(second + 1).unwrap(), 0, vec![sample]);
    batch.tick_wall_ms = START + second * 1_000 + i64::from(host) * 13;
    batch.tick_mono_ms = u64::try_from(second * 1_000).unwrap();
    batch.interval_ms = 1_000;
    batch
}

#[tokio::test]
async fn twenty_migrations_give_no_time_twice_and_lose_no_growth() {
    for late in [false, true] {
        let fixture = Fixture::new().await;
        let seconds = (MOVES + 1) * STAY;
        let mut order: Vec<(u8, i64)> = (0..seconds).flat_map(|second| [(1, second), (2, second)]).collect();
        if late {
            // The link of host 2 was down for some moves, and comes back with all that it had kept.
            let (kept, mut rest): (Vec<_>, Vec<_>) =
                order.into_iter().partition(|(host, second)| *host == 2 && (30..70).contains(second));
            let back = rest.iter().position(|(host, second)| *host == 2 && *second >= 70).unwrap();
            rest.splice(back..back, kept);
            order = rest;
        }
        for (host, second) in order {
            fixture.take(host, second_of(second, host)).await;
            // Sealing in between changes nothing.
            if second % 50 == 49 {
                let due = crate::store::engine::Due::Before(UnixMs(i64::MAX));
                while fixture.store.seal(due).await.unwrap().more {}
            }
        }
        let entity: Entity = VM.into();
        let series = fixture.store.series(vec![entity], Vec::new(), true).await.unwrap();
        assert_eq!(series.len(), 1, "one series, and no second copy: {series:?}");
        let slice = fixture.store.samples(series[0].clone(), UnixMs(i64::MIN), UnixMs(i64::MAX)).await.unwrap();
        let times: Vec<_> = slice.readings.iter().map(|(at, _)| *at).collect();
        assert!(times.is_sorted_by(|a, b| a < b), "a time is there twice");
        assert_eq!(slice.readings.len(), usize::try_from(seconds).unwrap(), "late: {late}");
        let grown: u64 = slice
            .readings
            .windows(2)
            .map(|pair| match (pair[0].1, pair[1].1) {
                (Value::Counter(a), Value::Counter(b)) if a.epoch == b.epoch => b.value.checked_sub(a.value).unwrap(),
                _ => 0,
            })
            .sum();
        // Within each stay the counter goes from 0 to 18; across a move it starts again.
        let counted = u64::try_from((MOVES + 1) * (STAY - 1) * 3).unwrap();
        assert_eq!(grown, counted, "late: {late}");
    }
}
