//! The series that a verdict rests on: each member's, and that of all of them together.

use evenkeel_common::time::{DurationMs, UnixMs};

use super::super::query::Stepped;
use super::super::sla::Ground;
use super::super::watch::Check;
use super::super::{Control, ControlError};
use crate::change::{Aggregation, Look, covers, together};
use crate::csi::s2_metrics::{MetricDefinition, Source};
use crate::series::Grid;
use crate::sla::{Heard, Piece, Span, Spans};
use crate::stats::seasonality;
use crate::stats::verdict::{Layout, Limits, Points, Verdict, empirical_null, verdict};
use crate::store::Entity;

const HOUR: DurationMs = DurationMs::from_s(3_600);
/// The past that is looked at for a daily cycle and for false alarms.
const PAST: DurationMs = DurationMs::from_s(28 * 86_400);
/// So many windows of the past are enough to measure false alarms on.
const PAST_WINDOWS: i64 = 12;
/// Numbers of all members together, at most, and steps of one.
const VALUES_MAX: i64 = 4_200_000;
const STEPS_MAX: i64 = 20_000;
/// Parts that the engine makes of a window; each wants two steps.
const PARTS: i64 = 24;
const ROUND_S: [i64; 11] = [1, 2, 5, 10, 20, 30, 60, 300, 900, 1_800, 3_600];
/// Makes chance repeatable.
const SEED: u64 = 1;

/// A VM or host that a change touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) entity: Entity,
    pub(super) name: String,
}

/// What all series of a verdict have in common.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) look: Look,
    pub(super) members: Vec<Touched>,
    /// Nothing before this is past: something else was changed then.
    pub(super) past_from: UnixMs,
    /// Maintenance: its time is not compared.
    pub(super) excluded: Spans,
}

/// A metric's values.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) step: DurationMs,
    past_at: Vec<UnixMs>,
    after_at: Vec<UnixMs>,
    hourly_at: Vec<UnixMs>,
    members: Vec<MemberValues>,
}

#[derive(Debug, Default)]
struct MemberValues {
    past: Vec<f64>,
    after: Vec<f64>,
    hourly: Vec<f64>,
}

/// What was judged of a metric.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) headline: Verdict,
    /// By the place of the member in the frame.
    pub(super) members: Vec<(usize, Verdict)>,
    /// Members that could not be compared, and why.
    pub(super) left_out: Vec<(usize, &'static str)>,
}

/// The shortest round step with two in each part of a window, of which there are not too many.
fn step(sampling: DurationMs, look: &Look, members: usize) -> DurationMs {
    let shorter = look.before.1.since(look.before.0).0.min(look.final_at.since(look.after.0).0);
    let all = look.final_at.since(look.before.0).0;
    let members = i64::try_from(members.max(1)).unwrap_or(i64::MAX);
    let most = (VALUES_MAX / members).clamp(PARTS * 4, STEPS_MAX);
    // Readings come a little early or late: with one in each step, some steps would have none.
    let wanted = (2 * sampling.0).min(shorter / (2 * PARTS)).max(sampling.0).max(all / most);
    let round = ROUND_S.into_iter().map(DurationMs::from_s).find(|step| step.0 >= wanted);
    round.unwrap_or_else(|| DurationMs((wanted + HOUR.0 - 1) / HOUR.0 * HOUR.0))
}

fn grid(from: UnixMs, to: UnixMs, step: DurationMs) -> Vec<UnixMs> {
    let grid = Grid::new(from, to, step, usize::MAX);
    grid.map_or_else(|_| Vec::new(), |grid| (0..grid.len()).map(|at| grid.start(at)).collect())
}

