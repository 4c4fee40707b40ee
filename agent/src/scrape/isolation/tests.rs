//! The machine against a model of libvirt: a call walks the domains in order, leaves out those whose job is held, and
//! hangs at the first other one that hangs, whose job it then holds until that one answers again.

use evenkeel_common::time::DurationMs;
use proptest::prelude::*;

use super::*;

const DEADLINE: DurationMs = DurationMs(500);
const INTERVAL: DurationMs = DurationMs(2_000);

/// A libvirt with domains that hang now and then.
#[derive(Clone, Debug)]
struct World {
    domains: Vec<DomainId>,
    hangs: Vec<bool>,
    /// What the kernel shows of one that hangs.
    shows: Shows,
    /// Jobs that a late call of ours holds.
    ours: Vec<bool>,
    /// Jobs that somebody else holds.
    theirs: Vec<bool>,
    most_held: usize,
    /// libvirt holds those that hang, so that no call gets past them.
    locks: bool,
    now: MonoMs,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shows {
    Nothing,
    Stopped,
    Stuck,
}

/// What came of a tick.
#[derive(Debug, Default)]
struct Came {
    outcomes: Vec<Option<Outcome>>,
    late: usize,
    calls: usize,
    happened: Vec<Happened>,
}

impl World {
    fn new(count: u8, shows: Shows) -> Self {
        let domains: Vec<DomainId> = (1..=count).map(|number| [number; 16]).collect();
        let none = vec![false; domains.len()];
        Self {
            hangs: none.clone(),
            ours: none.clone(),
            theirs: none,
            domains,
            shows,
            most_held: 0,
            locks: false,
            now: MonoMs(1_000),
        }
    }

    fn set(&mut self, at: usize, hangs: bool) {
        self.hangs[at] = hangs;
        if !hangs {
            self.ours[at] = false;
        }
    }

    /// The answer, or `None` when the call is late.
    fn ask(&mut self, call: &Call) -> Option<Vec<(DomainId, bool)>> {
        let mut answers = Vec::new();
        for (at, domain) in self.domains.iter().enumerate() {
            if let Whom::Only(whom) = &call.whom
                && !whom.contains(domain)
            {
                continue;
            }
            if self.locks && self.hangs[at] {
                return None;
            }
            if self.ours[at] || self.theirs[at] {
                answers.push((*domain, false));
            } else if self.hangs[at] {
                self.ours[at] = true;
                self.most_held = self.most_held.max(self.held());
                return None;
            } else {
                answers.push((*domain, true));
            }
        }
        Some(answers)
    }

    fn held(&self) -> usize {
        self.ours.iter().filter(|held| **held).count()
    }

    fn shown(&self, as_: Shows) -> HashSet<DomainId> {
        let hanging = self.domains.iter().zip(&self.hangs).filter(|(_, hangs)| **hangs && self.shows == as_);
        hanging.map(|(domain, _)| *domain).collect()
    }

