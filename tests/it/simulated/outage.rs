//! The collector is away for a day.

use super::with_seeds;
use super::world::World;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

#[test]
fn a_day_without_the_collector_costs_nothing_and_fresh_readings_do_not_wait_behind_it() {
    with_seeds(1, 4, |random| {
        let interval = if random.0 == 1 { MINUTE } else { 10_000 + i64::try_from(random.below(50_000)).unwrap() };
        let mut world = World::new(2, interval);
        world.run(10 * MINUTE, 1_000);
        world.stop();
        world.lines(false);
        world.run(24 * HOUR, interval / 4);
        // It stores five batches of each host in a second.
        world.start();
        world.lines(true);
        world.pace = 1;
        while !world.hosts.iter().all(super::host::Host::is_live) {
            world.run(200, 200);
        }
        let back = world.now;
        let mut behind_for = 0;
        while world.hosts.iter().any(|host| host.spool.waiting().0 > 20) {
            world.run(200, 200);
            behind_for = world.now.since(back).0;
        }
        world.pace = 1_000;
        world.settle();
        world.nothing_lost_or_doubled();
        assert!(behind_for > 2 * interval, "{behind_for} ms: nothing was behind");
        let fresh = world.taken.iter().filter(|(_, (taken, _))| *taken > back && taken.since(back).0 < behind_for);
        let mut count = 0;
        for ((_, number), (taken, _)) in fresh {
            let late = world.stored_at[number].since(*taken).0;
            assert!(late < 8_000, "{number} waited for {late} ms behind what was older");
            count += 1;
        }
        assert!(count > 2, "{count} fresh ones");
        println!("{} readings, caught up with in {} s", world.taken.len(), behind_for / 1_000);
    });
}
