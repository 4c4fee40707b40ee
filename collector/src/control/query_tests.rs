//! Queries on real databases: reasons of gaps, borders between rollups and readings, nothing invented, nothing negative.

mod groups;

use std::sync::Arc;

use evenkeel_common::id::DomainUuid;
use evenkeel_common::metric::by_name;
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Reading, Value};
use evenkeel_common::time::{DurationMs, UnixMs};
use proptest::prelude::*;
use tokio::sync::mpsc;

use super::Control;
use super::tests::{HOST, START, control};
use crate::series::sketch::ERROR_MAX;
use crate::store::activity::{Activity, Category};
use crate::store::engine::Due;
use crate::store::{BatchRows, Entity, EntityRows, PollRow};
use crate::view::import::{ImportRequest, ImportRow};
use crate::view::query::{NumberView, PointView, QueryLine, QueryRequest, SeriesView};

const COUNTER: &str = "vm_network_receive_bytes_total";
const GAUGE: &str = "vm_memory_rss_bytes";
const HOUR: i64 = 3_600_000;
/// An hour's begin, far behind what `control` heard.
const FROM: i64 = (START.0 / HOUR + 2) * HOUR;

fn web() -> Entity {
    DomainUuid::from_bytes([1; 16]).into()
}

/// One tick of web-1; `None` was not asked.
fn tick(seq: u64, at: i64, counter: Value, gauge: Value, missing: Option<Missing>) -> BatchRows {
    let reading = |metric, value| Reading { metric: by_name(metric).unwrap().id, device: String::new(), value };
    let readings = if missing.is_some() { Vec::new() } else { vec![reading(COUNTER, counter), reading(GAUGE, gauge)] };
    BatchRows {
        agent: HOST,
        epoch: 7,
        seq,
        at: UnixMs(at),
        interval_ms: 10_000,
        corrected: false,
        withdrawn: Vec::new(),
        readings: vec![EntityRows::new(web(), None, &readings)],
        polls: vec![PollRow { entity: web(), state: Some(1), missing: missing.map(Missing::code) }],
        gap: None,
    }
}

fn count(epoch: u64, value: u64) -> Value {
    Value::Counter(Counter { epoch: CounterEpoch(epoch), value })
}

fn int(value: i64) -> Value {
    Value::Gauge(Gauge::Int(value))
}

fn request(metric: &str, function: &str, step_ms: Option<i64>, from_ms: i64, to_ms: i64) -> QueryRequest {
    QueryRequest {
        vms: vec!["web-1".to_owned()],
        metrics: vec![metric.to_owned()],
        function: Some(function.to_owned()),
        from_ms,
        to_ms,
        step_ms,
        ..QueryRequest::default()
    }
}

async fn points(control: &Control, request: QueryRequest) -> Vec<PointView> {
    let view = control.query(request).await.unwrap().view;
    view.series.into_iter().next().map(|series| series.points).unwrap_or_default()
}

fn number(point: &PointView) -> Option<f64> {
    point.1.map(|number| match number {
        NumberView::Int(value) => f64::from(i32::try_from(value).unwrap()),
        NumberView::UInt(value) => f64::from(u32::try_from(value).unwrap()),
        NumberView::Float(value) => value,
    })
}

async fn session(control: &Control, at: i64, kind: &str) {
    let activity = Activity {
        at: UnixMs(at),
        category: Category::Informational,
        kind: kind.to_owned(),
        host: "hosta".to_owned(),
        vm: String::new(),
        message: String::new(),
    };
    control.store().record_activity(activity).await.unwrap();
}

