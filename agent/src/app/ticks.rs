//! The ticks: one snapshot at each, handed on as batches.

use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use evenkeel_common::wire::v1::Batch;
use tokio::sync::{mpsc, watch};

use crate::sampler::Sampler;
use crate::schedule::Schedule;

/// Batches between the ticks and the session, which takes them into its own queue at once. Full: the tick waits, and
/// the ticks that it holds up are counted as skipped.
pub(super) const BATCHES_IN_FLIGHT: usize = 64;

/// Reads at every tick until `stop` changes or nobody takes the batches any more. A tick that comes while the one before
/// still runs is left out and counted. The session numbers the batches.
pub(super) async fn measure(
    mut sampler: Sampler,
    interval: DurationMs,
    batches: mpsc::Sender<Batch>,
    mut stop: watch::Receiver<bool>,
) {
    let mut schedule = Schedule::new(interval);
    loop {
        let wait = schedule.wait(clock::wall(), clock::mono());
        tokio::select! {
            () = tokio::time::sleep(wait.to_std()) => {}
            _ = stop.changed() => return,
        }
        schedule.ticked(clock::mono());
        let sampled = tokio::select! {
            sampled = sampler.sample(schedule.skipped()) => sampled,
            _ = stop.changed() => return,
        };
        for batch in sampled.snapshot.into_batches(1) {
            tokio::select! {
                sent = batches.send(batch) => if sent.is_err() { return },
                _ = stop.changed() => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use evenkeel_common::sample::Missing;
    use tokio::time::timeout;

    use super::*;
    use crate::config::{Dirs, config};

    /// Without a helper there is no libvirt: the host is read all the same, and stopping ends it at once.
    #[tokio::test]
    async fn ticks_go_on_without_libvirt_and_end_when_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("agent.toml"), "libvirt_helper = '/nonexistent'\ninterval = '1s'\n").unwrap();
        let path = dir.path().to_owned();
        let (config, _) = config(&Dirs { config: path.clone(), data: path.clone(), runtime: path }).unwrap();
        let (sender, mut batches) = mpsc::channel(BATCHES_IN_FLIGHT);
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(measure(Sampler::new(&config), config.interval, sender, stopped));
        let deadline = Duration::from_secs(20);
        let first = timeout(deadline, batches.recv()).await.unwrap().unwrap();
        let second = timeout(deadline, batches.recv()).await.unwrap().unwrap();
        assert_eq!(first.domains_missing, Some(Missing::LibvirtDown.code()));
        assert!(first.host.is_some_and(|host| !host.readings.is_empty()));
        assert!(second.tick_mono_ms - first.tick_mono_ms >= 500);
        stop.send(true).unwrap();
        timeout(deadline, task).await.unwrap().unwrap();
    }
}
