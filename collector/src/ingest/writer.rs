//! The one task that plans and writes. Batches that arrive while a commit is under way are written by the next one
//! together, so that the number of commits does not grow with the number of agents.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use evenkeel_common::clock;
use evenkeel_common::id::{AgentId, DomainUuid};
use evenkeel_common::time::UnixMs;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::host_event::HostEvent;
use super::notice::{Names, Notice};
use super::pace::Pace;
use super::plan::{Arrival, Plan, plan};
use super::shapes::Shapes;
use super::state::{Draft, State};
use super::{IngestError, RETRY};
use crate::store::activity::Activity;
use crate::store::{BatchRows, InventoryUpdate, Store, StoreError};

/// Batches in one transaction; more wait for the next.
const GROUP_MAX_BATCHES: usize = 256;
/// Readings after which a transaction takes no further batch: about 100 ms of writing.
const GROUP_MAX_READINGS: usize = 50_000;

/// A batch and who waits for it.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) arrival: Arrival,
    pub(super) answer: oneshot::Sender<Result<u64, IngestError>>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) state: State,
    /// Inventory that could not be written yet.
    pub(super) owed: InventoryUpdate,
    pub(super) shapes: Shapes,
    /// How many VMs are in memory, for those who ask.
    pub(super) count: Arc<AtomicUsize>,
}

impl Writer {
    /// Runs until every handle is gone.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Waiting>) {
        let mut pace = Pace::new();
        while let Some(first) = queue.recv().await {
            let now = Instant::now();
            pace.heard(first.arrival.agent, now);
            let until = pace.until(now);
            let mut group = vec![first];
            let mut readings = size(&group[0].arrival);
            while group.len() < GROUP_MAX_BATCHES && readings < GROUP_MAX_READINGS {
                let next = match queue.try_recv() {
                    Ok(next) => next,
                    Err(TryRecvError::Disconnected) => break,
                    Err(TryRecvError::Empty) if Instant::now() >= until => break,
                    Err(TryRecvError::Empty) => match timeout_at(until, queue.recv()).await {
                        Ok(Some(next)) => next,
                        Ok(None) | Err(_) => break,
                    },
                };
                pace.heard(next.arrival.agent, Instant::now());
                readings += size(&next.arrival);
                group.push(next);
            }
            self.group(group).await;
        }
    }

    async fn group(&mut self, group: Vec<Waiting>) {
        let now = group.last().map_or(UnixMs(i64::MIN), |waiting| waiting.arrival.received);
        if let Err(error) = self.load(&group).await {
            return refuse(group.into_iter().map(|waiting| waiting.answer), &error);
        }
        let mut draft = Draft::new(&self.state);
        let mut answers = Vec::with_capacity(group.len());
        let mut plans = Vec::new();
        for Waiting { arrival, answer } in group {
            let (agent, batch) = (arrival.agent, &arrival.batch);
            let state = draft.agent(agent);
            state.heard = state.heard.max(arrival.received);
            let on_disk = state.last_seq(batch.epoch).unwrap_or(0);
            if batch.seq > on_disk {
                match plan(&mut draft, &mut self.shapes, &arrival) {
                    Ok(plan) => plans.push(plan),
                    Err(error) => {
                        // The batch was checked before it came here, so the rest of the group is sound.
                        drop(answer.send(Err(error.into())));
                        continue;
                    }
                }
            }
            answers.push((answer, on_disk.max(batch.seq)));
        }
        let changes = draft.into_changes();
        let (rows, heard, inventory, notices, events) = split(plans);
        let stored = match self.record(events).await {
            Ok(()) => self.append(rows).await,
            Err(error) => Err(error),
        };
        if let Err(error) = stored {
            return refuse(answers.into_iter().map(|(answer, _)| answer), &error);
        }
        self.state.apply(changes);
        self.store.vms_heard(&heard);
        for (answer, seq) in answers {
            // A session that ended meanwhile hears of it when it asks for its last number.
            drop(answer.send(Ok(seq)));
        }
        self.tell(inventory, &notices).await;
        self.forget(now).await;
        self.count.store(self.state.len(), Ordering::Relaxed);
    }

    /// Events come before the acknowledgement, so that none is lost when the collector ends here.
    async fn record(&self, events: Vec<HostEvent>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let hosts = self.hosts().await?;
        let entries: Vec<_> = events.into_iter().map(|event| event.entry(&hosts)).collect();
        self.store.record_events(entries.clone()).await?;
        for (_, Activity { category, kind, host, vm, message, .. }) in &entries {
            let category = category.as_str();
            tracing::info!(category, kind, host, vm, "{message}");
        }
        Ok(())
    }

    async fn append(&self, rows: Vec<BatchRows>) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        self.store.append(Arc::new(rows)).await
    }

    /// Brings the inventory after the readings. What fails is owed: placements come once, the rest comes again.
    async fn tell(&mut self, inventory: InventoryUpdate, notices: &[Notice]) {
        self.owed.merge(inventory);
        if self.owed != InventoryUpdate::default() {
            let update = Arc::new(std::mem::take(&mut self.owed));
            if let Err(error) = self.store.write_inventory(Arc::clone(&update)).await {
                tracing::warn!(%error, "the inventory could not be written; readings are safe");
                self.owed = Arc::unwrap_or_clone(update);
            }
        }
        if notices.is_empty() {
            return;
        }
        let names = self.names().await.unwrap_or_default();
        for notice in notices {
            let activity = notice.activity(clock::wall(), &names);
            tracing::info!(kind = activity.kind, host = activity.host, vm = activity.vm, "{}", activity.message);
            if let Err(error) = self.store.record_activity(activity).await {
                tracing::warn!(%error, "an activity could not be written");
            }
        }
    }

    async fn names(&self) -> Result<Names, StoreError> {
        let hosts = self.hosts().await?;
        let vms = self.store.vms().await?.into_iter().map(|vm| (vm.uuid, vm.name)).collect();
        Ok(Names { hosts, vms })
    }

    async fn hosts(&self) -> Result<HashMap<AgentId, String>, StoreError> {
        Ok(self.store.fleet().await?.into_iter().map(|host| (host.agent, host.name)).collect())
    }
}

