//! Queries and reviews on real databases: two VMs of one host over twenty minutes, with a gap, a restart, a time when
//! libvirt did not answer and a time when `web-2` was shut off.

use std::path::Path;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric;
use evenkeel_common::pki::CertificateAuthority;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, HostInfo, HostSample, WireReading, WireValue,
};

use super::{Control, ControlError, Parts};
use crate::config;
use crate::ingest::Ingest;
use crate::net::Sessions;
use crate::store::{AgentRow, AgentState, Enrolled, Store};
use crate::view::query::{NumberView, QueryRequest, QueryView};
use crate::view::review::{ReviewRequest, ReviewView, TestView};

/// A whole multiple of ten minutes.
const START: i64 = 1_800_000_000_000;
const TICK: i64 = 10_000;
const HOST: AgentId = AgentId::from_bytes([9; 16]);

async fn control(dir: &Path, ticks: std::ops::Range<i64>) -> Control {
    let store = Store::open(dir).unwrap();
    let agent = AgentRow {
        id: HOST,
        name: "hosta".to_owned(),
        machine_id: String::new(),
        key_hash: [0; 32],
        state: AgentState::Approved,
        token_id: String::new(),
        agent_version: String::new(),
        enrolled_at: UnixMs(START),
        cert_expires_at: None,
    };
    let enrolled = Enrolled { agent, count_use: false };
    let stored = store.enrol(String::new(), "hosta".to_owned(), [0; 32], move |_| Ok::<_, ()>(enrolled)).await;
    stored.unwrap().unwrap();
    let ingest = Ingest::open(store.clone()).await.unwrap();
    let heard: Vec<i64> = ticks.filter(|tick| !GAP.contains(tick)).collect();
    for tick in heard.iter().chain(heard.last()) {
        let batch = batch(*tick);
        let (wall, mono) = (batch.tick_wall_ms, batch.tick_mono_ms);
        ingest.accept(HOST, UnixMs(wall), wall, mono, batch).await.unwrap();
    }
    let pin = CertificateAuthority::generate(UnixMs(START)).unwrap().pin();
    let settings = config::settings(dir).unwrap().0;
    let (sessions, data_dir) = (Sessions::default(), dir.to_owned());
    let signer = std::sync::Arc::new(crate::net::Signer::open(dir).unwrap());
    Control::new(Parts { store, sessions, pin, signer, settings, data_dir, started_at: UnixMs(START) })
}

/// Ticks that nobody heard.
const GAP: std::ops::Range<i64> = 40..50;
/// Tick at which `web-1` was restarted.
const RESTART: i64 = 60;
/// Tick at which libvirt did not answer.
const BLIND: i64 = 70;
/// Ticks at which `web-2` was shut off.
const OFF: std::ops::Range<i64> = 80..90;

fn batch(tick: i64) -> Batch {
    let blind = tick == BLIND;
    let domains = [(1_u8, "web-1"), (2, "web-2")].map(|(uuid, name)| domain(uuid, name, tick));
    Batch {
        epoch: 1,
        seq: u64::try_from(tick + 1).unwrap(),
        tick_wall_ms: START + tick * TICK,
        tick_mono_ms: u64::try_from(tick * TICK).unwrap(),
        interval_ms: 10_000,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: vec![] }),
        domains: if blind { vec![] } else { domains.to_vec() },
        domains_missing: blind.then_some(6),
        devices: vec![String::new(), "vda".to_owned(), "vdb".to_owned()],
        ..Batch::default()
    }
}

fn domain(uuid: u8, name: &str, tick: i64) -> DomainSample {
    let off = uuid == 2 && OFF.contains(&tick);
    let life = if uuid == 1 && tick >= RESTART { RESTART } else { 0 };
    let grown = u64::try_from(tick - life).unwrap();
    let reading =
        |name: &str, device, value| WireReading { metric: metric::by_name(name).unwrap().id.0, device, value };
    DomainSample {
        uuid: [uuid; 16],
        name: name.to_owned(),
        state: if off { 5 } else { 1 },
        activity: if off { Activity::Inactive } else { Activity::Active },
        counter_epoch: 1 + u64::try_from(life).unwrap(),
        info: DomainInfo::default().into(),
        readings: vec![
            reading("vm_cpu_seconds_total", 0, WireValue::Counter(grown * 5_000_000_000 * u64::from(uuid))),
            reading("vm_memory_rss_bytes", 0, WireValue::Int(1_000 + tick % 7 + if tick < 60 { 0 } else { 100 })),
            reading("vm_block_read_bytes_total", 1, WireValue::Counter(grown * 100)),
            reading("vm_block_read_bytes_total", 2, WireValue::Counter(grown * 300)),
        ],
    }
}

