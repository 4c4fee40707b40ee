//! What has to be done now and then: forgetting readings that are older than the retention.

use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::error::chain;

use crate::control::Control;

/// Readings stay at most this much longer than the retention says.
const EVERY: Duration = Duration::from_secs(3_600);
/// A collector that starts has agents to catch up with first.
const FIRST: Duration = Duration::from_secs(60);

/// Runs until it is aborted. Doing it twice changes nothing.
pub(super) async fn run(control: Control) {
    let mut every = tokio::time::interval_at(tokio::time::Instant::now() + FIRST, EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        match control.forget(clock::wall()).await {
            Ok(0) => {}
            Ok(readings) => tracing::info!(readings, "forgot readings older than the retention"),
            Err(error) => tracing::error!(error = chain(&error), "old readings cannot be removed"),
        }
    }
}
