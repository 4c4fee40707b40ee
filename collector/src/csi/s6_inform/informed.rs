//! Step 6 as a whole: a summary in plain words, and the findings.

use serde::{Deserialize, Serialize};

use super::super::s3_gather::Gathered;
use super::super::s4_process::Figures;
use super::super::s5_analyse::{Analysed, ObjectiveResult};
use super::fact::Fact;
use super::findings::{Finding, Results, findings};
use super::rule::Rule;

/// What step 6 leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Informed {
    /// Did we keep our word? In sentences.
    pub summary: Vec<String>,
    /// The findings, the worst first.
    pub findings: Vec<Finding>,
}

/// Summary and findings.
#[must_use]
pub fn inform(results: &Results<'_>, rules: &[Rule]) -> Informed {
    let findings = findings(results, rules);
    let Results { now, figures, before, analysed } = results;
    let mut summary = vec![kept(now, analysed)];
    summary.extend(analysed.objectives.iter().map(objective));
    summary.push(outages(figures, *before));
    summary.push(compared(analysed, before.is_some()));
    summary.extend(going_on(now));
    summary.push(match findings.len() {
        0 => "There is nothing to decide.".to_owned(),
        1 => "There is 1 finding to decide.".to_owned(),
        n => format!("There are {n} findings to decide."),
    });
    Informed { summary, findings }
}

fn kept(now: &Gathered, analysed: &Analysed) -> String {
    let title = &now.title;
    let in_state = |state: &str| analysed.objectives.iter().filter(|one| one.state == state).count();
    let (all, met, missed) = (analysed.objectives.len(), in_state("met"), in_state("missed"));
    // An objective that takes unknown time for good or bad has a number also where nothing is known.
    let nothing =
        |one: &&ObjectiveResult| one.state == "unknown" || one.unknown_share.is_some_and(|share| share >= 1.0);
    let unknown = analysed.objectives.iter().filter(nothing).count();
    if all == 0 {
        return format!("Nothing is agreed for {title}; there is nothing to keep.");
    }
    if unknown == all {
        return format!("Whether the word was kept for {title} in {} cannot be said: nothing is known.", now.period);
    }
    if met == all {
        return format!("The word was kept for {title} in {}: every objective was met.", now.period);
    }
    if missed == 0 {
        return format!("For {title} in {}, {met} of {all} objectives were met and none was missed.", now.period);
    }
    format!("The word was not kept for {title} in {}: {missed} of {all} objectives were missed.", now.period)
}

