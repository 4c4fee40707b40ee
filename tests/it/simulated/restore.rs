//! A collector is restored from a backup of before an hour of further load.

use evenkeel_collector::store::backup;

use super::with_seeds;
use super::world::World;

const INTERVAL: i64 = 10_000;
const HOUR: i64 = 3_600_000;

#[test]
fn after_a_restore_the_agents_send_again_what_the_backup_does_not_have() {
    with_seeds(2, 40, |random| {
        let mut world = World::new(2, INTERVAL);
        world.run(2 * HOUR + i64::try_from(random.below(1_000_000)).unwrap(), 1_000);
        // Two hours are in a file of their day.
        world.seal();
        world.run(600_000, 1_000);
        let copy = world.data_dir().parent().unwrap().join("backup");
        let made = world.block_on(world.store().backup(world.data_dir(), &copy, world.now)).unwrap();
        assert!(made.files.iter().any(|file| file.name.starts_with("data-")), "a day is in the backup: {made:?}");
        world.run(HOUR + i64::try_from(random.below(1_000_000)).unwrap(), 1_000);
        if random.below(2) == 0 {
            world.seal();
        }
        let before = world.nothing_lost_or_doubled();
        world.stop();
        let into = world.move_to("restored");
        backup::restore(&copy, &into, world.now).unwrap();
        world.start();
        world.lines(true);
        let (forgot, had) = (world.stored(1).len(), before[&1].len());
        assert!(forgot + 300 < had, "{forgot} of {had} were in the backup: an hour is not");
        world.run(60_000, 500);
        world.settle();
        let after = world.nothing_lost_or_doubled();
        for (vm, acknowledged) in before {
            assert_eq!(after[&vm][..acknowledged.len()], acknowledged[..], "VM {vm}: what was acknowledged is there");
        }
        assert!(world.block_on(world.store().check()).unwrap().is_empty());
    });
}
