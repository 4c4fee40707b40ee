//! What has to be done now and then: sealing hours that are over, reviews of periods that are over, and days that are older
//! than the retention.

use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::error::chain;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::control::Control;

/// How often is looked for hours to seal; a large collector has some at every look.
const SEAL_EVERY: Duration = Duration::from_secs(5);
/// Days stay at most this much longer than the retention says.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
/// How often is looked for a period to review.
const REVIEW_EVERY: Duration = Duration::from_secs(300);
/// A collector that starts has agents to catch up with first.
const FIRST: Duration = Duration::from_secs(60);

/// Runs until it is aborted. Doing it twice changes nothing.
pub(super) async fn run(control: Control) {
    let (mut seal, mut tidy, mut review) = (every(SEAL_EVERY), every(TIDY_EVERY), every(REVIEW_EVERY));
    loop {
        tokio::select! {
            _ = seal.tick() => match control.seal(clock::wall()).await {
                Ok(0) => {}
                Ok(chunks) => tracing::debug!(chunks, "sealed hours of readings"),
                Err(error) => tracing::error!(error = chain(&error), "readings cannot be sealed; they stay in the journal"),
            },
            _ = review.tick() => match control.review_due(clock::wall()).await {
                Ok(0) => {}
                Ok(services) => tracing::info!(services, "reviewed periods that are over"),
                Err(error) => tracing::error!(error = chain(&error), "a period cannot be reviewed; it is tried again"),
            },
            _ = tidy.tick() => match control.tidy(clock::wall()).await {
                Ok(0) => {}
                Ok(days) => tracing::info!(days, "removed days older than the retention"),
                Err(error) => tracing::error!(error = chain(&error), "old days cannot be removed"),
            },
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = interval_at(Instant::now() + FIRST, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
