//! Scenes, and random migrations against a naive model.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const TICK: i64 = 10_000;

fn host(number: u8) -> AgentId {
    AgentId(Uuid::from_bytes([number; 16]))
}

fn report(agent: u8, tick: i64, heard: Heard) -> Report {
    Report { agent: host(agent), at: UnixMs(tick * TICK), interval: DurationMs(TICK), heard }
}

fn run(owner: &mut Owner, reports: &[(u8, i64, Heard)]) -> Vec<Decision> {
    reports.iter().map(|(agent, tick, heard)| owner.handle(&report(*agent, *tick, *heard)).decision).collect()
}

use Decision::{Down, FormerOwner, InactiveElsewhere, JustLeft, NotLater, Tagged, TookOver};
use Heard::{Absent, Active, Inactive, Incoming};

#[test]
fn migration_moves_the_vm_and_the_definition_left_behind_says_nothing() {
    let mut owner = Owner::default();
    let decisions = run(
        &mut owner,
        &[(1, 1, Active), (2, 1, Incoming), (2, 2, Active), (1, 2, Inactive), (2, 3, Active), (1, 3, Inactive)],
    );
    assert_eq!(
        decisions,
        [TookOver, Decision::Incoming, TookOver, InactiveElsewhere, Decision::Owner, InactiveElsewhere]
    );
    assert_eq!(owner.current(), Some(host(2)));
}

#[test]
fn both_at_the_same_tick_keeps_one() {
    let mut owner = Owner::default();
    assert_eq!(run(&mut owner, &[(1, 1, Active), (2, 2, Active), (1, 2, Active)]), [TookOver, TookOver, JustLeft]);
    let mut owner = Owner::default();
    assert_eq!(run(&mut owner, &[(1, 1, Active), (1, 2, Active), (2, 2, Active)])[2], NotLater);
    assert_eq!(owner.current(), Some(host(1)));
}

#[test]
fn late_batches_of_the_former_owner_are_its_own_and_withdraw_nothing() {
    let mut owner = Owner::default();
    run(&mut owner, &[(1, 1, Active), (2, 9, Active)]);
    assert_eq!(
        run(&mut owner, &[(1, 2, Active), (1, 8, Active), (1, 9, Inactive)]),
        [FormerOwner, FormerOwner, InactiveElsewhere]
    );
}

#[test]
fn a_host_heard_late_takes_back_polls_that_called_the_vm_down() {
    let mut owner = Owner::default();
    assert_eq!(run(&mut owner, &[(1, 1, Active), (1, 2, Inactive), (1, 3, Inactive)])[1..], [Down, Down]);
    let verdict = owner.handle(&report(2, 2, Active));
    assert_eq!(verdict.decision, TookOver);
    assert!(verdict.effects.contains(&Effect::Withdraw(UnixMs(2 * TICK), UnixMs(i64::MAX))));
}

#[test]
fn a_stay_between_two_on_the_same_host_is_found_late() {
    let mut owner = Owner::default();
    run(&mut owner, &[(1, 1, Active), (1, 2, Inactive), (1, 3, Inactive), (1, 4, Active)]);
    let verdict = owner.handle(&report(2, 2, Active));
    assert_eq!(verdict.decision, FormerOwner);
    assert_eq!(
        verdict.effects,
        [
            Effect::Placed(host(2), UnixMs(2 * TICK)),
            Effect::Withdraw(UnixMs(2 * TICK), UnixMs(4 * TICK)),
            Effect::Placed(host(1), UnixMs(4 * TICK)),
        ]
    );
    assert!(!verdict.current);
    assert_eq!(owner.current(), Some(host(1)));
}

