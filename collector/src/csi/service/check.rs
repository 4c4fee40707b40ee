//! From the text of a file to a service, with everything that is wrong at once.

use std::path::Path;

use evenkeel_common::config::{self, Loaded, Problem, Problems, suggestion};
use evenkeel_common::metric::Better;
use jiff::tz::TimeZone;

use super::super::s1_indicators::{Factor, Kpi, KpiKind};
use super::super::s2_metrics::{MetricDefinition, Scale, Source};
use super::{Members, Needed, SCHEMA, Service, objectives};
use crate::sla::{Span, When, Window, moment};
use crate::stats::verdict::{Threshold, parse_threshold};

/// Longest name of a service: it stands in paths and tables.
const NAME_MAX: usize = 60;

/// Collects what is wrong in one file.
pub(super) struct Complaints {
    origin: String,
    problems: Vec<Problem>,
}

impl Complaints {
    pub(super) fn add(&mut self, key: impl Into<String>, message: impl Into<String>) {
        self.problems.push(Problem { origin: self.origin.clone(), key: key.into(), message: message.into() });
    }

    /// A text that has to be there; empty when it is not, which is said.
    pub(super) fn needed(&mut self, one: &Loaded, table: &str, key: &str) -> String {
        let text = one.text(key).unwrap_or_default().trim().to_owned();
        if text.is_empty() {
            self.add(format!("{table}.{key}"), "is missing");
        }
        text
    }

    /// That a name is one of those that there are.
    pub(super) fn known(&mut self, key: impl Into<String>, what: &str, name: &str, known: &[&str]) -> bool {
        if name.is_empty() || known.contains(&name) {
            return !name.is_empty();
        }
        let hint = if known.is_empty() { format!("there is no [{what}s.…]") } else { suggestion(known, name) };
        self.add(key, format!("there is no {what} '{name}'; {hint}"));
        false
    }
}

/// Checks the text of `services/NAME.toml`.
///
/// # Errors
/// All problems at once.
pub fn parse(path: &Path, text: &str) -> Result<Service, Problems> {
    let loaded = config::parse(&SCHEMA, path, text)?;
    let mut complaints = Complaints { origin: path.display().to_string(), problems: Vec::new() };
    let service = build(path, &loaded, &mut complaints);
    if complaints.problems.is_empty() { Ok(service) } else { Err(Problems(complaints.problems)) }
}

fn build(path: &Path, loaded: &Loaded, complaints: &mut Complaints) -> Service {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > NAME_MAX || !name.chars().all(plain) {
        complaints.add("", format!("is not named as a service is; give 1 to {NAME_MAX} of a-z, 0-9 and -, then .toml"));
    }
    let zone = TimeZone::get(loaded.text("time_zone").unwrap_or("UTC")).unwrap_or(TimeZone::UTC);
    let members = members(loaded);
    if [&members.labels, &members.owners, &members.projects, &members.names, &members.hosts]
        .iter()
        .all(|all| all.is_empty())
    {
        complaints.add("members", "names nobody; give labels, owners, projects, names or hosts");
    }
    let factors: Vec<Factor> = loaded
        .named("factors")
        .map(|(name, one)| Factor {
            name: name.to_owned(),
            goal: complaints.needed(one, &format!("factors.{name}"), "goal"),
        })
        .collect();
    let metrics: Vec<MetricDefinition> =
        loaded.named("metrics").filter_map(|(name, one)| metric(name, one, complaints)).collect();
    let metric_names: Vec<&str> = loaded.named("metrics").map(|(name, _)| name).collect();
    let factor_names: Vec<&str> = factors.iter().map(|factor| factor.name.as_str()).collect();
    let kpis: Vec<Kpi> =
        loaded.named("kpis").map(|(name, one)| kpi(name, one, &factor_names, &metric_names, complaints)).collect();
    if kpis.is_empty() {
        complaints.add("kpis", "there is none; give at least one [kpis.NAME]");
    }
    let objectives = objectives::read(loaded, &kpis, &metrics, complaints);
    Service {
        title: loaded.text("title").unwrap_or(&name).to_owned(),
        name,
        description: loaded.text("description").unwrap_or_default().to_owned(),
        business_hours: loaded.words("business_hours").iter().filter_map(|text| text.parse().ok()).collect(),
        windows: windows(loaded, &zone, complaints),
        zone,
        impact_weight: loaded.integer("impact_weight").unwrap_or(1),
        review_period: loaded.text("review_period").unwrap_or("month").to_owned(),
        approvers: loaded.words("approvers"),
        members,
        factors,
        kpis,
        metrics,
        objectives,
    }
}

