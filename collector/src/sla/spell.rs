//! What a check heard, as runs of seconds: up, down or unknown, never mixed.
//!
//! An observation speaks from its second to that of the next one, but for no longer than one and a half of its intervals
//! (rounded up to a second): what lies beyond is unknown. Of several observations in one second the last one counts.

use evenkeel_common::time::{DurationMs, UnixMs};

use super::{Heard, Span};

/// Why nothing is known where nothing was heard.
pub const NO_DATA: &str = "no_data";

/// One look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// When.
    pub at: UnixMs,
    /// Time until the next one is due.
    pub interval: DurationMs,
    /// What it said.
    pub heard: Heard,
    /// Why it is down or unknown; empty when it is up.
    pub why: String,
}

/// A run of seconds of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spell {
    /// Its seconds.
    pub span: Span,
    /// What was heard.
    pub heard: Heard,
    /// Why; empty when up.
    pub why: String,
    /// How many observations said so.
    pub readings: i64,
}

/// The spells of `within`, oldest first. They cover it from its begin to where the last observation speaks no more;
/// what follows is not known yet.
#[must_use]
pub fn spells(observations: &[Observation], within: Span) -> Vec<Spell> {
    let second = |one: &Observation| one.at.0.div_euclid(1_000);
    let mut all: Vec<&Observation> = observations.iter().collect();
    all.sort_by_key(|one| one.at);
    let mut spells = Vec::new();
    let mut known_to = within.from;
    for (index, one) in all.iter().enumerate() {
        let from = second(one);
        let next = all.get(index + 1).map_or(i64::MAX, |next| second(next));
        let half_more = one.interval.0.max(0).saturating_mul(3).saturating_add(1_999) / 2_000;
        let to = from.saturating_add(half_more.max(1)).min(next);
        let Some(span) = (Span { from, to }).common(within) else { continue };
        if known_to < span.from {
            let gap = Span { from: known_to, to: span.from };
            push(&mut spells, Spell { span: gap, heard: Heard::Unknown, why: NO_DATA.to_owned(), readings: 0 });
        }
        let readings = i64::from(from >= within.from);
        push(&mut spells, Spell { span, heard: one.heard, why: one.why.clone(), readings });
        known_to = span.to;
    }
    spells
}

/// Adds a spell, to the last one if that is the same.
pub fn push(spells: &mut Vec<Spell>, spell: Spell) {
    match spells.last_mut() {
        Some(last) if last.span.to == spell.span.from && last.heard == spell.heard && last.why == spell.why => {
            last.span.to = spell.span.to;
            last.readings += spell.readings;
        }
        _ => spells.push(spell),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn look(at_s: i64, interval_s: i64, heard: Heard) -> Observation {
        let why = if heard == Heard::Up { "" } else { "w" };
        Observation { at: UnixMs(at_s * 1_000), interval: DurationMs(interval_s * 1_000), heard, why: why.to_owned() }
    }

    fn shown(spells: &[Spell]) -> Vec<(i64, i64, Heard, &str, i64)> {
        spells.iter().map(|one| (one.span.from, one.span.to, one.heard, one.why.as_str(), one.readings)).collect()
    }

    #[test]
    fn runs_gaps_and_an_end_that_is_not_known_yet() {
        use Heard::{Down, Unknown, Up};
        let looks = [look(0, 10, Up), look(10, 10, Up), look(20, 10, Down), look(60, 10, Up)];
        let all = spells(&looks, Span { from: 0, to: 100 });
        assert_eq!(
            shown(&all),
            [(0, 20, Up, "", 2), (20, 35, Down, "w", 1), (35, 60, Unknown, "no_data", 0), (60, 75, Up, "", 1)]
        );
        let later = spells(&looks, Span { from: 25, to: 70 });
        assert_eq!(
            shown(&later),
            [(25, 35, Down, "w", 0), (35, 60, Unknown, "no_data", 0), (60, 70, Up, "", 1)],
            "what was looked at before counts for its time, not as a reading"
        );
        assert!(spells(&[], Span { from: 0, to: 10 }).is_empty());
        assert_eq!(shown(&spells(&[look(3, 1, Up)], Span { from: 0, to: 9 }))[1], (3, 5, Up, "", 1), "1.5 s are 2");
    }

    proptest! {
        #[test]
        fn every_second_is_what_the_last_look_before_it_says(
            looks in prop::collection::vec((0_i64..200, 1_i64..20, 0_u8..3), 0..40), from in 0_i64..100, length in 1_i64..150,
        ) {
            let heard = [Heard::Up, Heard::Down, Heard::Unknown];
            let mut looks: Vec<Observation> =
                looks.into_iter().map(|(at, every, which)| look(at, every, heard[usize::from(which)])).collect();
            looks.sort_by_key(|one| one.at);
            looks.dedup_by_key(|one| one.at);
            let within = Span { from, to: from + length };
            let all = spells(&looks, within);
            prop_assert!(all.windows(2).all(|pair| pair[0].span.to == pair[1].span.from));
            prop_assert!(all.first().is_none_or(|first| first.span.from == from));
            let inside = looks.iter().filter(|one| (from..from + length).contains(&(one.at.0 / 1_000))).count();
            prop_assert_eq!(all.iter().map(|one| one.readings).sum::<i64>(), i64::try_from(inside).unwrap());
            for spell in &all {
                for second in spell.span.from..spell.span.to {
                    let last = looks.iter().rfind(|one| one.at.0 / 1_000 <= second);
                    let speaks = last.filter(|one| second < one.at.0 / 1_000 + (one.interval.0 * 3 + 1_999) / 2_000);
                    prop_assert_eq!(spell.heard, speaks.map_or(Heard::Unknown, |one| one.heard), "second {}", second);
                }
            }
        }
    }
}
