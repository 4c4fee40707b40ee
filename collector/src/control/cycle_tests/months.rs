//! Months that are not like others.

use super::page_tests;
use super::site::{STEP_S, Said, Site, Vm, noise, second};
use crate::view::change::ChangeWanted;
use crate::view::cycle::{CloseRequest, ServiceReviewView};
use crate::view::finding::DecideRequest;
use evenkeel_common::time::UnixMs;

/// Every kind of objective: availability by month and by day, readings within a limit by time and by samples, a level
/// that fills up.
const SERVICE: &str = "title = 'Shop'\ntime_zone = 'Europe/Berlin'\nimpact_weight = 3\n\
    [members]\nowners = ['shop']\nneeded = 'any'\n\
    [factors.reliability]\ngoal = 'orders at any time'\n\
    [kpis.availability]\nfactor = 'reliability'\nkind = 'availability'\nmetrics = ['downtime']\n\
    [kpis.response]\nfactor = 'reliability'\nkind = 'performance'\nmetrics = ['response', 'cpu']\n\
    [kpis.room]\nfactor = 'reliability'\nkind = 'capacity'\nmetrics = ['memory']\n\
    [metrics.downtime]\nsource = 'probe:http'\nsampling = '1800s'\naggregation = 'sum'\ndispersion = 'range'\n\
    [metrics.response]\nsource = 'series:vm_probe_response_seconds:http'\nsampling = '1800s'\n\
    [metrics.cpu]\nsource = 'series:vm_cpu_seconds_total'\nsampling = '1800s'\n\
    [metrics.memory]\nsource = 'series:vm_memory_rss_bytes'\nsampling = '1800s'\naggregation = 'max'\n\
    dispersion = 'stddev_of_changes'\nbetter = 'lower'\n\
    [objectives.monthly]\nkpi = 'availability'\ntarget = '99.9%'\n\
    [objectives.daily]\nkpi = 'availability'\ntarget = '99%'\nwindow = 'day'\nunknown = 'bad'\n\
    [objectives.quarterly]\nkpi = 'availability'\ntarget = '99.5%'\nwindow = 'quarter'\nunknown = 'good'\n\
    [objectives.fast]\nkpi = 'response'\ntarget = '95%'\nwindow = '30d'\nlimit = '500ms'\nshare_of = 'samples'\n\
    [objectives.quick]\nkpi = 'response'\ntarget = '95%'\nlimit = '500ms'\n\
    [objectives.room]\nkpi = 'room'\ntarget = '99%'\nlimit = '4000000000'\n\
    [maintenance.patches]\nrule = 'weekly Sun 02:00-04:00'\n";

/// A VM at rest: up, a little load, memory that grows.
fn at_rest(vm: &Vm, at: i64) -> Option<Said> {
    let chance = |seed| noise(seed + u64::from(vm.number), at / STEP_S);
    #[expect(clippy::cast_precision_loss, reason = "seconds of two months")]
    let day = (at % 86_400) as f64 / 86_400.0;
    #[expect(clippy::cast_possible_truncation, reason = "bytes below 2^53")]
    let wobble = (chance(7) * 1e7) as i64;
    Some(Said {
        running: true,
        answers_s: Some(0.2 + 0.05 * (day * std::f64::consts::TAU).sin() + 0.05 * chance(3)),
        cpu: 0.3 + 0.2 * chance(5),
        memory_bytes: 1_000_000_000 + (at - second("2026-09-01T00:00:00Z")) * 463 + wobble,
    })
}

fn two() -> [Vm; 2] {
    let begin = second("2026-08-31T22:00:00Z");
    [Vm::new(10, "web-1", begin), Vm::new(11, "web-2", begin)]
}

fn line<'a>(review: &'a ServiceReviewView, name: &str) -> &'a crate::csi::s5_analyse::ObjectiveResult {
    review.analysed.objectives.iter().find(|one| one.objective == name).unwrap()
}

async fn september(dir: &std::path::Path) -> Site {
    let mut site = Site::new(dir, SERVICE, second("2026-08-31T22:00:00Z")).await;
    site.run(&two(), second("2026-08-31T22:00:00Z"), second("2026-09-30T22:00:00Z"), at_rest).await;
    site
}

