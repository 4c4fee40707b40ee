//! How the error budget of an objective went down over the period.

use jiff::tz::TimeZone;

use super::band::axes;
use super::scale::{Scale, place};
use super::svg::{Anchor, Svg};
use crate::csi::s3_gather::{Gathered, ObjectiveFacts, Spent};
use crate::csi::s5_analyse::ObjectiveResult;
use crate::sla::{Seconds, UnknownAs};

const SIZE: (f64, f64) = (760.0, 250.0);
const LEFT: f64 = 76.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 222.0;

/// The picture; none of an objective on readings, or of one that is held each day: its budget begins anew.
pub fn budget(
    id: &str,
    gathered: &Gathered,
    one: &ObjectiveFacts,
    result: &ObjectiveResult,
    zone: &TimeZone,
) -> Option<String> {
    if one.share_of == "samples" || one.window == "day" || result.budget_s <= 0.0 {
        return None;
    }
    let left = left(one, result);
    let least = left.iter().copied().fold(0.0, f64::min);
    let y = Scale::new((least / result.budget_s, 1.05), (BOTTOM, TOP));
    let x = Scale::new((place(gathered.from_s), place(gathered.to_s)), (LEFT, SIZE.0 - 8.0));
    let end = left.last().copied().unwrap_or(0.0) / result.budget_s;
    let desc = format!("A line of what is left of the budget at the end of each day; {:.0} % at the end.", end * 100.0);
    let mut svg = Svg::new(id, SIZE, &format!("{}: error budget that is left", one.name), &desc);
    axes(&mut svg, (&x, &y), gathered, "ratio", zone);
    // At this pace it lasts exactly until the end of the window.
    let pace =
        |second: i64| 1.0 - place(second - one.window_from_s) / place(one.window_to_s - one.window_from_s).max(1.0);
    svg.line(
        "pace",
        (x.at(place(gathered.from_s)), y.at(pace(gathered.from_s))),
        (x.at(place(gathered.to_s)), y.at(pace(gathered.to_s))),
    );
    let mut points = Vec::new();
    let mut before = left.first().copied().unwrap_or(0.0) / result.budget_s;
    for (pair, after) in gathered.days.windows(2).zip(left.iter().skip(1)) {
        if pair[0] >= gathered.until_s {
            break;
        }
        // What was lost in a day is drawn across it.
        let after = after / result.budget_s;
        points.push(Some((x.at(place(pair[0])), y.at(before))));
        points.push(Some((x.at(place(pair[1].min(gathered.until_s))), y.at(after))));
        before = after;
    }
    svg.path(if end < 0.0 { "spent" } else { "mean" }, points);
    svg.line("limit", (LEFT, y.at(0.0)), (SIZE.0 - 8.0, y.at(0.0)));
    svg.text("limitname", (LEFT + 6.0, y.at(0.0) - 5.0), Anchor::Start, "used up");
    Some(svg.finish())
}

/// What is left at the begin of the period and after each day.
fn left(one: &ObjectiveFacts, result: &ObjectiveResult) -> Vec<f64> {
    let unknown = UnknownAs::of(&one.unknown);
    let bad = |spent: &Spent| place(Seconds::from(*spent).sides(unknown).1);
    let of_days: f64 = one.days.iter().map(bad).sum();
    let mut left = vec![(result.budget_left_s + of_days).min(result.budget_s)];
    for day in &one.days {
        left.push(left.last().copied().unwrap_or(0.0) - bad(day));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_where_the_objective_says() {
        let day = |bad_s| Spent { good_s: 100, bad_s, ..Spent::default() };
        let one = ObjectiveFacts { days: vec![day(0), day(5), day(1)], ..ObjectiveFacts::default() };
        let result = ObjectiveResult { budget_s: 10.0, budget_left_s: 2.0, ..ObjectiveResult::default() };
        // Two seconds were bad in the window before the period began.
        assert_eq!(left(&one, &result), [8.0, 8.0, 3.0, 2.0]);
    }
}
