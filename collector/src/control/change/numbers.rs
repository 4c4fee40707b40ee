//! The numbers of a verdict as the contract has them.

use crate::stats::verdict::Verdict;
use crate::view::verdict::{RankView, SpreadView, VerdictView};

/// JSON has no word for what is no number.
fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

impl From<&Verdict> for VerdictView {
    fn from(verdict: &Verdict) -> Self {
        let found = &verdict.findings;
        let there = found.compared;
        Self {
            verdict: verdict.decision.as_str().to_owned(),
            p: finite(verdict.p),
            p_adjusted: finite(verdict.p_adjusted),
            estimate: finite(verdict.estimate),
            ci_low: finite(verdict.ci.map(|ci| ci.0)),
            ci_high: finite(verdict.ci.map(|ci| ci.1)),
            threshold: finite(verdict.threshold),
            k_eff: finite(found.k_eff),
            r: finite(found.r),
            n_before: found.n.0,
            n_after: found.n.1,
            missing_share: there.then_some(found.missing_share),
            unit: there.then(|| found.unit.as_str().to_owned()),
            form: there.then(|| found.form.as_str().to_owned()),
            mde: finite(verdict.mde),
            more_time_s: finite(verdict.more_time_s),
            rank: verdict.rank.map_or_else(RankView::default, |rank| RankView {
                p: finite(Some(rank.p)),
                estimate: finite(Some(rank.estimate)),
                ci_low: finite(Some(rank.ci.0)),
                ci_high: finite(Some(rank.ci.1)),
            }),
            spread: verdict.spread.map_or_else(SpreadView::default, |spread| SpreadView {
                p: finite(Some(spread.p)),
                verdict: Some(spread.decision.as_str().to_owned()),
                ratio: finite(spread.ratio),
            }),
            empirical_null_share: finite(verdict.null_share),
            words: verdict.words.clone(),
        }
    }
}
