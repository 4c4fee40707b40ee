//! From members to the service: at each second it is up while as many members as it needs are up, down while so many of
//! them are down that it cannot be, and unknown otherwise.

use super::{Heard, Span};

/// A run of seconds of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its seconds.
    pub span: Span,
    /// What is known of them.
    pub heard: Heard,
}

/// A member: when it is one, and what is known of it. Where no piece is, nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// When it is one.
    pub present: Span,
    /// In time order, disjoint.
    pub pieces: Vec<Piece>,
}

/// The service in `within`, covering all of it. `needed` says how many of so many members have to be up; while there is
/// no member, nothing is known.
#[must_use]
pub fn combine(members: &[Member], needed: impl Fn(usize) -> usize, within: Span) -> Vec<Piece> {
    // At a second: changes of the numbers of members that are there, up and down.
    let mut changes: Vec<(i64, [i64; 3])> = vec![(within.from, [0; 3])];
    let mut add = |span: Span, what: [i64; 3]| {
        changes.push((span.from, what));
        changes.push((span.to, what.map(|one| -one)));
    };
    for member in members {
        let Some(present) = member.present.common(within) else { continue };
        add(present, [1, 0, 0]);
        for piece in &member.pieces {
            let Some(span) = piece.span.common(present) else { continue };
            match piece.heard {
                Heard::Up => add(span, [0, 1, 0]),
                Heard::Down => add(span, [0, 0, 1]),
                Heard::Unknown => {}
            }
        }
    }
    changes.sort_unstable_by_key(|(at, _)| *at);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut counts = [0_i64; 3];
    for (index, (at, what)) in changes.iter().enumerate() {
        for (count, change) in counts.iter_mut().zip(what) {
            *count += change;
        }
        let to = changes.get(index + 1).map_or(within.to, |(next, _)| *next);
        if *at >= to {
            continue;
        }
        let heard = state(counts, &needed);
        match pieces.last_mut() {
            Some(last) if last.heard == heard => last.span.to = to,
            _ => pieces.push(Piece { span: Span { from: *at, to }, heard }),
        }
    }
    pieces
}

fn state(counts: [i64; 3], needed: &impl Fn(usize) -> usize) -> Heard {
    let [present, up, down] = counts.map(|count| usize::try_from(count).unwrap_or(0));
    if present == 0 {
        return Heard::Unknown;
    }
    let needed = needed(present);
    if up >= needed {
        Heard::Up
    } else if present - down.min(present) < needed {
        Heard::Down
    } else {
        Heard::Unknown
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn heard(which: u8) -> Heard {
        [Heard::Up, Heard::Down, Heard::Unknown][usize::from(which)]
    }

    fn members() -> impl Strategy<Value = Vec<Member>> {
        let member = (0_i64..40, 0_i64..60, prop::collection::vec((0_i64..8, 1_i64..10, 0_u8..3), 0..8)).prop_map(
            |(from, length, runs)| {
                let mut at = 0;
                let mut pieces = Vec::new();
                for (gap, length, which) in runs {
                    let span = Span { from: at + gap, to: at + gap + length };
                    at = span.to;
                    pieces.push(Piece { span, heard: heard(which) });
                }
                Member { present: Span { from, to: from + length }, pieces }
            },
        );
        prop::collection::vec(member, 0..5)
    }

    proptest! {
        #[test]
        fn every_second_is_what_counting_says(members in members(), least in 1_usize..4, from in 0_i64..30, length in 1_i64..60) {
            let within = Span { from, to: from + length };
            let needed = |present: usize| least.min(present);
            let pieces = combine(&members, needed, within);
            prop_assert!(pieces.windows(2).all(|pair| pair[0].span.to == pair[1].span.from && pair[0].heard != pair[1].heard));
            prop_assert_eq!(pieces.iter().map(|piece| piece.span.length_s()).sum::<i64>(), length);
            for piece in &pieces {
                for second in piece.span.from..piece.span.to {
                    let at = |span: Span| (span.from..span.to).contains(&second);
                    let here: Vec<Heard> = members.iter().filter(|member| at(member.present)).map(|member| {
                        member.pieces.iter().find(|piece| at(piece.span)).map_or(Heard::Unknown, |piece| piece.heard)
                    }).collect();
                    let count = |heard| here.iter().filter(|one| **one == heard).count();
                    let expected = if here.is_empty() {
                        Heard::Unknown
                    } else if count(Heard::Up) >= needed(here.len()) {
                        Heard::Up
                    } else if count(Heard::Up) + count(Heard::Unknown) < needed(here.len()) {
                        Heard::Down
                    } else {
                        Heard::Unknown
                    };
                    prop_assert_eq!(piece.heard, expected, "second {}", second);
                }
            }
        }
    }
}
