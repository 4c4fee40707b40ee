//! VMs as they are now.

use std::collections::HashMap;

use evenkeel_common::id::{AgentId, GuestBootId};
use evenkeel_common::metric::{MetricId, by_name};
use evenkeel_common::sample::{DomainState, Missing, Value};
use evenkeel_common::time::{DurationMs, UnixMs};

use super::presence::{self, Heard, Presence};
use super::rates::{self, POINTS};
use super::{Answer, Control, ControlError, detail, device, probe, reasons};
use crate::store::activity::ActivityFilter;
use crate::store::{Entity, FleetRow, LabelFacts, Latest, PlacementRow, VmRow};
use crate::view::vm::{VmDetail, VmStats, VmSummary, VmTop};

/// Events shown with a VM or host.
pub(super) const EVENTS_SHOWN: usize = 20;

const CPU: &str = "vm_cpu_seconds_total";
const MEMORY: &str = "vm_memory_rss_bytes";
const STEAL: &str = "vm_vcpu_delay_seconds_total";
/// What only QEMU knows; of a guest that hangs it is missing at every tick.
const MONITOR: &str = "vm_memory_unused_bytes";
const DISK: [&str; 2] = ["vm_block_read_bytes_total", "vm_block_written_bytes_total"];
const NETWORK: [&str; 2] = ["vm_network_receive_bytes_total", "vm_network_transmit_bytes_total"];

/// Which VMs are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VmFilter {
    /// Only on this host.
    pub host: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only of this owner.
    pub owner: Option<String>,
    /// Only with all of these labels; a value of `None` takes any.
    pub labels: Vec<(String, Option<String>)>,
    /// Also those that no host knows any more.
    pub all: bool,
}

/// A VM with what is known of it now.
pub(super) struct Seen {
    pub vm: VmRow,
    pub missing: Option<&'static str>,
    pub series: Vec<Latest>,
}

impl Control {
    /// `vm list`.
    ///
    /// # Errors
    /// When the store fails or the filter names an unknown host.
    pub async fn vm_list(&self, filter: VmFilter, now: UnixMs) -> Result<Vec<VmSummary>, ControlError> {
        let vms = self.filtered(filter).await?;
        Ok(self.seen(vms, &[CPU, MEMORY, MONITOR], now).await?.iter().map(summary).collect())
    }

    /// `vm top`: the active ones.
    ///
    /// # Errors
    /// When the store fails or the filter names an unknown host.
    pub async fn vm_top(&self, filter: VmFilter, now: UnixMs) -> Result<Vec<VmTop>, ControlError> {
        let mut vms = self.filtered(filter).await?;
        vms.retain(|vm| vm.state.is_active());
        let metrics = [CPU, MEMORY, MONITOR, STEAL, DISK[0], DISK[1], NETWORK[0], NETWORK[1]];
        Ok(self.seen(vms, &metrics, now).await?.iter().map(top).collect())
    }

    /// `vm show`.
    ///
    /// # Errors
    /// When there is no such VM, or the store fails.
    pub async fn vm_show(&self, name: &str, now: UnixMs) -> Result<Answer<VmDetail>, ControlError> {
        let Answer { view: vm, notes } = self.find_vm(name, None).await?;
        let (uuid, events_of) = (vm.uuid, vm.name.clone());
        let seen = self.seen(vec![vm], &[], now).await?;
        let placements = self.store().placements(uuid).await?;
        let filter = ActivityFilter { vm: Some(events_of), limit: EVENTS_SHOWN, ..ActivityFilter::default() };
        let events = self.activity_list(filter).await?;
        let names = self.host_names().await?;
        let Some(seen) = seen.into_iter().next() else {
            return Err(ControlError::NotFound { what: "VM", name: name.to_owned(), near: Vec::new() });
        };
        Ok(Answer { view: show(&seen, &placements, &names, events), notes })
    }

    /// `vm stats`: the newest reading of everything.
    ///
    /// # Errors
    /// When there is no such VM, or the store fails.
    pub async fn vm_stats(&self, name: &str) -> Result<Answer<VmStats>, ControlError> {
        let Answer { view: vm, notes } = self.find_vm(name, None).await?;
        let series = self.store().latest(vec![vm.uuid.into()], Vec::new(), POINTS).await?;
        let readings = series.iter().filter_map(detail::reading).collect();
        Ok(Answer { view: VmStats { uuid: vm.uuid.to_string(), name: vm.name, readings }, notes })
    }