fn request(metric: &str) -> QueryRequest {
    QueryRequest {
        vms: vec!["web-1".to_owned()],
        metrics: vec![metric.to_owned()],
        from_ms: START,
        to_ms: START + 120 * TICK,
        ..QueryRequest::default()
    }
}

async fn ask(control: &Control, request: QueryRequest) -> QueryView {
    control.query(request).await.unwrap().view
}

fn values(view: &QueryView, series: usize) -> Vec<Option<f64>> {
    let number = |value| match value {
        NumberView::Int(value) => f64::from(i32::try_from(value).unwrap()),
        NumberView::UInt(value) => f64::from(u32::try_from(value).unwrap()),
        NumberView::Float(value) => value,
    };
    view.series[series].points.iter().map(|point| point.1.map(number)).collect()
}

#[tokio::test]
async fn raw_readings_are_those_that_were_sent() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..120).await;
    let view = ask(&control, request("vm_memory_rss_bytes")).await;
    assert_eq!(view.series.len(), 1);
    assert_eq!(view.series[0].points.len(), 120 - 10);
    let missing: Vec<&str> = view.series[0].points.iter().filter_map(|point| point.2.as_deref()).collect();
    assert_eq!(missing, ["libvirt_down"]);
    let json = serde_json::to_value(&view).unwrap();
    assert_eq!(json["step_s"], serde_json::Value::Null);
    assert_eq!(json["series"][0]["points"][0], serde_json::json!(["2027-01-15T08:00:00Z", 1000, null]));
    assert_eq!(
        (json["series"][0]["entity"].as_str(), json["series"][0]["unit"].as_str()),
        (Some("web-1"), Some("bytes"))
    );
    assert_eq!(serde_json::from_value::<QueryView>(json).unwrap(), view);
}

#[tokio::test]
async fn rates_never_cross_a_gap_or_a_restart_and_never_go_negative() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..120).await;
    let mut request = request("vm_cpu_seconds_total");
    request.function = Some("rate".to_owned());
    let view = ask(&control, request.clone()).await;
    assert_eq!(view.series[0].unit, "ratio");
    let missing: Vec<(i64, &str)> = view.series[0]
        .points
        .iter()
        .filter_map(|point| Some(((point.0.0.0 - START) / TICK, point.2.as_deref()?)))
        .collect();
    assert_eq!(missing, [(50, "no_data"), (60, "counter_reset"), (70, "libvirt_down")]);
    assert!(values(&view, 0).into_iter().flatten().all(|rate| (rate - 0.5).abs() < 1e-12));
    request.step_ms = Some(60_000);
    let view = ask(&control, request).await;
    assert_eq!(values(&view, 0).len(), 20);
    assert_eq!(values(&view, 0)[7], None, "the whole minute was not heard: {:?}", view.series[0].points[7]);
    assert!(values(&view, 0).into_iter().flatten().all(|rate| (rate - 0.5).abs() < 1e-9));
}

#[tokio::test]
async fn groups_add_up_and_the_top_is_the_highest() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..31).await;
    let mut grouped = request("vm_block_read_bytes_total");
    grouped.vms = vec!["web-*".to_owned()];
    grouped.by = Some("vm".to_owned());
    grouped.step_ms = Some(100_000);
    grouped.to_ms = START + 30 * TICK;
    let view = ask(&control, grouped.clone()).await;
    assert_eq!(view.series.iter().map(|line| line.entity.as_str()).collect::<Vec<_>>(), ["web-1", "web-2"]);
    assert_eq!(values(&view, 0), [Some(40.0); 3]);
    grouped.by = Some("host".to_owned());
    grouped.function = Some("increase".to_owned());
    let view = ask(&control, grouped).await;
    assert_eq!((view.series[0].entity.as_str(), values(&view, 0)), ("hosta", vec![Some(8_000.0); 3]));
    let mut top = request("vm_cpu_*");
    top.vms.clear();
    top.function = Some("rate".to_owned());
    top.top = Some(1);
    let view = ask(&control, top).await;
    assert_eq!(view.series.iter().map(|line| line.entity.as_str()).collect::<Vec<_>>(), ["web-2"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..3).await;
    let refused = async |change: fn(&mut QueryRequest)| {
        let mut request = request("vm_cpu_seconds_total");
        change(&mut request);
        control.query(request).await.unwrap_err()
    };
    let usage = |error: &ControlError| matches!(error, ControlError::Usage { .. });
    assert!(usage(&refused(|request| request.to_ms = request.from_ms).await));
    assert!(usage(&refused(|request| request.from_ms = request.to_ms + 1).await));
    assert!(usage(&refused(|request| request.metrics.clear()).await));
    assert!(usage(&refused(|request| request.function = Some("mean".to_owned())).await));
    assert!(usage(&refused(|request| request.step_ms = Some(0)).await));
    assert!(usage(&refused(|request| request.by = Some("vm".to_owned())).await));
    let error = refused(|request| (request.step_ms, request.to_ms) = (Some(1), START + 86_400_000)).await;
    assert_eq!(error.hint().unwrap(), "--step 1s fits; or ask for a shorter range or fewer series");
    let error = refused(|request| request.metrics = vec!["vm_cpu_second_total".to_owned()]).await;
    assert!(error.hint().unwrap().starts_with("did you mean vm_cpu_seconds_total or "));
    let error = refused(|request| request.vms = vec!["web-9".to_owned()]).await;
    assert!(matches!(error, ControlError::NotFound { what: "VM", .. }));
    let mut nothing = request("vm_cpu_seconds_total");
    (nothing.from_ms, nothing.to_ms) = (0, 1);
    let answer = control.query(nothing).await.unwrap();
    assert!(answer.view.series.is_empty() && answer.notes.len() == 1);
}

