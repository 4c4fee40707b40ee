//! What holds while agents talk to a collector.

use std::sync::atomic::Ordering;
use std::time::Duration;

use evenkeel_agent::uplink::Options;
use evenkeel_collector::net::{NetEvent, NotConnected};
use evenkeel_common::action::{Command, Outcome, Progress, Verb};
use evenkeel_common::clock;
use evenkeel_common::id::{ActionId, AgentId, DomainUuid};
use evenkeel_common::limits::IDLE_TIMEOUT;
use evenkeel_common::time::UnixMs;
use evenkeel_common::wire::CloseCode;
use evenkeel_common::wire::v1::{Goodbye, ToAgent, WireCommand};
use tokio::time::{Instant, timeout};

use super::rig::{Collector, DEADLINE, until};

fn goodbye() -> Goodbye {
    Goodbye { reason: "stop".into(), expected_s: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_arrive_once_across_a_restart_of_the_collector() {
    let mut collector = Collector::start().await;
    let agent = collector.host("hosta").await.agent(&collector, 1);
    agent.offer(1..=5).await;
    agent.stored(&collector, 1..=5).await;
    collector.stop().await;
    agent.away("").await;
    agent.offer(6..=30).await;
    collector.run().await;
    agent.stored(&collector, 1..=30).await;
    agent.connected().await;
    assert_eq!(agent.status().away, None);
    agent.uplink.stop(goodbye()).await;
    until("the goodbye", || collector.heard.has_event(|event| matches!(event, NetEvent::Goodbye(_)))).await;
    collector.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_while_readings_flow_is_always_followed_by_another() {
    let collector = Collector::start().await;
    let agent = collector.host("hosta").await.agent(&collector, 1);
    let mut pace = tokio::time::interval(Duration::from_millis(2));
    let mut tick = 0;
    for _ in 0..6 {
        agent.connected().await;
        collector.sessions.cut(agent.agent, CloseCode::Stopping, "a test");
        for _ in 0..15 {
            tick += 1;
            pace.tick().await;
            agent.offer(tick..=tick).await;
        }
        agent.stored(&collector, 1..=tick).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_store_delays_but_never_reorders() {
    let collector = Collector::start().await;
    let agent = collector.host("hosta").await.agent(&collector, 1);
    collector.heard.busy.store(7, Ordering::SeqCst);
    agent.offer(1..=90).await;
    agent.stored(&collector, 1..=90).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_go_down_and_their_end_comes_up_until_it_is_acknowledged() {
    let collector = Collector::start().await;
    let mut agent = collector.host("hosta").await.agent(&collector, 1);
    agent.connected().await;
    let id = ActionId::from_bytes([3; 16]);
    let command = Command {
        id,
        collector_epoch: 1,
        host: AgentId::from_bytes([0; 16]),
        verb: Verb::Restart { apply_pending: false },
        domain: DomainUuid::from_bytes([1; 16]),
        issued: UnixMs(0),
        not_after: clock::wall(),
    };
    let message = || ToAgent::Command(WireCommand::of(&command).unwrap());
    assert_eq!(collector.sessions.send(AgentId::from_bytes([9; 16]), message()), Err(NotConnected));
    collector.sessions.send(agent.agent, message()).unwrap();
    assert_eq!(timeout(DEADLINE, agent.commands.recv()).await.unwrap(), Some(command));
    let ended = Progress::Finished(Outcome::Failed("no".into()));
    agent.uplink.news().send((id, ended.clone())).await.unwrap();
    until("the news", || collector.heard.actions.lock().unwrap().contains(&(id, ended.clone()))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_live_agents_with_one_identity_neither_is_kept() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let first = host.agent(&collector, 1);
    first.connected().await;
    let second = host.agent(&collector, 2);
    second.away("two running agents have this identity").await;
    first.away("two running agents have this identity").await;
    assert!(collector.heard.has_event(|event| matches!(event, NetEvent::Duplicate { .. })));
    until("both being cut", || collector.sessions.connected().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_run_takes_over_from_its_lost_connection_at_once() {
    let collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let first = host.agent(&collector, 1);
    first.connected().await;
    let other_place = Some(host.data_dir.join("elsewhere"));
    let second = host.agent_with(Options { spool_dir: other_place, ..host.options(collector.address, 1) });
    second.connected().await;
    first.away("connected again").await;
    assert!(!collector.heard.has_event(|event| matches!(event, NetEvent::Duplicate { .. })));
}

/// Killed and started again, the collector tells its agents at their next packet that it knows them no more; by silence
/// they would notice only after the idle timeout.
#[test]
fn a_killed_collector_is_found_again_at_the_next_packet() {
    let ours = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let its = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut collector = its.block_on(Collector::start());
    let host = ours.block_on(collector.host("hosta"));
    let agent = ours.block_on(async { host.agent(&collector, 1) });
    ours.block_on(async {
        agent.offer(1..=3).await;
        agent.stored(&collector, 1..=3).await;
    });
    its.shutdown_background();
    ours.block_on(async {
        collector.run().await;
        let restarted = Instant::now();
        agent.offer(4..=6).await;
        agent.stored(&collector, 1..=6).await;
        assert!(restarted.elapsed() < IDLE_TIMEOUT.to_std() / 3, "{:?}", restarted.elapsed());
    });
}

/// Its process gone without a word, an agent is not locked out by its own old connection.
#[test]
fn a_killed_agent_comes_back_soon() {
    let ours = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let its = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let collector = ours.block_on(Collector::start());
    let host = ours.block_on(collector.host("hosta"));
    let killed = its.block_on(async { host.agent(&collector, 1) });
    ours.block_on(killed.connected());
    // Without its runtime nothing of it answers, and nothing says goodbye.
    std::mem::forget(killed);
    its.shutdown_background();
    ours.block_on(async {
        let again = host.agent(&collector, 2);
        again.connected().await;
        again.offer(1..=3).await;
        again.stored(&collector, 1..=3).await;
        assert!(!collector.heard.has_event(|event| matches!(event, NetEvent::Duplicate { .. })));
    });
    ours.shutdown_timeout(Duration::from_secs(1));
}