#[tokio::test]
async fn a_gap_has_the_reason_that_is_on_record() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    // Six minutes: well, hung, dropped by the agent, paused, stopped; nothing is known of the seventh.
    let mut batches = Vec::new();
    let at = |minute: i64, tick: i64| FROM - 10 * HOUR + minute * 60_000 + tick * 10_000;
    for minute in [0, 1, 3, 5, 7] {
        for n in 0..6 {
            let (seq, value) = (u64::try_from(minute * 6 + n + 1).unwrap(), count(1, 100));
            batches.push(match minute {
                1 => tick(seq, at(minute, n), value, int(1), Some(Missing::Hung)),
                3 => tick(seq, at(minute, n), Value::Missing(Missing::Paused), Value::Missing(Missing::Paused), None),
                _ => tick(seq, at(minute, n), value, int(1), None),
            });
        }
    }
    batches[12].gap = Some((UnixMs(at(2, 0)), UnixMs(at(3, 0)), 6));
    control.store().append(Arc::new(batches)).await.unwrap();
    session(&control, at(4, 0) - 5_000, "agent_goodbye").await;
    session(&control, at(5, 0) - 1_000, "agent_connected").await;
    let expected =
        [None, Some("hung"), Some("queue_full"), Some("paused"), Some("agent_down"), None, Some("no_data"), None];
    for sealed in [false, true] {
        if sealed {
            while control.store().seal(Due::Before(UnixMs(FROM))).await.unwrap().more {}
        }
        for (metric, function) in [(GAUGE, "avg"), (COUNTER, "rate")] {
            let asked = request(metric, function, Some(60_000), at(0, 0), at(8, 0));
            let found = points(&control, asked).await;
            let why: Vec<Option<&str>> = found.iter().map(|point| point.2.as_deref()).collect();
            assert_eq!(why, expected, "{metric}, sealed {sealed}");
        }
        let raw = points(&control, request(GAUGE, "raw", None, at(0, 0), at(8, 0))).await;
        assert_eq!(raw.iter().filter(|point| point.2.as_deref() == Some("agent_down")).count(), 6);
        assert_eq!(raw.iter().filter(|point| point.1.is_some()).count(), 18);
    }
    session(&control, at(6, 0) - 5_000, "agent_disconnected").await;
    session(&control, at(7, 0) - 5_000, "agent_connected").await;
    let found = points(&control, request(GAUGE, "avg", Some(60_000), at(6, 0), at(7, 0))).await;
    assert_eq!(found[0].2.as_deref(), Some("host_unreachable"), "a reason is an answer too");
    let found = points(&control, request(GAUGE, "avg", Some(60_000), at(5, 0), at(7, 0))).await;
    assert_eq!(found[1].2.as_deref(), Some("host_unreachable"));
}

#[tokio::test]
async fn steps_of_rollups_have_the_reasons_too() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let at = |hour: i64| FROM + hour * HOUR;
    let mut batches: Vec<BatchRows> =
        (1..).zip([0, 2, 4, 6]).map(|(seq, hour)| tick(seq, at(hour) + 5, count(1, 7), int(1), None)).collect();
    batches[3].gap = Some((UnixMs(at(1)), UnixMs(at(2)), 360));
    control.store().append(Arc::new(batches)).await.unwrap();
    session(&control, at(3) - 1, "agent_goodbye").await;
    session(&control, at(4), "agent_connected").await;
    while control.store().seal(Due::Before(UnixMs(at(9)))).await.unwrap().more {}
    let found = points(&control, request(GAUGE, "avg", Some(HOUR), at(0), at(7))).await;
    let why: Vec<Option<&str>> = found.iter().map(|point| point.2.as_deref()).collect();
    assert_eq!(why, [None, Some("queue_full"), None, Some("agent_down"), None, Some("no_data"), None]);
}

