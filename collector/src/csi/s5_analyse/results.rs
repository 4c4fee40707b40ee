//! A period's results: every objective against its target, every series against the period before, its limit and what is
//! to come.

use serde::{Deserialize, Serialize};

use super::super::s3_gather::{Gathered, ObjectiveFacts, OutageFacts, SeriesFacts};
use super::super::s4_process::{Figures, hourly};
use super::series::{self, SeriesResult};
use crate::sla::{Seconds, UnknownAs};
use crate::stats::textbook::mann_whitney;
use crate::stats::verdict::target;
use crate::stats::{Alternative, verdict};

/// Level of all intervals.
pub const LEVEL: f64 = 0.95;
/// Makes resampling repeatable.
pub const SEED: u64 = 1;

/// What was found out about a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Analysed {
    /// Each objective.
    pub objectives: Vec<ObjectiveResult>,
    /// Each series.
    pub series: Vec<SeriesResult>,
    /// Whether outages last longer or shorter than in the period before.
    pub outages: Option<OutageTest>,
}

/// Mann–Whitney U on how long outages were, this period against the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutageTest {
    /// Outages before.
    pub n_before: usize,
    /// Outages now.
    pub n_now: usize,
    /// U of this period.
    pub statistic: f64,
    /// p, two-sided; exact without ties in few.
    pub p: f64,
}

/// An objective against its target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObjectiveResult {
    /// Its name.
    pub objective: String,
    /// Its indicator.
    pub kpi: String,
    /// What that is about.
    pub kind: String,
    /// Share that has to be good.
    pub target: f64,
    /// Share that was good, unknown time as the objective says; none when nothing counts.
    pub availability: Option<f64>,
    /// If all unknown time was bad.
    pub low: Option<f64>,
    /// If all unknown time was good.
    pub high: Option<f64>,
    /// What chance alone could have made of it, 95 %: by how often it was bad, from 20 times on by drawing days.
    pub ci_low: Option<f64>,
    /// Upper end.
    pub ci_high: Option<f64>,
    /// Seconds that may be bad.
    pub budget_s: f64,
    /// What is left of them.
    pub budget_left_s: f64,
    /// 1 uses the budget up exactly at the end.
    pub burn_rate: Option<f64>,
    /// `met`, `at_risk`, `missed`, `unknown`.
    pub state: String,
    /// Share of agreed time of which nothing is known.
    pub unknown_share: Option<f64>,
    /// The share in the period before.
    pub before: Option<f64>,
    /// The difference to it, in shares.
    pub difference: Option<f64>,
    /// Of an objective that is held each day: days that kept it, and days that counted.
    pub days_met: Option<(usize, usize)>,
}

/// Results of a period, beside the one before.
#[must_use]
pub fn results(now: &Gathered, figures: &Figures, before: Option<&Gathered>) -> Analysed {
    let objectives = now.objectives.iter().map(|one| {
        let was = before.and_then(|before| before.objectives.iter().find(|was| was.name == one.name));
        objective(one, was)
    });
    let pair = |series: &SeriesFacts| {
        let was = before.and_then(|before| before.series.iter().find(|was| was.metric == series.metric));
        (series.clone(), was.cloned())
    };
    let pairs: Vec<(SeriesFacts, Option<SeriesFacts>)> = now.series.iter().map(pair).collect();
    let mut verdicts: Vec<verdict::Verdict> =
        pairs.iter().map(|(now, was)| series::compare(now, was.as_ref())).collect();
    verdict::adjust(&mut verdicts);
    let series = pairs.iter().zip(&verdicts).map(|((now, was), verdict)| {
        let days = figures.series.iter().find(|one| one.metric == now.metric).map(|one| one.day_means.as_slice());
        series::result(now, was.as_ref(), verdict, days.unwrap_or_default(), &hourly(now))
    });
    Analysed {
        objectives: objectives.collect(),
        series: series.collect(),
        outages: before.and_then(|before| outages(&now.outages, &before.outages)),
    }
}

