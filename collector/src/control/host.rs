//! Hosts as they are now, and taking one out of service.

use std::collections::HashSet;

use evenkeel_common::id::AgentId;
use evenkeel_common::metric::by_name;
use evenkeel_common::sample::Missing;
use evenkeel_common::time::UnixMs;

use super::presence::Presence;
use super::rates::{self, POINTS};
use super::vm::EVENTS_SHOWN;
use super::{Answer, Control, ControlError, detail, host_now, reasons};
use crate::store::activity::{Activity, ActivityFilter, Category};
use crate::store::{AgentState, FleetRow, Latest, VmRow};
use crate::view::host::{HostDetail, HostNow, HostSummary, HostVm};

/// Kinds of activity that say how an agent's last session ended, if it did.
const SESSION_KINDS: &[&str] = &["agent_connected", "agent_disconnected", GOODBYE];
const GOODBYE: &str = "agent_goodbye";
const BUSY: &str = "host_cpu_busy_ratio";
/// What may be retired.
static IN_SERVICE: [AgentState; 3] = [AgentState::Approved, AgentState::Pending, AgentState::Revoked];
const AVAILABLE: &str = "host_memory_available_bytes";

impl Control {
    /// `host list`; with `all` also the retired ones.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn host_list(&self, all: bool, now: UnixMs) -> Result<Vec<HostSummary>, ControlError> {
        let vms = self.store().vms().await?;
        let fleet = self.store().fleet().await?;
        let summaries = fleet.iter().map(|row| self.host_summary(row, &vms, now));
        Ok(summaries.filter(|host| all || host.state != Presence::Retired.as_str()).collect())
    }

    /// `host show`.
    ///
    /// # Errors
    /// When there is no such host, or the store fails.
    pub async fn host_show(&self, name: &str, now: UnixMs) -> Result<Answer<HostDetail>, ControlError> {
        let Answer { view: row, notes } = self.find_host(name).await?;
        let vms = self.store().vms().await?;
        let series = self.store().latest(vec![row.agent.into()], Vec::new(), POINTS).await?;
        let filter = ActivityFilter { host: Some(row.name.clone()), limit: EVENTS_SHOWN, ..ActivityFilter::default() };
        let events = self.activity_list(filter).await?;
        let summary = self.host_summary(&row, &vms, now);
        let heard = row.heard.as_ref();
        let facts = heard.map(|host| &host.facts);
        let connected = summary.state == Presence::Connected.as_str();
        let gauge = |metric: &str| newest(&series, metric).filter(|_| connected);
        let cpus = facts.map_or(0, |facts| facts.cpus);
        // What a host last said is no news of it: only its facts stay.
        let missing = match heard {
            _ if connected => None,
            None => Some(Missing::NoData),
            Some(_) if self.stopped_agents(std::slice::from_ref(&row), now).await?.is_empty() => {
                Some(Missing::HostUnreachable)
            }
            Some(_) => Some(Missing::AgentDown),
        };
        let readings = if let Some(why) = missing {
            HostNow { missing: Some(why.as_str().to_owned()), ..HostNow::default() }
        } else {
            host_now::now(&series, cpus)
        };
        let view = HostDetail {
            summary,
            enrolled_at: row.enrolled_at.into(),
            interval_s: heard.map(|host| evenkeel_common::time::DurationMs(host.interval_ms).as_s()),
            kernel: facts.and_then(|facts| detail::some(&facts.kernel)),
            cpus: Some(cpus).filter(|cpus| *cpus > 0),
            cpu_model: facts.and_then(|facts| detail::some(&facts.cpu_model)),
            memory_bytes: facts.map(|facts| facts.memory_bytes).filter(|bytes| *bytes > 0),
            sockets: facts.map(|facts| facts.sockets).filter(|sockets| *sockets > 0),
            cores: facts.map(|facts| facts.cores).filter(|cores| *cores > 0),
            numa_nodes: facts.map(|facts| facts.numa_nodes).filter(|nodes| *nodes > 0),
            os: facts.and_then(|facts| detail::some(&facts.os)),
            machine_vendor: facts.and_then(|facts| detail::some(&facts.machine_vendor)),
            machine_model: facts.and_then(|facts| detail::some(&facts.machine_model)),
            kvm: facts.and_then(|facts| detail::some(&facts.kvm)),
            kvm_nested: facts.and_then(|facts| facts.kvm_nested),
            cpu_busy_ratio: gauge(BUSY),
            memory_available_bytes: gauge(AVAILABLE).map(whole_bytes),
            missing_readings: reasons::of_host(missing, &series),
            now: readings,
            vms: of_host(&vms, &row).map(host_vm).collect(),
            events,
        };
        Ok(Answer { view, notes })
    }

    /// Agents of hosts that are not heard because they were stopped, by their own word.
    pub(super) async fn stopped_agents(
        &self,
        fleet: &[FleetRow],
        now: UnixMs,
    ) -> Result<HashSet<AgentId>, ControlError> {
        let mut stopped = HashSet::new();
        for row in fleet.iter().filter(|row| self.host_presence(row, now).0 == Presence::Silent) {
            if self.store().last_kind(row.name.clone(), SESSION_KINDS).await?.as_deref() == Some(GOODBYE) {
                stopped.insert(row.agent);
            }
        }
        Ok(stopped)
    }

    /// `host retire`: its agent is cut off and no longer let in; its history stays. A host that is heard and runs VMs
    /// is only retired with `force`.
    ///
    /// # Errors
    /// When there is no such host, it is in use, or the store fails.
    pub async fn host_retire(&self, name: &str, force: bool, now: UnixMs) -> Result<Answer<HostSummary>, ControlError> {
        let Answer { view: row, notes } = self.find_host(name).await?;
        let vms = self.store().vms().await?;
        let before = self.host_summary(&row, &vms, now);
        if before.state == Presence::Connected.as_str() && before.domains > 0 && !force {
            return Err(ControlError::Refused {
                message: format!("host {} is connected and runs {} VMs", row.name, before.domains),
                hint: Some("migrate them away, or retire it all the same with --force".to_owned()),
            });
        }
        if self.store().move_agent(row.agent, &IN_SERVICE, AgentState::Retired).await? {
            self.cut(row.agent, "the host was retired");
            let message = format!("host {} was retired", row.name);
            self.record(Activity {
                at: now,
                category: Category::Informational,
                kind: "host_retired".to_owned(),
                host: row.name.clone(),
                vm: String::new(),
                message,
            })
            .await;
        }
        let state = Presence::Retired.as_str().to_owned();
        Ok(Answer { view: HostSummary { state, ..before }, notes })
    }

    fn host_summary(&self, row: &FleetRow, vms: &[VmRow], now: UnixMs) -> HostSummary {
        let (presence, _) = self.host_presence(row, now);
        let facts = row.heard.as_ref().map(|host| &host.facts);
        HostSummary {
            name: row.name.clone(),
            agent_id: row.agent.to_string(),
            state: presence.as_str().to_owned(),
            last_seen: row.heard.as_ref().map(|host| host.last_seen.into()),
            clock_offset_ms: row.heard.as_ref().map(|host| host.clock_offset_ms),
            domains: of_host(vms, row).filter(|vm| vm.state.is_active()).count(),
            libvirt_version: facts.and_then(|facts| detail::some(&facts.libvirt_version)),
            qemu_version: facts.and_then(|facts| detail::some(&facts.qemu_version)),
        }
    }
}

fn of_host<'a>(vms: &'a [VmRow], row: &FleetRow) -> impl Iterator<Item = &'a VmRow> {
    let agent = row.agent;
    vms.iter().filter(move |vm| vm.agent == agent && vm.state != evenkeel_common::sample::DomainState::NoState)
}

fn host_vm(vm: &VmRow) -> HostVm {
    HostVm { uuid: vm.uuid.to_string(), name: vm.name.clone(), state: vm.state.as_str().to_owned() }
}

fn newest(series: &[Latest], metric: &str) -> Option<f64> {
    let metric = by_name(metric)?;
    let latest = series.iter().find(|latest| latest.metric == metric.id && latest.device.is_empty())?;
    rates::newest(&latest.points, metric.stored_per_unit).ok()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole bytes, never negative")]
fn whole_bytes(bytes: f64) -> u64 {
    bytes.max(0.0) as u64
}