#[test]
fn two_active_copies_are_a_conflict_until_one_stops() {
    let mut owner = Owner::default();
    run(&mut owner, &[(1, 1, Active), (2, 2, Active), (1, 2, Active), (2, 3, Active), (1, 3, Active)]);
    assert_eq!(owner.rival(), None, "within the tolerance");
    let verdict = owner.handle(&report(2, 4, Active));
    assert_eq!(verdict.decision, Decision::Owner);
    let tagged = owner.handle(&report(1, 4, Active));
    assert_eq!(tagged.decision, Tagged);
    assert_eq!(tagged.effects, [Effect::Conflict(host(1))]);
    assert_eq!(owner.rival(), Some(host(1)));
    let over = owner.handle(&report(1, 5, Absent));
    assert_eq!(over.effects, [Effect::ConflictOver(host(1))]);
    assert_eq!((owner.rival(), owner.current()), (None, Some(host(2))));
}

#[test]
fn when_the_owner_of_a_conflict_stops_the_other_copy_is_the_vm() {
    let mut owner = Owner::default();
    for tick in 1..6 {
        run(&mut owner, &[(1, tick, Active)]);
        if tick > 1 {
            run(&mut owner, &[(2, tick, Active)]);
        }
    }
    let (now, other) = (owner.current().unwrap(), owner.rival().unwrap());
    let stopped = Report { agent: now, ..report(0, 6, Inactive) };
    assert_eq!(owner.handle(&stopped).decision, Down);
    let verdict = owner.handle(&Report { agent: other, ..report(0, 7, Active) });
    assert_eq!(verdict.decision, TookOver);
    assert!(verdict.effects.contains(&Effect::ConflictOver(now)));
    assert_eq!((owner.current(), owner.rival()), (Some(other), None));
}

#[test]
fn a_vm_moved_while_down_belongs_to_the_host_that_still_knows_it() {
    let mut owner = Owner::default();
    let decisions = run(&mut owner, &[(1, 1, Inactive), (2, 1, Inactive), (1, 2, Absent), (2, 3, Inactive)]);
    assert_eq!(decisions, [Down, InactiveElsewhere, Decision::Gone, Down]);
    assert_eq!(owner.current(), Some(host(2)));
}

#[test]
fn a_restart_of_the_collector_changes_no_decision() {
    let known = Known {
        placements: vec![(host(1), UnixMs(TICK)), (host(2), UnixMs(9 * TICK))],
        heard: Vec::new(),
        last_poll: Some((host(2), UnixMs(20 * TICK), true)),
        last_active: Some(UnixMs(20 * TICK)),
        rival: None,
        gone: None,
    };
    let mut owner = Owner::restored(&known);
    assert_eq!(
        run(&mut owner, &[(1, 8, Active), (1, 21, Inactive), (2, 21, Active), (3, 15, Active), (3, 22, Active)]),
        [FormerOwner, InactiveElsewhere, Decision::Owner, NotLater, TookOver]
    );
}

/// Where the VM really is at each tick, each host's reports in order, and the order in which they arrive.
fn journeys() -> impl Strategy<Value = (Vec<u8>, bool, Vec<u8>)> {
    let stays = prop::collection::vec((1_u8..4, 3_usize..8), 1..30);
    (stays, any::<bool>(), prop::collection::vec(1_u8..4, 400)).prop_map(|(stays, persistent, order)| {
        let at = stays.into_iter().flat_map(|(agent, ticks)| std::iter::repeat_n(agent, ticks)).collect();
        (at, persistent, order)
    })
}

fn reports(really: &[u8], persistent: bool) -> BTreeMap<u8, Vec<Report>> {
    let mut all: BTreeMap<u8, Vec<Report>> = BTreeMap::new();
    for agent in 1_u8..4 {
        let mut known = false;
        for (tick, on) in (1_i64..).zip(really) {
            let next_on = really.get(usize::try_from(tick).unwrap());
            let heard = if *on == agent {
                known = true;
                Active
            } else if next_on == Some(&agent) {
                Incoming
            } else if known && persistent {
                Inactive
            } else {
                Absent
            };
            all.entry(agent).or_default().push(report(agent, tick, heard));
        }
    }
    all
}

