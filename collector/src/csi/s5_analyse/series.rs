//! One series: against the period before by the verdict procedure, against its limit, and where it is going.

use serde::{Deserialize, Serialize};

use super::super::s3_gather::SeriesFacts;
use super::super::s4_process::hourly;
use crate::stats::forecast::{Full, trend};
use crate::stats::textbook::shapiro_wilk;
use crate::stats::verdict::target::mean_against;
use crate::stats::verdict::{
    Better, Form, Layout, Limits, Points, Threshold, Verdict, empirical_null, parse_threshold, verdict,
};

/// Days in which whatever cycle there is shows in day means, so that none has to be looked for.
const DAYS_MIN: usize = 3;

/// What was found out about a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesResult {
    /// Its metric in the service's file.
    pub metric: String,
    /// Its indicator.
    pub kpi: String,
    /// What that is about.
    pub kind: String,
    /// Its unit.
    pub unit: String,
    /// Against the period before.
    pub verdict: Compared,
    /// Shapiro–Wilk on the day means of this period: p; none when it cannot be computed.
    pub normal_p: Option<f64>,
    /// Against the limit of its objective: mean less limit, by the one-sample form.
    pub against_limit: Option<Against>,
    /// Where it is going.
    pub forecast: Option<Forecast>,
}

/// A verdict's numbers; their meaning is that of `stats verdict`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the keys of `stats verdict`, told there")]
pub struct Compared {
    pub verdict: String,
    pub p: Option<f64>,
    pub p_adjusted: Option<f64>,
    pub estimate: Option<f64>,
    pub ci_low: Option<f64>,
    pub ci_high: Option<f64>,
    pub threshold: Option<f64>,
    pub mde: Option<f64>,
    pub k_eff: Option<f64>,
    pub r: Option<f64>,
    pub n_before: usize,
    pub n_after: usize,
    pub mean_before: Option<f64>,
    pub mean_after: Option<f64>,
    pub unit: String,
    pub form: String,
    pub rank_p: Option<f64>,
    pub spread_p: Option<f64>,
    pub spread_verdict: String,
    pub spread_ratio: Option<f64>,
    pub empirical_null_share: Option<f64>,
    pub words: String,
}

/// A mean against a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The limit.
    pub limit: f64,
    /// Mean less limit.
    pub estimate: f64,
    /// 95 % interval.
    pub ci_low: f64,
    /// Upper end.
    pub ci_high: f64,
    /// p of no difference.
    pub p: f64,
}

/// A trend: Theil and Sen's slope with Sen's interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// End of the readings.
    pub end_s: i64,
    /// Level there.
    pub level: f64,
    /// Growth per day.
    pub slope_per_day: f64,
    /// 95 % interval of it.
    pub slope_low_per_day: f64,
    /// Upper end.
    pub slope_high_per_day: f64,
    /// Spread of the readings around the line.
    pub residual_sd: f64,
    /// The limit that it may reach; none without one.
    pub limit: Option<f64>,
    /// It is reached already.
    pub reached: bool,
    /// Days until it is, by the line; none for never.
    pub days_to_limit: Option<f64>,
    /// Not before.
    pub days_not_before: Option<f64>,
    /// Not after; none when it may never be.
    pub days_not_after: Option<f64>,
}

pub(super) fn points(hours: &[(i64, f64)]) -> Points {
    Points::new(hours.iter().map(|(at, value)| (at.saturating_mul(1_000), *value)))
}

/// The verdict on two periods.
pub(super) fn compare(now: &SeriesFacts, before: Option<&SeriesFacts>) -> Verdict {
    let was = before.map(|before| points(&hourly(before))).unwrap_or_default();
    let is = points(&hourly(now));
    let better = match now.better.as_str() {
        "lower" => Some(Better::Lower),
        "higher" => Some(Better::Higher),
        _ => None,
    };
    let threshold = parse_threshold(&now.threshold).unwrap_or(Threshold::Default);
    let limits = Limits { better, threshold, cycle: None, null_share: None };
    let null_share = Layout::of(&was, &is).and_then(|layout| empirical_null(&was, layout, &limits));
    verdict(&was, &is, &Limits { null_share, ..limits })
}

