//! What holds of batches on bad lines, with slow collectors, across restarts, and between versions.

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::Duration;

use evenkeel_agent::uplink::Options;
use evenkeel_common::wire::v1::Goodbye;
use tokio::time::Instant;

use super::proxy::{Proxy, Weather};
use super::rig::{Collector, until};

fn restart() -> Goodbye {
    Goodbye { reason: "restart".into(), expected_s: 5 }
}

/// A seed that can be given again.
fn seed() -> u64 {
    let seed = std::env::var("EVENKEEL_TEST_SEED").ok().and_then(|text| text.parse().ok());
    let seed = seed.unwrap_or_else(|| evenkeel_common::clock::wall().0.unsigned_abs());
    // Shown when the test fails; nothing is left to do if stdout is closed.
    let _ = writeln!(std::io::stdout(), "EVENKEEL_TEST_SEED={seed}");
    seed
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_loses_doubles_and_reorders_changes_nothing() {
    let collector = Collector::start().await;
    let weather = Weather { lost: 200, doubled: 50, held_back: 100 };
    let proxy = Proxy::start(collector.address, weather, seed()).await;
    let agent = collector.host("hosta").await.agent_at(proxy.address, 1);
    for tick in 1..=200 {
        agent.offer(tick..=tick).await;
        tokio::task::yield_now().await;
    }
    agent.stored(&collector, 1..=200).await;
    assert!(proxy.touched.load(Ordering::SeqCst) > 10, "the weather was bad");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_costs_nothing_and_fresh_readings_do_not_wait_behind_it() {
    let collector = Collector::start().await;
    let proxy = Proxy::start(collector.address, Weather::default(), 1).await;
    let host = collector.host("hosta").await;
    let agent = host.agent_at(proxy.address, 1);
    agent.offer(1..=3).await;
    agent.stored(&collector, 1..=3).await;
    proxy.cut.store(true, Ordering::SeqCst);
    // The collector is gone for good for this connection, and the agent hears nothing: neither waits for the timeout.
    collector.sessions.cut(agent.agent, evenkeel_common::wire::CloseCode::Replaced, "a partition");
    agent.offer(4..=500).await;
    *collector.heard.slow.lock().unwrap() = Duration::from_millis(10);
    proxy.cut.store(false, Ordering::SeqCst);
    agent.connected().await;
    until("a session after the partition", || collector.heard.ticks(agent.agent).len() > 3).await;
    agent.offer(501..=501).await;
    until("the fresh one", || collector.heard.ticks(agent.agent).contains(&501)).await;
    let before = collector.heard.ticks(agent.agent).len();
    assert!(before < 450, "{before} of 501 were stored before the fresh one");
    *collector.heard.slow.lock().unwrap() = Duration::ZERO;
    agent.stored(&collector, 1..=501).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_outlives_the_agent() {
    let mut collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let options = host.options(collector.address, 1);
    let agent = host.agent_with(options.clone());
    agent.offer(1..=5).await;
    agent.stored(&collector, 1..=5).await;
    collector.stop().await;
    agent.away("").await;
    agent.offer(6..=20).await;
    until("all of them being in the spool", || agent.status().backlog == 15).await;
    agent.uplink.stop(restart()).await;
    let again = host.agent_with(Options { run: 2, ..options });
    again.offer(21..=25).await;
    collector.run().await;
    again.stored(&collector, 1..=25).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_collector_gets_again_what_it_forgot() {
    let mut collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let agent = host.agent(&collector, 1);
    agent.offer(1..=40).await;
    agent.stored(&collector, 1..=40).await;
    collector.stop().await;
    for batches in collector.heard.batches.lock().unwrap().values_mut() {
        batches.truncate(10);
    }
    collector.run().await;
    agent.stored(&collector, 1..=40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_and_new_speak_what_both_know() {
    let mut collector = Collector::start().await;
    let host = collector.host("hosta").await;
    let old = host.agent_with(Options { version_max: 1, ..host.options(collector.address, 1) });
    old.offer(1..=5).await;
    old.stored(&collector, 1..=5).await;
    old.uplink.stop(restart()).await;
    // An older collector, and a new agent with what the old one left and what it makes itself.
    collector.stop().await;
    collector.version_max = 1;
    collector.run().await;
    let new = host.agent(&collector, 2);
    new.offer(6..=10).await;
    new.stored(&collector, 1..=10).await;
    // The collector is upgraded under the agent.
    collector.stop().await;
    new.away("").await;
    new.offer(11..=15).await;
    collector.version_max = 2;
    collector.run().await;
    new.stored(&collector, 1..=15).await;
}

/// A collector that stores a batch in a fifth of a second is slower than the agent measures: nothing piles up in memory
/// or is dropped, and what is measured last is not the last to arrive.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_collector_is_waited_for() {
    let collector = Collector::start().await;
    let agent = collector.host("hosta").await.agent(&collector, 1);
    agent.connected().await;
    *collector.heard.slow.lock().unwrap() = Duration::from_millis(20);
    let begun = Instant::now();
    agent.offer(1..=100).await;
    agent.stored(&collector, 1..=100).await;
    assert!(begun.elapsed() >= Duration::from_secs(2), "the collector was slow");
}
