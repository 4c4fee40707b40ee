//! From results to findings: every rule is held against every thing that it looks at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::s2_metrics::Source;
use super::super::s3_gather::{Gathered, Member, MemberFigures, OutageFacts, SeriesFacts};
use super::super::s4_process::{Figures, SeriesFigures};
use super::super::s5_analyse::{Analysed, ObjectiveResult, SeriesResult};
use super::fact::{Fact, Facts, fill};
use super::rule::{Rule, SEVERITIES, Scope};

/// Lines of evidence of one finding.
const EVIDENCE_MAX: usize = 20;

/// A finding as a rule made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Rule and subject: the same finding has the same key in every version of a cycle.
    pub key: String,
    /// The rule.
    pub rule: String,
    /// What it is about: objective, metric, cause; empty for the service.
    pub subject: String,
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// What was found.
    pub what: String,
    /// The figures behind it.
    pub evidence: Vec<String>,
    /// What follows from it.
    pub implication: String,
    /// What may be done.
    pub action: String,
    /// The command for it; empty where a person has to think.
    pub command: String,
}

/// Everything that rules look at.
#[derive(Clone, Copy, Debug)]
pub struct Results<'a> {
    /// The period's facts.
    pub now: &'a Gathered,
    /// Its figures.
    pub figures: &'a Figures,
    /// Those of the period before.
    pub before: Option<&'a Figures>,
    /// Its results.
    pub analysed: &'a Analysed,
}

/// The findings, the worst first.
#[must_use]
pub fn findings(results: &Results<'_>, rules: &[Rule]) -> Vec<Finding> {
    let things = things(results);
    let mut found = Vec::new();
    for rule in rules {
        let hits = things.iter().filter(|thing| thing.scope == rule.scope);
        let hits = hits.filter(|thing| rule.when.iter().all(|condition| condition.holds(&thing.facts)));
        if rule.scope == Scope::Member {
            found.extend(together(rule, &hits.collect::<Vec<_>>()));
        } else {
            found.extend(hits.map(|thing| one(rule, thing)));
        }
    }
    let rank = |finding: &Finding| SEVERITIES.iter().position(|word| *word == finding.severity);
    found.sort_by(|a, b| (rank(a), &a.key).cmp(&(rank(b), &b.key)));
    found
}

/// Something that a rule looks at.
#[derive(Debug)]
struct Thing {
    scope: Scope,
    subject: String,
    facts: Facts,
    evidence: Vec<String>,
}

fn one(rule: &Rule, thing: &Thing) -> Finding {
    let key = if thing.subject.is_empty() { rule.name.clone() } else { format!("{}:{}", rule.name, thing.subject) };
    Finding {
        key,
        rule: rule.name.clone(),
        subject: thing.subject.clone(),
        severity: rule.severity.clone(),
        what: fill(&rule.what, &thing.facts),
        evidence: thing.evidence.clone(),
        implication: fill(&rule.implication, &thing.facts),
        action: fill(&rule.action, &thing.facts),
        command: fill(&rule.command, &thing.facts),
    }
}

/// Members of one metric are one finding: thirty of them would hide the others.
fn together(rule: &Rule, hits: &[&Thing]) -> Vec<Finding> {
    let mut by_metric: BTreeMap<&str, Vec<&Thing>> = BTreeMap::new();
    for thing in hits {
        by_metric.entry(thing.subject.as_str()).or_default().push(thing);
    }
    let finding = |(metric, things): (&str, Vec<&Thing>)| {
        let first = one(rule, things[0]);
        let evidence = things.iter().take(EVIDENCE_MAX).map(|thing| fill(&rule.what, &thing.facts));
        let mut evidence: Vec<String> = evidence.collect();
        if things.len() > EVIDENCE_MAX {
            evidence.push(format!("and {} more", things.len() - EVIDENCE_MAX));
        }
        let what = if things.len() == 1 {
            first.what.clone()
        } else {
            format!("{} members: {} and others.", things.len(), first.what.trim_end_matches('.'))
        };
        Finding { key: format!("{}:{metric}", rule.name), what, evidence, ..first }
    };
    by_metric.into_iter().map(finding).collect()
}

fn word(text: &str) -> Fact {
    Fact::Word(text.to_owned())
}

