//! What nobody speaks of leaves memory, and comes back as it was.

use super::*;

/// Nothing that is gone stays, and a host that is silent for six ticks does not either.
const FEW: Limits = Limits { gone: 0, silent: evenkeel_common::time::DurationMs(6 * TICK) };

fn named(number: u8, cpu: u64) -> DomainSample {
    DomainSample { uuid: [number; 16], name: format!("g{number}"), ..running(cpu).remove(0) }
}

#[tokio::test]
async fn a_vm_that_is_gone_leaves_memory_and_goes_on_where_it_comes_back() {
    let mut fixture = Fixture::with(FEW).await;
    fixture.send(1, 1, vec![running(5).remove(0), named(8, 1)]).await;
    fixture.send(1, 2, vec![running(6).remove(0), named(8, 2)]).await;
    assert_eq!(fixture.ingest.vms_in_memory(), 2);
    fixture.send(1, 3, vec![named(8, 3)]).await;
    fixture.send(1, 4, vec![named(8, 4)]).await;
    assert_eq!(fixture.ingest.vms_in_memory(), 1, "the other one stays");
    let seen = |vms: Vec<crate::store::VmRow>| vms.into_iter().find(|vm| vm.uuid == VM).unwrap();
    let gone = seen(fixture.store.vms().await.unwrap());
    assert_eq!((gone.state, gone.last_seen), (DomainState::NoState, UnixMs(START + 2 * TICK)));
    // It comes back elsewhere, and then the first host tells of a tick that it could not tell before.
    fixture.send(2, 9, running(9)).await;
    let mut late = batch(1, 5, running(7));
    late.epoch = 2;
    fixture.take(1, late).await;
    fixture.send(2, 10, running(10)).await;
    let mut twice = batch(2, 9, running(99));
    twice.epoch = 2;
    fixture.take(1, twice).await;
    let counter = |value| {
        Value::Counter(evenkeel_common::sample::Counter { epoch: evenkeel_common::sample::CounterEpoch(42), value })
    };
    let expected = [(1, 5), (2, 6), (5, 7), (9, 9), (10, 10)].map(|(tick, cpu)| (tick, counter(cpu)));
    assert_eq!(fixture.values().await, expected);
    let hosts: Vec<_> = fixture.store.placements(VM).await.unwrap().into_iter().map(|row| row.agent).collect();
    assert_eq!(hosts, [host(1), host(2)]);
}

#[tokio::test]
async fn a_silent_host_leaves_memory_with_its_vms_and_what_it_does_not_name_when_it_comes_back_is_gone() {
    let mut fixture = Fixture::with(FEW).await;
    fixture.send(1, 1, vec![running(5).remove(0), named(8, 1)]).await;
    fixture.send(1, 2, vec![running(6).remove(0), named(8, 2)]).await;
    for tick in 1..9 {
        fixture.send(2, tick, vec![named(9, 1)]).await;
    }
    assert_eq!(fixture.ingest.vms_in_memory(), 1, "the silent host's two are forgotten");
    let states = async |fixture: &Fixture| {
        let vms = fixture.store.vms().await.unwrap().into_iter();
        vms.map(|vm| (vm.name, vm.state, (vm.last_seen.0 - START) / TICK)).collect::<Vec<_>>()
    };
    let expected = [("g1", 2), ("g8", 2), ("g9", 8)].map(|(vm, at)| (vm.to_owned(), DomainState::Running, at));
    assert_eq!(states(&fixture).await, expected, "when they were heard last is known");
    fixture.send(1, 9, vec![named(8, 9)]).await;
    fixture.send(1, 10, vec![named(8, 10)]).await;
    let expected = [("g1", DomainState::NoState, 2), ("g8", DomainState::Running, 10)];
    assert_eq!(states(&fixture).await[..2], expected.map(|(vm, state, at)| (vm.to_owned(), state, at)));
}

#[tokio::test]
async fn what_another_host_tells_late_finds_room_though_the_vm_was_forgotten() {
    for forgets in [true, false] {
        let mut fixture = Fixture::with(FEW).await;
        fixture.send(1, 1, running(1)).await;
        // The first host was silent from tick 1 to 20; in between the VM was on the second one.
        fixture.send(1, 20, running(20)).await;
        if forgets {
            for tick in 20..30 {
                fixture.send(3, tick, vec![named(9, 1)]).await;
            }
            assert_eq!(fixture.ingest.vms_in_memory(), 1);
        } else {
            fixture = fixture.reopen().await;
        }
        for tick in [8, 9] {
            fixture.send(2, tick, running(tick.unsigned_abs())).await;
        }
        let ticks: Vec<i64> = fixture.values().await.into_iter().map(|(tick, _)| tick).collect();
        assert_eq!(ticks, [1, 8, 9, 20], "forgets: {forgets}");
    }
}
