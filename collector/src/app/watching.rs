//! Keeps outages and the time that services were up to date.

use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::error::chain;
use tokio::time::MissedTickBehavior;

use crate::control::{Control, Watch};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(5);

/// Runs until it is aborted. A round that fails is tried again with the next one.
pub(super) async fn run(control: Control) {
    let mut watch = Watch::default();
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        if let Err(error) = control.watch(&mut watch, clock::wall()).await {
            tracing::error!(error = chain(&error), "outages cannot be followed; the next round goes on from here");
        }
    }
}
