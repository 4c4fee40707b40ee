//! The ticks: one snapshot at each, handed on as batches.

use std::sync::Arc;

use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use evenkeel_common::wire::v1::Batch;
use tokio::sync::{mpsc, watch};

use super::own::Own;
use super::probing::Probing;
use super::reload::InForce;
use super::status::{LastTick, words};
use crate::config::Config;
use crate::notify::{Notify, Word};
use crate::sampler::Sampler;
use crate::schedule::Schedule;
use crate::uplink::Status;

/// Batches between the ticks and the session, which takes them into its own queue at once. Full: the tick waits, and
/// the ticks that it holds up are counted as skipped.
pub(super) const BATCHES_IN_FLIGHT: usize = 64;
/// The service manager's patience is at least so many deadlines of a scrape, and this time more: a tick that libvirt
/// holds up is slow, not hung.
const DEADLINES_PER_TICK: i64 = 4;
const SLACK: DurationMs = DurationMs::from_s(20);

/// What the loop works with.
pub(super) struct Ticks {
    /// Reads.
    pub(super) sampler: Sampler,
    /// The agent's own series.
    pub(super) own: Own,
    /// Probes beside it.
    pub(super) probing: Probing,
    /// The host's place within an interval.
    pub(super) place: u64,
    /// The configuration, whenever it changes.
    pub(super) configs: watch::Receiver<InForce>,
    /// How the line to the collector is.
    pub(super) line: watch::Receiver<Status>,
    /// The service manager.
    pub(super) notify: Notify,
    /// Where batches go.
    pub(super) batches: mpsc::Sender<Batch>,
}

/// What comes while the loop waits.
enum Woken {
    Tick,
    Reloaded,
    Pulse,
    Stopped,
}

impl Ticks {
    /// Reads at every tick until `stop` changes or nobody takes the batches any more. A tick that comes while the one
    /// before still runs is left out and counted. The session numbers the batches.
    ///
    /// The service manager hears from here and nowhere else that the agent is alive, so that a loop that hangs is
    /// started again.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut config = Arc::clone(&self.configs.borrow_and_update().config);
        let mut schedule = Schedule::new(config.interval, self.place);
        let mut last: Option<LastTick> = None;
        self.notify.say(self.patience(&config).into_iter().collect());
        loop {
            match self.wait(&mut schedule, &config, &mut stop).await {
                Woken::Stopped => return,
                Woken::Pulse => self.notify.say(vec![Word::Alive]),
                Woken::Reloaded => {
                    config = self.reconfigure(&mut schedule);
                    let mut words = vec![Word::Ready];
                    words.extend(self.patience(&config));
                    words.extend(last.as_ref().map(|last| self.status(&config, last)));
                    self.notify.say(words);
                }
                Woken::Tick => {
                    schedule.ticked(clock::mono());
                    let begun = tokio::time::Instant::now();
                    self.own.begin().await;
                    let sampled = tokio::select! {
                        sampled = self.sampler.sample(schedule.skipped()) => sampled,
                        _ = stop.changed() => return,
                    };
                    let mut snapshot = sampled.snapshot;
                    self.probing.tick(&mut snapshot);
                    self.own.complete(&mut snapshot, &self.line.borrow(), &self.configs.borrow());
                    let domains = snapshot.domains_missing.is_none().then(|| snapshot.measured().count());
                    let tick = LastTick { at: snapshot.tick.wall, domains };
                    for batch in snapshot.into_batches(1) {
                        tokio::select! {
                            sent = self.batches.send(batch) => if sent.is_err() { return },
                            _ = stop.changed() => return,
                        }
                    }
                    self.own.ended(begun.elapsed());
                    let ready = last.is_none().then_some(Word::Ready);
                    self.notify.say([Word::Alive, self.status(&config, &tick)].into_iter().chain(ready).collect());
                    last = Some(tick);
                }
            }
        }
    }

    async fn wait(&mut self, schedule: &mut Schedule, config: &Config, stop: &mut watch::Receiver<bool>) -> Woken {
        let wait = schedule.wait(clock::wall(), clock::mono());
        let pulse = self.notify.watchdog().map(|within| DurationMs(within.max(patience(config)).0 / 3));
        let (sleep, woken) = match pulse.filter(|pulse| *pulse < wait) {
            Some(pulse) => (pulse, Woken::Pulse),
            None => (wait, Woken::Tick),
        };
        tokio::select! {
            biased;
            _ = stop.changed() => Woken::Stopped,
            changed = self.configs.changed() => if changed.is_ok() { Woken::Reloaded } else { Woken::Stopped },
            () = tokio::time::sleep(sleep.to_std()) => woken,
        }
    }

    fn reconfigure(&mut self, schedule: &mut Schedule) -> Arc<Config> {
        let config = Arc::clone(&self.configs.borrow_and_update().config);
        schedule.set_interval(config.interval, clock::wall(), clock::mono());
        self.sampler.reconfigure(&config);
        self.probing.reload(config.probes.clone());
        config
    }

    fn status(&self, config: &Config, last: &LastTick) -> Word {
        let collector = config.collector.as_deref().unwrap_or_default();
        Word::Status(words(collector, &self.line.borrow(), last, self.configs.borrow().errors_refused))
    }

    /// Asks for more patience where this configuration needs more than the unit grants.
    fn patience(&self, config: &Config) -> Option<Word> {
        self.notify.watchdog().map(|granted| Word::AliveWithin(granted.max(patience(config))))
    }
}

