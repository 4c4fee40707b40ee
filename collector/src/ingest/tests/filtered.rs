//! A VM that its host's filter hides is neither down nor gone.

use evenkeel_common::sample::Missing;

use super::*;

fn hidden() -> Vec<DomainSample> {
    vec![DomainSample { name: String::new(), readings: vec![], ..vm(Activity::Filtered, DomainState::NoState, 0) }]
}

const FILTERED: Option<u8> = Some(Missing::Filtered.code());
const RUNNING: Option<u8> = Some(DomainState::Running.code());

#[tokio::test]
async fn a_filtered_vm_is_unknown_and_comes_back_in_one_life() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(5)).await;
    fixture.send(1, 2, hidden()).await;
    fixture.send(1, 3, hidden()).await;
    let vms = fixture.store.vms().await.unwrap();
    assert_eq!((vms[0].state, vms[0].name.as_str()), (DomainState::Running, "g1"), "as it was last known");
    let silence = fixture.store.last_silence(vec![VM.into()]).await.unwrap();
    assert_eq!(silence.get(&VM.into()), Some(&Missing::Filtered));
    let mut fixture = fixture.reopen().await;
    fixture.send(1, 4, hidden()).await;
    fixture.send(1, 5, running(9)).await;
    assert_eq!(
        fixture.polls().await,
        [(1, RUNNING, None), (2, None, FILTERED), (3, None, FILTERED), (4, None, FILTERED), (5, RUNNING, None)]
    );
    assert_eq!(fixture.values().await.len(), 2);
    assert!(fixture.store.last_silence(vec![VM.into()]).await.unwrap().is_empty());
    assert_eq!(fixture.store.placements(VM).await.unwrap().len(), 1, "it never left");
}

#[tokio::test]
async fn a_filtered_vm_that_is_undefined_is_gone_and_one_that_moves_is_the_other_hosts() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, running(5)).await;
    fixture.send(1, 2, hidden()).await;
    fixture.send(2, 3, running(6)).await;
    fixture.send(1, 3, hidden()).await;
    fixture.send(1, 4, hidden()).await;
    fixture.send(2, 4, running(7)).await;
    let vms = fixture.store.vms().await.unwrap();
    assert_eq!((vms[0].agent, vms[0].state), (host(2), DomainState::Running));
    assert!(fixture.store.last_silence(vec![VM.into()]).await.unwrap().is_empty());
    fixture.send(2, 5, hidden()).await;
    fixture.send(2, 6, vec![]).await;
    fixture.send(2, 7, vec![]).await;
    assert_eq!(fixture.store.vms().await.unwrap()[0].state, DomainState::NoState);
}

#[tokio::test]
async fn a_vm_that_was_filtered_from_the_start_is_not_known() {
    let mut fixture = Fixture::new().await;
    fixture.send(1, 1, hidden()).await;
    fixture.send(1, 2, hidden()).await;
    assert!(fixture.store.vms().await.unwrap().is_empty() && fixture.polls().await.is_empty());
}
