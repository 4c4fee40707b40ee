//! Clocks that are set by an hour in the middle of the load.

use evenkeel_collector::store::activity::ActivityFilter;
use evenkeel_tests::random::SplitMix;

use super::with_seeds;
use super::world::World;

const HOUR: i64 = 3_600_000;
const INTERVAL: i64 = 10_000;

/// An hour forwards or back, and not a multiple of the interval.
fn step(random: &mut SplitMix) -> i64 {
    let by = HOUR + 1 + i64::try_from(random.below(9_000)).unwrap();
    if random.below(2) == 0 { by } else { -by }
}

fn pause(random: &mut SplitMix) -> i64 {
    i64::try_from(60_000 + random.below(900_000)).unwrap()
}

#[test]
fn a_host_whose_clock_is_set_by_an_hour_and_back_loses_nothing_and_is_told() {
    with_seeds(6, 100, |random| {
        let mut world = World::new(2, INTERVAL);
        world.run(pause(random), 500);
        let by = step(random);
        // With the line down the readings of before the step come after it.
        let cut = random.below(2) == 0;
        if cut {
            world.hosts[0].cut(world.now);
            world.run(pause(random), 500);
        }
        world.hosts[0].clock_off_ms = by;
        world.run(pause(random), 500);
        // Or the clock is right again before anybody hears of it.
        let unheard = cut && random.below(2) == 0;
        world.hosts[0].line = !unheard;
        world.run(pause(random), 500);
        world.hosts[0].clock_off_ms = 0;
        world.run(pause(random), 500);
        world.hosts[0].line = true;
        world.settle();
        for (vm, stored) in world.nothing_lost_or_doubled() {
            for one in stored {
                let off = one.at.since(world.taken[&(vm, one.number)].0).0;
                assert!(off.abs() <= 2_000, "VM {vm}, {}: stored {off} ms off", one.number);
            }
        }
        let filter = ActivityFilter { host: Some("host1".into()), limit: 100, ..Default::default() };
        let told = world.block_on(world.store().activities(filter)).unwrap();
        let kinds: Vec<&str> =
            told.iter().map(|entry| entry.kind.as_str()).filter(|k| k.starts_with("clock")).collect();
        let expected: &[&str] = if unheard { &[] } else { &["clock_off", "clock_right"] };
        assert_eq!(kinds, expected);
    });
}

#[test]
fn a_collector_whose_clock_is_set_by_an_hour_loses_nothing() {
    with_seeds(6, 100, |random| {
        let mut world = World::new(2, INTERVAL);
        world.run(pause(random), 500);
        if random.below(2) == 0 {
            world.hosts[0].cut(world.now);
            world.run(pause(random), 500);
        }
        world.clock_off_ms = step(random);
        world.run(pause(random), 500);
        world.lines(true);
        world.run(pause(random), 500);
        world.clock_off_ms = 0;
        world.run(pause(random), 500);
        world.settle();
        world.nothing_lost_or_doubled();
    });
}
