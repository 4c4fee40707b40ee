use evenkeel_common::action::{Outcome, Verb};
use evenkeel_common::id::{ActionId, AgentId, DomainUuid};
use evenkeel_common::sample::DomainState;

use super::super::actions::Entered;
use super::super::{HostFacts, HostUpdate, InventoryUpdate, VmFacts, VmUpdate};
use super::*;

const ALL: ChangesWanted = ChangesWanted { from: UnixMs(i64::MIN), to: UnixMs(i64::MAX), limit: 100 };

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    (dir, store)
}

async fn shown(store: &Store) -> Vec<(i64, &'static str, String, String)> {
    let rows = store.changes(ALL).await.unwrap();
    rows.into_iter().map(|row| (row.at.0, row.source.as_str(), row.kind, row.what)).collect()
}

fn vm(at: i64, host: u8, vcpus: u32) -> VmUpdate {
    VmUpdate {
        uuid: DomainUuid::from_bytes([7; 16]),
        name: "web-1".to_owned(),
        agent: AgentId::from_bytes([host; 16]),
        state: DomainState::Running,
        counter_epoch: 1,
        arrived: false,
        at: UnixMs(at),
        rival: None,
        facts: VmFacts { vcpus, ..VmFacts::default() },
    }
}

async fn hear(store: &Store, vm: VmUpdate) {
    store.update_inventory(InventoryUpdate { vms: vec![vm], ..InventoryUpdate::default() }).await.unwrap();
}

