//! The page: what the template is filled with, in the order in which people ask.

use askama::Template;
use jiff::tz::TimeZone;

use super::band::band;
use super::budget::budget;
use super::calendar::calendar;
use super::cone::cone;
use super::show;
use super::strip::strip;
use crate::csi::s5_analyse::SeriesResult;
use crate::view::cycle::ServiceReviewView;
use crate::view::finding::FindingView;

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Everything that a review says.
    Review,
    /// The service levels alone, for the customer.
    Sla,
}

/// A table as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its name, as that of its file.
    pub name: String,
    /// Its caption.
    pub title: String,
    /// Headings, and whether the column holds numbers.
    pub headings: Vec<(String, bool)>,
    /// Rows, each with a text for each heading.
    pub rows: Vec<Vec<String>>,
}

/// A picture with what is said below it.
struct Figure {
    heading: String,
    picture: String,
    caption: String,
    /// It is scrolled on a narrow screen instead of made unreadable.
    wide: bool,
}

/// A heading with figures below it.
struct Part {
    id: &'static str,
    heading: &'static str,
    intro: &'static str,
    figures: Vec<Figure>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    kind: &'static str,
    review: &'a ServiceReviewView,
    from: String,
    until: String,
    reviewed: String,
    goes_on: bool,
    summary: Vec<String>,
    findings: Vec<&'a FindingView>,
    more_findings: usize,
    parts: Vec<Part>,
    numbers: Vec<Sheet>,
    quality: Vec<Sheet>,
}

/// Findings that are shown in full.
const FINDINGS_MAX: usize = 12;
/// Rows of one table on the page; files have all.
const ROWS_MAX: usize = 200;
/// Tables that belong to the quality of the data.
const QUALITY: [&str; 3] = ["missing", "members", "steps"];
/// Tables of a report on service levels.
const OF_LEVELS: [&str; 4] = ["objectives", "outages", "outage-figures", "days"];

/// The page of a review.
///
/// # Errors
/// When the template cannot be filled in, which a complete view never causes.
pub fn html(review: &ServiceReviewView, kind: Kind, sheets: Vec<Sheet>) -> Result<String, askama::Error> {
    let zone = TimeZone::get(&review.gathered.time_zone).unwrap_or(TimeZone::UTC);
    let open = |finding: &&FindingView| finding.status == "open" && kind == Kind::Review;
    let all: Vec<&FindingView> = review.findings.iter().filter(open).collect();
    let more_findings = all.len().saturating_sub(FINDINGS_MAX);
    let mut parts = vec![levels(review, &zone)];
    if kind == Kind::Review {
        parts.extend([performance(review, &zone), before_and_now(review), capacity(review, &zone)]);
    }
    parts.retain(|part| !part.figures.is_empty());
    let wanted = |sheet: &Sheet| match kind {
        Kind::Review => sheet.name != "findings",
        Kind::Sla => OF_LEVELS.contains(&sheet.name.as_str()) || QUALITY.contains(&sheet.name.as_str()),
    };
    let sheets = sheets.into_iter().filter(wanted).filter(|sheet| !sheet.rows.is_empty()).map(cut);
    let (quality, numbers) = sheets.partition(|sheet| QUALITY.contains(&sheet.name.as_str()));
    // The findings are not for the customer's report.
    let kept = review.summary.len() - usize::from(kind == Kind::Sla && !review.summary.is_empty());
    let page = Page {
        kind: if kind == Kind::Sla { "Service levels" } else { "Service review" },
        review,
        from: show::minute(review.gathered.from_s, &zone),
        until: show::minute(review.gathered.until_s, &zone),
        reviewed: show::minute(review.reviewed_at.0.0 / 1_000, &zone),
        goes_on: review.gathered.until_s < review.gathered.to_s,
        summary: review.summary[..kept].to_vec(),
        findings: all.into_iter().take(FINDINGS_MAX).collect(),
        more_findings,
        parts,
        numbers,
        quality,
    };
    page.render()
}

fn cut(sheet: Sheet) -> Sheet {
    let more = sheet.rows.len().saturating_sub(ROWS_MAX);
    if more == 0 {
        return sheet;
    }
    let title = format!("{} (the first {ROWS_MAX} of {} rows)", sheet.title, sheet.rows.len());
    Sheet { title, rows: sheet.rows.into_iter().take(ROWS_MAX).collect(), ..sheet }
}