#[tokio::test]
async fn october_has_a_longer_day_an_outage_a_slower_shop_and_a_cycle_from_its_plan_to_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = september(dir.path()).await;
    let (from, to) = (second("2026-09-30T22:00:00Z"), second("2026-10-31T23:00:00Z"));
    let out = second("2026-10-07T10:00:00Z")..second("2026-10-07T12:00:00Z");
    // Both are out for two hours, and everything is slower than in September.
    site.run(&two(), from, to, |vm, at| {
        let said = at_rest(vm, at)?;
        let answers_s = said.answers_s.filter(|_| !out.contains(&at)).map(|answers| answers + 0.1);
        Some(Said { answers_s, ..said })
    })
    .await;
    let now = to + 4 * 3_600;
    let change = ChangeWanted {
        service: "shop".to_owned(),
        at_ms: Some(second("2026-10-07T09:00:00Z") * 1_000),
        what: "new disk controller".to_owned(),
        ..ChangeWanted::default()
    };
    site.control.change_record(change, "ann".to_owned(), UnixMs(now * 1_000)).await.unwrap();
    let review = site.review("2026-10", now).await;
    assert!(review.gathered.changes.iter().any(|one| one.what == "new disk controller"), "it is marked");
    assert_eq!(review.cycle.state, "presented");
    assert_eq!(review.gathered.days.len(), 32);
    assert_eq!(review.gathered.to_s - review.gathered.from_s, (31 * 24 + 1) * 3_600, "the hour that comes twice");
    for objective in &review.gathered.objectives {
        let sum: i64 = objective.days.iter().map(|day| day.good_s + day.bad_s + day.unknown_s + day.excluded_s).sum();
        assert_eq!(sum, to - from, "{}", objective.name);
    }
    let monthly = line(&review, "monthly");
    // Four Sundays of two hours of maintenance each, and one more when clocks are set back in one of them.
    let agreed = f64::from((31 * 24 + 1 - 4 * 2 - 1) * 3_600);
    assert_eq!(monthly.state, "missed");
    assert!((monthly.availability.unwrap() - (1.0 - 7_200.0 / agreed)).abs() < 1e-9, "{monthly:?}");
    assert_eq!((line(&review, "daily").days_met, line(&review, "daily").state.as_str()), (Some((30, 31)), "missed"));
    assert_eq!(monthly.before, Some(1.0));
    let response = review.analysed.series.iter().find(|one| one.metric == "response").unwrap();
    assert_eq!((response.verdict.verdict.as_str(), response.verdict.unit.as_str()), ("degraded", "day_means"));
    let (low, high) = (response.verdict.ci_low.unwrap(), response.verdict.ci_high.unwrap());
    assert!(low < 0.1 + 0.013 && 0.1 < high, "the true size lies inside: {low} {high}");
    let memory = review.analysed.series.iter().find(|one| one.metric == "memory").unwrap().forecast.unwrap();
    assert!((memory.slope_per_day - 463.0 * 86_400.0).abs() < 100_000.0, "{memory:?}");
    let keys: Vec<String> = review.findings.iter().map(|one| format!("{}:{}", one.rule, one.subject)).collect();
    for wanted in ["level-missed:monthly", "metric-degraded:response", "fills-up:memory", "right-size-cpu:cpu"] {
        assert!(keys.iter().any(|key| key == wanted), "{wanted} in {keys:?}");
    }
    assert!(review.summary[0].contains("was not kept for Shop in 2026-10"), "{:?}", review.summary);
    page_tests::golden("october", &review);
    page_tests::agrees_with_scipy("october", &review);
    page_tests::page_is_whole_and_fits("october", &review);
    again_and_to_the_end(&site, &review, now).await;
}

/// The same data gives the same bytes; findings are decided, and the cycle is closed with what was learned.
async fn again_and_to_the_end(site: &Site, review: &ServiceReviewView, now: i64) {
    let again = site.review("2026-10", now + 60).await;
    assert_eq!(serde_json::to_string(review).unwrap(), serde_json::to_string(&again).unwrap());
    let at = UnixMs(now * 1_000);
    let close = |carry| CloseRequest { learned: "two servers on one disk fail together".to_owned(), carry };
    let early = site.control.cycle_close(review.cycle.id, close(false), "ann".to_owned(), at).await;
    assert!(early.unwrap_err().to_string().contains("are not decided"));
    let first = review.findings[0].id;
    let why = site.control.finding_why(first, "the disk was full".to_owned(), "ann".to_owned(), at).await.unwrap();
    assert_eq!((why.whys.len(), why.whys[0].why.as_str()), (1, "the disk was full"));
    for finding in &review.findings[1..] {
        let decided = DecideRequest { status: "accepted".to_owned(), reason: "known".to_owned() };
        site.control.finding_close(finding.id, decided, "ann".to_owned(), at).await.unwrap();
    }
    let closed = site.control.cycle_close(review.cycle.id, close(true), "ann".to_owned(), at).await.unwrap();
    assert_eq!(closed.state, "closed");
    let cycles = site.control.cycle_list(Some("shop".to_owned())).await.unwrap();
    assert_eq!(cycles.iter().map(|one| one.period.as_str()).collect::<Vec<_>>(), ["2026-11", "2026-10"]);
    assert_eq!(cycles[0].plan.learned, "two servers on one disk fail together");
    assert_eq!((cycles[0].plan.carried.len(), cycles[0].state.as_str()), (1, "planned"));
    // A period that is on record is not reviewed by the timer again.
    assert_eq!(site.control.review_due(at).await.unwrap(), 0);
}

