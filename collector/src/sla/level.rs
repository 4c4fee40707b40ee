//! A service level: good, bad, unknown and excluded seconds, which sum to the period, and what follows from them.

use super::{Heard, Piece, Span, Spans, Spell};

/// What time counts as of which nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownAs {
    /// As good.
    Good,
    /// As bad.
    Bad,
    /// Not at all.
    Excluded,
}

impl UnknownAs {
    /// The words of the file.
    pub const WORDS: &'static [&'static str] = &["good", "bad", "excluded"];

    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Excluded => "excluded",
        }
    }

    /// What a word means; excluded for any other.
    #[must_use]
    pub fn of(word: &str) -> Self {
        [Self::Good, Self::Bad].into_iter().find(|one| one.as_str() == word).unwrap_or(Self::Excluded)
    }
}

/// How a period was spent, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seconds {
    /// As agreed.
    pub good_s: i64,
    /// Not as agreed.
    pub bad_s: i64,
    /// Nobody knows.
    pub unknown_s: i64,
    /// Not part of what was agreed: maintenance, outside business hours.
    pub excluded_s: i64,
}

/// How `period` was spent; excluded time is excluded whatever it was. The four sum to the period.
#[must_use]
pub fn seconds(line: &[Piece], excluded: &Spans, period: Span) -> Seconds {
    let excluded_s = excluded.within(period).total_s();
    let mut spent = Seconds { excluded_s, ..Seconds::default() };
    for piece in line {
        let Some(span) = piece.span.common(period) else { continue };
        let agreed = span.length_s() - excluded.within(span).total_s();
        match piece.heard {
            Heard::Up => spent.good_s += agreed,
            Heard::Down => spent.bad_s += agreed,
            Heard::Unknown => {}
        }
    }
    spent.unknown_s = period.length_s() - excluded_s - spent.good_s - spent.bad_s;
    spent
}

/// Readings on both sides of a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// Within it.
    pub good: f64,
    /// Beyond it.
    pub bad: f64,
}

/// Readings of `period` outside excluded time. Of a spell that is cut they count in proportion.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "seconds and readings of a period are far below 2^53")]
pub fn counted<'a>(spells: impl IntoIterator<Item = &'a Spell>, excluded: &Spans, period: Span) -> Counted {
    let mut counted = Counted::default();
    for spell in spells {
        let Some(span) = spell.span.common(period) else { continue };
        let agreed = span.length_s() - excluded.within(span).total_s();
        let readings = spell.readings as f64 * agreed as f64 / spell.span.length_s() as f64;
        match spell.heard {
            Heard::Up => counted.good += readings,
            Heard::Down => counted.bad += readings,
            Heard::Unknown => {}
        }
    }
    counted
}

/// What follows from how a period was spent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// Good share of the agreed time, unknown time as the objective says; none when there is nothing to take it of.
    pub availability: Option<f64>,
    /// When all unknown time was bad.
    pub low: Option<f64>,
    /// When all of it was good.
    pub high: Option<f64>,
    /// Seconds that may be bad in the whole period.
    pub budget_s: f64,
    /// What is left of them; negative when the target is missed for good.
    pub budget_left_s: f64,
    /// Share of bad time over the share that may be bad; none when nothing is known.
    pub burn_rate: Option<f64>,
}

#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
fn share(good_s: i64, all_s: i64) -> Option<f64> {
    (all_s > 0).then(|| good_s as f64 / all_s as f64)
}

impl Seconds {
    /// Good and bad, with the unknown as the objective says.
    #[must_use]
    pub fn sides(self, unknown: UnknownAs) -> (i64, i64) {
        match unknown {
            UnknownAs::Good => (self.good_s + self.unknown_s, self.bad_s),
            UnknownAs::Bad => (self.good_s, self.bad_s + self.unknown_s),
            UnknownAs::Excluded => (self.good_s, self.bad_s),
        }
    }

    /// The level, of a period in which `agreed_s` seconds are agreed from its begin to its end, whether they are over or
    /// not.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
    pub fn level(self, target: f64, unknown: UnknownAs, agreed_s: i64) -> Level {
        let (good, bad) = self.sides(unknown);
        let known = self.good_s + self.bad_s;
        let budget_s = (1.0 - target) * agreed_s as f64;
        Level {
            availability: share(good, good + bad),
            low: share(self.good_s, known + self.unknown_s),
            high: share(self.good_s + self.unknown_s, known + self.unknown_s),
            budget_s,
            budget_left_s: budget_s - bad as f64,
            burn_rate: burn_rate(self, target, unknown),
        }
    }
}

