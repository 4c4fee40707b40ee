//! When a target is out: a rule with hysteresis over what a check heard.
//!
//! An outage is confirmed when `misses` of the last `of` observations that could tell were down, or when it was down for
//! `after_s` without a break. It begins with the first of those misses, so confirming it late moves nothing. It ends with
//! the first of `recoveries` observations in a row that it is up. Time of which nothing is known neither confirms nor
//! ends an outage; what of it lies within one is counted apart. A miss that was not confirmed is no outage.

use std::collections::VecDeque;

use super::{Heard, Spans, Spell};

/// The rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutageRule {
    /// So many misses …
    pub misses: usize,
    /// … of the last so many observations.
    pub of: usize,
    /// Or down for so long; 0: the count alone decides.
    pub after_s: i64,
    /// So many answers in a row end it.
    pub recoveries: i64,
}

/// An outage as measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// First second.
    pub from: i64,
    /// First second after it; none while it goes on.
    pub to: Option<i64>,
    /// When it was down.
    pub down: Spans,
    /// Seconds within it of which nothing is known.
    pub unknown_s: i64,
    /// What was heard, in the order of time: why, from when, how often.
    pub heard: Vec<(String, i64, i64)>,
}

/// Most lines of evidence that are kept of one outage.
const HEARD_MAX: usize = 20;

#[derive(Debug)]
struct Open {
    outage: Outage,
    /// Seconds of which nothing is known since it was last down.
    unknown_since_s: i64,
    /// Answers in a row, and where they began.
    ups: i64,
    up_from: Option<i64>,
    last_down_to: i64,
}

/// The outages of spells that are in time order, oldest first.
#[must_use]
pub fn outages(spells: &[Spell], rule: OutageRule) -> Vec<Outage> {
    let mut found = Vec::new();
    // The last observations: the spell of a miss, none of an answer.
    let mut window: VecDeque<Option<usize>> = VecDeque::new();
    let mut open: Option<Open> = None;
    let of = rule.of.max(1);
    for (index, spell) in spells.iter().enumerate() {
        if spell.heard != Heard::Unknown {
            let times = usize::try_from(spell.readings.max(0)).unwrap_or(usize::MAX).min(of);
            let one = (spell.heard == Heard::Down).then_some(index);
            window.extend(std::iter::repeat_n(one, times));
            window.drain(..window.len().saturating_sub(of));
        }
        match (spell.heard, &mut open) {
            (Heard::Down, Some(open)) => open.down(spell),
            (Heard::Down, None) => {
                let misses = window.iter().flatten().count();
                let lasts = rule.after_s > 0 && spell.span.length_s() >= rule.after_s;
                if misses >= rule.misses.max(1) || lasts {
                    let first = window.iter().flatten().next().copied().unwrap_or(index).min(index);
                    let mut begun = Open::at(&spells[first]);
                    spells[first + 1..=index].iter().for_each(|spell| begun.take(spell));
                    open = Some(begun);
                }
            }
            (_, Some(begun)) => {
                begun.take(spell);
                if begun.ups >= rule.recoveries.max(1) {
                    found.extend(open.take().map(Open::close));
                    window.clear();
                }
            }
            (_, None) => {}
        }
    }
    found.extend(open.map(|open| open.outage));
    found
}

impl Open {
    fn at(first: &Spell) -> Self {
        let outage =
            Outage { from: first.span.from, to: None, down: Spans::default(), unknown_s: 0, heard: Vec::new() };
        let mut open = Self { outage, unknown_since_s: 0, ups: 0, up_from: None, last_down_to: first.span.from };
        open.down(first);
        open
    }

    fn take(&mut self, spell: &Spell) {
        match spell.heard {
            Heard::Down => self.down(spell),
            Heard::Unknown => self.unknown_since_s += spell.span.length_s(),
            Heard::Up => {
                self.up_from = self.up_from.or(Some(spell.span.from));
                self.ups += spell.readings;
            }
        }
    }

    fn down(&mut self, spell: &Spell) {
        self.outage.unknown_s += std::mem::take(&mut self.unknown_since_s);
        (self.ups, self.up_from) = (0, None);
        self.outage.down = self.outage.down.union(&[spell.span].into_iter().collect());
        self.last_down_to = spell.span.to;
        if self.outage.heard.len() < HEARD_MAX {
            self.outage.heard.push((spell.why.clone(), spell.span.from, spell.readings));
        }
    }

