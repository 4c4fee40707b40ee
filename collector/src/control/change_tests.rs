//! From batches to verdicts on changes, on real databases and a clock of our own.

use std::path::Path;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::known;
use evenkeel_common::pki::CertificateAuthority;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::v1::{
    Activity, Batch, DomainInfo, DomainSample, HostInfo, HostSample, WireReading, WireValue,
};

use super::{ChangeFilter, Control, ControlError, Parts};
use crate::config;
use crate::ingest::Ingest;
use crate::net::Sessions;
use crate::store::{AgentRow, AgentState, Enrolled, Store};
use crate::view::calendar::WindowWanted;
use crate::view::change::ChangeWanted;
use crate::view::change_verdict::ChangeVerdictView;

/// 2027-01-15T08:00:00Z.
const START_S: i64 = 1_800_000_000;
const HOST: AgentId = AgentId::from_bytes([1; 16]);
const INTERVAL_S: i64 = 30;
const HOUR_S: i64 = 3_600;

const SERVICE: &str = "[members]\nowners = ['shop']\n[factors.f]\ngoal = 'g'\n\
    [kpis.p]\nfactor = 'f'\nkind = 'performance'\nmetrics = ['response']\n\
    [metrics.response]\nsource = 'series:vm_probe_response_seconds:http'\nsampling = '30s'\n";

struct Site {
    control: Control,
    ingest: Ingest,
    seq: u64,
    noise: u64,
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
        let control = Control::new(Parts { store, sessions, pin, settings, data_dir, started_at: at(0) });
        control.load_services(dir, at(0)).await;
        Self { control, ingest, seq: 0, noise: 7 }
    }

    /// Between −1 and 1, the same in each run.
    fn noise(&mut self) -> f64 {
        self.noise = self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.noise >> 32).unwrap()) / f64::from(u32::MAX) * 2.0 - 1.0
    }

    /// Ticks of three VMs from a second to another one; `response_ms` of each at a second.
    async fn run(&mut self, from_s: i64, to_s: i64, response_ms: impl Fn(usize, i64) -> Option<f64>) {
        let mut second = from_s;
        while second < to_s {
            let values: Vec<Option<f64>> = (0..3)
                .map(|vm| {
                    let noise = self.noise();
                    response_ms(vm, second).map(|ms| ms * (1.0 + 0.2 * noise))
                })
                .collect();
            self.seq += 1;
            let mono = u64::try_from(second * 1_000 + 1_000_000).unwrap();
            let batch = batch(self.seq, second, &values);
            self.ingest.accept(HOST, at(second), at(second).0, mono, batch).await.unwrap();
            second += INTERVAL_S;
        }
    }

    async fn record(&self, second: i64, more: ChangeWanted) -> i64 {
        let wanted = ChangeWanted {
            service: "shop".to_owned(),
            at_ms: Some(at(second).0),
            what: "new kernel".to_owned(),
            before_ms: more.before_ms.or(Some(HOUR_S * 1_000)),
            after_ms: more.after_ms.or(Some(HOUR_S * 1_000)),
            ..more
        };
        self.control.change_record(wanted, "ann".to_owned(), at(second)).await.unwrap().view.id
    }

    async fn verdict(&self, id: i64, now: i64) -> ChangeVerdictView {
        self.control.change_verdict(id, None, false, at(now)).await.unwrap()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds")]
fn batch(seq: u64, second: i64, response_ms: &[Option<f64>]) -> Batch {
    let domain = |(index, value): (u8, &Option<f64>)| {
        let reading = |ms: &f64| WireReading {
            metric: known("vm_probe_response_seconds").id.0,
            device: 1,
            value: WireValue::Int((ms * 1_000.0) as i64),
        };
        DomainSample {
            uuid: [10 + index; 16],
            name: format!("web-{index}"),
            state: 1,
            activity: Activity::Active,
            counter_epoch: 42,
            info: DomainInfo { vcpus: 1, owner: "shop".into(), ..DomainInfo::default() }.into(),
            readings: value.iter().map(reading).collect(),
        }
    };
    Batch {
        epoch: 1,
        seq,
        tick_wall_ms: at(second).0,
        tick_mono_ms: u64::try_from(second * 1_000 + 1_000_000).unwrap(),
        interval_ms: u32::try_from(INTERVAL_S).unwrap() * 1_000,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: vec![] }),
        domains: (0..).zip(response_ms).map(domain).collect(),
        domains_missing: None,
        devices: vec![String::new(), "http".to_owned()],
        ..Batch::default()
    }
}

