//! From batches to outages and service levels, on real databases and a clock of our own.

use std::path::Path;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::known;
use evenkeel_common::pki::CertificateAuthority;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, HostInfo, HostSample, WireReading, WireValue,
};

use super::{Control, OutageFilter, Parts, SlaFilter, Watch};
use crate::config;
use crate::ingest::Ingest;
use crate::net::Sessions;
use crate::store::{AgentRow, AgentState, Enrolled, Store};
use crate::view::calendar::WindowWanted;
use crate::view::outage::{OutageCorrection, OutageView};
use crate::view::sla::SlaRow;

/// 2027-01-15T08:00:00Z.
const START_S: i64 = 1_800_000_000;
/// Seconds of the month before it.
const BEFORE_S: i64 = 14 * 86_400 + 8 * 3_600;
const HOST: AgentId = AgentId::from_bytes([1; 16]);
const RUNNING: u8 = 1;
const PAUSED: u8 = 3;

const SERVICE: &str = "[members]\nowners = ['shop']\n[factors.f]\ngoal = 'g'\n\
    [kpis.a]\nfactor = 'f'\nkind = 'availability'\nmetrics = ['down']\n[metrics.down]\nsource = 'probe:http'\n\
    [kpis.p]\nfactor = 'f'\nkind = 'performance'\nmetrics = ['response']\n\
    [metrics.response]\nsource = 'series:vm_probe_response_seconds:http'\n\
    [objectives.monthly]\nkpi = 'a'\ntarget = '99%'\n\
    [objectives.strict]\nkpi = 'a'\ntarget = '99%'\nwindow = 'day'\nunknown = 'bad'\n\
    [objectives.fast]\nkpi = 'p'\ntarget = '90%'\nlimit = '500ms'\nshare_of = 'samples'\n";

struct Site {
    control: Control,
    ingest: Ingest,
    watch: Watch,
    seq: u64,
}

fn at(second: i64) -> UnixMs {
    UnixMs((START_S + second) * 1_000)
}

impl Site {
    async fn new(dir: &Path) -> Self {
        std::fs::create_dir(dir.join("services")).unwrap();
        std::fs::write(dir.join("services/shop.toml"), SERVICE).unwrap();
        let store = Store::open(dir).unwrap();
        let agent = AgentRow {
            id: HOST,
            name: "hosta".to_owned(),
            machine_id: String::new(),
            key_hash: [0; 32],
            state: AgentState::Approved,
            token_id: String::new(),
            agent_version: String::new(),
            enrolled_at: at(0),
            cert_expires_at: None,
        };
        let enrolled = Enrolled { agent, count_use: false };
        store.enrol(String::new(), "hosta".to_owned(), [0; 32], move |_| Ok::<_, ()>(enrolled)).await.unwrap().unwrap();
        let ingest = Ingest::open(store.clone()).await.unwrap();
        let pin = CertificateAuthority::generate(at(0)).unwrap().pin();
        let settings = config::settings(dir).unwrap().0;
        let (sessions, data_dir) = (Sessions::default(), dir.to_owned());
        let signer = std::sync::Arc::new(crate::net::Signer::open(dir).unwrap());
        let control = Control::new(Parts { store, sessions, pin, signer, settings, data_dir, started_at: at(0) });
        control.load_services(dir, at(0)).await;
        assert_eq!(control.services().len(), 1);
        Self { control, ingest, watch: Watch::default(), seq: 0 }
    }

    /// A tick at a second, heard at another one; the probe's outcome, when it had a turn.
    async fn tick(&mut self, second: i64, heard: i64, state: u8, outcome: Option<i64>) {
        self.seq += 1;
        let batch = batch(self.seq, second, state, outcome);
        let mono = u64::try_from(heard * 1_000 + 1_000_000).unwrap();
        self.ingest.accept(HOST, at(heard), at(heard).0, mono, batch).await.unwrap();
    }

    async fn round(&mut self, now: i64) {
        self.control.watch(&mut self.watch, at(now)).await.unwrap();
    }

    async fn outages(&self, now: i64) -> Vec<OutageView> {
        let filter =
            OutageFilter { service: Some("shop".to_owned()), target: None, open: false, from: at(0), to: at(now) };
        self.control.outage_list(filter, at(now)).await.unwrap().outages
    }

    async fn sla(&self, objective: &str, now: i64) -> SlaRow {
        let rows = self.control.sla_status(SlaFilter::default(), at(now)).await.unwrap();
        rows.into_iter().find(|row| row.objective == objective).unwrap()
    }

    async fn spent(&self, objective: &str, now: i64) -> (i64, i64, i64, i64) {
        let row = self.sla(objective, now).await;
        let period = (row.to.0.0 - row.from.0.0) / 1_000;
        assert_eq!(row.good_s + row.bad_s + row.unknown_s + row.excluded_s, period, "they sum to the period");
        (row.good_s, row.bad_s, row.unknown_s, row.excluded_s)
    }
}

