//! Rules: a condition over results gives an implication and a proposed action. They are files that people extend
//! (`rules.d/*.toml`); a rule of the same name takes the place of a shipped one.

use std::collections::BTreeMap;
use std::path::Path;

use evenkeel_common::config::Problem;
use serde::Deserialize;

use super::fact::{Condition, names};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The service as a whole.
    Service,
    /// Each objective.
    Objective,
    /// Each metric.
    Metric,
    /// Each metric of each member; members are put together in one finding.
    Member,
    /// Each cause of outages.
    Cause,
}

impl Scope {
    /// All scopes with their words.
    const WORDS: [(&'static str, Self); 5] = [
        ("service", Self::Service),
        ("objective", Self::Objective),
        ("metric", Self::Metric),
        ("member", Self::Member),
        ("cause", Self::Cause),
    ];

    /// The facts that a rule of this scope may name.
    #[must_use]
    pub fn facts(self) -> Vec<&'static str> {
        let own = match self {
            Self::Service => "title members outages outages_before down_s mttr_s mtbf_s impact longest_s changes",
            Self::Objective => {
                "objective kpi kind target availability low high state budget_left_s budget_s burn_rate \
                 unknown_share before difference days_missed days window"
            }
            Self::Metric => {
                "metric kpi kind unit mean min max sd mean_before missing_share verdict change \
                 change_share spread_verdict spread_ratio limit over_limit_p over_limit days_to_limit \
                 days_not_before reached"
            }
            Self::Member => {
                "member kind metric source unit mean min max sd limit vcpus memory_max_bytes \
                 mean_per_vcpu max_per_vcpu mean_of_memory max_of_memory present_s hosts"
            }
            Self::Cause => "cause outages targets down_s down_share impact",
        };
        ["service", "period"].into_iter().chain(own.split(' ')).collect()
    }
}

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What it looks at.
    pub scope: Scope,
    /// All of them have to hold.
    pub when: Vec<Condition>,
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// What was found.
    pub what: String,
    /// What follows from it.
    pub implication: String,
    /// What may be done.
    pub action: String,
    /// The command that does it; empty where a person has to think.
    pub command: String,
}

/// Words of severities, the worst first.
pub const SEVERITIES: [&str; 3] = ["high", "medium", "low"];
/// Rules of one file.
const RULES_MAX: usize = 1_000;
/// Longest text of one.
const TEXT_MAX: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rules: BTreeMap<String, Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    when: Vec<String>,
    #[serde(default = "medium")]
    severity: String,
    #[serde(default)]
    what: String,
    #[serde(default)]
    implication: String,
    #[serde(default)]
    action: String,
    #[serde(default)]
    command: String,
}

fn yes() -> bool {
    true
}

fn medium() -> String {
    "medium".to_owned()
}

/// The rules of a file by name; none for one that is switched off.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(path: &Path, text: &str) -> Result<BTreeMap<String, Option<Rule>>, Vec<Problem>> {
    let problem = |key: String, message: String| Problem { origin: path.display().to_string(), key, message };
    let file: File = toml::from_str(text)
        .map_err(|error| vec![problem(String::new(), error.to_string().trim().replace('\n', " "))])?;
    if file.rules.len() > RULES_MAX {
        return Err(vec![problem("rules".to_owned(), format!("has more than {RULES_MAX} rules"))]);
    }
    let (mut rules, mut problems) = (BTreeMap::new(), Vec::new());
    for (name, written) in file.rules {
        if !written.enabled {
            rules.insert(name, None);
            continue;
        }
        match rule(&name, written) {
            Ok(rule) => {
                rules.insert(name, Some(rule));
            }
            Err(found) => {
                problems
                    .extend(found.into_iter().map(|(key, message)| problem(format!("rules.{name}.{key}"), message)));
            }
        }
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

fn rule(name: &str, written: Written) -> Result<Rule, Vec<(&'static str, String)>> {
    let mut problems = Vec::new();
    let scope = Scope::WORDS.iter().find(|(word, _)| *word == written.scope).map(|(_, scope)| *scope);
    let words: Vec<&str> = Scope::WORDS.iter().map(|(word, _)| *word).collect();
    let Some(scope) = scope else {
        return Err(vec![("scope", format!("'{}' is none of {}", written.scope, words.join(", ")))]);
    };
    let known = |fact: &str| scope.facts().contains(&fact);
    let mut when = Vec::new();
    for text in &written.when {
        match Condition::parse(text) {
            Ok(condition) if known(condition.fact()) => when.push(condition),
            Ok(condition) => problems.push(("when", unknown(scope, &written.scope, condition.fact()))),
            Err(message) => problems.push(("when", message)),
        }
    }
    if written.when.is_empty() {
        problems.push(("when", "is missing; give one condition or more".to_owned()));
    }
    if !SEVERITIES.contains(&written.severity.as_str()) {
        problems.push(("severity", format!("'{}' is none of {}", written.severity, SEVERITIES.join(", "))));
    }
    let texts = [
        ("what", &written.what),
        ("implication", &written.implication),
        ("action", &written.action),
        ("command", &written.command),
    ];
    for (key, text) in texts {
        if text.trim().is_empty() && key != "command" {
            problems.push((key, "is missing".to_owned()));
        }
        if text.len() > TEXT_MAX || text.chars().any(char::is_control) {
            problems.push((key, format!("has more than {TEXT_MAX} bytes, or control characters")));
        }
        problems
            .extend(names(text).filter(|fact| !known(fact)).map(|fact| (key, unknown(scope, &written.scope, fact))));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let Written { severity, what, implication, action, command, .. } = written;
    Ok(Rule { name: name.to_owned(), scope, when, severity, what, implication, action, command })
}

fn unknown(scope: Scope, word: &str, fact: &str) -> String {
    format!("there is no fact '{fact}' of scope {word}; there are {}", scope.facts().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[rules.late]\nscope = 'objective'\nwhen = ['state = missed']\nseverity = 'high'\n\
        what = '{objective} was missed'\nimplication = 'i'\naction = 'a'\n[rules.off]\nenabled = false\n";

    fn said(text: &str) -> String {
        match parse(Path::new("r.toml"), text) {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        }
    }

    #[test]
    fn a_file_is_read_and_every_error_is_told_at_once() {
        let rules = parse(Path::new("r.toml"), GOOD).unwrap();
        assert_eq!(rules["late"].as_ref().unwrap().scope, Scope::Objective);
        assert_eq!(rules["off"], None);
        let bad = GOOD
            .replace("state = missed", "stat = missed")
            .replace("'high'", "'huge'")
            .replace("{objective}", "{metric}")
            .replace("action = 'a'", "");
        let said_all = said(&bad);
        for words in [
            "r.toml: rules.late.when: there is no fact 'stat' of scope objective; there are service",
            "rules.late.severity: 'huge' is none of high, medium, low",
            "rules.late.what: there is no fact 'metric'",
            "rules.late.action: is missing",
        ] {
            assert!(said_all.contains(words), "{said_all}");
        }
        assert!(said(&GOOD.replace("'objective'", "'fleet'")).contains("'fleet' is none of service, objective"));
        assert!(said("[rules.x]\nwhat_is = 'x'").contains("what_is"));
        assert!(said("rules = ").contains("r.toml"));
    }
}
