//! From findings to a verdict.

use super::engine::Estimate;
use super::primary::Form;
use super::unit::{Remark, Unit};
use super::{Answer, Findings, SpreadAnswer, words};
use crate::stats::textbook::tost_within;

/// Significance.
pub(super) const ALPHA: f64 = 0.05;
/// Share of rejections on the series' own past above which only days may speak.
const NULL_SHARE_MAX: f64 = 0.10;
/// Default threshold: this share of the mean before …
const DEFAULT_SHARE: f64 = 0.05;
/// … or, of a series whose mean says little (it is below its deviation), this many standard deviations.
const DEFAULT_SD: f64 = 0.2;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
}

/// From where an effect matters.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Threshold {
    /// 5 % of the mean before, or 0.2 standard deviations where the mean is below one deviation.
    #[default]
    Default,
    /// This share of |mean before|.
    Share(f64),
    /// So many standard deviations before.
    Deviations(f64),
    /// In the series' unit.
    Absolute(f64),
}

/// What is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// Which way is better, if known.
    pub better: Option<Better>,
    /// From where an effect matters.
    pub threshold: Threshold,
    /// Whether the series has a daily cycle, if somebody looked.
    pub cycle: Option<bool>,
    /// Share of rejections on the series' own past (see `empirical_null`).
    pub null_share: Option<f64>,
}

/// The outcome in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Better, by enough, and not by chance.
    Improved,
    /// Worse, by enough, and not by chance.
    Degraded,
    /// Different, where nobody said what is better.
    Changed,
    /// Shown to lie within the threshold.
    NoChange,
    /// Neither a change nor its absence is shown.
    NoEvidence,
    /// The window cannot show an effect of the threshold's size.
    NotEnoughData,
}

impl Decision {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Improved => "improved",
            Self::Degraded => "degraded",
            Self::Changed => "changed",
            Self::NoChange => "no_change",
            Self::NoEvidence => "no_evidence",
            Self::NotEnoughData => "not_enough_data",
        }
    }

    /// Of a change for the better or worse.
    #[must_use]
    pub fn of_change(difference: f64, better: Option<Better>) -> Self {
        match better {
            None => Self::Changed,
            Some(Better::Lower) if difference < 0.0 => Self::Improved,
            Some(Better::Higher) if difference > 0.0 => Self::Improved,
            Some(_) => Self::Degraded,
        }
    }
}

/// Every number of a verdict, and a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// In one word.
    pub decision: Decision,
    /// Of the primary form.
    pub p: Option<f64>,
    /// p within its family; the same as p alone.
    pub p_adjusted: Option<f64>,
    /// After − before in the series' unit.
    pub estimate: Option<f64>,
    /// Its 95 % interval.
    pub ci: Option<(f64, f64)>,
    /// From where an effect matters, in the series' unit.
    pub threshold: Option<f64>,
    /// Least effect that would be found with a probability of 0.8, in the series' unit.
    pub mde: Option<f64>,
    /// How much longer each window would have to be to see an effect of the threshold's size.
    pub more_time_s: Option<f64>,
    /// The rank form, in P(after > before) − ½.
    pub rank: Option<Answer>,
    /// The spread form.
    pub spread: Option<SpreadAnswer>,
    /// Share of rejections on the series' own past.
    pub null_share: Option<f64>,
    /// One or two sentences.
    pub words: String,
    /// What it was decided from.
    pub findings: Findings,
    /// What was asked.
    pub limits: Limits,
}

/// The primary form in the series' unit.
#[derive(Clone, Copy, Debug)]
struct Primary {
    estimate: f64,
    ci: (f64, f64),
    p: f64,
    detectable: f64,
    within: bool,
}

pub(super) fn decide(findings: &Findings, limits: &Limits) -> Verdict {
    let threshold = threshold(findings, limits.threshold);
    let usable = |estimate: Option<Estimate>| estimate.filter(|estimate| estimate.k_eff >= findings.gate - 1e-9);
    let primary = usable(findings.mean).and_then(|mean| primary(findings, mean, threshold));
    let rank = usable(findings.rank).map(|rank| Answer {
        estimate: rank.difference,
        ci: (rank.difference - rank.half(), rank.difference + rank.half()),
        p: rank.p(),
    });
    let mut verdict = Verdict {
        decision: Decision::NotEnoughData,
        p: primary.map(|primary| primary.p),
        p_adjusted: primary.map(|primary| primary.p),
        estimate: primary.map(|primary| primary.estimate),
        ci: primary.map(|primary| primary.ci),
        threshold,
        mde: primary.map(|primary| primary.detectable).filter(|mde| mde.is_finite()),
        more_time_s: None,
        rank,
        // Both the values and the distances have to be worth enough.
        spread: usable(findings.mean).and(usable(findings.spread)).map(|spread| spread_answer(findings, spread)),
        null_share: limits.null_share,
        words: String::new(),
        findings: *findings,
        limits: *limits,
    };
    redecide(&mut verdict, primary.is_some_and(|primary| primary.within));
    verdict
}

/// Decides from the numbers, p adjusted among them, and finds the words.
pub(super) fn redecide(verdict: &mut Verdict, within: bool) {
    verdict.decision = decision(verdict, within);
    verdict.more_time_s = more_time_s(verdict);
    verdict.words = words::words(verdict);
}