/// Some hours of ticks with restarts, lost ticks and hung ones, and what the counter is known to have grown.
fn story(steps: &[(u8, u16)]) -> (Vec<BatchRows>, f64) {
    let (mut at, mut epoch, mut value, mut grown) = (FROM + 3_000, 1, 50, 0);
    let mut batches = Vec::new();
    let mut before: Option<(i64, u64, u64)> = None;
    for (seq, (what, growth)) in (1..).zip(steps) {
        at += match what {
            0..=2 => 70_000,
            3..=8 => 20_000,
            _ => 10_000,
        };
        if *what == 20 {
            (epoch, value) = (epoch + 1, 0);
        } else {
            value += u64::from(*growth);
        }
        let missing = (*what == 21).then_some(Missing::Hung);
        batches.push(tick(seq, at, count(epoch, value), int(i64::from(*growth)), missing));
        if missing.is_none() {
            if let Some((then, same, less)) = before
                && same == epoch
                && at - then <= 25_000
            {
                grown += value - less;
            }
            before = Some((at, epoch, value));
        }
    }
    (batches, f64::from(u32::try_from(grown).unwrap()))
}

#[test]
fn borders_between_rollups_and_readings_change_nothing() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(6).min(64);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let stories = (prop::collection::vec((0_u8..250, 0_u16..1_000), 700..1_200), 0_i64..5_000_000, 1_i64..4);
    runner
        .run(&stories, |(steps, offset, sealed_hours)| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(border(&steps, offset, sealed_hours))
        })
        .unwrap();
}

async fn border(steps: &[(u8, u16)], offset: i64, sealed_hours: i64) -> Result<(), TestCaseError> {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let (batches, grown) = story(steps);
    let last = batches.last().map_or(FROM, |batch| batch.at.0);
    control.store().append(Arc::new(batches)).await.unwrap();
    let (from, to) = (FROM + offset % 2 * offset, last + 1);
    let mut asked = Vec::new();
    for (metric, functions) in
        [(COUNTER, &["rate", "increase", "count"][..]), (GAUGE, &["avg", "min", "max", "sum", "count"])]
    {
        for function in functions {
            for step in [300_000, 900_000, HOUR] {
                asked.push(request(metric, function, Some(step), from, to));
            }
        }
    }
    asked.extend(["p50", "p95"].map(|function| request(COUNTER, function, Some(2 * HOUR), from, to)));
    asked.push(request(GAUGE, "p99", Some(HOUR), from, to));
    let mut before = Vec::new();
    for request in &asked {
        before.push(points(&control, request.clone()).await);
    }
    for hours in [sealed_hours, 100] {
        while control.store().seal(Due::Before(UnixMs(FROM + hours * HOUR))).await.unwrap().more {}
        for (request, before) in asked.iter().zip(&before) {
            let after = points(&control, request.clone()).await;
            prop_assert_eq!(after.len(), before.len());
            for (one, other) in before.iter().zip(&after) {
                let (a, b) = (number(one), number(other));
                let is_sketch = request.function.as_ref().is_some_and(|function| function.starts_with('p'));
                let share = if is_sketch { ERROR_MAX } else { 1e-9 };
                let near =
                    a.zip(b).map_or(a.is_none() && b.is_none(), |(a, b)| (a - b).abs() <= share * a.abs() + 1e-9);
                prop_assert!(near, "{:?} {:?} {one:?} {other:?}", request.function, request.step_ms);
                prop_assert!(b.is_none_or(|b| b >= 0.0), "negative: {other:?}");
            }
        }
    }
    let whole = points(&control, request(COUNTER, "increase", Some(HOUR), FROM, to)).await;
    let sum: f64 = whole.iter().filter_map(number).sum();
    prop_assert!((sum - grown).abs() <= 1e-6 * grown.max(1.0), "{sum} grew, {grown} is known");
    Ok(())
}

