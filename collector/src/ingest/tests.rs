//! The whole way of a batch, on real databases.

mod events;
mod filtered;
mod forgotten;
mod migrations;

use evenkeel_common::id::DomainUuid;
use evenkeel_common::sample::{DomainState, Value};
use evenkeel_common::wire::v1::{Activity, DomainInfo, DomainSample, HostInfo, HostSample, WireReading, WireValue};
use uuid::Uuid;

use super::*;
use crate::store::activity::ActivityFilter;
use crate::store::{Entity, Store};

const TICK: i64 = 10_000;
const START: i64 = 1_800_000_000_000;
const VM: DomainUuid = DomainUuid(Uuid::from_bytes([7; 16]));

fn host(number: u8) -> AgentId {
    AgentId(Uuid::from_bytes([number; 16]))
}

struct Fixture {
    dir: tempfile::TempDir,
    store: Store,
    ingest: Ingest,
    seq: std::collections::BTreeMap<u8, u64>,
}

impl Fixture {
    async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    async fn with(limits: Limits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let db = rusqlite::Connection::open(dir.path().join(crate::store::CONTROL_FILE)).unwrap();
        for number in 1_u8..4 {
            db.execute(
                "INSERT INTO agents VALUES (?, ?, '', x'', 'approved', '', '', 0, NULL)",
                (host(number).to_bytes(), format!("host{number}")),
            )
            .unwrap();
        }
        let ingest = Ingest::open_with(store.clone(), limits).await.unwrap();
        Self { dir, store, ingest, seq: Default::default() }
    }

    async fn reopen(self) -> Self {
        let Self { dir, store, ingest, seq } = self;
        drop((store, ingest));
        let store = Store::open(dir.path()).unwrap();
        let ingest = Ingest::open(store.clone()).await.unwrap();
        Self { dir, store, ingest, seq }
    }

    async fn send(&mut self, agent: u8, tick: i64, domains: Vec<DomainSample>) -> u64 {
        let seq = self.seq.entry(agent).or_insert(0);
        *seq += 1;
        let batch = batch(*seq, tick, domains);
        self.take(agent, batch).await
    }

    async fn take(&self, agent: u8, batch: Batch) -> u64 {
        let (wall, mono) = (batch.tick_wall_ms, batch.tick_mono_ms);
        let accept = |batch| self.ingest.accept(host(agent), UnixMs(wall + 50), wall + 40, mono + 40, batch);
        let seq = accept(batch.clone()).await.unwrap();
        // The inventory follows the answer, but comes before the next one.
        assert_eq!(accept(batch).await.unwrap(), seq);
        seq
    }

    async fn values(&self) -> Vec<(i64, Value)> {
        let latest = self.store.latest(vec![VM.into()], vec![], 16).await.unwrap();
        let mut points: Vec<_> = latest.into_iter().flat_map(|series| series.points).collect();
        points.reverse();
        points.into_iter().map(|(at, value)| ((at.0 - START) / TICK, value)).collect()
    }

    async fn polls(&self) -> Vec<(i64, Option<u8>, Option<u8>)> {
        let polls = self.store.polls(VM.into(), UnixMs(0), UnixMs(i64::MAX), 1_000).await.unwrap();
        polls.into_iter().map(|poll| ((poll.at.0 - START) / TICK, poll.state, poll.missing)).collect()
    }
}

fn batch(seq: u64, tick: i64, domains: Vec<DomainSample>) -> Batch {
    Batch {
        epoch: 1,
        seq,
        tick_wall_ms: START + tick * TICK,
        tick_mono_ms: u64::try_from(tick * TICK).unwrap(),
        interval_ms: 10_000,
        boot_id: [1; 16],
        host: Some(HostSample { info: HostInfo::default(), counter_epoch: 1, readings: vec![] }),
        domains,
        domains_missing: None,
        devices: vec![String::new()],
        ..Batch::default()
    }
}

fn vm(activity: Activity, state: DomainState, cpu: u64) -> DomainSample {
    DomainSample {
        uuid: VM.to_bytes(),
        name: "g1".to_owned(),
        state: state.code(),
        activity,
        counter_epoch: 42,
        info: DomainInfo::default().into(),
        readings: vec![WireReading { metric: 3, device: 0, value: WireValue::Counter(cpu) }],
    }
}