async fn enrol(store: &Store, host: u8, name: &'static str) {
    store
        .control
        .call(move |db| {
            db.execute(
                "INSERT INTO agents (id, name, machine_id, key_hash, state, token_id, agent_version, enrolled_at)
                 VALUES (?, ?, ?, x'', 'approved', '', '', 0)",
                params![[host; 16], name, name],
            )
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_a_person_records_comes_back_and_its_final_look_is_kept_once() {
    let (_dir, store) = store();
    let row = ChangeRow {
        id: 0,
        began: UnixMs(5),
        at: UnixMs(7),
        source: ChangeSource::Person,
        kind: "recorded".to_owned(),
        what: "new kernel".to_owned(),
        service: "shop".to_owned(),
        targets: vec![ChangeTarget::new(Entity([3; 16]), false, "web-1")],
        expected: "response_time -10%".to_owned(),
        recorded_by: "ann".to_owned(),
        recorded_at: UnixMs(9),
        before: DurationMs(100),
        after: DurationMs(200),
        final_look: None,
    };
    let id = store.add_change(row.clone()).await.unwrap();
    let row = ChangeRow { id, ..row };
    assert_eq!(store.change(id).await.unwrap().as_ref(), Some(&row));
    assert_eq!((row.final_at(), row.targets[0].entity()), (UnixMs(207), Some(Entity([3; 16]))));
    assert!(store.keep_look(id, "first".to_owned()).await.unwrap());
    assert!(!store.keep_look(id, "second".to_owned()).await.unwrap());
    assert_eq!(store.change(id).await.unwrap().unwrap().final_look.as_deref(), Some("first"));
    let found = async |from, to| store.changes(ChangesWanted { from: UnixMs(from), to: UnixMs(to), limit: 9 }).await;
    assert_eq!(found(7, 6).await.unwrap().len(), 1, "it touches the range from its begin to its end");
    assert_eq!((found(8, 9).await.unwrap().len(), found(0, 5).await.unwrap().len()), (0, 0));
    store.forget_changes(UnixMs(8)).await.unwrap();
    assert_eq!(store.change(id).await.unwrap(), None);
}

#[tokio::test]
async fn what_agents_see_is_a_change_once_and_later_news_of_earlier_times_are_none() {
    let (_dir, store) = store();
    enrol(&store, 1, "hosta").await;
    enrol(&store, 2, "hostb").await;
    for (at, host, vcpus) in [(10, 1, 2), (20, 1, 2), (30, 1, 4), (30, 1, 4), (25, 1, 2), (40, 2, 4), (50, 2, 4)] {
        hear(&store, vm(at, host, vcpus)).await;
    }
    // A definition that nobody runs says nothing.
    hear(&store, VmUpdate { counter_epoch: 0, ..vm(60, 2, 8) }).await;
    assert_eq!(
        shown(&store).await,
        [
            (30, "agent", "vcpus".to_owned(), "web-1: vCPUs from 2 to 4".to_owned()),
            (40, "agent", "migrated".to_owned(), "web-1 moved from hosta to hostb".to_owned()),
        ]
    );
    let rows = store.changes(ALL).await.unwrap();
    assert_eq!((rows[1].recorded_by.as_str(), rows[1].after), ("hostb", DurationMs::from_s(7 * 86_400)));
}

#[tokio::test]
async fn a_version_of_a_host_is_a_change_with_the_windows_of_the_configuration() {
    let (_dir, store) = store();
    enrol(&store, 1, "hosta").await;
    store.set_change_windows(DurationMs(11), DurationMs(12)).await.unwrap();
    for (at, qemu) in [(10, "7.2.0"), (20, ""), (30, "8.0.0"), (40, "8.0.0")] {
        let host = HostUpdate {
            agent: AgentId::from_bytes([1; 16]),
            last_seen: UnixMs(at),
            clock_offset_ms: 0,
            boot_id: [1; 16],
            interval_ms: 10,
            facts: Some(HostFacts { qemu_version: qemu.to_owned(), ..HostFacts::default() }),
        };
        store.update_inventory(InventoryUpdate { hosts: vec![host], ..InventoryUpdate::default() }).await.unwrap();
    }
    let what = "hosta: QEMU from 7.2.0 to 8.0.0".to_owned();
    assert_eq!(shown(&store).await, [(30, "agent", "version".to_owned(), what)]);
    let rows = store.changes(ALL).await.unwrap();
    assert_eq!((rows[0].before, rows[0].after, rows[0].targets[0].is_host), (DurationMs(11), DurationMs(12), true));
}

#[tokio::test]
async fn an_action_that_ended_is_a_change_and_the_move_that_it_made_is_no_other_one() {
    let (_dir, store) = store();
    enrol(&store, 1, "hosta").await;
    enrol(&store, 2, "hostb").await;
    let action = |id: u8, state: ActionState, verb: Verb| ActionRow {
        id: ActionId::from_bytes([id; 16]),
        verb,
        uuid: DomainUuid::from_bytes([7; 16]),
        name: "web-1".to_owned(),
        agent: AgentId::from_bytes([1; 16]),
        host: "hosta".to_owned(),
        state,
        step: String::new(),
        refusal: None,
        result: Vec::new(),
        requested_by: "ann".to_owned(),
        requested_at: UnixMs(20),
        not_after: UnixMs(100),
        finished_at: None,
        dispatches: 1,
        news_at: UnixMs(20),
    };
    hear(&store, vm(10, 1, 2)).await;
    let migrate = action(1, ActionState::Running, Verb::migrate_to("hostb"));
    assert_eq!(store.enter_action(migrate.clone()).await.unwrap(), Entered::New);
    hear(&store, vm(30, 2, 2)).await;
    assert_eq!(shown(&store).await, [], "it runs still");
    let end = |outcome: Outcome| move |row: &mut ActionRow| row.end(outcome, UnixMs(40));
    store.change_action(migrate.id, end(Outcome::Unknown("x".to_owned()))).await.unwrap();
    store.change_action(migrate.id, end(Outcome::Succeeded(Vec::new()))).await.unwrap();
    let mut refused = action(2, ActionState::Requested, Verb::SNAPSHOT);
    refused.end(Outcome::Expired, UnixMs(50));
    store.enter_action(refused).await.unwrap();
    let what = "migrate of web-1 from hosta to hostb".to_owned();
    assert_eq!(shown(&store).await, [(40, "action", "migrate".to_owned(), what)], "the last word counts");
    assert_eq!(store.changes(ALL).await.unwrap()[0].began, UnixMs(20), "before ends when it was asked for");
}
