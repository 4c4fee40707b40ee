//! The agent's own series: what it counts, added to the host's readings of each tick.

use evenkeel_common::clock;
use evenkeel_common::sample::CounterEpoch;
use tokio::task::JoinHandle;

use super::reload::InForce;
use crate::gather::batch::Snapshot;
use crate::selfstats::{Indicator, Reader, Tally};
use crate::uplink::Status;

/// See the module.
pub(super) struct Own {
    tally: Tally,
    epoch: CounterEpoch,
    reader: Option<Reader>,
    /// A look under way: the kernel may take long over the pages of a process that hangs; no tick waits for it.
    reading: Option<JoinHandle<Reader>>,
}

impl Own {
    /// Counters begin at `epoch`, the agent's start.
    pub(super) fn new(tally: Tally, epoch: u64) -> Self {
        let reader = Some(Reader::new(tally.clone()));
        Self { tally, epoch: CounterEpoch(epoch), reader, reading: None }
    }

    /// A tick begins: the agent's processes are read, and looked for beside it when that is due.
    pub(super) async fn begin(&mut self) {
        if let Some(reading) = self.reading.take_if(|reading| reading.is_finished()) {
            // One that ended badly begins anew.
            self.reader = Some(reading.await.unwrap_or_else(|_| Reader::new(self.tally.clone())));
        }
        let now = clock::mono();
        match self.reader.take() {
            Some(mut reader) if reader.is_due(now) => {
                self.reading = Some(tokio::task::spawn_blocking(move || {
                    reader.look(now);
                    reader.read();
                    reader
                }));
            }
            Some(mut reader) => {
                reader.read();
                self.reader = Some(reader);
            }
            None => {}
        }
    }

    /// Adds the agent's own readings to a tick's.
    pub(super) fn complete(&self, snapshot: &mut Snapshot, line: &Status, in_force: &InForce) {
        let set = |indicator, value| self.tally.set(indicator, "", value);
        self.tally.add(Indicator::Ticks, "", 1);
        set(Indicator::Domains, count(snapshot.measured().count()));
        set(Indicator::ConfigsTaken, in_force.reloaded);
        set(Indicator::ConfigsRefused, in_force.refused);
        set(Indicator::QueueBatches, line.backlog);
        set(Indicator::QueueBytes, line.backlog_bytes);
        set(Indicator::BatchesSent, line.traffic.batches_sent);
        set(Indicator::Acknowledgements, line.traffic.acknowledgements);
        set(Indicator::Sessions, line.traffic.sessions);
        set(Indicator::SentBytes, line.traffic.sent_bytes);
        set(Indicator::ReceivedBytes, line.traffic.received_bytes);
        snapshot.host.readings.extend(self.tally.readings(self.epoch));
        let of_domains: usize = snapshot.domains.iter().map(|domain| domain.readings.len()).sum();
        // Told at the next tick.
        set(Indicator::Readings, count(snapshot.host.readings.len() + of_domains));
    }

    /// A tick is over.
    pub(super) fn ended(&self, took: std::time::Duration) {
        self.tally.set(Indicator::TickTime, "", u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