    /// Names of hosts by agent.
    pub(super) async fn host_names(&self) -> Result<HashMap<AgentId, String>, ControlError> {
        Ok(self.store().fleet().await?.into_iter().map(|row| (row.agent, row.name)).collect())
    }

    async fn filtered(&self, filter: VmFilter) -> Result<Vec<VmRow>, ControlError> {
        let agent = match &filter.host {
            Some(host) => Some(self.find_host(host).await?.view.agent),
            None => None,
        };
        let mut vms = self.store().vms().await?;
        vms.retain(|vm| {
            (filter.all || vm.state != DomainState::NoState)
                && agent.is_none_or(|agent| vm.agent == agent)
                && filter.state.as_deref().is_none_or(|state| vm.state.as_str() == state)
                && filter.owner.as_deref().is_none_or(|owner| vm.facts.owner == owner)
                && filter.labels.iter().all(|label| has_label(vm, label))
        });
        Ok(vms)
    }

    async fn seen(&self, vms: Vec<VmRow>, metrics: &[&str], now: UnixMs) -> Result<Vec<Seen>, ControlError> {
        let fleet = self.store().fleet().await?;
        let stopped = self.stopped_agents(&fleet, now).await?;
        let hosts: HashMap<AgentId, (Presence, Option<Heard>)> =
            fleet.iter().map(|row| (row.agent, self.host_presence(row, now))).collect();
        let ids: Vec<MetricId> = metrics.iter().filter_map(|name| by_name(name)).map(|metric| metric.id).collect();
        let entities: Vec<Entity> = vms.iter().map(|vm| vm.uuid.into()).collect();
        let silence = self.store().last_silence(entities.clone()).await?;
        let mut series: HashMap<Entity, Vec<Latest>> = HashMap::with_capacity(entities.len());
        for latest in self.store().latest(entities, ids, POINTS).await? {
            series.entry(latest.entity).or_default().push(latest);
        }
        let nowhere = (Presence::Retired, None);
        let with_series = |vm: VmRow| {
            let series = series.remove(&vm.uuid.into()).unwrap_or_default();
            let (host, heard) = hosts.get(&vm.agent).copied().unwrap_or(nowhere);
            let silent = silence.get(&vm.uuid.into()).copied();
            let newest = newest_missing(&series);
            let missing = presence::why_missing(vm.state, host, heard, vm.last_seen, silent, newest, now);
            let was_stopped = missing == Some(Missing::HostUnreachable.as_str()) && stopped.contains(&vm.agent);
            let missing = if was_stopped { Some(Missing::AgentDown.as_str()) } else { missing };
            Seen { vm, missing, series }
        };
        Ok(vms.into_iter().map(with_series).collect())
    }

    /// The state of a host, and what was heard of it.
    pub(super) fn host_presence(&self, row: &FleetRow, now: UnixMs) -> (Presence, Option<Heard>) {
        let heard = row.heard.as_ref().map(|host| Heard {
            last_seen: host.last_seen,
            clock_offset: DurationMs(host.clock_offset_ms),
            interval: DurationMs(host.interval_ms),
        });
        (presence::of_host(row.agent_state, self.is_connected(row.agent), heard, now), heard)
    }
}

fn has_label(vm: &VmRow, (name, value): &(String, Option<String>)) -> bool {
    let fits = |label: &&LabelFacts| label.name == *name && value.as_ref().is_none_or(|value| label.value == *value);
    vm.facts.labels.iter().any(|label| fits(&label))
}

impl Seen {
    fn of<'a>(&'a self, metric: &'static str) -> impl Iterator<Item = &'a Latest> {
        let id = by_name(metric).map(|metric| metric.id);
        self.series.iter().filter(move |latest| Some(latest.metric) == id)
    }

    /// Why readings are missing: all of them, or those that only QEMU knows because it hangs.
    fn missing(&self) -> Option<String> {
        let newest = |metric| self.of(metric).filter_map(|latest| latest.points.first()).max_by_key(|(at, _)| *at);
        // One of an earlier tick says nothing of now: the guest may answer again without having been asked for this.
        let is_now = |at| newest(CPU).is_none_or(|(of_kernel, _)| at >= *of_kernel);
        let hangs = matches!(newest(MONITOR), Some((at, Value::Missing(Missing::Hung))) if is_now(*at));
        let of_qemu = hangs.then_some(Missing::Hung.as_str());
        self.missing.or(of_qemu).map(str::to_owned)
    }

