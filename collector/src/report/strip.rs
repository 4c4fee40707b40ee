//! Before and now: the mean of each day as a dot, one row a period, with the interval of the difference.

use super::scale::Scale;
use super::show;
use super::svg::{Anchor, Svg};
use crate::csi::s4_process::SeriesFigures;
use crate::csi::s5_analyse::SeriesResult;

const SIZE: (f64, f64) = (640.0, 96.0);
const LEFT: f64 = 64.0;

/// The picture; none where the two periods could not be compared.
pub fn strip(id: &str, one: &SeriesResult, before: &SeriesFigures, now: &SeriesFigures) -> Option<String> {
    let verdict = &one.verdict;
    let (mean_before, mean_now) = verdict.mean_before.zip(verdict.mean_after)?;
    let interval = verdict.ci_low.zip(verdict.ci_high).map(|(low, high)| (mean_before + low, mean_before + high));
    let dots = before.day_means.iter().chain(&now.day_means).map(|(_, mean)| *mean);
    let all: Vec<f64> =
        dots.chain([mean_before, mean_now]).chain(interval.iter().flat_map(|(a, b)| [*a, *b])).collect();
    let least = all.iter().copied().fold(f64::INFINITY, f64::min);
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let room = (most - least) * 0.04;
    let x = Scale::new((least - room, most + room), (LEFT, SIZE.0 - 12.0));
    let shown = |value: f64| show::value(value, &one.unit);
    let desc = format!(
        "Means of days: {} before with a mean of {}, {} now with a mean of {}.",
        before.day_means.len(),
        shown(mean_before),
        now.day_means.len(),
        shown(mean_now)
    );
    let mut svg = Svg::new(id, SIZE, &format!("{}: before and now", one.metric), &desc);
    for tick in x.ticks() {
        svg.line("grid", (x.at(tick), 6.0), (x.at(tick), 74.0));
        svg.text("tick", (x.at(tick), 90.0), Anchor::Middle, &shown(tick));
    }
    for (y, name, figures, mean) in [(22.0, "before", before, mean_before), (56.0, "now", now, mean_now)] {
        svg.text("rowname", (LEFT - 8.0, y + 4.0), Anchor::End, name);
        for (_, mean) in &figures.day_means {
            svg.dot(if name == "now" { "dotnow" } else { "dotbefore" }, (x.at(*mean), y), 4.0);
        }
        svg.line("meanmark", (x.at(mean), y - 10.0), (x.at(mean), y + 10.0));
    }
    if let Some((low, high)) = interval {
        svg.rect("interval", (x.at(low), 69.0), ((x.at(high) - x.at(low)).max(2.0), 5.0));
    }
    Some(svg.finish())
}
