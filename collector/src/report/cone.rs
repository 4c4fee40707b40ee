//! A capacity: what it was, and the cone in which it goes on when the past goes on as it did.

use jiff::tz::TimeZone;

use super::scale::{Scale, place};
use super::show;
use super::svg::{Anchor, Svg};
use crate::csi::s3_gather::Gathered;
use crate::csi::s5_analyse::Forecast;

const SIZE: (f64, f64) = (760.0, 250.0);
const LEFT: f64 = 76.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 222.0;
const DAY_S: f64 = 86_400.0;

/// The picture. `history`: means (or maxima) of days, of both periods.
pub fn cone(
    id: &str,
    gathered: &Gathered,
    name: &str,
    unit: &str,
    history: &[(i64, f64)],
    forecast: &Forecast,
    zone: &TimeZone,
) -> Option<String> {
    let first = history.first()?.0;
    // As far ahead as the past reaches back, at least a period.
    let ahead = place((forecast.end_s - first).max(gathered.to_s - gathered.from_s)) / DAY_S;
    let end = place(forecast.end_s) + ahead * DAY_S;
    let doubt = 2.0 * forecast.residual_sd;
    let line = |slope: f64, days: f64| forecast.level + slope * days;
    let tip = (line(forecast.slope_low_per_day, ahead) - doubt, line(forecast.slope_high_per_day, ahead) + doubt);
    let values = history.iter().map(|(_, value)| *value);
    let all: Vec<f64> = values.chain([tip.0.max(0.0), tip.1, forecast.level]).chain(forecast.limit).collect();
    let least = all.iter().copied().fold(f64::INFINITY, f64::min);
    let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = if least >= 0.0 && least < most / 2.0 { 0.0 } else { least };
    let y = Scale::new((least, most + (most - least) * 0.05), (BOTTOM, TOP));
    let x = Scale::new((place(first), end), (LEFT, SIZE.0 - 8.0));
    let until = forecast.days_to_limit.map_or_else(
        || "It does not reach a limit as it goes now.".to_owned(),
        |days| format!("As it goes now it reaches its limit in {days:.0} days."),
    );
    let mut svg = Svg::new(id, SIZE, &format!("{name}: past and forecast"), &until);
    for tick in y.ticks() {
        svg.line("grid", (LEFT, y.at(tick)), (SIZE.0 - 8.0, y.at(tick)));
        svg.text("tick", (LEFT - 6.0, y.at(tick) + 4.0), Anchor::End, &show::value(tick, unit));
    }
    #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
    for part in 0..7_u8 {
        let at = place(first) + (end - place(first)) * f64::from(part) / 7.0;
        svg.text("tick", (x.at(at), BOTTOM + 18.0), Anchor::Start, &show::day(at as i64, zone));
    }
    svg.line("axis", (LEFT, BOTTOM), (SIZE.0 - 8.0, BOTTOM));
    let now = x.at(place(forecast.end_s));
    let at = |value: f64| y.at(value.max(least));
    svg.area(
        "cone",
        [
            (now, at(forecast.level - doubt)),
            (now, at(forecast.level + doubt)),
            (x.at(end), at(tip.1)),
            (x.at(end), at(tip.0)),
        ],
    );
    svg.path("mean", history.iter().map(|(day, value)| Some((x.at(place(*day)), y.at(*value)))));
    svg.line("forecast", (now, at(forecast.level)), (x.at(end), at(line(forecast.slope_per_day, ahead))));
    if let Some(limit) = forecast.limit {
        svg.line("limit", (LEFT, y.at(limit)), (SIZE.0 - 8.0, y.at(limit)));
        let words = format!("limit {}", show::value(limit, unit));
        svg.text("limitname", (LEFT + 6.0, y.at(limit) - 5.0), Anchor::Start, &words);
    }
    Some(svg.finish())
}