async fn review(control: &Control, change: fn(&mut ReviewRequest)) -> Vec<ReviewView> {
    let mut request = ReviewRequest {
        vms: vec!["web-2".to_owned()],
        from_ms: START,
        to_ms: START + 120 * TICK,
        ..ReviewRequest::default()
    };
    change(&mut request);
    control.review(request).await.unwrap().view
}

#[tokio::test]
async fn a_review_is_exact_and_the_same_again() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..120).await;
    let reviews = review(&control, |_| {}).await;
    let json = serde_json::to_value(&reviews).unwrap();
    let review = &json[0];
    assert_eq!([&review["period_s"], &review["up_s"], &review["down_s"], &review["unknown_s"]], [1_200, 995, 100, 105]);
    assert_eq!(review["availability"], 995.0 / 1_095.0);
    assert_eq!(
        (&review["against"], review["comparisons"].as_array().map(Vec::len)),
        (&serde_json::Value::Null, Some(0))
    );
    let cpu = &review["metrics"][0];
    assert_eq!((cpu["metric"].as_str(), cpu["fn"].as_str()), (Some("vm_cpu_seconds_total"), Some("rate")));
    assert_eq!((cpu["mean"].as_f64(), cpu["sd"].as_f64().map(f64::round)), (Some(1.0), Some(0.0)));
    assert_eq!(serde_json::from_value::<Vec<ReviewView>>(json.clone()).unwrap(), reviews);
    assert_eq!(
        serde_json::to_string(&self::review(&control, |_| {}).await).unwrap(),
        serde_json::to_string(&reviews).unwrap()
    );
}

#[tokio::test]
async fn periods_are_compared_with_textbook_tests() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..120).await;
    let reviews = review(&control, |request| {
        request.vms = vec!["all".to_owned()];
        request.from_ms = START + 60 * TICK;
        request.against_ms = Some((START, START + 60 * TICK));
    })
    .await;
    assert_eq!(reviews.iter().map(|review| review.vm.as_str()).collect::<Vec<_>>(), ["web-1", "web-2"]);
    let comparison = reviews[0].comparisons.iter().find(|one| one.metric == "vm_memory_rss_bytes").unwrap();
    assert_eq!((comparison.n_before, comparison.n_after), (50, 59));
    let TestView::Result { statistic, p, .. } = comparison.welch else { panic!("{comparison:?}") };
    assert!(statistic > 100.0 && p < 1e-9, "{statistic} {p}");
    let TestView::Result { p, .. } = comparison.brown_forsythe else { panic!("{comparison:?}") };
    assert!(p > 0.05, "{p}");
    assert!(comparison.note.contains("autocorrelation"));
    let cpu = reviews[0].comparisons.iter().find(|one| one.metric == "vm_cpu_seconds_total").unwrap();
    assert!(matches!(&cpu.welch, TestView::Error { error, .. } if error == "zero_variance"), "{cpu:?}");
}

#[tokio::test]
async fn a_period_before_anything_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let control = control(dir.path(), 0..3).await;
    let reviews = review(&control, |request| {
        (request.from_ms, request.to_ms, request.against_ms) = (0, 10_500, Some((20_000, 30_000)));
    })
    .await;
    let json = serde_json::to_value(&reviews[0]).unwrap();
    assert_eq!([&json["period_s"], &json["unknown_s"]], [10.5, 10.5]);
    assert_eq!((&json["availability"], &json["missing"]), (&serde_json::Value::Null, &"no_data".into()));
    assert!(reviews[0].period.metrics.is_empty() && reviews[0].words.starts_with("Nothing is known of web-2"));
}