fn batch(seq: u64, second: i64, state: u8, outcome: Option<i64>) -> Batch {
    let reading =
        |metric: &str, value| WireReading { metric: known(metric).id.0, device: 1, value: WireValue::Int(value) };
    let probe = outcome.into_iter().flat_map(|code| {
        // A second when it does not answer, 0.2 s when it does.
        [
            reading("vm_probe_outcome", code),
            reading("vm_probe_response_seconds", if code == 0 { 200_000 } else { 1_000_000 }),
        ]
    });
    Batch {
        epoch: 1,
        seq,
        tick_wall_ms: at(second).0,
        tick_mono_ms: u64::try_from(second * 1_000 + 1_000_000).unwrap(),
        interval_ms: 10_000,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: vec![] }),
        domains: vec![DomainSample {
            uuid: [7; 16],
            name: "web-1".to_owned(),
            state,
            activity: Activity::Active,
            counter_epoch: 42,
            info: DomainInfo { vcpus: 1, owner: "shop".into(), ..DomainInfo::default() }.into(),
            readings: probe.collect(),
        }],
        domains_missing: None,
        devices: vec![String::new(), "http".to_owned()],
        ..Batch::default()
    }
}

/// 600 s up, 60 s without an answer, up, the agent away from 1000 to 1300 s, up with one lone miss, paused from 1600 to
/// 1700 s during maintenance, up until 2000 s.
async fn past(site: &mut Site) {
    for second in (0..2_000).step_by(10) {
        let (state, outcome) = match second {
            600..660 | 1_400 => (RUNNING, Some(2)),
            1_000..1_300 => continue,
            1_600..1_700 => (PAUSED, None),
            _ => (RUNNING, Some(0)),
        };
        site.tick(second, second, state, outcome).await;
    }
    let window = WindowWanted {
        name: "move".to_owned(),
        zone: "UTC".to_owned(),
        from_ms: Some(at(1_580).0),
        to_ms: Some(at(1_720).0),
        ..WindowWanted::default()
    };
    site.control.calendar_add(window, "ann".to_owned(), at(2_000)).await.unwrap();
}

#[tokio::test]
async fn an_outage_counts_maintenance_is_excluded_and_an_agent_that_is_away_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    past(&mut site).await;
    for _ in 0..25 {
        site.round(2_000).await;
    }
    let found = site.outages(2_000).await;
    let shown: Vec<_> =
        found.iter().map(|one| (one.start.0, one.end.unwrap().0, one.down_s, one.excluded_s, one.unknown_s)).collect();
    assert_eq!(shown, [(at(600), at(660), 60, 0, 0), (at(1_600), at(1_700), 100, 100, 0)]);
    assert_eq!((found[0].cause.as_str(), found[0].impact, found[0].services.len()), ("timeout", 1, 1));
    assert_eq!(found[1].excluded_why, ["maintenance 'move'"]);
    // Observations speak for 15 s, so 295 s are unknown.
    assert_eq!(site.spent("monthly", 2_000).await, (2_000 - 295 - 140 - 60, 60, BEFORE_S + 295, 140));
    let day = site.sla("strict", 2_000).await;
    assert_eq!(day.availability, Some(1_505.0 / (8.0 * 3_600.0 + 2_000.0 - 140.0)), "unknown is bad");
    let fast = site.sla("fast", 2_000).await;
    // 160 turns with an answer and 7 without; 4 of the answers are in the window.
    let (good, bad) = (fast.samples_good.unwrap(), fast.samples_bad.unwrap());
    assert!((bad - 7.0).abs() < 1e-9 && (good - 149.0).abs() < 1.0, "{good} {bad}");
    let log =
        site.control.store().activities(crate::store::activity::ActivityFilter { limit: 100, ..Default::default() });
    let told = log.await.unwrap().into_iter().filter(|entry| entry.kind == "outage_ended").count();
    assert_eq!(told, 2, "each once");
}

