//! The verdict as a whole: the worst of its KPIs, and a sentence that says so.

use crate::stats::verdict::Decision;

/// From the worst to the best.
const ORDER: [Decision; 6] = [
    Decision::Degraded,
    Decision::Changed,
    Decision::NotEnoughData,
    Decision::NoEvidence,
    Decision::NoChange,
    Decision::Improved,
];

/// The worst; not enough data when there is none.
#[must_use]
pub fn worst(decisions: impl IntoIterator<Item = Decision>) -> Decision {
    let all: Vec<Decision> = decisions.into_iter().collect();
    ORDER.into_iter().find(|one| all.contains(one)).unwrap_or(Decision::NotEnoughData)
}

/// A sentence: what is true of which KPI, from the worst on.
#[must_use]
pub fn sentence(kpis: &[(&str, Decision)]) -> String {
    if kpis.is_empty() {
        return "No KPI of the service has readings to compare.".to_owned();
    }
    let parts = ORDER.into_iter().filter_map(|one| {
        let names: Vec<&str> = kpis.iter().filter(|(_, decision)| *decision == one).map(|(name, _)| *name).collect();
        (!names.is_empty()).then(|| format!("{}: {}", words(one), names.join(", ")))
    });
    let mut text: String = parts.collect::<Vec<_>>().join("; ");
    text.push('.');
    text
}

fn words(decision: Decision) -> &'static str {
    match decision {
        Decision::Improved => "better",
        Decision::Degraded => "worse",
        Decision::Changed => "different, and nobody said what is better",
        Decision::NoChange => "shown to be as before",
        Decision::NoEvidence => "no evidence of a change that matters",
        Decision::NotEnoughData => "not enough data",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts_and_every_kpi_is_named() {
        use Decision::{Changed, Degraded, Improved, NoChange, NoEvidence, NotEnoughData};
        assert_eq!(worst([Improved, Degraded, NoChange]), Degraded);
        assert_eq!(worst([Improved, NotEnoughData]), NotEnoughData);
        assert_eq!(worst([Improved, NoEvidence, NoChange]), NoEvidence);
        assert_eq!(worst([Improved]), Improved);
        assert_eq!(worst([Changed, NoChange]), Changed);
        assert_eq!(worst([]), NotEnoughData);
        let said = sentence(&[("speed", Degraded), ("memory", NoChange), ("disk", Degraded)]);
        assert_eq!(said, "worse: speed, disk; shown to be as before: memory.");
    }
}