impl Control {
    /// The values of a metric of all members. `ground`: what is known of availability.
    pub(super) async fn change_values(
        &self,
        frame: &Frame,
        metric: &MetricDefinition,
        ground: Option<&Ground>,
    ) -> Result<Values, ControlError> {
        let look = &frame.look;
        let step = step(metric.sampling, look, frame.members.len());
        let longer = look.before.1.since(look.before.0).0.max(look.final_at.since(look.after.0).0);
        let past = longer.saturating_mul(PAST_WINDOWS).min(PAST.0);
        let past_from = look.before.0.minus(DurationMs(past)).max(frame.past_from).min(look.before.0);
        let hourly_from = look.before.1.minus(PAST).min(look.before.0);
        let (past, after, hourly) = ((past_from, look.before.1), look.after, (hourly_from, look.before.1));
        let mut values = Values {
            step,
            past_at: grid(past.0, past.1, step),
            after_at: grid(after.0, after.1, step),
            hourly_at: grid(hourly.0, hourly.1, HOUR),
            members: Vec::with_capacity(frame.members.len()),
        };
        for member in &frame.members {
            let part = async |range: (UnixMs, UnixMs), step: DurationMs| {
                let mut found = self.change_part(member.entity, metric, ground, range, step).await?;
                found
                    .iter_mut()
                    .filter(|(at, _)| frame.is_excluded(*at, step))
                    .for_each(|(_, value)| *value = f64::NAN);
                Ok::<_, ControlError>(found.into_iter().map(|(_, value)| value).collect::<Vec<f64>>())
            };
            values.members.push(MemberValues {
                past: part(past, step).await?,
                after: part(after, step).await?,
                hourly: part(hourly, HOUR).await?,
            });
        }
        Ok(values)
    }

    async fn change_part(
        &self,
        entity: Entity,
        definition: &MetricDefinition,
        ground: Option<&Ground>,
        (from, to): (UnixMs, UnixMs),
        step: DurationMs,
    ) -> Result<Vec<(UnixMs, f64)>, ControlError> {
        match (&definition.source, ground, Check::of_metric(definition)) {
            (Source::Series(metric, device), ..) => {
                self.steps(&Stepped { entity, metric, device, step }, from, to).await
            }
            (_, Some(ground), Some(check)) => {
                let pieces = ground.pieces_of(entity, &check);
                Ok(down_shares(&pieces, &grid(from, to, step), step, (from, to)))
            }
            _ => Ok(grid(from, to, step).into_iter().map(|at| (at, f64::NAN)).collect()),
        }
    }
}

impl Frame {
    fn is_excluded(&self, at: UnixMs, step: DurationMs) -> bool {
        let span = Span { from: at.0.div_euclid(1_000), to: at.plus(step).0.div_euclid(1_000).max(at.0 / 1_000 + 1) };
        !self.excluded.within(span).is_empty()
    }
}

/// Share of each step that was down, of what is known of it; half of a step has to be known.
#[expect(clippy::cast_precision_loss, reason = "seconds of a step")]
fn down_shares(
    pieces: &[Piece],
    grid: &[UnixMs],
    step: DurationMs,
    (from, to): (UnixMs, UnixMs),
) -> Vec<(UnixMs, f64)> {
    let mut next = 0;
    let of = |at: &UnixMs| {
        let span = Span { from: at.max(&from).0.div_euclid(1_000), to: at.plus(step).min(to).0.div_euclid(1_000) };
        while next < pieces.len() && pieces[next].span.to <= span.from {
            next += 1;
        }
        let (mut up, mut down) = (0, 0);
        for piece in pieces[next..].iter().take_while(|piece| piece.span.from < span.to) {
            let seconds = piece.span.common(span).map_or(0, Span::length_s);
            match piece.heard {
                Heard::Up => up += seconds,
                Heard::Down => down += seconds,
                Heard::Unknown => {}
            }
        }
        let known = up + down;
        let is_enough = known > 0 && 2 * known >= span.length_s();
        (*at, if is_enough { down as f64 / known as f64 } else { f64::NAN })
    };
    grid.iter().map(of).collect()
}