fn members(loaded: &Loaded) -> Members {
    Members {
        labels: loaded.words("members.labels"),
        owners: loaded.words("members.owners"),
        projects: loaded.words("members.projects"),
        names: loaded.words("members.names"),
        hosts: loaded.words("members.hosts"),
        needed: loaded.text("members.needed").and_then(Needed::parse).unwrap_or(Needed::All),
    }
}

fn metric(name: &str, one: &Loaded, complaints: &mut Complaints) -> Option<MetricDefinition> {
    let table = format!("metrics.{name}");
    let source = Source::parse(&complaints.needed(one, &table, "source")).ok()?;
    if let Some(unit) = one.text("unit").filter(|unit| *unit != source.unit()) {
        let message = format!("'{unit}' is not the unit of {source}; give \"{}\" or leave it out", source.unit());
        complaints.add(format!("{table}.unit"), message);
    }
    let scale = Scale::of(one.text("scale").unwrap_or("ratio"));
    if source.is_nominal() && scale != Scale::Nominal {
        complaints.add(format!("{table}.scale"), format!("the values of {source} are codes; give \"nominal\""));
    }
    let word = |key: &str, allowed: &[&str], complaints: &mut Complaints| {
        let text = one.text(key).unwrap_or_default();
        if !allowed.contains(&text) {
            let message = format!(
                "\"{text}\" makes no sense on a scale that is {}; give one of \"{}\"",
                scale.as_str(),
                allowed.join("\", \"")
            );
            complaints.add(format!("{table}.{key}"), message);
        }
        text.to_owned()
    };
    let aggregation = word("aggregation", scale.aggregations(), complaints);
    let dispersion = word("dispersion", scale.dispersions(), complaints);
    let better = match one.text("better") {
        Some("lower") => Some(Better::Lower),
        Some(_) => Some(Better::Higher),
        None => source.better(),
    };
    let threshold_text = one.text("threshold").unwrap_or_default().to_owned();
    let threshold = parse_threshold(&threshold_text).unwrap_or(Threshold::Default);
    let sampling = one.duration("sampling").unwrap_or(evenkeel_common::limits::INTERVAL_DEFAULT);
    let name = name.to_owned();
    Some(MetricDefinition { name, source, sampling, scale, aggregation, dispersion, better, threshold, threshold_text })
}

fn kpi(name: &str, one: &Loaded, factors: &[&str], metrics: &[&str], complaints: &mut Complaints) -> Kpi {
    let table = format!("kpis.{name}");
    let factor = complaints.needed(one, &table, "factor");
    complaints.known(format!("{table}.factor"), "factor", &factor, factors);
    let kind = KpiKind::of(&complaints.needed(one, &table, "kind"));
    let own = one.words("metrics");
    if own.is_empty() {
        complaints.add(format!("{table}.metrics"), "is missing; name at least one of the metrics");
    }
    for metric in &own {
        complaints.known(format!("{table}.metrics"), "metric", metric, metrics);
    }
    Kpi { name: name.to_owned(), factor, kind, metrics: own }
}

fn windows(loaded: &Loaded, zone: &TimeZone, complaints: &mut Complaints) -> Vec<Window> {
    let mut windows = Vec::new();
    for (name, one) in loaded.named("maintenance") {
        let table = format!("maintenance.{name}");
        let when = match (one.text("rule"), one.text("from"), one.text("to")) {
            (Some(rule), None, None) => rule.parse().ok().map(|rule| When::Recurring(rule, zone.clone())),
            (None, Some(from), Some(to)) => once(&table, from, to, zone, complaints).map(When::Once),
            _ => {
                complaints.add(table, "give rule, or from and to");
                None
            }
        };
        let window = |when| Window { name: name.to_owned(), when, valid_from: i64::MIN, valid_to: i64::MAX };
        windows.extend(when.map(window));
    }
    windows
}