fn running(cpu: u64) -> Vec<DomainSample> {
    vec![vm(Activity::Active, DomainState::Running, cpu)]
}

fn shut_off() -> Vec<DomainSample> {
    vec![vm(Activity::Inactive, DomainState::Shutoff, 0)]
}

#[tokio::test]
async fn a_repeated_batch_is_acknowledged_and_changes_nothing() {
    let mut fixture = Fixture::new().await;
    assert_eq!(fixture.send(1, 1, running(5)).await, 1);
    assert_eq!(fixture.send(1, 2, running(u64::MAX)).await, 2);
    assert_eq!(fixture.take(1, batch(1, 9, running(99))).await, 2);
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.take(1, batch(2, 9, running(99))).await, 2);
    assert_eq!(fixture.store.last_seq(host(1), 1).await.unwrap(), 2);
    let values: Vec<_> = fixture.values().await;
    assert_eq!(values.iter().map(|(tick, _)| *tick).collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(values[1].1, Value::Counter(counter) if counter.value == u64::MAX && counter.epoch.0 == 42));
}

#[tokio::test]
async fn a_migration_goes_on_in_the_same_series_and_moves_the_inventory() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    fixture.send(2, 2, running(2)).await;
    fixture.send(1, 2, shut_off()).await;
    fixture.send(2, 3, running(3)).await;
    fixture.send(1, 3, shut_off()).await;
    assert_eq!(fixture.values().await.iter().map(|(tick, _)| *tick).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(fixture.polls().await, [(1, Some(1), None), (2, Some(1), None), (3, Some(1), None)]);
    let vm = fixture.store.vms().await.unwrap().remove(0);
    assert_eq!((vm.host.as_str(), vm.state, vm.conflict), ("host2", DomainState::Running, false));
    let placements = fixture.store.placements(VM).await.unwrap();
    assert_eq!(placements.iter().map(|row| row.agent).collect::<Vec<_>>(), [host(1), host(2)]);
    let log = fixture.store.activities(ActivityFilter { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.message.as_str()).collect::<Vec<_>>(), ["moved from host1 to host2"]);
}

#[tokio::test]
async fn polls_say_down_and_that_libvirt_did_not_answer_and_are_taken_back_when_the_vm_was_elsewhere() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    fixture.send(1, 2, shut_off()).await;
    let mut blind = batch(3, 3, vec![]);
    blind.domains_missing = Some(6);
    fixture.seq.insert(1, 3);
    fixture.take(1, blind).await;
    assert_eq!(fixture.polls().await, [(1, Some(1), None), (2, Some(5), None), (3, None, Some(6))]);
    fixture.send(2, 2, running(2)).await;
    fixture.send(2, 3, running(3)).await;
    assert_eq!(fixture.polls().await, [(1, Some(1), None), (2, Some(1), None), (3, Some(1), None)]);
}

#[tokio::test]
async fn two_active_copies_are_kept_apart_and_reported_until_one_is_gone() {
    let mut fixture = Fixture::new().await;
    for tick in 1..6 {
        fixture.send(1, tick, running(1)).await;
        fixture.send(2, tick, if tick > 1 { running(2) } else { vec![] }).await;
    }
    let vm = fixture.store.vms().await.unwrap().remove(0);
    assert!(vm.conflict && vm.rival.is_some());
    assert_eq!(fixture.values().await.len(), 5, "one reading a tick in the VM's own series");
    let mut fixture = fixture.reopen().await;
    for tick in 6..9 {
        fixture.send(1, tick, running(1)).await;
        fixture.send(2, tick, vec![]).await;
    }
    assert!(!fixture.store.vms().await.unwrap().remove(0).conflict);
    let log = fixture.store.activities(ActivityFilter { limit: 10, ..Default::default() }).await.unwrap();
    assert_eq!(log.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>(), ["vm_conflict", "vm_conflict_over"]);
}