proptest! {
    #[test]
    fn whatever_the_order_every_reading_is_kept_once_and_from_the_owner(
        (really, persistent, order) in journeys()
    ) {
        let mut queues: BTreeMap<u8, _> =
            reports(&really, persistent).into_iter().map(|(agent, list)| (agent, list.into_iter())).collect();
        let mut owner = Owner::default();
        let mut kept = BTreeSet::new();
        let mut polled_down = BTreeSet::new();
        let everything = order.into_iter().chain([1, 2, 3].repeat(250));
        for report in everything.filter_map(|agent| queues.get_mut(&agent).and_then(Iterator::next)) {
            let verdict = owner.handle(&report);
            for effect in &verdict.effects {
                if let Effect::Withdraw(from, to) = effect {
                    polled_down.retain(|at| at < from || at >= to);
                    prop_assert!(!kept.iter().any(|at| at >= from && at < to), "a reading's poll is withdrawn");
                }
                prop_assert!(!matches!(effect, Effect::Conflict(_)), "a migration is no conflict");
            }
            match verdict.decision {
                Decision::Owner | TookOver | FormerOwner => {
                    prop_assert_eq!(report.heard, Active);
                    prop_assert!(kept.insert(report.at), "two readings at one time");
                }
                Down => { polled_down.insert(report.at); }
                Tagged => prop_assert!(false, "a migration is no conflict"),
                _ => {}
            }
        }
        prop_assert_eq!(kept.len(), really.len(), "every tick has its reading");
        prop_assert!(polled_down.is_disjoint(&kept));
        prop_assert_eq!(owner.current(), really.last().map(|agent| host(*agent)));
    }

    /// After an outage a host's fresh reports come first, and those of the outage beside them: every one is kept.
    #[test]
    fn reports_of_an_outage_that_come_after_fresh_ones_are_kept(
        heard in prop::collection::vec(0_u8..4, 1..60), outage in (0_usize..60, 0_usize..60), lanes in prop::collection::vec(any::<bool>(), 0..60)
    ) {
        let heard = heard.into_iter().map(|heard| if heard == 0 { Inactive } else { Active });
        let reports: Vec<Report> = (1_i64..).zip(heard).map(|(tick, heard)| report(1, tick, heard)).collect();
        let (from, to) = (outage.0.min(reports.len()), outage.1.min(reports.len()));
        let (before, rest) = reports.split_at(from.min(to));
        let (late, fresh) = rest.split_at(from.max(to) - from.min(to));
        let (mut late, mut fresh) = (late.iter(), fresh.iter());
        let mut order: Vec<&Report> = before.iter().collect();
        for lane in lanes {
            order.extend(if lane { fresh.next() } else { late.next() });
        }
        order.extend(fresh.chain(late));
        let mut owner = Owner::default();
        for report in order {
            let decision = owner.handle(report).decision;
            match report.heard {
                Active => prop_assert!(matches!(decision, Decision::Owner | TookOver | FormerOwner), "{:?}", decision),
                _ => prop_assert_eq!(decision, Down),
            }
        }
    }

    #[test]
    fn whatever_hosts_claim_no_time_is_stored_twice(
        claims in prop::collection::vec((1_u8..4, 1_i64..40, 0_u8..4), 0..200)
    ) {
        let mut owner = Owner::default();
        let mut kept: BTreeMap<UnixMs, AgentId> = BTreeMap::new();
        for (agent, tick, heard) in claims {
            let heard = [Active, Incoming, Inactive, Absent][usize::from(heard)];
            let report = report(agent, tick, heard);
            let verdict = owner.handle(&report);
            if matches!(verdict.decision, Decision::Owner | TookOver | FormerOwner) {
                let before = kept.insert(report.at, report.agent);
                prop_assert!(before.is_none_or(|agent| agent == report.agent), "two hosts at one time");
            }
            prop_assert!(owner.rival().is_none_or(|rival| Some(rival) != owner.current()));
        }
    }
}
