//! Step 6, present: the result in a sentence that a person can repeat.

mod fact;
mod findings;
mod informed;
mod rule;

pub use fact::{Fact, measure, short};
pub use findings::{Finding, Results};
pub use informed::{Informed, inform};
pub use rule::{Rule, SEVERITIES, Scope, parse as parse_rules};

use std::collections::BTreeMap;
use std::path::Path;

use evenkeel_common::time::DurationMs;
use evenkeel_common::units::show_duration;

use super::s5_analyse::Comparison;
use crate::sla::Availability;

/// The rules that are part of the program.
const SHIPPED: &str = include_str!("../../../packaging/rules/shipped.toml");

/// The rules that are in force without any file.
#[must_use]
pub fn shipped() -> Vec<Rule> {
    rules(&BTreeMap::new())
}

/// The shipped rules with those of people: one of the same name takes its place, or switches it off.
#[must_use]
pub fn rules(own: &BTreeMap<String, Option<Rule>>) -> Vec<Rule> {
    // A test reads them, so that they are never wrong.
    let mut all = parse_rules(Path::new("shipped.toml"), SHIPPED).unwrap_or_default();
    all.extend(own.iter().map(|(name, rule)| (name.clone(), rule.clone())));
    all.into_values().flatten().collect()
}

/// What was found about one VM.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// Its name.
    pub vm: &'a str,
    /// How the period was spent.
    pub spent: Availability,
    /// How the other period was spent, when there is one.
    pub before: Option<Availability>,
    /// The series of both, when there is one.
    pub comparisons: &'a [Comparison],
}

/// The finding in words.
#[must_use]
pub fn sentence(found: &Found<'_>) -> String {
    let mut text = match found.spent.share() {
        None => format!("Nothing is known of {} in this period.", found.vm),
        Some(share) => format!(
            "{} was up {} of the {} that are known{}.",
            found.vm,
            percent(share),
            show_duration(DurationMs(found.spent.up.0 + found.spent.down.0)),
            unknown(found.spent.unknown)
        ),
    };
    if let Some(before) = found.before {
        text.push(' ');
        text.push_str(&compared(found, before));
    }
    text
}

fn unknown(unknown: DurationMs) -> String {
    if unknown.0 > 0 { format!("; {} are unknown", show_duration(unknown)) } else { String::new() }
}

fn compared(found: &Found<'_>, before: Availability) -> String {
    let share = before.share().map_or_else(
        || "of the period it is compared with nothing is known".to_owned(),
        |share| format!("in the period it is compared with it was up {}", percent(share)),
    );
    let of = |differs: fn(&Comparison) -> bool| found.comparisons.iter().filter(|one| differs(one)).count();
    let tested = of(|one| one.welch.is_ok() || one.brown_forsythe.is_ok());
    if tested == 0 {
        return format!("{}; no metric could be compared (too few readings, or they do not vary).", capital(&share));
    }
    format!(
        "{}; of {tested} series compared the mean differs in {} and the spread in {} (p < 0.05, textbook tests that \
         ignore autocorrelation: on readings seconds apart they often find a difference where there is none).",
        capital(&share),
        of(Comparison::mean_differs),
        of(Comparison::spread_differs)
    )
}

/// Never rounded up to 100 %.
fn percent(share: f64) -> String {
    format!("{:.3} %", (share * 100_000.0).floor() / 1_000.0)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::super::s5_analyse::compare;
    use super::*;

    fn spent(up: i64, down: i64, unknown: i64) -> Availability {
        Availability { up: DurationMs(up), down: DurationMs(down), unknown: DurationMs(unknown) }
    }

    #[test]
    fn shipped_rules_are_right_and_those_of_people_take_their_place() {
        let shipped_rules = parse_rules(Path::new("shipped.toml"), SHIPPED).unwrap();
        assert!(shipped_rules.len() > 10 && shipped().len() == shipped_rules.len());
        let own = BTreeMap::from([("level-missed".to_owned(), None)]);
        assert_eq!(rules(&own).len(), shipped().len() - 1);
    }

    #[test]
    fn says_what_is_known() {
        let found = |spent, before, comparisons| sentence(&Found { vm: "web-1", spent, before, comparisons });
        assert_eq!(found(spent(0, 0, 5_000), None, &[]), "Nothing is known of web-1 in this period.");
        assert_eq!(
            found(spent(3_590_000, 10_000, 60_000), None, &[]),
            "web-1 was up 99.722 % of the 1h that are known; 1m are unknown."
        );
        assert!(found(spent(99_999_999, 1, 0), None, &[]).contains("99.999 %"));
        let comparisons = [compare(&[1.0, 2.0, 3.0, 2.0], &[11.0, 12.0, 13.0, 12.0])];
        let text = found(spent(1_000, 0, 0), Some(spent(0, 0, 1)), &comparisons);
        assert!(text.contains("Of the period it is compared with nothing is known; of 1 series compared the mean differs in 1 and the spread in 0"), "{text}");
    }
}
