//! Against a naive record of what was started and ended, and the cases that matter by name.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::probe::definition::{Definition, Fields, Source};
use crate::probe::outcome::Outcome;
use crate::probe::state::Health;

const NOW: MonoMs = MonoMs(1_000_000);

fn spec(interval_s: i64, retries: u8) -> Spec {
    let fields = Fields::from([
        ("kind", "icmp".to_owned()),
        ("address", "10.0.0.1".to_owned()),
        ("interval", format!("{interval_s}s")),
        ("retries", retries.to_string()),
    ]);
    let definition = Definition::parse("p", Source::Config, &fields).unwrap();
    let target = definition.target("g", None);
    Spec { vm_name: "g".to_owned(), definition, target, nics: Vec::new() }
}

fn plan(specs: &[(u8, Spec)]) -> Plan {
    let specs = specs.iter().map(|(n, spec)| (([*n; 16], "p".to_owned()), spec.clone())).collect();
    Plan { specs, ..Plan::default() }
}

fn machine(specs: &[(u8, Spec)]) -> Machine {
    let mut machine = Machine::default();
    machine.replan(plan(specs), NOW, UnixMs(5));
    machine
}

fn seen(outcome: Outcome) -> Observation {
    Observation::without_answer(outcome, "")
}

/// Starts everything that is due until `until` and ends each at once with `outcome`; how many there were.
fn run(machine: &mut Machine, until: MonoMs, outcome: Outcome) -> usize {
    let mut count = 0;
    while let Some(due) = machine.next_due().filter(|due| *due <= until) {
        for attempt in machine.starts(due) {
            machine.finished(attempt.id, attempt.number, seen(outcome), due);
            count += 1;
        }
    }
    count
}

fn only(machine: &mut Machine, n: u8) -> &mut Entry {
    let id = machine.ids_of([n; 16])[0];
    machine.entry_mut(id).unwrap()
}

#[test]
fn each_has_its_turn_once_per_interval_and_soon_at_first() {
    let specs: Vec<(u8, Spec)> = (0..100).map(|n| (n, spec(60, 0))).collect();
    let mut machine = machine(&specs);
    assert_eq!(run(&mut machine, NOW.plus(FIRST_WITHIN), Outcome::Ok), 100, "all within the first seconds");
    let counts: Vec<usize> =
        (1..=10).map(|minute| run(&mut machine, MonoMs(1_010_000 + minute * 60_000), Outcome::Ok)).collect();
    assert!(counts[1..].iter().all(|count| *count == 100), "{counts:?}");
    let mut per_second = HashSet::new();
    while per_second.len() < 100 {
        let Some((due, id)) = machine.queue.pop_first() else { break };
        per_second.insert((due.0 / 1000, id));
    }
    let seconds: HashSet<u64> = per_second.iter().map(|(second, _)| *second).collect();
    assert!(seconds.len() > 30, "a hundred turns lie in {} different seconds of the minute", seconds.len());
}

#[test]
fn a_failure_is_confirmed_soon_and_told_at_the_next_tick() {
    let mut machine = machine(&[(1, spec(10, 2))]);
    let due = machine.next_due().unwrap();
    run(&mut machine, due, Outcome::Refused);
    assert_eq!(only(&mut machine, 1).changes, []);
    run(&mut machine, due.plus(DurationMs(2_000)), Outcome::Refused);
    let entry = only(&mut machine, 1);
    assert_eq!((entry.attempts, entry.failures, entry.state.health), (3, 3, Health::Down));
    assert_eq!(entry.changes.len(), 1);
}

#[test]
fn a_vm_that_stopped_meanwhile_did_not_fail() {
    let mut machine = machine(&[(1, spec(10, 0))]);
    run(&mut machine, NOW.plus(FIRST_WITHIN), Outcome::Ok);
    let entry = only(&mut machine, 1);
    (entry.told, entry.changes) = (entry.state.clone(), Vec::new());
    run(&mut machine, NOW.plus(DurationMs(20_000)), Outcome::Timeout);
    assert_eq!(only(&mut machine, 1).state.health, Health::Down);
    machine.observe([1; 16], Run::Paused);
    let entry = only(&mut machine, 1);
    assert_eq!((entry.state.health, entry.changes.len(), &entry.fresh), (Health::Up, 0, &Some(Fresh::Paused)));
    let attempts = entry.attempts;
    assert_eq!(run(&mut machine, NOW.plus(DurationMs(60_000)), Outcome::Ok), 0, "a paused VM is not asked");
    machine.observe([1; 16], Run::Running);
    run(&mut machine, NOW.plus(DurationMs(80_000)), Outcome::Ok);
    assert!(only(&mut machine, 1).attempts > attempts);
    machine.observe([1; 16], Run::Off);
    let entry = only(&mut machine, 1);
    assert_eq!((entry.state.health, &entry.fresh), (Health::Unknown, &None));
}