fn size(arrival: &Arrival) -> usize {
    arrival.batch.domains.iter().map(|domain| domain.readings.len() + 1).sum()
}

/// Rows, VMs that were heard again, news, notices and events.
type Parts = (Vec<BatchRows>, Vec<(DomainUuid, UnixMs)>, InventoryUpdate, Vec<Notice>, Vec<HostEvent>);

fn split(plans: Vec<Plan>) -> Parts {
    let rows = Vec::with_capacity(plans.len());
    let mut all = (rows, Vec::new(), InventoryUpdate::default(), Vec::new(), Vec::new());
    let mut inventories = Vec::with_capacity(plans.len());
    for plan in plans {
        inventories.push((plan.rows.at, plan.inventory));
        all.0.push(plan.rows);
        all.1.extend(plan.heard);
        all.3.extend(plan.notices);
        all.4.extend(plan.events);
    }
    // The newest has the last word, also when an older one came later.
    inventories.sort_by_key(|(at, _)| *at);
    for (_, inventory) in inventories {
        all.2.merge(inventory);
    }
    all
}

fn refuse(answers: impl Iterator<Item = oneshot::Sender<Result<u64, IngestError>>>, error: &StoreError) {
    if !matches!(error, StoreError::Closed) {
        tracing::error!(%error, source = ?error, "batches could not be written; agents keep them and send them again");
    }
    for answer in answers {
        let refusal = match error {
            StoreError::Closed => IngestError::Closed,
            StoreError::DiskFull | StoreError::Sqlite(_) | StoreError::Io(_) | StoreError::Damaged(_) => {
                IngestError::Busy { retry_ms: RETRY }
            }
        };
        drop(answer.send(Err(refusal)));
    }
}