/// How fast the budget goes: 1 uses it up exactly at the end of the period.
#[must_use]
pub fn burn_rate(spent: Seconds, target: f64, unknown: UnknownAs) -> Option<f64> {
    let (good, bad) = spent.sides(unknown);
    share(bad, good + bad).map(|bad| bad / (1.0 - target))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SPENT: Seconds = Seconds { good_s: 900, bad_s: 50, unknown_s: 50, excluded_s: 200 };

    #[test]
    fn the_objective_says_what_the_unknown_counts_as() {
        let of = |unknown| SPENT.level(0.9, unknown, 2_000);
        let near = |a: Option<f64>, b: f64| assert!((a.unwrap() - b).abs() < 1e-12, "{a:?} {b}");
        near(of(UnknownAs::Good).availability, 0.95);
        near(of(UnknownAs::Bad).availability, 0.9);
        near(of(UnknownAs::Excluded).availability, 900.0 / 950.0);
        for unknown in [UnknownAs::Good, UnknownAs::Bad, UnknownAs::Excluded] {
            near(of(unknown).low, 0.9);
            near(of(unknown).high, 0.95);
            near(Some(of(unknown).budget_s), 200.0);
        }
        near(Some(of(UnknownAs::Excluded).budget_left_s), 150.0);
        near(Some(of(UnknownAs::Bad).budget_left_s), 100.0);
        near(of(UnknownAs::Bad).burn_rate, 1.0);
        let nothing = Seconds { unknown_s: 10, ..Seconds::default() }.level(0.9, UnknownAs::Excluded, 10);
        assert_eq!(
            (nothing.availability, nothing.low, nothing.high, nothing.burn_rate),
            (None, Some(0.0), Some(1.0), None)
        );
        assert_eq!(Seconds::default().level(0.9, UnknownAs::Bad, 0).availability, None);
    }

    #[test]
    fn readings_count_outside_excluded_time_and_in_proportion() {
        let spell = |from, to, heard, readings| Spell { span: Span { from, to }, heard, why: String::new(), readings };
        let spells = [spell(0, 100, Heard::Up, 10), spell(100, 200, Heard::Down, 10)];
        let excluded: Spans = [Span { from: 150, to: 170 }].into_iter().collect();
        let counted = counted(&spells, &excluded, Span { from: 50, to: 200 });
        assert_eq!(counted, Counted { good: 5.0, bad: 8.0 });
    }

    proptest! {
        #[test]
        fn the_four_sum_to_the_period_and_agree_with_each_second(
            runs in prop::collection::vec((0_i64..5, 1_i64..12, 0_u8..3), 0..20),
            windows in prop::collection::vec((0_i64..120, 0_i64..20), 0..6),
            from in 0_i64..60, length in 0_i64..100,
        ) {
            let mut at = 0;
            let line: Vec<Piece> = runs.into_iter().map(|(gap, length, which)| {
                let span = Span { from: at + gap, to: at + gap + length };
                at = span.to;
                Piece { span, heard: [Heard::Up, Heard::Down, Heard::Unknown][usize::from(which)] }
            }).collect();
            let excluded: Spans = windows.into_iter().map(|(from, length)| Span { from, to: from + length }).collect();
            let period = Span { from, to: from + length };
            let spent = seconds(&line, &excluded, period);
            prop_assert_eq!(spent.good_s + spent.bad_s + spent.unknown_s + spent.excluded_s, length);
            let mut naive = Seconds::default();
            for second in period.from..period.to {
                let piece = line.iter().find(|piece| (piece.span.from..piece.span.to).contains(&second));
                *match (excluded.contains(second), piece.map(|piece| piece.heard)) {
                    (true, _) => &mut naive.excluded_s,
                    (_, Some(Heard::Up)) => &mut naive.good_s,
                    (_, Some(Heard::Down)) => &mut naive.bad_s,
                    _ => &mut naive.unknown_s,
                } += 1;
            }
            prop_assert_eq!(spent, naive);
        }
    }
}
