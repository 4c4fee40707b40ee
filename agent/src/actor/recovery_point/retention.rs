//! [P] Which recovery points may go.
//!
//! Only points that can be restored count. What a kept point builds on is kept too, points that are damaged are left to
//! a person, and as long as one point can be restored, one stays.

use std::collections::{BTreeMap, BTreeSet};

use evenkeel_common::action::Keep;
use evenkeel_common::id::PointId;
use evenkeel_common::time::UnixMs;

const DAY_MS: i64 = 86_400_000;

/// Whether nothing ever goes: no rule is given.
#[must_use]
pub const fn keeps_all(keep: &Keep) -> bool {
    keep.last == 0 && keep.daily == 0 && keep.weekly == 0 && keep.monthly == 0
}

/// One point, as far as this matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointFacts {
    /// Its id.
    pub id: PointId,
    /// The moment that it shows.
    pub taken_at: UnixMs,
    /// What it builds on.
    pub parent: Option<PointId>,
    /// Whether it is sound by itself; what it builds on is another matter.
    pub sound: bool,
}

/// Why a point stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stays {
    /// By a rule: `last`, `daily`, `weekly`, `monthly` or `all`.
    Rule(&'static str),
    /// A kept point builds on it.
    Parent,
    /// It cannot be restored; a person should look at it.
    Damaged,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What stays and why.
    pub stays: Vec<(PointId, Stays)>,
    /// What goes, in an order in which no point ever loses what it builds on.
    pub goes: Vec<PointId>,
}

/// The points that can be restored: sound, and so is everything below.
#[must_use]
pub fn restorable(points: &[PointFacts]) -> BTreeSet<PointId> {
    let by_id: BTreeMap<PointId, &PointFacts> = points.iter().map(|point| (point.id, point)).collect();
    let whole = |point: &PointFacts| {
        let mut at = point;
        // A chain is no longer than there are points; a longer walk is a circle.
        for _ in 0..points.len() {
            if !at.sound {
                return false;
            }
            match at.parent {
                None => return true,
                Some(parent) => match by_id.get(&parent) {
                    Some(below) => at = below,
                    None => return false,
                },
            }
        }
        false
    };
    points.iter().filter(|point| whole(point)).map(|point| point.id).collect()
}

/// A rule's word, how many periods it keeps, and the number of the period of a day.
type Period = (&'static str, u16, fn(i64) -> i64);

/// Decides.
#[must_use]
pub fn judge(points: &[PointFacts], keep: &Keep) -> Verdict {
    let good = restorable(points);
    let mut newest: Vec<&PointFacts> = points.iter().filter(|point| good.contains(&point.id)).collect();
    newest.sort_by_key(|point| std::cmp::Reverse((point.taken_at, point.id)));
    let mut stays: BTreeMap<PointId, Stays> = BTreeMap::new();
    let last = if keeps_all(keep) { newest.len() } else { usize::from(keep.last) };
    // Whatever the rules say, the newest one stays.
    for point in newest.iter().take(last.max(1)) {
        stays.insert(point.id, Stays::Rule(if keeps_all(keep) { "all" } else { "last" }));
    }
    let periods: [Period; 3] =
        [("daily", keep.daily, |day| day), ("weekly", keep.weekly, week), ("monthly", keep.monthly, month)];
    for (rule, count, period) in periods {
        let mut seen = BTreeSet::new();
        for point in &newest {
            let fresh = seen.insert(period(point.taken_at.0.div_euclid(DAY_MS)));
            if seen.len() > usize::from(count) {
                break;
            }
            if fresh {
                stays.entry(point.id).or_insert(Stays::Rule(rule));
            }
        }
    }
    let parents: BTreeMap<PointId, Option<PointId>> = points.iter().map(|point| (point.id, point.parent)).collect();
    for point in points.iter().filter(|point| !good.contains(&point.id)) {
        stays.insert(point.id, Stays::Damaged);
    }
    for start in stays.keys().copied().collect::<Vec<_>>() {
        let mut at = parents.get(&start).copied().flatten();
        while let Some(id) = at {
            if stays.contains_key(&id) {
                break;
            }
            stays.insert(id, Stays::Parent);
            at = parents.get(&id).copied().flatten();
        }
    }
    let goes = youngest_first(points, &stays);
    Verdict { stays: stays.into_iter().filter(|(id, _)| parents.contains_key(id)).collect(), goes }
}

/// The points that a rule keeps and that build only on points that no rule keeps: made full, they would let those go.
#[must_use]
pub fn foldable(points: &[PointFacts], verdict: &Verdict) -> Vec<PointId> {
    let why = |id: PointId| verdict.stays.iter().find(|(stays, _)| *stays == id).map(|(_, why)| *why);
    let parent = |id: PointId| points.iter().find(|point| point.id == id).and_then(|point| point.parent);
    let builds_on_nothing_wanted = |start: &PointId| {
        let mut at = parent(*start);
        let any = at.is_some();
        while let Some(id) = at {
            if why(id) != Some(Stays::Parent) {
                return false;
            }
            at = parent(id);
        }
        any
    };
    let kept = verdict.stays.iter().filter(|(_, why)| matches!(why, Stays::Rule(_))).map(|(id, _)| *id);
    kept.filter(builds_on_nothing_wanted).collect()
}

/// Children before what they build on, whatever the clocks said.
fn youngest_first(points: &[PointFacts], stays: &BTreeMap<PointId, Stays>) -> Vec<PointId> {
    let mut left: Vec<&PointFacts> = points.iter().filter(|point| !stays.contains_key(&point.id)).collect();
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let parents: BTreeSet<PointId> = left.iter().filter_map(|point| point.parent).collect();
        let (leaves, rest): (Vec<&PointFacts>, Vec<&PointFacts>) =
            left.into_iter().partition(|point| !parents.contains(&point.id));
        if leaves.is_empty() {
            break;
        }
        order.extend(leaves.iter().map(|point| point.id));
        left = rest;
    }
    order
}

