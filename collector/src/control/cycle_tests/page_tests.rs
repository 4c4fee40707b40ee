//! What is held against a review: golden texts, numbers of an independent script, and a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::cli::report::page;
use crate::report::Kind;
use crate::view::cycle::ServiceReviewView;
use evenkeel_common::time::UnixMs;

/// Largest report.
const PAGE_MAX_BYTES: usize = 2 << 20;
/// What the script next to this file printed (`python3 oracle.py`).
const ORACLE: &str = include_str!("oracle.json");

fn out(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/report");
    fs::create_dir_all(&dir).unwrap();
    dir.join(name)
}

/// The text of the numbers is that of the golden file; a new one is written to target/report.
pub fn golden(name: &str, review: &ServiceReviewView) {
    let mut numbers = json!({
        "summary": review.summary,
        "differences": review.differences,
        "findings": review.findings.iter().map(|one| &one.what).collect::<Vec<_>>(),
        "figures": review.figures,
        "analysed": review.analysed,
    });
    round(&mut numbers);
    let text = serde_json::to_string_pretty(&numbers).unwrap() + "\n";
    fs::write(out(&format!("{name}.golden.json")), &text).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/control/cycle_tests/golden/{name}.json"));
    let known = fs::read_to_string(&path).unwrap_or_default();
    let line = known.lines().zip(text.lines()).find(|(a, b)| a != b);
    assert!(
        known == text,
        "{name} differs from its golden file, first in {line:?}; if that is meant, copy \
         target/report/{name}.golden.json over {}",
        path.display()
    );
}

/// Nine digits: the last ones are another machine's.
fn round(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let text = format!("{:.8e}", number.as_f64().unwrap());
            *value = json!(text.parse::<f64>().unwrap());
        }
        Value::Array(all) => all.iter_mut().for_each(round),
        Value::Object(all) => all.values_mut().for_each(round),
        _ => {}
    }
}

/// Every number that the script computed is the review's.
pub fn agrees_with_scipy(name: &str, review: &ServiceReviewView) {
    let oracle: Value = serde_json::from_str(ORACLE).unwrap();
    let objective = |name: &str| review.analysed.objectives.iter().find(|one| one.objective == name).unwrap();
    let series = |name: &str| review.figures.series.iter().find(|one| one.metric == name).unwrap();
    let wanted = oracle[name].as_object().unwrap();
    assert!(wanted.len() >= 3);
    for (key, expected) in wanted {
        let found = match key.as_str() {
            "monthly_availability" => objective("monthly").availability,
            "monthly_ci_low" => objective("monthly").ci_low,
            "monthly_ci_high" => objective("monthly").ci_high,
            "monthly_budget_s" => Some(objective("monthly").budget_s),
            "quarterly_budget_s" => Some(objective("quarterly").budget_s),
            "burn_rate" => objective("monthly").burn_rate,
            "response_mean" => series("response").mean,
            "response_sd" => series("response").sd,
            "response_mean_before" => {
                review.before.as_ref().unwrap().series.iter().find(|one| one.metric == "response").unwrap().mean
            }
            "memory_slope_per_day" => {
                let memory = review.analysed.series.iter().find(|one| one.metric == "memory").unwrap();
                memory.forecast.map(|forecast| forecast.slope_per_day)
            }
            "cpu_mean" => series("cpu").mean,
            "mtbf_s" => review.figures.outages.mtbf_s,
            key => panic!("{key} is not looked for"),
        };
        let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{key}: {found}, but scipy says {expected}");
    }
}

/// One file without anything from elsewhere, with texts of people escaped, that fits into narrow and wide windows.
pub fn page_is_whole_and_fits(name: &str, review: &ServiceReviewView) {
    let mut hostile = review.clone();
    hostile.gathered.title = "<script>alert('x')</script> & Söhne".to_owned();
    hostile.findings[0].what = "</h3><img src=x onerror=alert(1)>".to_owned();
    hostile.gathered.members[0].name = "\"><svg onload=alert(2)>".to_owned();
    let text = page(&hostile, Kind::Review, UnixMs(0)).unwrap();
    for bad in ["<script", "<img", "<svg onload", "onerror=alert(1)>"] {
        assert!(!text.contains(bad), "{bad}");
    }
    for kind in [Kind::Review, Kind::Sla] {
        let text = page(review, kind, UnixMs(0)).unwrap();
        fs::write(out(&format!("{name}-{kind:?}.html").to_lowercase()), &text).unwrap();
        assert!(
            text.len() < PAGE_MAX_BYTES && text.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{}",
            text.len()
        );
        for elsewhere in ["http://", "https://", "url(", "@import", "<script", "<link", " src="] {
            assert!(!text.contains(elsewhere), "{elsewhere}");
        }
        let pictures = text.matches("<svg ").count();
        assert!(pictures >= if kind == Kind::Review { 8 } else { 4 }, "{pictures} pictures");
        assert_eq!((text.matches("<title id").count(), text.matches("<desc ").count()), (pictures, pictures));
        assert_eq!(text.matches("<table>").count(), text.matches("<caption>").count());
        in_order(&text);
        for width in [400, 1_280] {
            let overflow = overflow(&text, width);
            assert!(overflow.is_empty(), "{kind:?} at {width} px is wider than the window: {overflow}");
        }
    }
}

/// Headings go down one level at a time.
fn in_order(text: &str) {
    let mut last = 0;
    for (place, _) in text.match_indices("<h") {
        let Some(level) = text[place + 2..].chars().next().and_then(|c| c.to_digit(10)) else { continue };
        assert!(level <= last + 1, "a heading of level {level} follows one of level {last}");
        last = level;
    }
    assert_eq!(text.matches("<h1").count(), 1);
}

/// What Chromium finds too wide; it has to be installed (`packaging/deps page`, as tests/run does).
fn overflow(text: &str, width: u32) -> String {
    let dir = tempfile::tempdir().unwrap();
    let escaped = text.replace('&', "&amp;").replace('"', "&quot;");
    // A frame of that width: windows of a browser have a least width.
    let frame = format!(
        "<!doctype html><iframe id=f style=\"width:{width}px;height:900px;border:0\" srcdoc=\"{escaped}\"></iframe>\
         <pre id=o>not loaded</pre><script>onload=()=>{{const w=f.contentWindow,d=w.document;\
         o.textContent=d.documentElement.scrollWidth<=w.innerWidth?'fits':'wide '+d.documentElement.scrollWidth}}</script>"
    );
    let file = dir.path().join("frame.html");
    fs::write(&file, frame).unwrap();
    let output = Command::new("chromium")
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1400,1000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", dir.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("chromium can be started; `packaging/deps page` installs it");
    let dom = String::from_utf8_lossy(&output.stdout);
    let said = dom.split_once("<pre id=\"o\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    match said.map(|(said, _)| said) {
        Some("fits") => String::new(),
        Some(said) => said.to_owned(),
        None => format!("chromium said nothing: {}", String::from_utf8_lossy(&output.stderr)),
    }
}