fn levels(review: &ServiceReviewView, zone: &TimeZone) -> Part {
    let gathered = &review.gathered;
    let (mut calendars, mut figures) = (Vec::new(), Vec::new());
    for (index, (one, result)) in gathered.objectives.iter().zip(&review.analysed.objectives).enumerate() {
        let heading = format!("{}: {}", one.name, state(&result.state));
        if one.limit.is_none()
            && let Some(picture) = calendar(&format!("cal{index}"), one, &gathered.days, zone)
        {
            let caption = format!(
                "Percent of each day that was good; the target is {}. ? is unknown, – does not count.",
                show::percent(one.target)
            );
            calendars.push(Figure { heading: format!("{heading}, day by day"), picture, caption, wide: false });
        }
        if let Some(picture) = budget(&format!("bud{index}"), gathered, one, result, zone) {
            let left = result.budget_left_s / result.budget_s * 100.0;
            let caption = format!(
                "What is left of the error budget: {left:.0} % at the end. Along the dashed line it lasts exactly until \
                 the end of the window."
            );
            figures.push(Figure { heading: format!("{heading}, error budget"), picture, caption, wide: true });
        }
    }
    calendars.append(&mut figures);
    Part { id: "levels", heading: "Did we keep our word?", intro: "", figures: calendars }
}

fn state(word: &str) -> &'static str {
    match word {
        "met" => "met",
        "missed" => "missed",
        "at_risk" => "below target, budget left",
        _ => "unknown",
    }
}

fn performance(review: &ServiceReviewView, zone: &TimeZone) -> Part {
    let gathered = &review.gathered;
    let some = gathered.series.iter().filter(|series| series.kind != "capacity").enumerate();
    let figures = some.filter_map(|(index, series)| {
        let picture = band(&format!("band{index}"), gathered, series, zone)?;
        let changes = if gathered.changes.is_empty() { "" } else { " Numbers at the top are changes (see the table)." };
        let caption = format!("Mean of all members, in the band from the smallest to the largest reading.{changes}");
        Some(Figure { heading: format!("{} ({})", series.metric, series.source), picture, caption, wide: true })
    });
    Part { id: "performance", heading: "How it did", intro: "", figures: figures.collect() }
}

fn before_and_now(review: &ServiceReviewView) -> Part {
    let figure = |(index, one): (usize, &SeriesResult)| {
        let now = review.figures.series.iter().find(|figures| figures.metric == one.metric)?;
        let before = review.before.as_ref()?.series.iter().find(|figures| figures.metric == one.metric)?;
        let picture = strip(&format!("strip{index}"), one, before, now)?;
        let heading = format!("{}: {}", one.metric, show::verdict(&one.verdict.verdict));
        Some(Figure { heading, picture, caption: one.verdict.words.clone(), wide: true })
    };
    Part {
        id: "before",
        heading: "Before and now",
        intro: "Each dot is the mean of a day. The bar at the bottom is the level before plus the difference that was tested, \
                with its interval (95 %).",
        figures: review.analysed.series.iter().enumerate().filter_map(figure).collect(),
    }
}

fn capacity(review: &ServiceReviewView, zone: &TimeZone) -> Part {
    let figure = |(index, one): (usize, &SeriesResult)| {
        let forecast = one.forecast.as_ref()?;
        let of = |figures: &crate::csi::s4_process::Figures| {
            figures.series.iter().find(|series| series.metric == one.metric).map(|series| series.day_means.clone())
        };
        let mut history = review.before.as_ref().and_then(of).unwrap_or_default();
        history.extend(of(&review.figures).unwrap_or_default());
        let picture =
            cone(&format!("cone{index}"), &review.gathered, &one.metric, &one.unit, &history, forecast, zone)?;
        let a_day = format!(
            "It changes by {} a day ({} to {}, 95 %).",
            show::value(forecast.slope_per_day, &one.unit),
            show::value(forecast.slope_low_per_day, &one.unit),
            show::value(forecast.slope_high_per_day, &one.unit)
        );
        let reach = match (forecast.reached, forecast.days_to_limit, forecast.days_not_before) {
            (true, ..) => " Its limit is reached already.".to_owned(),
            (_, Some(days), Some(least)) => {
                format!(" As it goes it reaches its limit in {days:.0} days, at the earliest in {least:.0}.")
            }
            (_, Some(days), None) => format!(" As it goes it reaches its limit in {days:.0} days."),
            (_, None, _) => String::new(),
        };
        Some(Figure { heading: one.metric.clone(), picture, caption: a_day + &reach, wide: true })
    };
    Part {
        id: "capacity",
        heading: "Room",
        intro: "The cone is where it may go when the past goes on as it did.",
        figures: review.analysed.series.iter().enumerate().filter_map(figure).collect(),
    }
}