/// Adds facts that are known.
fn add(facts: &mut Facts, some: impl IntoIterator<Item = (&'static str, Option<Fact>)>) {
    facts.extend(some.into_iter().filter_map(|(name, fact)| Some((name, fact?))));
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds of a period are far below 2^53")]
fn count(number: usize) -> Fact {
    Fact::Number(number as f64)
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds of a period are far below 2^53")]
fn seconds(number: i64) -> Fact {
    Fact::Seconds(number as f64)
}

fn things(results: &Results<'_>) -> Vec<Thing> {
    let now = results.now;
    let common = Facts::from([("service", word(&now.service)), ("period", word(&now.period))]);
    let mut things = vec![service(results, &common)];
    things.extend(results.analysed.objectives.iter().map(|one| objective(one, &common)));
    for (series, found) in now.series.iter().zip(&results.analysed.series) {
        let figures = results.figures.series.iter().find(|figures| figures.metric == series.metric);
        things.extend(figures.map(|figures| metric(series, figures, found, &common)));
        things.extend(members(now, series, &common));
    }
    things.extend(causes(now, &common));
    things
}

#[expect(clippy::cast_precision_loss, reason = "an impact is far below 2^53")]
fn service(results: &Results<'_>, common: &Facts) -> Thing {
    let (now, outages) = (results.now, &results.figures.outages);
    let mut facts = common.clone();
    add(
        &mut facts,
        [
            ("title", Some(word(&now.title))),
            ("members", Some(count(now.members.len()))),
            ("outages", Some(count(outages.count))),
            ("outages_before", results.before.map(|before| count(before.outages.count))),
            ("down_s", Some(seconds(outages.down_total_s))),
            ("longest_s", outages.durations_s.iter().max().map(|longest| seconds(*longest))),
            ("mttr_s", outages.mttr_s.map(Fact::Seconds)),
            ("mtbf_s", outages.mtbf_s.map(Fact::Seconds)),
            ("impact", Some(Fact::Number(outages.impact_total as f64))),
            ("changes", Some(count(now.changes.len()))),
        ],
    );
    let evidence = vec![fill("{outages} outages, together {down_s}, mean {mttr_s}, longest {longest_s}.", &facts)];
    Thing { scope: Scope::Service, subject: String::new(), facts, evidence }
}

fn objective(one: &ObjectiveResult, common: &Facts) -> Thing {
    let mut facts = common.clone();
    add(
        &mut facts,
        [
            ("objective", Some(word(&one.objective))),
            ("kpi", Some(word(&one.kpi))),
            ("kind", Some(word(&one.kind))),
            ("state", Some(word(&one.state))),
            ("target", Some(Fact::Share(one.target))),
            ("availability", one.availability.map(Fact::Share)),
            ("low", one.low.map(Fact::Share)),
            ("high", one.high.map(Fact::Share)),
            ("budget_s", Some(Fact::Seconds(one.budget_s))),
            ("budget_left_s", Some(Fact::Seconds(one.budget_left_s.abs()))),
            ("burn_rate", one.burn_rate.map(Fact::Number)),
            ("unknown_share", one.unknown_share.map(Fact::Share)),
            ("before", one.before.map(Fact::Share)),
            ("difference", one.difference.map(Fact::Share)),
            ("days_missed", one.days_met.map(|(met, of)| count(of - met))),
            ("days", one.days_met.map(|(_, of)| count(of))),
            ("window", Some(word(if one.days_met.is_some() { "day" } else { "longer" }))),
        ],
    );
    let mut evidence =
        vec![fill("Good {availability} (target {target}); if all unknown time was bad {low}, or good {high}.", &facts)];
    if let Some((low, high)) = one.ci_low.zip(one.ci_high) {
        evidence.push(format!(
            "By chance alone it lies between {} and {} (95 %).",
            Fact::Share(low),
            Fact::Share(high)
        ));
    }
    if one.before.is_some() {
        evidence.push(fill("The period before: {before}.", &facts));
    }
    if let Some((met, of)) = one.days_met {
        evidence.push(format!("{met} of {of} days kept it."));
    }
    Thing { scope: Scope::Objective, subject: one.objective.clone(), facts, evidence }
}

fn metric(series: &SeriesFacts, figures: &SeriesFigures, found: &SeriesResult, common: &Facts) -> Thing {
    let verdict = &found.verdict;
    let share = verdict.estimate.zip(verdict.mean_before).filter(|(_, mean)| *mean != 0.0);
    let measure = |number: f64| Fact::Measure(number, series.unit.clone());
    let mut facts = common.clone();
    add(
        &mut facts,
        [
            ("metric", Some(word(&series.metric))),
            ("kpi", Some(word(&series.kpi))),
            ("kind", Some(word(&series.kind))),
            ("unit", Some(word(&series.unit))),
            ("mean", verdict.mean_after.or(figures.mean).map(measure)),
            ("min", figures.min.map(measure)),
            ("max", figures.max.map(measure)),
            ("sd", figures.sd.map(measure)),
            ("mean_before", verdict.mean_before.map(measure)),
            ("missing_share", figures.missing_share.map(Fact::Share)),
            ("verdict", Some(word(&verdict.verdict))),
            ("change", verdict.estimate.map(measure)),
            ("change_share", share.map(|(change, mean)| Fact::Share(change / mean.abs()))),
            ("spread_verdict", Some(word(&verdict.spread_verdict))),
            ("spread_ratio", verdict.spread_ratio.map(Fact::Number)),
            ("limit", series.limit.map(measure)),
        ],
    );
    let beyond = if series.better == "higher" { -1.0 } else { 1.0 };
    if let Some(against) = found.against_limit {
        add(
            &mut facts,
            [("over_limit", Some(measure(beyond * against.estimate))), ("over_limit_p", Some(Fact::Number(against.p)))],
        );
    }
    if let Some(forecast) = found.forecast {
        add(
            &mut facts,
            [
                ("days_to_limit", forecast.days_to_limit.map(Fact::Number)),
                ("days_not_before", forecast.days_not_before.map(Fact::Number)),
                ("reached", Some(word(if forecast.reached { "yes" } else { "no" }))),
            ],
        );
    }
    let evidence = vec![fill("Mean {mean}, largest {max}, standard deviation {sd}.", &facts), verdict.words.clone()];
    Thing { scope: Scope::Metric, subject: series.metric.clone(), facts, evidence }
}

fn members(now: &Gathered, series: &SeriesFacts, common: &Facts) -> Vec<Thing> {
    let by_name: BTreeMap<&str, &Member> = now.members.iter().map(|member| (member.name.as_str(), member)).collect();
    let thing = |figures: &MemberFigures| {
        let member = *by_name.get(figures.0.as_str())?;
        Some(Thing {
            scope: Scope::Member,
            subject: series.metric.clone(),
            facts: member_facts(member, figures, series, common),
            evidence: Vec::new(),
        })
    };
    series.members.iter().filter_map(thing).collect()
}

#[expect(clippy::cast_precision_loss, reason = "processors and bytes of a VM are far below 2^53")]
fn member_facts(member: &Member, figures: &MemberFigures, series: &SeriesFacts, common: &Facts) -> Facts {
    let MemberFigures(_, _, mean, min, max, sd) = figures;
    let per = |of: i64, value: f64| (of > 0).then(|| Fact::Share(value / of as f64));
    let is_bytes = series.unit == "bytes";
    // `source` without its device: a rule is about the metric.
    let source = series.source.splitn(3, ':').take(2).collect::<Vec<_>>().join(":");
    let is_cpu = Source::parse(&series.source).is_ok_and(|source| source.unit() == "ratio");
    let measure = |number: f64| Fact::Measure(number, series.unit.clone());
    let mut facts = common.clone();
    add(
        &mut facts,
        [
            ("member", Some(word(&member.name))),
            ("kind", Some(word(&member.kind))),
            ("metric", Some(word(&series.metric))),
            ("source", Some(Fact::Word(source))),
            ("unit", Some(word(&series.unit))),
            ("mean", Some(measure(*mean))),
            ("min", Some(measure(*min))),
            ("max", Some(measure(*max))),
            ("sd", sd.map(measure)),
            ("limit", series.limit.map(measure)),
            ("vcpus", Some(Fact::Number(member.vcpus as f64))),
            ("memory_max_bytes", Some(Fact::Measure(member.memory_max_bytes as f64, "bytes".to_owned()))),
            ("mean_per_vcpu", per(member.vcpus, *mean).filter(|_| is_cpu)),
            ("max_per_vcpu", per(member.vcpus, *max).filter(|_| is_cpu)),
            ("mean_of_memory", per(member.memory_max_bytes, *mean).filter(|_| is_bytes)),
            ("max_of_memory", per(member.memory_max_bytes, *max).filter(|_| is_bytes)),
            ("present_s", Some(seconds(member.to_s - member.from_s))),
            ("hosts", Some(count(member.hosts.len()))),
        ],
    );
    facts
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
fn causes(now: &Gathered, common: &Facts) -> Vec<Thing> {
    let mut by_cause: BTreeMap<&str, Vec<&OutageFacts>> = BTreeMap::new();
    for outage in now.outages.iter().filter(|outage| !outage.void && outage.down_s > outage.excluded_s) {
        by_cause.entry(outage.cause.as_str()).or_default().push(outage);
    }
    let lost = |all: &[&OutageFacts]| -> i64 { all.iter().map(|outage| outage.down_s - outage.excluded_s).sum() };
    let all: i64 = by_cause.values().map(|outages| lost(outages)).sum();
    let thing = |(cause, outages): (&str, Vec<&OutageFacts>)| {
        let mut targets: Vec<&str> = outages.iter().map(|outage| outage.target.as_str()).collect();
        targets.sort_unstable();
        targets.dedup();
        let name = if cause.is_empty() { "not known" } else { cause };
        let down = lost(&outages);
        let mut facts = common.clone();
        add(
            &mut facts,
            [
                ("cause", Some(word(name))),
                ("outages", Some(count(outages.len()))),
                ("targets", Some(count(targets.len()))),
                ("down_s", Some(seconds(down))),
                ("down_share", (all > 0).then(|| Fact::Share(down as f64 / all as f64))),
                ("impact", Some(Fact::Number(outages.iter().map(|outage| outage.impact).sum::<i64>() as f64))),
            ],
        );
        let line =
            |outage: &&OutageFacts| format!("Outage {} of {}: {}.", outage.id, outage.target, seconds(outage.down_s));
        let evidence = outages.iter().take(EVIDENCE_MAX).map(line).collect();
        Thing { scope: Scope::Cause, subject: name.to_owned(), facts, evidence }
    };
    by_cause.into_iter().map(thing).collect()
}