#[tokio::test]
async fn lines_of_an_answer_are_the_answer() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let steps: Vec<(u8, u16)> = (0..9_000).map(|n: u16| (u8::try_from(n % 190).unwrap(), n % 977)).collect();
    let (batches, _) = story(&steps);
    let to = batches.last().map_or(FROM, |batch| batch.at.0 + 1);
    control.store().append(Arc::new(batches)).await.unwrap();
    while control.store().seal(Due::Before(UnixMs(to - 5 * HOUR))).await.unwrap().more {}
    for (metric, function, step) in
        [("vm_*", "raw", None), (COUNTER, "rate", None), (GAUGE, "avg", Some(60_000)), ("vm_*", "last", None)]
    {
        for top in [None, Some(1)] {
            let asked = QueryRequest { top, ..request(metric, function, step, FROM - 40 * HOUR, to) };
            let whole = control.query(asked.clone()).await.unwrap().view;
            let (sender, mut lines) = mpsc::channel(1);
            let plan = control.plan_query(asked).await.unwrap().view;
            let sending = tokio::spawn({
                let control = control.clone();
                async move { control.run_query(plan, sender).await }
            });
            let (mut series, mut ended): (Vec<SeriesView>, _) = (Vec::new(), false);
            while let Some(line) = lines.recv().await {
                match line {
                    QueryLine::Head { from, to, step_s } => {
                        assert_eq!((from, to, step_s), (whole.from, whole.to, whole.step_s))
                    }
                    QueryLine::Series(view) => series.push(view),
                    QueryLine::Points(points) => {
                        assert!(points.len() <= 1_000, "bounded");
                        series.last_mut().unwrap().points.extend(points);
                    }
                    QueryLine::Failed(error) => panic!("{error:?}"),
                    QueryLine::End { series: count } => ended = count == series.len() as u64,
                }
            }
            sending.await.unwrap();
            assert!(ended && series == whole.series, "{metric} {function} {top:?}");
            assert!(!series.is_empty());
        }
    }
}

#[tokio::test]
async fn too_many_points_are_refused_with_a_step_that_fits() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let asked = request(GAUGE, "avg", Some(1_000), FROM, FROM + 400 * 24 * HOUR);
    let error = control.plan_query(asked).await.unwrap_err();
    let hint = error.hint().unwrap();
    assert!(error.to_string().contains("1000000 points") && hint.contains("--step 1m fits"), "{error} {hint}");
}

#[tokio::test]
async fn an_import_into_sealed_hours_changes_their_rollups() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path()).await;
    let now = START.plus(DurationMs(100 * HOUR));
    let steps: Vec<(u8, u16)> = (0..720).map(|_| (100, 5)).collect();
    let (batches, _) = story(&steps);
    control.store().append(Arc::new(batches)).await.unwrap();
    while control.store().seal(Due::Before(now)).await.unwrap().more {}
    // Between the ticks, on a tick, and a name of its own.
    let row = |line, at, metric: &str, value: &str| {
        let text = str::to_owned;
        ImportRow(line, at, text("web-1"), text(metric), String::new(), text(value))
    };
    let rows = vec![
        row(2, FROM + 14_000, GAUGE, "1000"),
        row(3, FROM + 13_000, GAUGE, "5"),
        row(4, FROM + 23_000, GAUGE, "6"),
        row(5, FROM + 13_000, "temperature", "20.5"),
        row(6, FROM + 30 * HOUR, "temperature", "21"),
    ];
    let request_ = ImportRequest { create: false, rows };
    for turn in 0..2 {
        let view = control.import(request_.clone(), now).await.unwrap();
        let expected = if turn == 0 { (3, 1) } else { (0, 4) };
        assert_eq!((view.accepted, view.duplicates), expected, "{view:?}");
        assert_eq!(view.rejected.len(), 1);
        assert!(view.rejected[0].line == 4 && view.rejected[0].reason.contains("another value at this time, 5"));
        let max = request(GAUGE, "max", Some(HOUR), FROM, FROM + HOUR);
        assert_eq!(points(&control, max.clone()).await[0].1, Some(NumberView::Float(1_000.0)));
        while control.store().seal(Due::Before(now)).await.unwrap().more {}
        assert_eq!(points(&control, max).await[0].1, Some(NumberView::Float(1_000.0)), "its rollup too");
    }
    let count = points(&control, request("temperature", "count", Some(24 * HOUR), FROM, FROM + 48 * HOUR)).await;
    let counted: f64 = count.iter().filter_map(number).sum();
    assert!((counted - 2.0).abs() < 1e-9, "{count:?}");
}