#[tokio::test]
async fn a_change_that_slows_is_degraded_with_the_true_size_inside_and_earlier_looks_are_provisional() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    site.run(0, 2 * HOUR_S, |_, second| Some(if second < HOUR_S { 200.0 } else { 260.0 })).await;
    let expect = |text: &str| ChangeWanted { expect: text.to_owned(), ..ChangeWanted::default() };
    let id = site.record(HOUR_S, expect("response -10%")).await;
    let early = site.verdict(id, HOUR_S + 1_800).await;
    assert_eq!((early.look.as_str(), early.kept, early.change.verdict.as_deref()), ("provisional", false, None));
    assert!(early.words.contains("Provisional: the final look is at 2027-01-15T10:00:00Z"), "{}", early.words);
    let found = site.verdict(id, 2 * HOUR_S).await;
    let headline = &found.kpis[0].headline;
    assert_eq!((found.verdict.as_str(), found.look.as_str()), ("degraded", "final"), "{headline:#?}");
    let (low, high) = (headline.ci_low.unwrap(), headline.ci_high.unwrap());
    assert!(low < 0.06 && 0.06 < high && low > 0.04 && high < 0.08, "{low} {high}");
    assert_eq!(found.kpis[0].expectation.as_ref().unwrap().outcome, "not_met");
    let members: Vec<&str> = found.kpis[0].members.iter().map(|one| one.verdict.verdict.as_str()).collect();
    assert_eq!(members, ["degraded"; 3]);
    assert!(found.kpis[0].members[0].verdict.p_adjusted >= found.kpis[0].members[0].verdict.p);
    assert!(!found.kept, "the last reading is 30 s before the end: what is on its way may still come");
    // Once everybody was heard after the window it is on record, and stays.
    site.run(2 * HOUR_S, 3 * HOUR_S, |_, _| Some(100.0)).await;
    let kept = site.verdict(id, 3 * HOUR_S).await;
    assert!(kept.kept && kept.kpis[0].headline == *headline, "the window does not move with time");
    assert_eq!(site.verdict(id, 4 * HOUR_S).await, kept, "what is on record is told");
    let again = site.control.change_verdict(id, None, true, at(4 * HOUR_S)).await.unwrap();
    assert!(!again.kept && again.looked_at != kept.looked_at);
    let filter = ChangeFilter { service: Some("shop".to_owned()), source: None, from: at(0), to: at(9 * HOUR_S) };
    let list = site.control.change_list(filter).await.unwrap();
    assert_eq!((list.len(), list[0].verdict.as_deref()), (1, Some("degraded")));
}

#[tokio::test]
async fn a_change_that_does_nothing_is_no_change_and_a_short_look_says_how_much_time_it_takes() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    site.run(0, 2 * HOUR_S, |_, _| Some(200.0)).await;
    let id = site.record(HOUR_S, ChangeWanted { expect: "p 0".to_owned(), ..ChangeWanted::default() }).await;
    let found = site.verdict(id, 2 * HOUR_S).await;
    assert_eq!(found.verdict, "no_change", "{}", found.kpis[0].headline.words);
    assert_eq!(found.kpis[0].expectation.as_ref().unwrap().outcome, "met");
    let short = ChangeWanted { before_ms: Some(240_000), after_ms: Some(240_000), ..ChangeWanted::default() };
    let id = site.record(HOUR_S, short).await;
    let found = site.verdict(id, 2 * HOUR_S).await;
    let headline = &found.kpis[0].headline;
    assert_eq!(found.verdict, "not_enough_data", "{}", headline.words);
    assert!(headline.more_time_s.is_some_and(|more| more > 0.0), "{headline:?}");
    // Nothing has passed yet.
    let id = site.record(2 * HOUR_S, ChangeWanted::default()).await;
    assert_eq!(site.verdict(id, 2 * HOUR_S).await.verdict, "not_enough_data");
}