#[tokio::test]
async fn what_comes_late_fills_its_hole_and_a_person_has_the_last_word() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    past(&mut site).await;
    for _ in 0..5 {
        site.round(2_000).await;
    }
    let before = site.spent("monthly", 2_000).await;
    // A restart in the middle changes nothing.
    site.watch = Watch::default();
    site.round(2_000).await;
    assert_eq!(site.spent("monthly", 2_000).await, before);
    for second in (1_000..1_300).step_by(10) {
        let outcome = if (1_100..1_150).contains(&second) { 2 } else { 0 };
        site.tick(second, 2_000, RUNNING, Some(outcome)).await;
    }
    for _ in 0..31 {
        site.round(2_000).await;
    }
    let (good, bad, unknown, excluded) = site.spent("monthly", 2_000).await;
    assert_eq!((good, bad, unknown, excluded), (before.0 + 245, 110, BEFORE_S, 140));
    let found = site.outages(2_000).await;
    assert_eq!(found.iter().map(|one| one.start.0).collect::<Vec<_>>(), [at(600), at(1_100), at(1_600)]);
    let void = OutageCorrection { void: true, reason: "the probe was wrong".to_owned(), ..OutageCorrection::default() };
    site.control.outage_correct(found[0].id, void, "ann".to_owned(), at(2_000)).await.unwrap();
    let longer =
        OutageCorrection { to_ms: Some(at(1_200).0), reason: "seen".to_owned(), ..OutageCorrection::default() };
    site.control.outage_correct(found[1].id, longer, "ann".to_owned(), at(2_000)).await.unwrap();
    let none = OutageCorrection { reason: "no".to_owned(), ..OutageCorrection::default() };
    assert!(site.control.outage_correct(found[1].id, none, "ann".to_owned(), at(2_000)).await.is_err());
    assert_eq!(site.spent("monthly", 2_000).await, (good + 60 - 50, 100, BEFORE_S, 140));
    for _ in 0..31 {
        site.round(2_000).await;
    }
    let after = site.outages(2_000).await;
    assert_eq!(after.iter().map(|one| one.id).collect::<Vec<_>>(), found.iter().map(|one| one.id).collect::<Vec<_>>());
    assert!(after[0].void && after[1].end.unwrap().0 == at(1_200) && after[1].measured_end.unwrap().0 == at(1_150));
    assert!(after[0].correction.as_ref().unwrap().contains("by ann: the probe was wrong"));
}

#[tokio::test]
async fn an_outage_that_goes_on_is_open_until_it_answers() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    for second in (0..300).step_by(10) {
        site.tick(second, second, RUNNING, Some(if second < 200 { 0 } else { 2 })).await;
        if second % 50 == 0 {
            site.round(second).await;
        }
    }
    // A round at the very second of a tick does not lose it.
    site.round(300).await;
    let open = site.outages(300).await.remove(0);
    assert_eq!((open.start.0, open.end, open.down_s), (at(200), None, 100));
    for second in [300, 310, 320] {
        site.tick(second, second, RUNNING, Some(0)).await;
        site.round(second).await;
    }
    site.round(330).await;
    let over = site.outages(330).await;
    assert_eq!((over.len(), over[0].id, over[0].end.unwrap().0), (1, open.id, at(300)));
}

#[tokio::test]
async fn what_was_reported_stays_and_the_difference_is_said_with_its_reasons() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    past(&mut site).await;
    for _ in 0..5 {
        site.round(2_000).await;
    }
    // The day is over at 16 h.
    let filter = || SlaFilter { period: Some(at(1_000)), ..SlaFilter::default() };
    let early = site.control.sla_report(filter(), "ann".to_owned(), at(2_000)).await;
    assert!(early.is_err(), "a period that is not over is not reported");
    let to_come = site.control.sla_status(filter(), at(999)).await.unwrap_err();
    assert!(to_come.to_string().contains("has not begun"), "another period is no answer: {to_come}");
    let day = async |site: &Site| {
        let rows = site.control.sla_status(filter(), at(60_000)).await.unwrap();
        rows.into_iter().find(|row| row.objective == "strict").unwrap()
    };
    assert_eq!(day(&site).await.reported, None);
    let told = site.control.sla_report(filter(), "ann".to_owned(), at(60_000)).await.unwrap();
    assert_eq!(told.iter().map(|row| row.objective.as_str()).collect::<Vec<_>>(), ["strict"], "the month is not over");
    let reported = told[0].reported.clone().unwrap();
    assert_eq!((reported.version, reported.differs, reported.bad_s), (1, false, told[0].bad_s));
    assert!(reported.words.starts_with("reported ") && !reported.words.contains("because"), "{}", reported.words);
    for second in (1_000..1_300).step_by(10) {
        site.tick(second, 2_000, RUNNING, Some(if (1_100..1_150).contains(&second) { 2 } else { 0 })).await;
    }
    for _ in 0..31 {
        site.round(2_000).await;
    }
    let found = site.outages(2_000).await;
    let void = OutageCorrection { void: true, reason: "the probe was wrong".to_owned(), ..OutageCorrection::default() };
    site.control.outage_correct(found[0].id, void, "ann".to_owned(), at(2_000)).await.unwrap();
    let now = day(&site).await;
    let beside = now.reported.unwrap();
    assert_eq!((beside.version, beside.bad_s, beside.unknown_s), (1, reported.bad_s, reported.unknown_s), "it stays");
    assert!(beside.differs && now.bad_s != beside.bad_s, "{}", beside.words);
    for words in [
        format!("outage {} was found to be none", found[0].id),
        format!("outage {} was not known then", found[1].id),
        "295 s that were unknown are known by what came late".to_owned(),
    ] {
        assert!(beside.words.contains(&words), "{words} in {}", beside.words);
    }
    let again = site.control.sla_report(filter(), "ann".to_owned(), at(61_000)).await.unwrap();
    let newer = again[0].reported.clone().unwrap();
    assert_eq!((newer.version, newer.differs, newer.bad_s), (2, false, now.bad_s));
}
