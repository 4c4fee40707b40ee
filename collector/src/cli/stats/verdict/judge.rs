//! From two windows and a past to a verdict.

use std::sync::{Mutex, PoisonError};

use crate::cli::fail::Fail;
use crate::stats::seasonality;
use crate::stats::verdict::{Layout, Limits, NullCache, Points, Threshold, Verdict, empirical_null, verdict};

/// What is compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Windows {
    /// Before the change.
    pub(super) before: Points,
    /// After it.
    pub(super) after: Points,
    /// A longer past; else the window before is all that is known.
    pub(super) history: Option<Points>,
}

/// Makes chance repeatable.
const SEED: u64 = 1;

/// Judges. `remembered`: shares of false alarms by series, and the name of this one.
pub(super) fn judge(
    windows: &Windows,
    limits: Limits,
    remembered: Option<(&Mutex<NullCache>, &str)>,
) -> Result<Verdict, Fail> {
    let history = windows.history.as_ref().unwrap_or(&windows.before);
    let cycle = limits.cycle.or_else(|| seasonality::is_daily(history, SEED));
    let limits = Limits { cycle, ..limits };
    let null_share =
        Layout::of(&windows.before, &windows.after).and_then(|layout| null_share(history, layout, &limits, remembered));
    let verdict = verdict(&windows.before, &windows.after, &Limits { null_share, ..limits });
    if matches!(limits.threshold, Threshold::Share(_)) && verdict.threshold.is_some() && is_zero(&verdict) {
        return Err(Fail::usage("the mean before is 0, so a percentage of it is no threshold")
            .hint("give --threshold as a number in the series' unit, or as standard deviations such as 0.2sd"));
    }
    Ok(verdict)
}

fn null_share(
    history: &Points,
    layout: Layout,
    limits: &Limits,
    remembered: Option<(&Mutex<NullCache>, &str)>,
) -> Option<f64> {
    let Some((cache, series)) = remembered else { return empirical_null(history, layout, limits) };
    // A cache is as good after a panic as before it: every entry is whole.
    let lock = || cache.lock().unwrap_or_else(PoisonError::into_inner);
    let known = lock().get(series, layout, limits);
    known.unwrap_or_else(|| {
        let share = empirical_null(history, layout, limits);
        lock().put(series, layout, limits, share);
        share
    })
}

/// A mean that is 0 but for rounding.
fn is_zero(verdict: &Verdict) -> bool {
    let (mean, sd) = verdict.findings.before;
    mean == 0.0 || mean.abs() <= 1e-14 * sd
}
