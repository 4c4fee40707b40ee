//! A verdict in words.

use super::decide::{Decision, Verdict};
use super::primary::Form;
use super::unit::{Remark, Unit};

/// One sentence, and a second one for what has to be known about it.
pub(super) fn words(verdict: &Verdict) -> String {
    let mut text = sentence(verdict);
    for remark in remarks(verdict) {
        text.push(' ');
        text.push_str(&remark);
    }
    text
}

fn sentence(verdict: &Verdict) -> String {
    let findings = &verdict.findings;
    let (Some(estimate), Some((low, high)), Some(p)) = (verdict.estimate, verdict.ci, verdict.p_adjusted) else {
        return nothing(verdict);
    };
    let what = match findings.form {
        Form::Mean => "the mean",
        Form::Rank => "the typical value",
    };
    let threshold = verdict.threshold.unwrap_or(0.0);
    let difference =
        format!("{} (95 % interval {} to {}, p = {})", signed(estimate), signed(low), signed(high), short(p));
    let share = if findings.before.0 == 0.0 {
        String::new()
    } else {
        format!(", {} % of {}", signed(100.0 * estimate / findings.before.0.abs()), short(findings.before.0))
    };
    match verdict.decision {
        Decision::Improved => format!("Improved: {what} changed by {difference}{share}."),
        Decision::Degraded => format!("Degraded: {what} changed by {difference}{share}."),
        Decision::Changed => format!("Changed: {what} changed by {difference}{share}."),
        Decision::NoChange => {
            format!("No change: {what} differs by {difference}, which is shown to be less than {}.", short(threshold))
        }
        Decision::NoEvidence => format!(
            "No evidence of a change that matters: {what} differs by {difference}; it matters from {} on.",
            short(threshold)
        ),
        Decision::NotEnoughData => {
            let seen = verdict.mde.map_or(String::new(), |mde| {
                format!("; these windows would show {} or more, and {} matters", short(mde), short(threshold))
            });
            format!("Not enough data: {what} differs by {difference}{seen}.")
        }
    }
}

fn nothing(verdict: &Verdict) -> String {
    let findings = &verdict.findings;
    if findings.remark == Some(Remark::OtherTimeOfDay) {
        return "Not enough data: the series has a daily cycle, and before has nothing at the same time of day."
            .to_owned();
    }
    if findings.n.0 == 0 || findings.n.1 == 0 {
        let side = if findings.n.0 == 0 { "before" } else { "after" };
        return format!("Not enough data: there are no values {side}.");
    }
    match findings.mean {
        Some(mean) => format!(
            "Not enough data: the values depend on each other so much that they are worth {} independent ones, and it takes {}.",
            short(mean.k_eff),
            short(findings.gate)
        ),
        None => "Not enough data: too few values are left to compare.".to_owned(),
    }
}

fn remarks(verdict: &Verdict) -> Vec<String> {
    let findings = &verdict.findings;
    let mut remarks = Vec::new();
    if let Some(seconds) = verdict.more_time_s {
        remarks.push(format!("Each window would have to be about {} longer.", duration(seconds)));
    }
    match findings.remark {
        Some(Remark::DayToDayNotMeasured) => {
            remarks.push("How much one day differs from another was not measured.".to_owned());
        }
        Some(Remark::OtherWeekdays) => {
            remarks.push(
                "The days before and after are other weekdays: a weekly cycle would look like a change.".to_owned(),
            );
        }
        Some(Remark::CycleNotLookedFor) => {
            remarks.push(
                "There is too little history to look for a daily cycle, which would look like a change.".to_owned(),
            );
        }
        Some(Remark::OtherTimeOfDay) | None => {}
    }
    match verdict.null_share {
        Some(share) if share > 0.10 && findings.unit != Unit::DayMeans => remarks.push(format!(
            "On this series' own past the test found a change in {} % of the splits where there was none, so only whole days may speak.",
            short(100.0 * share)
        )),
        Some(_) => {}
        None => remarks.push("The false-alarm share on the series' own past was not measured.".to_owned()),
    }
    if let Some(spread) =
        verdict.spread.filter(|spread| matches!(spread.decision, Decision::Improved | Decision::Degraded))
    {
        let word = if spread.decision == Decision::Improved { "less" } else { "more" };
        let ratio = spread.ratio.map_or(String::new(), |ratio| format!(" ({} times)", short(ratio)));
        remarks.push(format!("It varies {word} than before{ratio}, p = {}: that needs a reason.", short(spread.p)));
    }
    if findings.missing_share > 0.1 {
        remarks.push(format!("{} % of the values are missing.", short(100.0 * findings.missing_share)));
    }
    remarks
}

/// Three digits.
fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let size = value.abs();
    if !(1e-4..1e7).contains(&size) {
        return format!("{value:.2e}");
    }
    let decimals = [(1000.0, 0), (100.0, 1), (10.0, 2), (1.0, 3), (0.1, 3), (0.01, 4), (0.001, 5)];
    let decimals = decimals.iter().find(|(from, _)| size >= *from).map_or(6, |(_, decimals)| *decimals);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", short(value)) } else { short(value) }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 172_800.0 => format!("{} days", short((s / 86_400.0).ceil())),
        s if s >= 7_200.0 => format!("{} hours", short((s / 3_600.0).ceil())),
        s if s >= 120.0 => format!("{} minutes", short((s / 60.0).ceil())),
        s => format!("{} seconds", short(s.ceil())),
    }
}