#[tokio::test]
async fn an_inventory_behind_the_journal_is_healed_at_start() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    fixture.send(2, 2, running(2)).await;
    let db = rusqlite::Connection::open(fixture.dir.path().join(crate::store::CONTROL_FILE)).unwrap();
    db.execute("DELETE FROM placements WHERE agent = ?", [host(2).to_bytes()]).unwrap();
    db.execute("UPDATE vms SET agent = ?, last_seen = ?", (host(1).to_bytes(), START + TICK)).unwrap();
    drop(db);
    let mut fixture = fixture.reopen().await;
    assert_eq!(fixture.store.vms().await.unwrap().remove(0).host, "host2");
    assert_eq!(fixture.store.placements(VM).await.unwrap().len(), 2);
    fixture.send(1, 3, shut_off()).await;
    assert_eq!(fixture.store.vms().await.unwrap().remove(0).host, "host2");
}

#[tokio::test]
async fn a_domain_that_its_host_no_longer_knows_has_no_state() {
    let mut fixture = Fixture::new().await;
    for tick in 1..3 {
        fixture.send(1, tick, running(1)).await;
    }
    for tick in 3..5 {
        fixture.send(1, tick, vec![]).await;
    }
    let vm = fixture.store.vms().await.unwrap().remove(0);
    assert_eq!((vm.state, vm.last_seen.0), (DomainState::NoState, START + 2 * TICK));
}

#[tokio::test]
async fn a_full_disk_is_busy_and_goes_on_by_itself() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    fixture.store.limit_journal_pages(Some(1)).await.unwrap();
    let many = (0_u8..200).map(|n| DomainSample { uuid: [n; 16], ..running(1).remove(0) }).collect::<Vec<_>>();
    let big = batch(2, 2, many);
    let error = fixture.ingest.accept(host(1), UnixMs(START), START, 0, big.clone()).await.unwrap_err();
    assert!(matches!(error, IngestError::Busy { .. }), "{error}");
    assert_eq!(fixture.store.last_seq(host(1), 1).await.unwrap(), 1);
    fixture.store.limit_journal_pages(None).await.unwrap();
    assert_eq!(fixture.take(1, big).await, 2);
    assert_eq!(fixture.store.vms().await.unwrap().len(), 200);
}

#[tokio::test]
async fn batches_that_wait_share_a_commit() {
    let fixture = Fixture::new().await;
    let all = (1_u8..4).flat_map(|agent| (1_u64..30).map(move |seq| (agent, seq)));
    let mut waiting = Vec::new();
    for (agent, seq) in all {
        let domain = DomainSample { uuid: [agent + 100; 16], ..running(seq).remove(0) };
        let ingest = fixture.ingest.clone();
        let batch = batch(seq, i64::try_from(seq).unwrap(), vec![domain]);
        let (wall, mono) = (batch.tick_wall_ms, batch.tick_mono_ms);
        waiting.push(async move { ingest.accept(host(agent), UnixMs(wall), wall, mono, batch).await.unwrap() });
    }
    for waiting in waiting {
        waiting.await;
    }
    for agent in 1_u8..4 {
        assert_eq!(fixture.store.last_seq(host(agent), 1).await.unwrap(), 29);
        let latest = fixture.store.latest(vec![Entity([agent + 100; 16])], vec![], 16).await.unwrap();
        assert_eq!(latest[0].points.len(), 16);
    }
}

#[tokio::test]
async fn a_migration_keeps_the_boot_and_a_restart_does_not() {
    let mut fixture = Fixture::new().await;
    let process = |epoch, arrived| {
        let mut vm = vm(Activity::Active, DomainState::Running, epoch);
        vm.counter_epoch = epoch;
        vm.info = DomainInfo { arrived, ..DomainInfo::default() }.into();
        vec![vm]
    };
    let gone = || vec![vm(Activity::Inactive, DomainState::Shutoff, 0)];
    let boot = async |fixture: &Fixture| fixture.store.vms().await.unwrap()[0].boot_epoch;
    fixture.send(1, 1, process(100, false)).await;
    assert_eq!(boot(&fixture).await, 100);
    fixture.send(2, 2, process(200, true)).await;
    fixture.send(1, 2, gone()).await;
    assert_eq!(boot(&fixture).await, 100, "it moved");
    // The agent there began anew and does not know any more that the guest had arrived.
    fixture.send(2, 3, process(200, false)).await;
    assert_eq!(boot(&fixture).await, 100);
    fixture.send(2, 4, process(300, false)).await;
    assert_eq!(boot(&fixture).await, 300, "it was started again");
}