/// Number of the week of a day since 1970, which began on a Thursday.
fn week(day: i64) -> i64 {
    (day + 3).div_euclid(7)
}

/// Number of the month of a day since 1970: Howard Hinnant's `civil_from_days`.
fn month(day: i64) -> i64 {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    year * 12 + month - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(n: u8) -> PointId {
        PointId::from_bytes([n; 16])
    }

    fn point(n: u8, day: i64, parent: Option<u8>) -> PointFacts {
        PointFacts { id: id(n), taken_at: UnixMs(day * DAY_MS), parent: parent.map(id), sound: true }
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_the_first() {
        // 1970-01-05 was a Monday; 2024-02-29 is day 19782.
        assert_eq!([week(3), week(4), week(10), week(11)], [0, 1, 1, 2]);
        assert_eq!([month(0), month(30), month(31)], [1970 * 12, 1970 * 12, 1970 * 12 + 1]);
        assert_eq!([month(19_782), month(19_783)], [2024 * 12 + 1, 2024 * 12 + 2]);
    }

    #[test]
    fn rules_add_up_and_a_parent_stays() {
        let chain =
            [point(1, 0, None), point(2, 1, Some(1)), point(3, 2, Some(2)), point(4, 4, None), point(5, 5, Some(4))];
        let verdict = judge(&chain, &Keep { last: 1, ..Keep::default() });
        assert_eq!(verdict.goes, [id(3), id(2), id(1)]);
        assert_eq!(verdict.stays, [(id(4), Stays::Parent), (id(5), Stays::Rule("last"))]);
        let verdict = judge(&chain, &Keep { last: 1, weekly: 2, ..Keep::default() });
        assert_eq!(verdict.goes, [], "{verdict:?}");
        assert!(verdict.stays.contains(&(id(4), Stays::Parent)), "the parent of the newest");
        assert!(
            verdict.stays.contains(&(id(3), Stays::Rule("weekly"))) && verdict.stays.contains(&(id(1), Stays::Parent))
        );
        assert!(judge(&chain, &Keep::default()).goes.is_empty(), "no rule: all stay");
    }

    #[test]
    fn the_lowest_wanted_point_of_a_chain_can_be_made_full() {
        let mut chain: Vec<PointFacts> = (1..=5).map(|n| point(n, i64::from(n), (n > 1).then(|| n - 1))).collect();
        let keep = Keep { last: 2, ..Keep::default() };
        let verdict = judge(&chain, &keep);
        assert_eq!((verdict.goes.len(), foldable(&chain, &verdict)), (0, vec![id(4)]));
        chain[3].parent = None;
        let verdict = judge(&chain, &keep);
        assert_eq!((verdict.goes.len(), foldable(&chain, &verdict)), (3, vec![]));
    }

    #[test]
    fn a_damaged_point_neither_counts_nor_goes() {
        let mut chain = [point(1, 0, None), point(2, 1, Some(1)), point(3, 2, Some(2))];
        chain[1].sound = false;
        let verdict = judge(&chain, &Keep { last: 1, ..Keep::default() });
        assert_eq!(verdict.goes, []);
        assert_eq!(verdict.stays[0], (id(1), Stays::Rule("last")));
        assert_eq!(restorable(&chain), BTreeSet::from([id(1)]));
    }

    prop_compose! {
        fn points()(raw in prop::collection::vec((0_i64..400, any::<prop::sample::Index>(), 0_u8..8), 1..40)) -> Vec<PointFacts> {
            let mut points = Vec::<PointFacts>::new();
            for (n, (day, index, dice)) in raw.iter().enumerate() {
                let parent = (!points.is_empty() && *dice > 2).then(|| points[index.index(points.len())].id);
                let mut next = point(u8::try_from(n).unwrap() + 1, *day, None);
                (next.parent, next.sound) = (parent, *dice != 0);
                points.push(next);
            }
            points
        }
    }

    proptest! {
        #[test]
        fn no_chain_breaks_and_one_point_stays(
            points in points(), last in 0_u16..4, daily in 0_u16..4, weekly in 0_u16..3, monthly in 0_u16..3,
        ) {
            let verdict = judge(&points, &Keep { last, daily, weekly, monthly });
            let before = restorable(&points);
            // At every step of the removal, whatever is still there is as restorable as it was.
            for count in 0..=verdict.goes.len() {
                let gone = &verdict.goes[..count];
                let left: Vec<PointFacts> = points.iter().copied().filter(|point| !gone.contains(&point.id)).collect();
                let after = restorable(&left);
                let expected: BTreeSet<PointId> = before.iter().copied().filter(|id| !gone.contains(id)).collect();
                prop_assert_eq!(&after, &expected);
                prop_assert!(before.is_empty() || !after.is_empty());
            }
            prop_assert_eq!(verdict.goes.len() + verdict.stays.len(), points.len());
            // Judging again finds nothing more to remove: the rules do not eat their way down.
            let left: Vec<PointFacts> = points.iter().copied().filter(|point| !verdict.goes.contains(&point.id)).collect();
            let again = judge(&left, &Keep { last, daily, weekly, monthly });
            prop_assert!(again.goes.is_empty(), "{:?}", again);
            let newest = points.iter().filter(|point| before.contains(&point.id)).max_by_key(|point| (point.taken_at, point.id));
            if let Some(newest) = newest {
                prop_assert!(!verdict.goes.contains(&newest.id));
            }
        }
    }
}