impl Values {
    fn in_window(&self, look: &Look) -> usize {
        self.past_at.partition_point(|at| *at < look.before.0)
    }

    /// Compares the members together and each. What is left of a family is adjusted by the caller.
    pub(super) fn judge(&self, look: &Look, how: Aggregation, limits: Limits) -> Judged {
        let begin = self.in_window(look);
        let (mut taken, mut left_out) = (Vec::new(), Vec::new());
        for (index, member) in self.members.iter().enumerate() {
            match (covers(&member.past[begin..]), covers(&member.after)) {
                (true, true) => taken.push(index),
                (false, true) => left_out.push((index, "too few values before")),
                (true, false) => left_out.push((index, "too few values after")),
                (false, false) => left_out.push((index, "too few values")),
            }
        }
        let of = |part: fn(&MemberValues) -> &Vec<f64>| -> Vec<f64> {
            let some: Vec<&[f64]> = taken.iter().map(|at| part(&self.members[*at]).as_slice()).collect();
            together(&some, how)
        };
        let hourly = points(&self.hourly_at, &of(|member| &member.hourly));
        let limits = Limits { cycle: seasonality::is_daily(&hourly, SEED), ..limits };
        let past = points(&self.past_at, &of(|member| &member.past));
        let headline = compare(&past, &points(&self.after_at, &of(|member| &member.after)), look, limits, true);
        let members = taken.iter().map(|at| {
            let member = &self.members[*at];
            let past = points(&self.past_at, &member.past);
            (*at, compare(&past, &points(&self.after_at, &member.after), look, limits, false))
        });
        Judged { headline, members: members.collect(), left_out }
    }
}

fn compare(past: &Points, after: &Points, look: &Look, limits: Limits, measure: bool) -> Verdict {
    let before = past.between(look.before.0.0, look.before.1.0);
    let layout = Layout::of(&before, after).filter(|_| measure);
    let null_share = layout.and_then(|layout| empirical_null(past, layout, &limits));
    verdict(&before, after, &Limits { null_share, ..limits })
}

fn points(at: &[UnixMs], values: &[f64]) -> Points {
    Points::new(at.iter().zip(values).filter(|(_, value)| value.is_finite()).map(|(at, value)| (at.0, *value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(before_s: i64, after_s: i64) -> Look {
        let at = UnixMs(1_000_000_000);
        Look::new(at, at, DurationMs::from_s(before_s), DurationMs::from_s(after_s), UnixMs(i64::MAX))
    }

    #[test]
    fn steps_are_fine_enough_for_the_window_and_never_too_many() {
        let of = |sampling_s, window_s, members| {
            step(DurationMs::from_s(sampling_s), &look(window_s, window_s), members).0 / 1_000
        };
        assert_eq!(of(1, 30, 3), 1, "a short window takes every reading");
        assert_eq!(of(1, 3_600, 3), 2);
        assert_eq!(of(10, 7 * 86_400, 3), 300);
        assert_eq!(of(10, 7 * 86_400, 1_000), 300, "as rollups have it");
        assert_eq!(of(3_600, 7 * 86_400, 1), 7_200);
        assert_eq!(of(86_400, 28 * 86_400, 1) % 3_600, 0);
    }

    #[test]
    fn a_step_is_down_by_the_share_of_what_is_known() {
        let piece = |from, to, heard| Piece { span: Span { from, to }, heard };
        let pieces =
            [piece(0, 10, Heard::Up), piece(10, 15, Heard::Down), piece(15, 20, Heard::Up), piece(24, 26, Heard::Up)];
        let range = (UnixMs(0), UnixMs(30_000));
        let found =
            down_shares(&pieces, &grid(range.0, range.1, DurationMs::from_s(10)), DurationMs::from_s(10), range);
        assert_eq!((found[0].1, found[1].1), (0.0, 0.5));
        assert!(found[2].1.is_nan(), "two of ten seconds are too few");
    }
}