/// How long a tick may take.
fn patience(config: &Config) -> DurationMs {
    DurationMs(config.scrape_deadline.0.saturating_mul(DEADLINES_PER_TICK).saturating_add(SLACK.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use evenkeel_common::sample::Missing;
    use evenkeel_common::wire::v1::WireValue;
    use tokio::time::timeout;

    use super::*;
    use crate::config::{Dirs, config};
    use crate::selfstats::{Indicator, Tally};

    /// Without a helper there is no libvirt: the host is read all the same, a reload takes effect between ticks, and
    /// stopping ends it at once.
    #[tokio::test]
    async fn ticks_go_on_without_libvirt_and_end_when_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("agent.toml"), "libvirt_helper = '/nonexistent'\ninterval = '1h'\n").unwrap();
        let path = dir.path().to_owned();
        let (mut config, _) = config(&Dirs { config: path.clone(), data: path.clone(), runtime: path }).unwrap();
        let (batches, mut batch_queue) = mpsc::channel(BATCHES_IN_FLIGHT);
        let (in_force, configs) = watch::channel(InForce::new(config.clone()));
        let (_line, line) = watch::channel(Status::default());
        let (stop, stopped) = watch::channel(false);
        let sampler = Sampler::new(&config);
        let probing = Probing::start(config.probes.clone());
        let own = Own::new(Tally::default(), sampler.epoch());
        let ticks = Ticks { sampler, probing, own, place: 0, configs, line, notify: Notify::default(), batches };
        let task = tokio::spawn(ticks.run(stopped));
        let deadline = Duration::from_secs(20);
        let first = timeout(deadline, batch_queue.recv()).await.unwrap().unwrap();
        assert_eq!(first.domains_missing, Some(Missing::LibvirtDown.code()));
        assert!(first.host.is_some_and(|host| !host.readings.is_empty()));
        config.interval = DurationMs(1_000);
        in_force.send_modify(|in_force| in_force.config = Arc::new(config));
        let second = timeout(deadline, batch_queue.recv()).await.unwrap().unwrap();
        assert_eq!((first.interval_ms, second.interval_ms), (3_600_000, 1_000));
        let third = timeout(deadline, batch_queue.recv()).await.unwrap().unwrap();
        assert!(third.tick_mono_ms - second.tick_mono_ms >= 500);
        let ticks = |batch: Batch| {
            let id = Indicator::Ticks.metric().id.0;
            batch.host.unwrap().readings.into_iter().find(|reading| reading.metric == id).unwrap().value
        };
        // Their life is that of the agent, not of the host.
        assert!(matches!(ticks(third), WireValue::CounterSince { value: 3, .. }));
        stop.send(true).unwrap();
        timeout(deadline, task).await.unwrap().unwrap();
    }
}