/// The result of a series of which the verdict is known.
pub(super) fn result(
    now: &SeriesFacts,
    before: Option<&SeriesFacts>,
    verdict: &Verdict,
    days: &[(i64, f64)],
    hours: &[(i64, f64)],
) -> SeriesResult {
    let means: Vec<f64> = days.iter().map(|(_, mean)| *mean).collect();
    let against = |limit: f64| {
        let found = mean_against(&points(hours), limit).ok()?;
        let (ci_low, ci_high) = found.ci;
        Some(Against { limit, estimate: found.estimate, ci_low, ci_high, p: found.p })
    };
    SeriesResult {
        metric: now.metric.clone(),
        kpi: now.kpi.clone(),
        kind: now.kind.clone(),
        unit: now.unit.clone(),
        verdict: compared(verdict),
        normal_p: (means.len() >= DAYS_MIN).then(|| shapiro_wilk(&means).ok().map(|found| found.p)).flatten(),
        against_limit: now.limit.and_then(against),
        forecast: forecast(now, before, hours),
    }
}

fn compared(verdict: &Verdict) -> Compared {
    let findings = &verdict.findings;
    let both = findings.compared && findings.n.0 > 0 && findings.n.1 > 0;
    Compared {
        verdict: verdict.decision.as_str().to_owned(),
        p: verdict.p,
        p_adjusted: verdict.p_adjusted,
        estimate: verdict.estimate,
        ci_low: verdict.ci.map(|ci| ci.0),
        ci_high: verdict.ci.map(|ci| ci.1),
        threshold: verdict.threshold.filter(|value| value.is_finite()),
        mde: verdict.mde.filter(|value| value.is_finite()),
        k_eff: findings.k_eff,
        r: findings.r,
        n_before: findings.n.0,
        n_after: findings.n.1,
        mean_before: both.then_some(findings.before.0),
        mean_after: both.then_some(findings.after_mean),
        unit: findings.unit.as_str().to_owned(),
        form: if findings.form == Form::Mean { "mean" } else { "rank" }.to_owned(),
        rank_p: verdict.rank.map(|rank| rank.p),
        spread_p: verdict.spread.map(|spread| spread.p),
        spread_verdict: verdict.spread.map_or(String::new(), |spread| spread.decision.as_str().to_owned()),
        spread_ratio: verdict.spread.and_then(|spread| spread.ratio),
        empirical_null_share: verdict.null_share,
        words: verdict.words.clone(),
    }
}

/// Of what fills up: capacity, from both periods, so that a month's end is no end of the line.
fn forecast(now: &SeriesFacts, before: Option<&SeriesFacts>, hours: &[(i64, f64)]) -> Option<Forecast> {
    if now.kind != "capacity" {
        return None;
    }
    let falling = now.better == "higher";
    let sign = if falling { -1.0 } else { 1.0 };
    let past = before.map(hourly).unwrap_or_default();
    let all: Vec<(i64, f64)> = past.iter().chain(hours).map(|(at, value)| (*at, sign * value)).collect();
    let found = trend(&points(&all)).ok()?;
    let days = |seconds: Option<f64>| seconds.map(|seconds| seconds / 86_400.0);
    let (reached, expected, not_before, not_after) = match now.limit.map(|limit| found.reaches(sign * limit)) {
        None => (false, None, None, None),
        Some(Full::Already) => (true, Some(0.0), Some(0.0), Some(0.0)),
        Some(Full::In { expected_s, not_before_s, not_after_s }) => (false, expected_s, not_before_s, not_after_s),
    };
    let ends = [found.slope_ci.0, found.slope_ci.1].map(|slope| sign * slope * 86_400.0);
    Some(Forecast {
        end_s: found.end_ms / 1_000,
        level: sign * found.level,
        slope_per_day: sign * found.slope_per_s * 86_400.0,
        slope_low_per_day: ends[0].min(ends[1]),
        slope_high_per_day: ends[0].max(ends[1]),
        residual_sd: found.residual_sd,
        limit: now.limit,
        reached,
        days_to_limit: days(expected),
        days_not_before: days(not_before),
        days_not_after: days(not_after),
    })
}
