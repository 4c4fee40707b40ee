//! A metric over the period: the mean of all members in a band from the smallest to the largest reading, with its limit
//! and the changes.

use jiff::tz::TimeZone;

use super::scale::{Scale, place};
use super::show;
use super::svg::{Anchor, Svg};
use crate::csi::s3_gather::{Gathered, Hour, SeriesFacts};

const SIZE: (f64, f64) = (760.0, 250.0);
const LEFT: f64 = 76.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 222.0;
/// Points in one picture.
const POINTS_MAX: usize = 380;
/// Changes that are marked.
const CHANGES_MAX: usize = 30;

/// The picture; none without readings.
pub fn band(id: &str, gathered: &Gathered, series: &SeriesFacts, zone: &TimeZone) -> Option<String> {
    if series.hours.len() < 2 {
        return None;
    }
    let (step, points) = thin(&series.hours, gathered.from_s);
    let least =
        points.iter().map(|hour| hour.3).fold(f64::INFINITY, f64::min).min(series.limit.unwrap_or(f64::INFINITY));
    let most = points.iter().map(|hour| hour.4).fold(f64::NEG_INFINITY, f64::max);
    let most = most.max(series.limit.unwrap_or(f64::NEG_INFINITY));
    // From zero on, where that does not flatten everything.
    let least = if least >= 0.0 && least < most / 2.0 { 0.0 } else { least };
    let y = Scale::new((least, most + (most - least) * 0.05), (BOTTOM, TOP));
    let x = Scale::new((place(gathered.from_s), place(gathered.to_s)), (LEFT, SIZE.0 - 8.0));
    let desc = format!(
        "A line of the mean within a band from the smallest to the largest reading, {} values; the largest is {}.",
        points.len(),
        show::value(most, &series.unit)
    );
    let mut svg = Svg::new(id, SIZE, &format!("{} from {} on", series.metric, show::day(gathered.from_s, zone)), &desc);
    axes(&mut svg, (&x, &y), gathered, &series.unit, zone);
    for run in runs(&points, step) {
        let upper = run.iter().map(|hour| (x.at(place(hour.0)), y.at(hour.4)));
        let lower = run.iter().rev().map(|hour| (x.at(place(hour.0)), y.at(hour.3)));
        svg.area("band", upper.chain(lower));
        svg.path("mean", run.iter().map(|hour| Some((x.at(place(hour.0)), y.at(hour.2)))));
    }
    if let Some(limit) = series.limit {
        svg.line("limit", (LEFT, y.at(limit)), (SIZE.0 - 8.0, y.at(limit)));
        let words = format!("limit {}", show::value(limit, &series.unit));
        svg.text("limitname", (SIZE.0 - 10.0, y.at(limit) - 5.0), Anchor::End, &words);
    }
    for change in gathered.changes.iter().take(CHANGES_MAX) {
        let at = x.at(place(change.at_s));
        svg.line("change", (at, TOP - 6.0), (at, BOTTOM));
        svg.text("changename", (at, TOP - 9.0), Anchor::Middle, &change.id.to_string());
    }
    Some(svg.finish())
}

/// Ticks of both axes, with lines across.
pub(super) fn axes(svg: &mut Svg, (x, y): (&Scale, &Scale), gathered: &Gathered, unit: &str, zone: &TimeZone) {
    for tick in y.ticks() {
        svg.line("grid", (LEFT, y.at(tick)), (SIZE.0 - 8.0, y.at(tick)));
        svg.text("tick", (LEFT - 6.0, y.at(tick) + 4.0), Anchor::End, &show::value(tick, unit));
    }
    let days = gathered.days.len().saturating_sub(1).max(1);
    let every = days.div_ceil(8);
    for begin in gathered.days[..days.min(gathered.days.len())].iter().step_by(every) {
        let at = x.at(place(*begin));
        svg.line("tickline", (at, BOTTOM), (at, BOTTOM + 4.0));
        svg.text("tick", (at, BOTTOM + 18.0), Anchor::Start, &show::day(*begin, zone));
    }
    svg.line("axis", (LEFT, BOTTOM), (SIZE.0 - 8.0, BOTTOM));
}

/// Hours put together so that not more points are drawn than can be told apart; with the seconds of a point.
fn thin(hours: &[Hour], from_s: i64) -> (i64, Vec<Hour>) {
    let span = hours.last().zip(hours.first()).map_or(0, |(last, first)| (last.0 - first.0) / 3_600 + 1);
    let together = usize::try_from(span).unwrap_or(0).div_ceil(POINTS_MAX).max(1);
    let step = i64::try_from(together).unwrap_or(1) * 3_600;
    let mut points: Vec<Hour> = Vec::new();
    for hour in hours {
        let begin = from_s + (hour.0 - from_s).div_euclid(step) * step;
        match points.last_mut() {
            Some(last) if last.0 == begin => {
                #[expect(clippy::cast_precision_loss, reason = "readings of some hours")]
                let (n, more) = (last.1 as f64, hour.1 as f64);
                last.2 = (last.2 * n + hour.2 * more) / (n + more);
                last.1 += hour.1;
                (last.3, last.4) = (last.3.min(hour.3), last.4.max(hour.4));
            }
            _ => points.push(Hour(begin, hour.1, hour.2, hour.3, hour.4)),
        }
    }
    (step, points)
}

/// Points without a gap between them.
fn runs(points: &[Hour], step: i64) -> impl Iterator<Item = &[Hour]> {
    points.chunk_by(move |a, b| b.0 - a.0 <= step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_put_together_and_a_gap_stays_one() {
        let hours: Vec<Hour> = (0..1_000).map(|at| Hour(at * 3_600, 1, 1.0, 0.0, 2.0)).collect();
        let (step, points) = thin(&hours, 0);
        assert_eq!((step, points.len()), (3 * 3_600, 334));
        assert_eq!(points[0], Hour(0, 3, 1.0, 0.0, 2.0));
        let gap = [Hour(0, 1, 1.0, 1.0, 1.0), Hour(3_600, 1, 1.0, 1.0, 1.0), Hour(14_400, 1, 1.0, 1.0, 1.0)];
        assert_eq!(runs(&gap, 3_600).map(<[Hour]>::len).collect::<Vec<_>>(), [2, 1]);
    }
}