fn objective(one: &ObjectiveResult) -> String {
    let Some(share) = one.availability else {
        return format!("Of {} nothing is known.", one.objective);
    };
    if let Some((met, of)) = one.days_met {
        return format!(
            "{} was kept on {met} of {of} days ({} of each day agreed).",
            one.objective,
            Fact::Share(one.target)
        );
    }
    let state = match one.state.as_str() {
        "met" => "was met",
        "missed" => "was missed",
        _ => "is below its target, with budget left",
    };
    let before = one.before.map_or(String::new(), |before| format!("; the period before {}", Fact::Share(before)));
    let unknown = one.unknown_share.filter(|share| *share > 0.0);
    let unknown = unknown.map_or(String::new(), |share| format!("; {} of its time is unknown", Fact::Share(share)));
    format!("{} {state}: {} of {} agreed{before}{unknown}.", one.objective, Fact::Share(share), Fact::Share(one.target))
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
fn outages(figures: &Figures, before: Option<&Figures>) -> String {
    let now = &figures.outages;
    let was = before.map_or(String::new(), |before| format!(" (the period before {})", before.outages.count));
    match now.count {
        0 => format!("There was no outage of a member{was}."),
        1 => format!("There was 1 outage of a member{was}, of {}.", Fact::Seconds(now.down_total_s as f64)),
        n => format!(
            "There were {n} outages of members{was}, together {}, the shortest and the longest {} apart.",
            Fact::Seconds(now.down_total_s as f64),
            Fact::Seconds(now.down_range_s as f64)
        ),
    }
}

fn compared(analysed: &Analysed, has_before: bool) -> String {
    let of = |word: &str| -> Vec<&str> {
        let some = analysed.series.iter().filter(|one| one.verdict.verdict == word);
        some.map(|one| one.metric.as_str()).collect()
    };
    if !has_before || analysed.series.is_empty() {
        return "No metric can be compared with the period before.".to_owned();
    }
    let (better, worse, changed) = (of("improved"), of("degraded"), of("changed"));
    let mut parts = Vec::new();
    for (names, words) in [(worse, "worse"), (better, "better"), (changed, "different")] {
        if !names.is_empty() {
            parts.push(format!("{} became {words}", names.join(", ")));
        }
    }
    let short = of("not_enough_data").len();
    if parts.is_empty() {
        let rest = if short > 0 { format!("; {short} have not enough readings for that") } else { String::new() };
        return format!("No metric differs from the period before by more than chance{rest}.");
    }
    format!("Against the period before, and by more than chance, {}.", parts.join("; "))
}

fn going_on(now: &Gathered) -> Option<String> {
    (now.until_s < now.to_s).then(|| "The period is not over; this is how it stands so far.".to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::super::s3_gather::{Member, MemberFigures, OutageFacts, SeriesFacts};
    use super::super::super::s4_process::figures;
    use super::super::super::s5_analyse::results;
    use super::super::rule::parse;
    use super::super::shipped;
    use super::*;

    fn member(name: &str) -> (Member, MemberFigures) {
        let member =
            Member { name: name.to_owned(), kind: "vm".to_owned(), vcpus: 4, to_s: 30 * 86_400, ..Member::default() };
        (member, MemberFigures(name.to_owned(), 720, 0.1, 0.0, 0.4, Some(0.1)))
    }

    fn gathered() -> Gathered {
        let (a, b) = (member("a"), member("b"));
        let outage = |id| OutageFacts {
            id,
            target: "a".to_owned(),
            down_s: 60,
            cause: "disk".to_owned(),
            ..OutageFacts::default()
        };
        Gathered {
            service: "shop".to_owned(),
            title: "Shop".to_owned(),
            period: "2026-11".to_owned(),
            to_s: 30 * 86_400,
            until_s: 30 * 86_400,
            members: vec![a.0, b.0],
            outages: vec![outage(1), outage(2), outage(3)],
            series: vec![SeriesFacts {
                metric: "cpu".to_owned(),
                unit: "ratio".to_owned(),
                source: "series:vm_cpu_seconds_total".to_owned(),
                members: vec![a.1, b.1],
                ..SeriesFacts::default()
            }],
            ..Gathered::default()
        }
    }

    fn informed(rules: &[Rule]) -> Informed {
        let now = gathered();
        let figures = figures(&now);
        let analysed = results(&now, &figures, None);
        inform(&Results { now: &now, figures: &figures, before: None, analysed: &analysed }, rules)
    }

    #[test]
    fn shipped_rules_find_members_that_are_too_large_and_causes_that_come_again() {
        let found = informed(&shipped());
        let keys: Vec<&str> = found.findings.iter().map(|finding| finding.key.as_str()).collect();
        assert_eq!(keys, ["cause-comes-again:disk", "right-size-cpu:cpu"]);
        let cpu = &found.findings[1];
        assert!(cpu.what.starts_with("2 members: a has 4 virtual CPUs and used at most 10 %"), "{}", cpu.what);
        assert_eq!(cpu.evidence.len(), 2);
        assert!(found.findings[0].what.contains("3 outages have the cause 'disk', together 3m"), "{found:?}");
        assert_eq!(found.summary.last().map(String::as_str), Some("There are 2 findings to decide."));
    }

    #[test]
    fn rules_of_people_find_what_they_ask_for() {
        let text = "[rules.mine]\nscope = 'member'\nwhen = ['member = b', 'max > 0.3']\nwhat = '{member} {max} {hosts}'\n\
            implication = 'i'\naction = 'a'\ncommand = 'evenkeel vm show {member}'\n";
        let rules: Vec<Rule> = parse(Path::new("r.toml"), text).unwrap().into_values().flatten().collect();
        let found = informed(&rules).findings.remove(0);
        assert_eq!((found.what.as_str(), found.command.as_str()), ("b 40 % 0", "evenkeel vm show b"));
        assert!(informed(&[]).findings.is_empty());
    }
}