fn once(table: &str, from: &str, to: &str, zone: &TimeZone, complaints: &mut Complaints) -> Option<Span> {
    let mut at = |key: &str, text: &str| {
        moment(text, zone).map_err(|error| complaints.add(format!("{table}.{key}"), error.to_string())).ok()
    };
    let (from, to) = (at("from", from), at("to", to));
    let span = Span { from: from?, to: to? };
    if span.from >= span.to {
        complaints.add(format!("{table}.to"), "is not after from");
    }
    Some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        parse(Path::new("services/shop.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn says_all_that_is_wrong_at_once_with_its_key_and_what_is_allowed() {
        let text = said(
            "titel = 'x'\ntime_zone = 'Europe/Berlyn'\nimpact_weight = 0\nbusiness_hours = ['always']\n\
             [kpis.a]\nkind = 'speed'\n[metrics.m]\nsource = 'series:vm_stat'\n[objectives.o]\ntarget = '100%'",
        );
        for words in [
            "services/shop.toml: titel: is not a known key; did you mean 'title'?",
            "time_zone: \"Europe/Berlyn\" is not allowed; give a time zone",
            "impact_weight: 0 is not allowed; give a whole number from 1",
            "business_hours: [\"always\"] is not allowed",
            "kpis.a.kind: \"speed\" is not allowed; give one of \"availability\"",
            "metrics.m.source: \"series:vm_stat\" is not allowed",
            "objectives.o.target: \"100%\" is not allowed; give a share above 0% and below 100%",
        ] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
    }

    #[test]
    fn the_shipped_examples_are_services() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/services");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let service = parse(&path, &std::fs::read_to_string(&path).unwrap());
            let service = service.unwrap_or_else(|problems| panic!("{problems}"));
            assert!(!service.objectives.is_empty() && !service.approvers.is_empty(), "{}", service.name);
            names.push(service.name);
        }
        names.sort();
        assert_eq!(names, ["batch-farm", "database", "hosts", "web-shop"]);
    }

    #[test]
    fn what_refers_to_nothing_is_said_with_what_is_near() {
        let text = said(
            "[factors.reliability]\ngoal = 'g'\n[kpis.up]\nfactor = 'reliabilty'\nkind = 'availability'\nmetrics = ['stat']\n\
             [metrics.state]\nsource = 'state'\nunit = 'minutes'\naggregation = 'sum'\ndispersion = 'range'\n\
             [metrics.code]\nsource = 'series:vm_state'\n[metrics.rank]\nsource='state'\nscale='ordinal'\n\
             [objectives.o]\nkpi = 'upp'\ntarget = '99%'\n[objectives.p]\nkpi='up'\n\
             [maintenance.a]\nrule = 'daily 01:00-02:00'\nfrom = 'x'\n[maintenance.b]\nfrom = '2026-12-02T01:00'\nto = '2026-12-01T01:00'",
        );
        for words in [
            "members: names nobody",
            "kpis.up.factor: there is no factor 'reliabilty'; did you mean 'reliability'?",
            "kpis.up.metrics: there is no metric 'stat'; did you mean 'state'?",
            "metrics.state.unit: 'minutes' is not the unit of state; give \"seconds\"",
            "metrics.code.scale: the values of series:vm_state are codes; give \"nominal\"",
            "metrics.rank.aggregation: \"mean\" makes no sense on a scale that is ordinal; give one of \"count\", \"median\"",
            "objectives.o.kpi: there is no kpi 'upp'; did you mean 'up'?",
            "objectives.p.target: is missing",
            "maintenance.a: give rule, or from and to",
            "maintenance.b.to: is not after from",
        ] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
        assert!(parse(Path::new("Web Shop.toml"), "").unwrap_err().to_string().contains("give 1 to 60 of a-z"));
    }
}