    /// The rate of one metric, over all its devices; `None` when one is missing or there is none.
    fn rate(&self, metric: &'static str) -> Option<f64> {
        let scale = by_name(metric)?.stored_per_unit;
        let mut rates = self.of(metric).map(|latest| rates::rate(&latest.points, scale).ok()).peekable();
        rates.peek()?;
        if self.missing.is_some() { None } else { rates.sum() }
    }

    fn cpu_ratio(&self) -> Option<f64> {
        Some(self.rate(CPU)? / f64::from(self.vm.facts.vcpus.max(1)))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole bytes, never negative")]
    fn memory_rss_bytes(&self) -> Option<u64> {
        let latest = self.of(MEMORY).next()?;
        if self.missing.is_some() {
            return None;
        }
        rates::newest(&latest.points, 1.0).ok().map(|bytes| bytes.max(0.0) as u64)
    }
}

/// The reason when the newest CPU reading, which every active VM has, is missing.
fn newest_missing(series: &[Latest]) -> Option<Missing> {
    let cpu = by_name(CPU).map(|metric| metric.id);
    let latest = series.iter().find(|latest| Some(latest.metric) == cpu)?;
    rates::newest(&latest.points, 1.0).err()
}

pub(super) fn summary(seen: &Seen) -> VmSummary {
    let VmRow { uuid, name, host, state, facts, last_seen, .. } = &seen.vm;
    VmSummary {
        uuid: uuid.to_string(),
        name: name.clone(),
        host: host.clone(),
        state: state.as_str().to_owned(),
        owner: detail::some(&facts.owner),
        managed_by: detail::some(&facts.managed_by),
        project: detail::some(&facts.project),
        labels: facts.labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect(),
        vcpus: facts.vcpus,
        memory_max_bytes: facts.memory_max_bytes,
        cpu_ratio: seen.cpu_ratio(),
        memory_rss_bytes: seen.memory_rss_bytes(),
        last_seen: (*last_seen).into(),
        missing: seen.missing(),
    }
}

pub(super) fn top(seen: &Seen) -> VmTop {
    let both = |metrics: [&'static str; 2]| Some(seen.rate(metrics[0])? + seen.rate(metrics[1])?);
    VmTop {
        uuid: seen.vm.uuid.to_string(),
        name: seen.vm.name.clone(),
        host: seen.vm.host.clone(),
        state: seen.vm.state.as_str().to_owned(),
        cpu_ratio: seen.cpu_ratio(),
        memory_rss_bytes: seen.memory_rss_bytes(),
        disk_bytes_per_s: both(DISK),
        network_bytes_per_s: both(NETWORK),
        steal_ratio: seen.rate(STEAL).map(|rate| rate / f64::from(seen.vm.facts.vcpus.max(1))),
        missing: seen.missing(),
    }
}

fn show(
    seen: &Seen,
    placements: &[PlacementRow],
    names: &HashMap<AgentId, String>,
    events: Vec<crate::view::activity::ActivityRow>,
) -> VmDetail {
    let vm = &seen.vm;
    let facts = &vm.facts;
    let time = |start: u64| i64::try_from(start).ok().filter(|start| *start > 0).map(UnixMs);
    let started = time(vm.counter_epoch);
    let boot = started.and(time(vm.boot_epoch)).map(|start| GuestBootId::new(vm.uuid, start).to_string());
    VmDetail {
        summary: summary(seen),
        user: detail::some(&facts.user),
        flavour: detail::some(&facts.flavour),
        title: detail::some(&facts.title),
        description: detail::some(&facts.description),
        state_since: vm.state_at.into(),
        first_seen: vm.first_seen.into(),
        started_at: started.map(Into::into),
        boot_id: boot,
        persistent: facts.persistent,
        autostart: facts.autostart,
        machine: facts.machine.clone(),
        conflict_with: vm.rival.map(|rival| detail::host_name(rival, names)),
        devices: device::devices(facts, &seen.series),
        macs: facts.macs.clone(),
        snapshots: facts.snapshots.clone(),
        checkpoints: facts.checkpoints.clone(),
        truncated: facts.truncated,
        probes: probe::probes(&facts.probes, vm.state, seen.missing, &seen.series),
        missing_readings: reasons::reasons(&vm.name, seen.missing, &seen.series),
        placements: detail::placements(placements, names),
        events,
    }
}