fn outages(now: &[OutageFacts], before: &[OutageFacts]) -> Option<OutageTest> {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
    let durations = |all: &[OutageFacts]| -> Vec<f64> {
        let some = all.iter().filter(|one| !one.void && one.down_s > one.excluded_s);
        some.map(|one| (one.down_s - one.excluded_s) as f64).collect()
    };
    let (now, before) = (durations(now), durations(before));
    let found = mann_whitney(&now, &before, Alternative::TwoSided, None, true).ok()?;
    Some(OutageTest { n_before: before.len(), n_now: now.len(), statistic: found.statistic, p: found.p })
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
fn objective(one: &ObjectiveFacts, was: Option<&ObjectiveFacts>) -> ObjectiveResult {
    let unknown = UnknownAs::of(&one.unknown);
    let spent: Seconds = one.spent.into();
    let level = spent.level(one.target, unknown, one.agreed_s);
    let availability = share_of(one);
    let days = one.days.iter().map(|day| {
        let (good, bad) = Seconds::from(*day).sides(unknown);
        (bad as f64, (good + bad) as f64)
    });
    let days: Vec<(f64, f64)> = days.filter(|(_, known)| *known > 0.0).collect();
    let incidents: Vec<f64> = one.incidents_s.iter().map(|length| *length as f64).collect();
    // Chance is not to be told of what did not happen, nor where unknown time counts as one of the two.
    let told = one.share_of == "time" && unknown == UnknownAs::Excluded && !incidents.is_empty();
    let interval = target::availability(&days, &incidents, LEVEL, SEED).ok().filter(|_| told);
    let before = was.and_then(share_of);
    let agreed = spent.good_s + spent.bad_s + spent.unknown_s;
    let days_met = (one.window == "day").then(|| {
        let kept = days.iter().filter(|(bad, known)| 1.0 - bad / known >= one.target).count();
        (kept, days.len())
    });
    let state = match (availability, days_met) {
        (None, _) => "unknown",
        (Some(_), Some((kept, of))) => {
            if kept < of {
                "missed"
            } else {
                "met"
            }
        }
        (Some(_), None) if level.budget_left_s < 0.0 => "missed",
        (Some(share), None) if share < one.target => "at_risk",
        (Some(_), None) => "met",
    };
    ObjectiveResult {
        objective: one.name.clone(),
        kpi: one.kpi.clone(),
        kind: one.kind.clone(),
        target: one.target,
        availability,
        low: level.low,
        high: level.high,
        ci_low: interval.map(|interval| interval.low),
        ci_high: interval.map(|interval| interval.high),
        budget_s: level.budget_s,
        budget_left_s: level.budget_left_s,
        burn_rate: level.burn_rate,
        state: state.to_owned(),
        unknown_share: (agreed > 0).then(|| spent.unknown_s as f64 / agreed as f64),
        before,
        difference: availability.zip(before).map(|(now, was)| now - was),
        days_met,
    }
}

/// The good share as the objective counts it.
fn share_of(one: &ObjectiveFacts) -> Option<f64> {
    if let Some((good, bad)) = one.samples {
        return (good + bad > 0.0).then(|| good / (good + bad));
    }
    Seconds::from(one.spent).level(one.target, UnknownAs::of(&one.unknown), one.agreed_s).availability
}

#[cfg(test)]
mod tests {
    use super::super::super::s3_gather::Spent;
    use super::*;

    fn facts(bad_s: i64, unknown_s: i64) -> ObjectiveFacts {
        let day = Spent { good_s: 86_400, ..Spent::default() };
        let last = Spent { good_s: 86_400 - bad_s - unknown_s, bad_s, unknown_s, excluded_s: 0 };
        let spent = Spent { good_s: 10 * 86_400 - bad_s - unknown_s, bad_s, unknown_s, excluded_s: 0 };
        let days = [vec![day; 9], vec![last]].concat();
        ObjectiveFacts {
            name: "monthly".to_owned(),
            target: 0.999,
            unknown: "excluded".to_owned(),
            share_of: "time".to_owned(),
            agreed_s: 864_000,
            spent,
            days,
            incidents_s: if bad_s > 0 { vec![bad_s] } else { vec![] },
            ..ObjectiveFacts::default()
        }
    }

    #[test]
    fn an_objective_says_whether_it_was_met_and_how_sure_that_is() {
        let found = objective(&facts(600, 0), Some(&facts(0, 0)));
        assert_eq!(found.state, "met");
        assert!((found.availability.unwrap() - (1.0 - 600.0 / 864_000.0)).abs() < 1e-12);
        assert!((found.difference.unwrap() + 600.0 / 864_000.0).abs() < 1e-12);
        // Garwood's limits of one incident are 0.0253 and 5.572.
        assert!((found.ci_low.unwrap() - (1.0 - 5.5716 * 600.0 / 864_000.0)).abs() < 1e-6);
        let missed = objective(&facts(1_000, 0), None);
        assert_eq!((missed.state.as_str(), missed.before), ("missed", None));
        assert!((missed.budget_left_s + 136.0).abs() < 1e-6, "{missed:?}");
        let day = ObjectiveFacts { window: "day".to_owned(), ..facts(1_000, 0) };
        assert_eq!(objective(&day, None).days_met, Some((9, 10)));
        let nothing = ObjectiveFacts { spent: Spent::default(), days: vec![], ..facts(0, 0) };
        assert_eq!(objective(&nothing, None).state, "unknown");
    }

    #[test]
    fn outages_of_two_periods_are_compared_by_how_long_they_were() {
        let all = |seconds: &[i64]| -> Vec<OutageFacts> {
            seconds.iter().map(|down_s| OutageFacts { down_s: *down_s, ..OutageFacts::default() }).collect()
        };
        // scipy.stats.mannwhitneyu([4, 5, 6], [1, 2, 3]): U = 9, p = 0.1.
        let found = outages(&all(&[4, 5, 6]), &all(&[1, 2, 3])).unwrap();
        assert!((found.statistic - 9.0).abs() < 1e-12 && (found.p - 0.1).abs() < 1e-12, "{found:?}");
        assert_eq!(outages(&all(&[]), &all(&[1])), None);
    }
}
