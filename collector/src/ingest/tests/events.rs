//! Batches of events between the ticks.

use evenkeel_common::wire::v1::{BatchKind, EventSample};

use super::*;

fn event(kind: &str, wall_ms: i64) -> EventSample {
    EventSample {
        wall_ms,
        category: 1,
        kind: kind.to_owned(),
        domain: Some(VM.to_bytes()),
        name: "g1".to_owned(),
        message: format!("{kind} happened"),
    }
}

/// Half-way between two ticks.
fn events(seq: u64, tick: i64, kinds: &[&str]) -> Batch {
    let at = START + tick * TICK + TICK / 2;
    Batch {
        kind: BatchKind::Events,
        tick_wall_ms: at,
        tick_mono_ms: u64::try_from(at - START).unwrap(),
        host: None,
        events: (0..).zip(kinds).map(|(n, kind)| event(kind, at - 100 + n)).collect(),
        ..batch(seq, tick, vec![])
    }
}

impl Fixture {
    async fn log(&self) -> Vec<(String, i64)> {
        let log = self.store.activities(ActivityFilter { limit: 100, ..Default::default() }).await.unwrap();
        log.into_iter().map(|entry| (entry.kind, entry.at.0 - START)).collect()
    }
}

#[tokio::test]
async fn events_between_two_ticks_make_nobody_gone_and_break_no_tick() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    // A tick in two parts, with events between the parts and after them.
    let other = DomainSample { uuid: [9; 16], name: "g9".to_owned(), ..running(1).remove(0) };
    fixture.take(1, batch(2, 2, vec![other.clone()])).await;
    fixture.take(1, Batch { tick_mono_ms: 25_000, ..events(3, 2, &["vm_suspended"]) }).await;
    fixture.take(1, Batch { host: None, ..batch(4, 2, running(2)) }).await;
    fixture.take(1, events(5, 2, &["vm_resumed"])).await;
    let vms = fixture.store.vms().await.unwrap();
    assert!(vms.iter().all(|vm| vm.state == DomainState::Running), "{vms:?}");
    // The tick was whole all the same: a VM that the next one does not name is gone.
    fixture.take(1, events(6, 2, &["vm_stopped"])).await;
    fixture.take(1, batch(7, 3, running(3))).await;
    fixture.take(1, batch(8, 4, running(4))).await;
    let vms = fixture.store.vms().await.unwrap();
    let state = |name: &str| vms.iter().find(|vm| vm.name == name).unwrap().state;
    assert_eq!((state("g1"), state("g9")), (DomainState::Running, DomainState::NoState));
    assert_eq!(fixture.polls().await.iter().map(|poll| poll.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn events_that_come_again_are_there_once_and_at_their_time() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    fixture.take(1, events(2, 1, &["vm_suspended", "vm_resumed"])).await;
    let mut later = events(3, 1, &["vm_rebooted"]);
    later.events[0].wall_ms = START + 12_000;
    fixture.take(1, later).await;
    let expected = [("vm_rebooted", 12_000), ("vm_suspended", 14_900), ("vm_resumed", 14_901)];
    let expected = expected.map(|(kind, at)| (kind.to_owned(), at));
    assert_eq!(fixture.log().await, expected);
    let fixture = fixture.reopen().await;
    fixture.take(1, events(2, 1, &["vm_suspended", "vm_resumed"])).await;
    assert_eq!(fixture.log().await, expected);
}

/// The collector ends, or its disk is full, after the events and before the batch counts as stored.
#[tokio::test]
async fn events_outlive_a_crash_before_the_acknowledgement_and_are_not_doubled() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(1)).await;
    fixture.store.limit_journal_pages(Some(0)).await.unwrap();
    let many = (0_u8..200).map(|n| DomainSample { uuid: [n; 16], ..running(1).remove(0) }).collect::<Vec<_>>();
    let told = Batch { events: vec![event("vm_crashed", START + 2 * TICK)], ..batch(2, 2, many) };
    let (wall, mono) = (told.tick_wall_ms, told.tick_mono_ms);
    let error = fixture.ingest.accept(host(1), UnixMs(wall), wall, mono, told.clone()).await.unwrap_err();
    assert!(matches!(error, IngestError::Busy { .. }), "{error}");
    assert_eq!(fixture.store.last_seq(host(1), 1).await.unwrap(), 1);
    let expected = [("vm_crashed".to_owned(), 2 * TICK)];
    fixture.store.limit_journal_pages(None).await.unwrap();
    let fixture = fixture.reopen().await;
    assert_eq!(fixture.log().await, expected, "written before the batch");
    assert_eq!(fixture.take(1, told).await, 2);
    assert_eq!(fixture.log().await, expected);
}