#[tokio::test]
async fn what_comes_after_the_report_is_a_new_version_and_the_first_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut site = Site::new(dir.path(), SERVICE, second("2026-08-31T22:00:00Z")).await;
    let (from, to) = (second("2026-08-31T22:00:00Z"), second("2026-09-30T22:00:00Z"));
    // The last day is not heard of in time, and there was an outage in it.
    let late = second("2026-09-29T22:00:00Z");
    site.run(&two(), from, to, |vm, at| at_rest(vm, at).filter(|_| at < late)).await;
    let now = to + 4 * 3_600;
    assert_eq!(site.control.review_due(UnixMs(now * 1_000)).await.unwrap(), 1, "the timer reviews it");
    let first = site.review("2026-09", now).await;
    assert_eq!((first.cycle.version, first.differences.len()), (1, 0));
    let unknown: i64 = first.gathered.objectives[1].days.iter().map(|day| day.unknown_s).sum();
    assert!(unknown >= 86_400 - STEP_S * 3 / 2, "{unknown}");
    let out = late + 36_000..late + 39_600;
    site.send(&two(), late, to, |vm, at| {
        let said = at_rest(vm, at)?;
        Some(Said { answers_s: said.answers_s.filter(|_| !out.contains(&at)), ..said })
    })
    .await;
    site.settle(now).await;
    let second = site.review("2026-09", now).await;
    assert_eq!(second.cycle.version, 2);
    assert!(second.differences.iter().any(|line| line.contains("monthly")), "{:?}", second.differences);
    assert!(line(&second, "monthly").availability < line(&first, "monthly").availability);
    assert_eq!(second.figures.outages.durations_s, [3_600, 3_600]);
    page_tests::golden("late_september", &second);
    page_tests::agrees_with_scipy("late_september", &second);
    let kept = site.control.store().cycle_steps(first.cycle.id, 1).await.unwrap();
    assert_eq!(kept.len(), 4, "what was reported stays");
}

#[tokio::test]
async fn members_come_go_and_move_within_a_leap_month() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (second("2028-01-31T23:00:00Z"), second("2028-02-29T23:00:00Z"));
    let mut site = Site::new(dir.path(), SERVICE, from).await;
    let born = second("2028-02-10T00:00:00Z");
    let gone = second("2028-02-20T00:00:00Z");
    let moves = second("2028-02-15T00:00:00Z");
    let vms = [
        Vm { moves_s: Some(moves), ..Vm::new(10, "mover", from) },
        Vm::new(11, "young", born),
        Vm { gone_s: Some(gone), ..Vm::new(12, "old", from) },
    ];
    let said = |vm: &Vm, at: i64| {
        Some(Said {
            running: true,
            answers_s: Some(0.2),
            cpu: 0.5 * f64::from(vm.number % 2 + 1),
            memory_bytes: at % 7,
        })
    };
    site.run(&vms, from, to, said).await;
    let review = site.review("2028-02", to + 1).await;
    assert_eq!(review.gathered.days.len(), 30, "29 days");
    let of = |name: &str| review.gathered.members.iter().find(|one| one.name == name).unwrap();
    assert_eq!(of("mover").hosts, ["hosta", "hostb"]);
    assert_eq!((of("young").from_s, of("young").to_s), (born, to));
    assert_eq!((of("old").from_s, of("old").to_s), (from, gone));
    let cpu = review.gathered.series.iter().find(|one| one.metric == "cpu").unwrap();
    let mean = |name: &str| cpu.members.iter().find(|one| one.0 == name).unwrap().2;
    assert!((mean("mover") - 0.5).abs() < 1e-6 && (mean("young") - 1.0).abs() < 1e-6, "{:?}", cpu.members);
    // Nobody is missed where he was not a member, and the move lost nothing.
    assert_eq!(cpu.expected_s, (to - from) + (to - born) + (gone - from));
    let missing: i64 = cpu.missing.iter().map(|(_, length)| length).sum();
    assert_eq!(missing, 0, "{:?}", cpu.missing);
    assert_eq!(line(&review, "monthly").availability, Some(1.0));
    assert!(review.before.is_none(), "nothing is known of January");
    page_tests::golden("leap", &review);
    page_tests::agrees_with_scipy("leap", &review);
}

#[tokio::test]
async fn a_service_without_data_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::new(dir.path(), SERVICE, second("2026-08-31T22:00:00Z")).await;
    let now = second("2026-10-02T00:00:00Z");
    assert_eq!(site.control.review_due(UnixMs(now * 1_000)).await.unwrap(), 0, "nobody was a member");
    let review = site.review("2026-09", now).await;
    assert!(review.summary[0].contains("cannot be said"), "{:?}", review.summary);
    assert!(review.analysed.objectives.iter().all(|one| one.state == "unknown" || one.availability.is_some()));
    assert!(review.findings.iter().any(|one| one.rule == "nothing-known"), "{:?}", review.findings);
    assert!(review.before.is_none() && review.gathered.members.is_empty());
}