    fn tick(&mut self, machine: &mut Isolation) -> Came {
        let begun = self.now;
        let mut came = Came::default();
        let (stopped, stuck) = (self.shown(Shows::Stopped), self.shown(Shows::Stuck));
        let tick = Tick {
            is_all: true,
            active: &self.domains.clone(),
            stopped: &stopped,
            stuck: &stuck,
            wanted: Groups::asking_qemu(true),
            until: begun.plus(DurationMs(INTERVAL.0 * 9 / 10)),
        };
        let mut effect = machine.begin(tick, self.now);
        while let Effect::Call(call) = effect {
            came.calls += 1;
            assert!(came.calls < 64, "a tick without end");
            effect = match self.ask(&call) {
                Some(answers) => {
                    self.now = self.now.plus(DurationMs(1));
                    machine.handle(Event::Answered(&answers), self.now)
                }
                None => {
                    came.late += 1;
                    self.now = self.now.plus(DEADLINE);
                    machine.handle(Event::Late, self.now)
                }
            };
        }
        came.outcomes = self.domains.iter().map(|domain| Some(machine.outcome(domain))).collect();
        came.happened = machine.take_happened();
        self.now = MonoMs(self.now.0.max(begun.plus(INTERVAL).0));
        came
    }
}

fn of(came: &Came) -> String {
    let letter = |outcome: &Option<Outcome>| match outcome {
        Some(Outcome::Answered) => 'a',
        Some(Outcome::Hung) => 'h',
        Some(Outcome::Gone) => 'g',
        Some(Outcome::NotAsked) | None => '-',
    };
    came.outcomes.iter().map(letter).collect()
}

#[test]
fn one_that_hangs_costs_one_deadline_once_and_nobody_else_a_reading() {
    let (mut world, mut machine) = (World::new(3, Shows::Nothing), Isolation::of_qemu());
    assert_eq!(of(&world.tick(&mut machine)), "aaa");
    world.set(1, true);
    let came = world.tick(&mut machine);
    assert_eq!((of(&came).as_str(), came.late), ("aha", 1));
    assert_eq!(came.happened, [Happened::Hangs([2; 16], Suspicion::Late)]);
    for _ in 0..60 {
        let came = world.tick(&mut machine);
        assert_eq!((of(&came).as_str(), came.late, came.calls), ("aha", 0, 2));
    }
    world.set(1, false);
    let came = world.tick(&mut machine);
    assert_eq!(of(&came), "aaa");
    assert!(matches!(came.happened[..], [Happened::Answers(_, after)] if after.0 > 100_000));
    assert_eq!(world.most_held, 1);
}

#[test]
fn one_that_the_kernel_sees_stopped_is_not_asked_at_all() {
    let (mut world, mut machine) = (World::new(3, Shows::Stopped), Isolation::of_qemu());
    world.set(0, true);
    let came = world.tick(&mut machine);
    assert_eq!((of(&came).as_str(), came.late), ("haa", 0));
    assert_eq!(came.happened, [Happened::Hangs([1; 16], Suspicion::Kernel)]);
    world.set(0, false);
    assert_eq!(of(&world.tick(&mut machine)), "aaa");
    assert_eq!(world.most_held, 0);
}

#[test]
fn two_at_once_degrade_the_host_which_recovers_when_it_is_quiet() {
    let (mut world, mut machine) = (World::new(4, Shows::Nothing), Isolation::of_qemu());
    world.set(0, true);
    world.set(2, true);
    let came = world.tick(&mut machine);
    assert_eq!((of(&came).as_str(), came.late), ("haha", 2));
    assert!(came.happened.contains(&Happened::Degraded));
    let happened: Vec<Happened> = (0..4).flat_map(|_| world.tick(&mut machine).happened).collect();
    assert_eq!(happened, [Happened::Recovered]);
    world.set(0, false);
    world.set(2, false);
    assert_eq!(of(&world.tick(&mut machine)), "aaaa");
}

#[test]
fn when_all_hang_on_their_storage_no_more_than_two_calls_are_held() {
    let (mut world, mut machine) = (World::new(40, Shows::Stuck), Isolation::of_qemu());
    world.tick(&mut machine);
    (0..40).for_each(|at| world.set(at, true));
    for _ in 0..600 {
        let came = world.tick(&mut machine);
        assert_eq!(of(&came), "h".repeat(40));
    }
    assert_eq!(world.most_held, 2);
    (0..40).for_each(|at| world.set(at, false));
    world.tick(&mut machine);
    assert_eq!(of(&world.tick(&mut machine)), "a".repeat(40));
}

#[test]
fn when_all_hang_and_the_kernel_shows_nothing_few_calls_are_held_for_long() {
    let (mut world, mut machine) = (World::new(40, Shows::Nothing), Isolation::of_qemu());
    world.tick(&mut machine);
    (0..40).for_each(|at| world.set(at, true));
    world.tick(&mut machine);
    world.tick(&mut machine);
    assert!(world.held() <= HELD_MAX);
    for _ in 0..1_800 {
        world.tick(&mut machine);
    }
    assert!(world.most_held <= HELD_TRYING_MAX, "{}", world.most_held);
    (0..40).for_each(|at| world.set(at, false));
    world.tick(&mut machine);
    world.tick(&mut machine);
    assert_eq!(of(&world.tick(&mut machine)), "a".repeat(40));
}

#[test]
fn half_of_six_hang_and_the_other_half_miss_one_reading_at_most() {
    for shows in [Shows::Nothing, Shows::Stopped, Shows::Stuck] {
        let (mut world, mut machine) = (World::new(6, shows), Isolation::of_qemu());
        world.tick(&mut machine);
        (0..3).for_each(|at| world.set(at * 2, true));
        let mut missed = 0;
        for tick in 0..30 {
            let came = of(&world.tick(&mut machine));
            let answered = (0..3).all(|at| came.as_bytes()[at * 2 + 1] == b'a');
            missed += usize::from(!answered);
            assert!(tick < 6 || answered, "{shows:?} {came}");
            assert!(tick < 3 || came.starts_with("hah"), "{shows:?} {came}");
        }
        let most = if shows == Shows::Nothing { 6 } else { 0 };
        assert!(missed <= most, "{shows:?} {missed}");
    }
}

#[test]
fn one_that_libvirt_holds_is_asked_alone_and_rarely_until_it_is_free_or_gone() {
    let (mut world, mut machine) = (World::new(4, Shows::Nothing), Isolation::of_libvirt());
    world.locks = true;
    assert_eq!(of(&world.tick(&mut machine)), "aaaa");
    world.set(1, true);
    assert_eq!(of(&world.tick(&mut machine)), "ahaa");
    let late: usize = (0..30)
        .map(|_| world.tick(&mut machine))
        .map(|came| (of(&came) == "ahaa", came.late))
        .map(|(is, late)| {
            assert!(is);
            late
        })
        .sum();
    // Once at the next tick, then after 10 s, 20 s and 40 s.
    assert!(late <= 4, "{late}");
    world.set(1, false);
    let free = (0..45).position(|_| of(&world.tick(&mut machine)) == "aaaa");
    assert!(free.is_some());
    world.set(3, true);
    world.tick(&mut machine);
    world.domains.truncate(3);
    assert_eq!(of(&world.tick(&mut machine)), "aaa");
    assert_eq!(machine.suspects(), 0);
}

#[test]
fn a_job_of_somebody_else_is_said_only_when_it_lasts() {
    let (mut world, mut machine) = (World::new(2, Shows::Nothing), Isolation::of_qemu());
    world.theirs[0] = true;
    assert_eq!(world.tick(&mut machine).happened, []);
    assert_eq!(world.tick(&mut machine).happened, []);
    assert_eq!(world.tick(&mut machine).happened, [Happened::Hangs([1; 16], Suspicion::Busy)]);
    world.theirs[0] = false;
    assert!(matches!(world.tick(&mut machine).happened[..], [Happened::Answers(..)]));
}

proptest! {
    /// Whatever hangs and recovers: calls held stay bounded, a tick ends, nobody that hangs is said to have answered,
    /// and some ticks after everything is well again everybody answers.
    #[test]
    fn whatever_hangs_the_rest_goes_on(
        count in 1_u8..20,
        shows in prop::sample::select(vec![Shows::Nothing, Shows::Stopped, Shows::Stuck]),
        changes in prop::collection::vec((0_usize..20, any::<bool>(), any::<bool>(), 1_u8..6), 1..60),
    ) {
        let (mut world, mut machine) = (World::new(count, shows), Isolation::of_qemu());
        let mut quiet = 0;
        for (at, hangs, theirs, ticks) in changes {
            let at = at % usize::from(count);
            quiet = if world.hangs[at] == hangs && world.theirs[at] == theirs { quiet } else { 0 };
            world.set(at, hangs);
            world.theirs[at] = theirs;
            for _ in 0..ticks {
                let came = world.tick(&mut machine);
                quiet += 1;
                prop_assert!(world.most_held <= HELD_LIMIT);
                prop_assert!(came.calls <= usize::from(count) + 4);
                prop_assert!(came.late <= 4, "{}", came.late);
                let hanging = world.hangs.iter().filter(|hangs| **hangs).count();
                for (at, outcome) in came.outcomes.iter().enumerate() {
                    if world.hangs[at] || world.theirs[at] {
                        prop_assert_ne!(*outcome, Some(Outcome::Answered));
                    } else if hanging < HELD_MAX && quiet > 12 {
                        prop_assert_eq!(*outcome, Some(Outcome::Answered), "domain {} of {:?}", at, world);
                    }
                }
            }
        }
        for at in 0..usize::from(count) {
            world.set(at, false);
            world.theirs[at] = false;
        }
        world.tick(&mut machine);
        world.tick(&mut machine);
        let came = world.tick(&mut machine);
        prop_assert_eq!(of(&came), "a".repeat(usize::from(count)));
        prop_assert_eq!((machine.suspects(), machine.held()), (0, 0));
    }
}