    /// Where the answers began; when nothing was known before them, it was out at least until it was last known down.
    fn close(mut self) -> Outage {
        let to = if self.unknown_since_s > 0 { self.last_down_to } else { self.up_from.unwrap_or(self.last_down_to) };
        self.outage.to = Some(to);
        self.outage
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sla::Span;

    const RULE: OutageRule = OutageRule { misses: 2, of: 3, after_s: 0, recoveries: 1 };

    /// A look a second: u up, d down, ? unknown.
    fn heard(text: &str) -> Vec<Spell> {
        let mut spells = Vec::new();
        for (at, c) in (0_i64..).zip(text.chars()) {
            let (heard, why) = match c {
                'u' => (Heard::Up, ""),
                'd' => (Heard::Down, "timeout"),
                _ => (Heard::Unknown, "no_data"),
            };
            let span = Span { from: at, to: at + 1 };
            super::super::spell::push(
                &mut spells,
                Spell { span, heard, why: why.to_owned(), readings: i64::from(c != '?') },
            );
        }
        spells
    }

    /// From, to, seconds down and unknown.
    fn found(text: &str, rule: OutageRule) -> Vec<(i64, Option<i64>, i64, i64)> {
        let all = outages(&heard(text), rule);
        all.iter().map(|one| (one.from, one.to, one.down.total_s(), one.unknown_s)).collect()
    }

    #[test]
    fn an_outage_is_confirmed_by_misses_and_begins_with_the_first() {
        assert!(found("uuuduuuduuu", RULE).is_empty(), "lone misses");
        assert_eq!(found("uuudduuu", RULE), [(3, Some(5), 2, 0)]);
        assert_eq!(found("uududuu", RULE), [(2, Some(5), 2, 0)], "two of three");
        assert!(found("uuduuduu", RULE).is_empty(), "two of four");
        assert_eq!(found("uuddd", RULE), [(2, None, 3, 0)], "goes on");
        let strict = OutageRule { misses: 1, of: 1, ..RULE };
        assert_eq!(found("duudu", strict), [(0, Some(1), 1, 0), (3, Some(4), 1, 0)]);
    }

    #[test]
    fn flapping_is_one_outage_until_enough_answers_in_a_row() {
        let rule = OutageRule { recoveries: 3, ..RULE };
        assert_eq!(found("udduudduuuu", rule), [(1, Some(7), 4, 0)]);
        assert_eq!(found("udduudduuuu", RULE), [(1, Some(3), 2, 0), (5, Some(7), 2, 0)]);
    }

    #[test]
    fn unknown_time_is_counted_apart_and_ends_nothing() {
        assert_eq!(found("udd???ddu", RULE), [(1, Some(8), 4, 3)]);
        assert_eq!(found("udd???u", RULE), [(1, Some(3), 2, 0)], "it was down until 3, for all that is known");
        assert_eq!(found("udd???", RULE), [(1, None, 2, 0)], "nobody has seen its end");
        assert!(found("uud???uuu", RULE).is_empty());
        assert!(found("u??????u", RULE).is_empty(), "the agent was away");
    }

    #[test]
    fn time_alone_confirms_where_looks_are_rare() {
        let spell = Spell { span: Span { from: 10, to: 50 }, heard: Heard::Down, why: String::new(), readings: 1 };
        assert!(outages(std::slice::from_ref(&spell), RULE).is_empty());
        assert_eq!(outages(&[spell], OutageRule { after_s: 30, ..RULE }).len(), 1);
    }

    proptest! {
        #[test]
        fn they_are_disjoint_begin_and_end_down_and_agree_with_looking_one_by_one(
            text in "[ud?]{0,60}", misses in 1_usize..4, more in 0_usize..3, recoveries in 1_i64..4,
        ) {
            let rule = OutageRule { misses, of: misses + more, after_s: 0, recoveries };
            let all = outages(&heard(&text), rule);
            let chars: Vec<char> = text.chars().collect();
            let at = |second: i64| chars[usize::try_from(second).unwrap()];
            for one in &all {
                prop_assert_eq!(at(one.from), 'd');
                let downs: i64 = one.down.total_s();
                let to = one.to.unwrap_or(i64::try_from(chars.len()).unwrap());
                prop_assert!(downs + one.unknown_s <= to - one.from);
                prop_assert!(one.down.as_slice().iter().all(|span| (span.from..span.to).all(|second| at(second) == 'd')));
                if let Some(to) = one.to {
                    prop_assert_eq!(at(to - 1), 'd');
                }
            }
            prop_assert!(all.windows(2).all(|pair| pair[0].to.is_some_and(|to| to <= pair[1].from)));
            // Naively: the rule at each look.
            let mut confirmed = 0;
            let (mut recent, mut out, mut ups) = (Vec::new(), false, 0);
            for c in chars.iter().filter(|c| **c != '?') {
                recent.push(*c == 'd');
                if recent.len() > rule.of { recent.remove(0); }
                if *c == 'd' { ups = 0; } else { ups += 1; }
                if !out && *c == 'd' && recent.iter().filter(|miss| **miss).count() >= misses { out = true; confirmed += 1; }
                if out && ups >= recoveries { out = false; recent.clear(); }
            }
            prop_assert_eq!(all.len(), confirmed);
        }
    }
}