#[test]
fn places_are_bounded_and_turns_that_pass_are_counted() {
    let specs: Vec<(u8, Spec)> = (0..200).map(|n| (n, spec(1, 0))).collect();
    let mut machine = machine(&specs);
    let later = NOW.plus(DurationMs(5_000));
    let attempts = machine.starts(later);
    assert_eq!(attempts.len(), UNDER_WAY_MAX);
    assert!(machine.starts(later).is_empty() && machine.next_due().is_none());
    machine.finished(attempts[0].id, attempts[0].number, seen(Outcome::Ok), later);
    assert_eq!(machine.starts(later).len(), 1);
    assert!(machine.skipped() >= 4, "{}", machine.skipped());
}

#[test]
fn what_changes_starts_again_and_what_goes_is_forgotten() {
    let mut machine = machine(&[(1, spec(10, 0)), (2, spec(10, 0))]);
    let attempts = machine.starts(NOW.plus(FIRST_WITHIN));
    assert_eq!(attempts.len(), 2);
    machine.replan(plan(&[(2, spec(20, 0))]), NOW, UnixMs(9));
    assert_eq!((machine.len(), machine.under_way), (1, 0));
    for attempt in attempts {
        machine.finished(attempt.id, attempt.number, seen(Outcome::Timeout), NOW);
    }
    let entry = only(&mut machine, 2);
    assert_eq!((entry.state.health, entry.attempts, entry.counted_since), (Health::Unknown, 1, UnixMs(5)));
    let mut renamed = spec(20, 0);
    run(&mut machine, NOW.plus(DurationMs(60_000)), Outcome::Ok);
    renamed.vm_name = "other".to_owned();
    machine.replan(plan(&[(2, renamed)]), NOW, UnixMs(9));
    assert_eq!(only(&mut machine, 2).state.health, Health::Up, "a name or an interface is no new probe");
}

#[test]
fn what_is_invalid_is_said_once() {
    let invalid = Invalid { uuid: [1; 16], vm_name: "g".into(), line: "l".into() };
    let plan = Plan { invalid: vec![invalid.clone()], ..Plan::default() };
    let mut machine = Machine::default();
    assert_eq!(machine.replan(plan.clone(), NOW, UnixMs(0)), std::slice::from_ref(&invalid));
    assert_eq!(machine.replan(plan.clone(), NOW, UnixMs(0)), []);
    machine.replan(Plan::default(), NOW, UnixMs(0));
    assert_eq!(machine.replan(plan, NOW, UnixMs(0)), [invalid]);
}

#[derive(Clone, Debug)]
enum Step {
    Start(u64),
    End(usize, usize),
    Plan(Vec<u8>),
    Observe(u8, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0u64..4_000).prop_map(Step::Start),
        (0usize..8, 0..Outcome::ALL.len()).prop_map(|(at, outcome)| Step::End(at, outcome)),
        proptest::collection::vec(0u8..6, 0..6).prop_map(Step::Plan),
        (0u8..6, 0u8..3).prop_map(|(n, run)| Step::Observe(n, run)),
    ];
    proptest::collection::vec(step, 0..80)
}

proptest! {
    /// The record: attempts that were started, not ended, and whose probe is still the same one.
    #[test]
    fn whatever_happens_every_probe_waits_once_or_is_under_way(steps in steps()) {
        let mut machine = machine(&[(0, spec(1, 1)), (1, spec(3, 0))]);
        let (mut now, mut open, mut all) = (NOW, Vec::new(), Vec::new());
        for step in steps {
            match step {
                Step::Start(by) => {
                    now = MonoMs(now.0 + by);
                    for attempt in machine.starts(now) {
                        open.push(attempt.clone());
                        all.push(attempt);
                    }
                }
                Step::End(at, outcome) if at < all.len() => {
                    let Attempt { id, number, .. } = all[at].clone();
                    open.retain(|one| one.number != number);
                    machine.finished(id, number, seen(Outcome::ALL[outcome]), now);
                }
                Step::End(..) => {}
                Step::Plan(of) => {
                    let specs: Vec<(u8, Spec)> = of.into_iter().map(|n| (n % 3, spec(1 + i64::from(n), 1))).collect();
                    machine.replan(plan(&specs), now, UnixMs(0));
                    open.retain(|one| machine.entries.get(&one.id).is_some_and(|entry| entry.spec == one.spec));
                }
                Step::Observe(n, run) => {
                    machine.observe([n; 16], [Run::Running, Run::Paused, Run::Off][usize::from(run)]);
                }
            }
            prop_assert_eq!(machine.under_way, open.len());
            prop_assert_eq!(machine.queue.len() + open.len(), machine.len());
            prop_assert!(machine.entries.values().all(|entry| entry.failures <= entry.attempts));
        }
    }
}
