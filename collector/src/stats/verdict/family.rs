//! Many verdicts at once: the share of false discoveries is kept.

use super::Verdict;
use super::decide::{Decision, redecide};
use crate::stats::textbook::benjamini_hochberg;

/// Adjusts p over all verdicts of one family (Benjamini and Hochberg) and decides again. Verdicts without p stay out.
pub fn adjust(verdicts: &mut [Verdict]) {
    let with_p: Vec<usize> = (0..verdicts.len()).filter(|at| verdicts[*at].p.is_some()).collect();
    let p: Vec<f64> = with_p.iter().filter_map(|at| verdicts[*at].p).collect();
    let Ok(adjusted) = benjamini_hochberg(&p) else { return };
    for (at, p) in with_p.into_iter().zip(adjusted) {
        let verdict = &mut verdicts[at];
        verdict.p_adjusted = Some(p);
        // Whether a difference is shown to be small does not depend on how many others were looked at.
        let within = verdict.decision == Decision::NoChange;
        redecide(verdict, within);
    }
}
