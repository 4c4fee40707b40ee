//! A VM moves while a host cannot reach the collector: what that host says comes late, and is kept as its own.

use evenkeel_collector::ingest::Limits;
use evenkeel_common::time::DurationMs;

use super::with_seeds;
use super::world::World;

const INTERVAL: i64 = 10_000;

#[test]
fn what_a_host_says_late_of_a_vm_that_moved_meanwhile_is_kept_as_its_own() {
    with_seeds(8, 200, |random| {
        let mut world = World::new(3, INTERVAL);
        let moving = 9;
        let mut place = 0;
        if random.below(2) == 0 {
            // What is gone is forgotten at once, and so is a host that is silent for two ticks.
            world.stop();
            world.limits = Limits { gone: 0, silent: DurationMs(2 * INTERVAL) };
            world.start();
            world.lines(true);
        }
        world.runs[place].push(moving);
        world.run(60_000, 500);
        let moves = 1 + random.below(24);
        for _ in 0..moves {
            match random.below(3) {
                0 => {
                    let cut = usize::try_from(random.below(3)).unwrap();
                    world.hosts[cut].cut(world.now);
                }
                1 => {
                    let back = usize::try_from(random.below(3)).unwrap();
                    world.hosts[back].line = true;
                }
                _ => {}
            }
            // A stay of three ticks is within what two hosts' clocks may differ, and may be taken for a lost tick.
            world.run(INTERVAL * i64::try_from(6 + random.below(20)).unwrap(), 500);
            let to = (place + 1 + usize::try_from(random.below(2)).unwrap()) % 3;
            world.runs[place].retain(|vm| *vm != moving);
            world.runs[to].push(moving);
            place = to;
        }
        world.run(INTERVAL * 5, 500);
        // The collector too: what it remembers is what is on disk.
        if random.below(2) == 0 {
            world.stop();
            world.start();
        }
        world.lines(true);
        world.settle();
        world.run(INTERVAL * 2, 500);
        world.settle();
        world.nothing_lost_or_doubled();
    });
}