fn decision(verdict: &Verdict, within: bool) -> Decision {
    let (Some(p), Some(estimate), Some((low, high)), Some(threshold)) =
        (verdict.p_adjusted, verdict.estimate, verdict.ci, verdict.threshold)
    else {
        return Decision::NotEnoughData;
    };
    let doubtful = verdict.findings.unit != Unit::DayMeans
        && verdict.limits.null_share.is_some_and(|share| share > NULL_SHARE_MAX);
    if doubtful {
        return Decision::NoEvidence;
    }
    let excludes_zero = low > 0.0 || high < 0.0;
    let significant = p < ALPHA && excludes_zero;
    if significant && estimate.abs() >= threshold {
        return Decision::of_change(estimate, verdict.limits.better);
    }
    if within {
        return Decision::NoChange;
    }
    if !significant && verdict.mde.is_none_or(|mde| mde > threshold) {
        return Decision::NotEnoughData;
    }
    Decision::NoEvidence
}

fn threshold(findings: &Findings, asked: Threshold) -> Option<f64> {
    if findings.n.0 == 0 {
        return None;
    }
    let (mean, sd) = findings.before;
    let value = match asked {
        Threshold::Default if mean.abs() >= sd => DEFAULT_SHARE * mean.abs(),
        Threshold::Default => DEFAULT_SD * sd,
        Threshold::Share(share) => share * mean.abs(),
        Threshold::Deviations(deviations) => deviations * sd,
        Threshold::Absolute(value) => value,
    };
    value.is_finite().then_some(value)
}

fn primary(findings: &Findings, mean: Estimate, threshold: Option<f64>) -> Option<Primary> {
    let threshold = threshold?;
    if findings.constant {
        let difference = findings.after_mean - findings.before.0;
        let p = if difference == 0.0 { 1.0 } else { 0.0 };
        let within = difference.abs() <= threshold;
        return Some(Primary { estimate: difference, ci: (difference, difference), p, detectable: 0.0, within });
    }
    match (findings.form, findings.rank, findings.shift) {
        (Form::Rank, Some(rank), Some((shift, low, high))) => {
            if rank.k_eff < findings.gate - 1e-9 {
                return None;
            }
            // The interval of the shift is that of the rank test; 80 % power needs as much more as it does for a mean.
            let stretch = if rank.half() > 0.0 { rank.detectable() / rank.half() } else { 1.0 };
            let half = f64::midpoint(shift - low, high - shift);
            let tighter = tost_share(rank) * half;
            let within = shift - tighter > -threshold && shift + tighter < threshold;
            Some(Primary { estimate: shift, ci: (low, high), p: rank.p(), detectable: half * stretch, within })
        }
        _ => {
            let (difference, half) = (mean.difference, mean.half());
            let within = mean.error > 0.0
                && tost_within(difference, mean.error, mean.df, -threshold, threshold).is_ok_and(|test| test.p < ALPHA)
                || mean.error <= 0.0 && difference.abs() <= threshold;
            let ci = (difference - half, difference + half);
            Some(Primary { estimate: difference, ci, p: mean.p(), detectable: mean.detectable(), within })
        }
    }
}

/// The 90 % interval's share of the 95 % one: two one-sided tests at 5 % are that interval within the threshold.
fn tost_share(estimate: Estimate) -> f64 {
    let quantile = |p: f64| crate::stats::student::t_quantile(p, estimate.df).unwrap_or(f64::INFINITY);
    let share = quantile(0.95) / quantile(0.975);
    if share.is_finite() { share } else { 1.0 }
}

/// A spread is decided at the same significance, from a tenth more or less on.
fn spread_answer(findings: &Findings, spread: Estimate) -> SpreadAnswer {
    const MATTERS: f64 = 0.10;
    let p = if findings.constant { 1.0 } else { spread.p() };
    let ratio = findings.spread_ratio;
    let by_enough = ratio.is_none_or(|ratio| (ratio - 1.0).abs() >= MATTERS);
    let decision = if p < ALPHA && by_enough {
        Decision::of_change(spread.difference, Some(Better::Lower))
    } else {
        Decision::NoEvidence
    };
    SpreadAnswer { p, ratio, decision }
}

/// The error falls with the root of the time; what blocks are worth grows with it.
fn more_time_s(verdict: &Verdict) -> Option<f64> {
    if verdict.decision != Decision::NotEnoughData {
        return None;
    }
    let findings = &verdict.findings;
    if findings.window_s <= 0.0 || findings.remark == Some(Remark::OtherTimeOfDay) {
        return None;
    }
    let by_effect = match (verdict.mde, verdict.threshold) {
        (Some(mde), Some(threshold)) if threshold > 0.0 => (mde / threshold).powi(2),
        _ => 1.0,
    };
    let by_worth = findings.mean.map_or(2.0, |mean| findings.gate / mean.k_eff.max(0.5));
    if findings.by_days {
        // More readings of one day say nothing about other days: it takes whole days on both sides.
        let days = (2.0 * by_effect).max(3.0).ceil();
        return days.is_finite().then(|| (days * 86_400.0 - findings.window_s).max(0.0).ceil());
    }
    let factor = by_effect.max(by_worth);
    (factor > 1.0 && factor.is_finite()).then(|| (findings.window_s * (factor - 1.0)).ceil())
}