#[tokio::test]
async fn who_comes_or_goes_is_left_out_and_what_else_happened_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    // The third one answers ten times slower, and only after the change: alone it would look like one.
    site.run(0, 2 * HOUR_S, |vm, second| match (vm, second < HOUR_S) {
        (2, true) => None,
        (2, false) => Some(2_000.0),
        _ => Some(200.0),
    })
    .await;
    let other = site.record(1_800, ChangeWanted { scope: vec!["web-1".to_owned()], ..ChangeWanted::default() }).await;
    let id = site.record(HOUR_S, ChangeWanted::default()).await;
    let window = WindowWanted {
        name: "move".to_owned(),
        zone: "UTC".to_owned(),
        from_ms: Some(at(5_000).0),
        to_ms: Some(at(5_090).0),
        ..WindowWanted::default()
    };
    site.control.calendar_add(window, "ann".to_owned(), at(0)).await.unwrap();
    let found = site.verdict(id, 2 * HOUR_S).await;
    assert_ne!(found.verdict, "degraded", "{}", found.kpis[0].headline.words);
    let left: Vec<(&str, &str)> =
        found.kpis[0].left_out.iter().map(|one| (one.name.as_str(), one.why.as_str())).collect();
    assert_eq!((left, found.members), (vec![("web-2", "too few values before")], 3));
    let kinds: Vec<&str> = found.confounders.iter().map(|one| one.kind.as_str()).collect();
    assert!(kinds.contains(&"maintenance") && kinds.contains(&"members"), "{:?}", found.confounders);
    assert!(found.confounders.iter().any(|one| one.change == Some(other)), "{:?}", found.confounders);
    // The other one touches one member.
    let of_one = site.verdict(other, 2 * HOUR_S).await;
    assert_eq!((of_one.members, of_one.kpis[0].members.len()), (1, 1));
}

#[tokio::test]
async fn what_makes_no_sense_is_not_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path()).await;
    site.run(0, 60, |_, _| Some(200.0)).await;
    let refused = async |wanted: ChangeWanted| {
        let wanted = ChangeWanted { service: "shop".to_owned(), what: "x".to_owned(), ..wanted };
        site.control.change_record(wanted, "ann".to_owned(), at(60)).await.unwrap_err()
    };
    for (wanted, words) in [
        (ChangeWanted { at_ms: Some(at(61).0), ..ChangeWanted::default() }, "is recorded once it is"),
        (ChangeWanted { began_ms: Some(at(61).0), ..ChangeWanted::default() }, "begins before it is done"),
        (ChangeWanted { expect: "speed -10%".to_owned(), ..ChangeWanted::default() }, "has no KPI or metric 'speed'"),
        (ChangeWanted { expect: "response 10".to_owned(), ..ChangeWanted::default() }, "is no expectation"),
        (ChangeWanted { after_ms: Some(1), ..ChangeWanted::default() }, "--after is from 10s to 366d"),
        (ChangeWanted { scope: vec!["host:nosuch".to_owned()], ..ChangeWanted::default() }, "no host 'nosuch'"),
    ] {
        let error = refused(wanted).await;
        assert!(error.to_string().contains(words), "{error}");
    }
    let missing = site.control.change_verdict(99, None, false, at(60)).await.unwrap_err();
    assert!(matches!(missing, ControlError::NotFound { what: "change", .. }), "{missing}");
}
