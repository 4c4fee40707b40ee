//! Lets time pass over actions: what was never sent expires, what is never heard of becomes unknown.

use std::time::Duration;

use evenkeel_common::clock;

use crate::control::Control;

/// An action may outlive its time by this.
const EVERY: Duration = Duration::from_secs(1);

/// Runs until it is aborted. Doing it twice changes nothing.
pub(super) async fn run(control: Control) {
    let mut every = tokio::time::interval(EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        control.actions_sweep(clock::wall()).await;
    }
}
