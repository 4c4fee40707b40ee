//! Changes: recorded, listed and shown.

mod confounders;
mod numbers;
mod series;
mod verdict;

use std::collections::HashMap;

use evenkeel_common::limits::LIST_MAX_ROWS;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::services::{has_host, has_vm};
use super::{Answer, Control, ControlError};
use crate::change::Expectation;
use crate::csi::service::Service;
use crate::store::activity::Category;
use crate::store::{ChangeRow, ChangeSource, ChangeTarget, ChangesWanted, Entity, FleetRow, PlacementRow, VmRow};
use crate::view::change::{ChangeTargetView, ChangeView, ChangeWanted};

/// Longest description.
const WHAT_MAX: usize = 1_000;
/// Things that one change may name.
const SCOPE_MAX: usize = 1_000;
/// Shortest and longest window.
const WINDOW_MIN: DurationMs = DurationMs::from_s(10);
const WINDOW_MAX: DurationMs = DurationMs::from_s(366 * 86_400);

/// Which changes.
#[derive(Clone, Debug)]
pub struct ChangeFilter {
    /// Only those that touch this service.
    pub service: Option<String>,
    /// Only of this source.
    pub source: Option<ChangeSource>,
    /// From when.
    pub from: UnixMs,
    /// Until when.
    pub to: UnixMs,
}

/// Who is where and in which service: what tells whom a change touches.
#[derive(Debug)]
pub(super) struct Reach {
    vms: Vec<VmRow>,
    hosts: Vec<FleetRow>,
    placements: HashMap<Entity, Vec<PlacementRow>>,
}

impl Control {
    /// Records a change that somebody made.
    ///
    /// # Errors
    /// [`ControlError::Usage`] when it makes no sense, [`ControlError::NotFound`] for unknown names, or the store's.
    pub async fn change_record(
        &self,
        wanted: ChangeWanted,
        by: String,
        now: UnixMs,
    ) -> Result<Answer<ChangeView>, ControlError> {
        let what = wanted.what.trim().to_owned();
        if what.is_empty() || what.len() > WHAT_MAX || what.chars().any(char::is_control) {
            return Err(ControlError::usage(format!("say what was changed in 1 to {WHAT_MAX} bytes of one line")));
        }
        let service = if wanted.service.is_empty() { None } else { Some(self.service(&wanted.service)?) };
        if service.is_none() && wanted.scope.is_empty() {
            return Err(ControlError::usage("name the service, or what was changed: --service or --scope"));
        }
        let at = wanted.at_ms.map_or(now, UnixMs);
        let began = wanted.began_ms.map_or(at, UnixMs);
        if began > at || at > now {
            return Err(ControlError::usage("a change begins before it is done, and is recorded once it is"));
        }
        let (targets, mut notes) = self.targets(&wanted.scope, at).await?;
        let expected = self.expected(&wanted.expect, service.as_ref())?;
        let row = ChangeRow {
            id: 0,
            began,
            at,
            source: ChangeSource::Person,
            kind: "recorded".to_owned(),
            what,
            service: wanted.service,
            targets,
            expected,
            recorded_by: by,
            recorded_at: now,
            before: window(wanted.before_ms, self.settings().change.before, "--before")?,
            after: window(wanted.after_ms, self.settings().change.after, "--after")?,
            final_look: None,
        };
        if row.final_at() <= now {
            notes.push("the time of the final look has passed already: the first verdict is final".to_owned());
        }
        let reach = self.reach().await?;
        if service.as_ref().is_some_and(|service| reach.touched(&row, service).is_empty()) {
            let message = "no member of the service is in that scope".to_owned();
            let hint = Some(format!("`evenkeel service show {}` shows its members", row.service));
            return Err(ControlError::Usage { message, hint });
        }
        let id = self.store().add_change(row.clone()).await?;
        let row = ChangeRow { id, ..row };
        let message = format!("change {id} of {}, by {}: {}", whose(&row), row.recorded_by, row.what);
        self.note(now, Category::Informational, "change_recorded", String::new(), message).await;
        Ok(Answer { view: self.change_view(&row, &reach), notes })
    }

    /// Gives changes that nobody records by hand the windows of the configuration.
    ///
    /// # Errors
    /// The store's.
    pub async fn set_change_windows(&self) -> Result<(), crate::store::StoreError> {
        let windows = self.settings().change;
        self.store().set_change_windows(windows.before, windows.after).await
    }

    /// Changes, oldest first.
    ///
    /// # Errors
    /// [`ControlError::NotFound`] for an unknown service, or the store's.
    pub async fn change_list(&self, filter: ChangeFilter) -> Result<Vec<ChangeView>, ControlError> {
        let service = filter.service.as_deref().map(|name| self.service(name)).transpose()?;
        let wanted = ChangesWanted { from: filter.from, to: filter.to, limit: LIST_MAX_ROWS };
        let reach = self.reach().await?;
        let mut rows = self.store().changes(wanted).await?;
        rows.retain(|row| filter.source.is_none_or(|source| row.source == source));
        rows.retain(|row| service.as_ref().is_none_or(|service| !reach.touched(row, service).is_empty()));
        Ok(rows.iter().map(|row| self.change_view(row, &reach)).collect())
    }

    /// One change.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or the store's.
    pub async fn change_show(&self, id: i64) -> Result<ChangeView, ControlError> {
        let row = self.change_row(id).await?;
        Ok(self.change_view(&row, &self.reach().await?))
    }

    pub(super) async fn change_row(&self, id: i64) -> Result<ChangeRow, ControlError> {
        let not_found = || ControlError::NotFound { what: "change", name: id.to_string(), near: Vec::new() };
        self.store().change(id).await?.ok_or_else(not_found)
    }

    /// What tells whom changes touch.
    pub(super) async fn reach(&self) -> Result<Reach, ControlError> {
        let mut placements: HashMap<Entity, Vec<PlacementRow>> = HashMap::new();
        for row in self.store().all_placements().await? {
            placements.entry(row.uuid.into()).or_default().push(row);
        }
        Ok(Reach { vms: self.store().vms().await?, hosts: self.store().fleet().await?, placements })
    }

    async fn targets(&self, scope: &[String], at: UnixMs) -> Result<(Vec<ChangeTarget>, Vec<String>), ControlError> {
        if scope.len() > SCOPE_MAX {
            return Err(ControlError::usage(format!("a change names at most {SCOPE_MAX} VMs and hosts")));
        }
        let (mut targets, mut notes) = (Vec::new(), Vec::new());
        for text in scope {
            let (target, said) = if let Some(name) = text.strip_prefix("host:") {
                let Answer { view: host, notes } = self.find_host(name).await?;
                (ChangeTarget::new(host.agent.into(), true, host.name), notes)
            } else {
                let Answer { view: vm, notes } = self.find_vm(text, Some(at)).await?;
                (ChangeTarget::new(vm.uuid.into(), false, vm.name), notes)
            };
            notes.extend(said);
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Ok((targets, notes))
    }

    /// An expectation is about a KPI or metric of the service.
    fn expected(&self, text: &str, service: Option<&Service>) -> Result<String, ControlError> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let expectation = Expectation::parse(text).map_err(ControlError::usage)?;
        let Some(service) = service else {
            return Err(ControlError::usage("--expect is about a KPI or metric of a service; name it with --service"));
        };
        let kpis = service.kpis.iter().map(|kpi| kpi.name.as_str());
        let names: Vec<&str> = kpis.chain(service.metrics.iter().map(|metric| metric.name.as_str())).collect();
        if !names.contains(&expectation.about.as_str()) {
            let message = format!("service {} has no KPI or metric '{}'", service.name, expectation.about);
            return Err(ControlError::Usage { message, hint: Some(format!("it has {}", names.join(", "))) });
        }
        Ok(expectation.to_string())
    }

    pub(super) fn change_view(&self, row: &ChangeRow, reach: &Reach) -> ChangeView {
        let services = self.services();
        let touched = services.iter().filter(|service| !reach.touched(row, service).is_empty());
        let kept = row.final_look.as_deref().and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        ChangeView {
            id: row.id,
            at: row.at.into(),
            began: row.began.into(),
            source: row.source.as_str().to_owned(),
            kind: row.kind.clone(),
            what: row.what.clone(),
            service: (!row.service.is_empty()).then(|| row.service.clone()),
            services: touched.map(|service| service.name.clone()).collect(),
            targets: row.targets.iter().map(target).collect(),
            expected: (!row.expected.is_empty()).then(|| row.expected.clone()),
            recorded_by: row.recorded_by.clone(),
            recorded_at: row.recorded_at.into(),
            before_s: row.before.0 / 1_000,
            after_s: row.after.0 / 1_000,
            final_at: row.final_at().into(),
            verdict: kept.and_then(|look| look["verdict"].as_str().map(str::to_owned)),
        }
    }
}

impl Reach {
    /// Members of a service that a change touches: named ones, those that ran on a named host then, or all of the service
    /// that it is of.
    pub(super) fn touched(&self, change: &ChangeRow, service: &Service) -> Vec<(Entity, String, bool)> {
        if !change.service.is_empty() && change.service != service.name {
            return Vec::new();
        }
        let all = change.targets.is_empty();
        if all && change.service.is_empty() {
            return Vec::new();
        }
        let named: Vec<(Entity, bool)> =
            change.targets.iter().filter_map(|target| Some((target.entity()?, target.is_host))).collect();
        let vms = self.vms.iter().filter(|vm| has_vm(service, vm)).filter(|vm| {
            let place = self.place(vm, change.at);
            all || named
                .iter()
                .any(|(entity, is_host)| if *is_host { *entity == place } else { *entity == vm.uuid.into() })
        });
        let hosts = self.hosts.iter().filter(|host| has_host(service, host));
        let hosts = hosts.filter(|host| all || named.contains(&(host.agent.into(), true)));
        vms.map(|vm| (vm.uuid.into(), vm.name.clone(), false))
            .chain(hosts.map(|host| (host.agent.into(), host.name.clone(), true)))
            .collect()
    }

    /// The host where a VM was.
    fn place(&self, vm: &VmRow, at: UnixMs) -> Entity {
        let placed = self.placements.get(&Entity::from(vm.uuid)).map_or(&[][..], Vec::as_slice);
        let then = placed.iter().rev().find(|row| row.from <= at).or(placed.first());
        then.map_or(vm.agent, |row| row.agent).into()
    }
}

fn window(asked: Option<i64>, configured: DurationMs, flag: &str) -> Result<DurationMs, ControlError> {
    let window = asked.map_or(configured, DurationMs);
    if window < WINDOW_MIN || window > WINDOW_MAX {
        return Err(ControlError::usage(format!("{flag} is from 10s to 366d")));
    }
    Ok(window)
}

fn whose(row: &ChangeRow) -> String {
    let names: Vec<&str> = row.targets.iter().take(5).map(|target| target.name.as_str()).collect();
    let more = if row.targets.len() > names.len() { " and others" } else { "" };
    match (row.service.is_empty(), names.is_empty()) {
        (false, true) => format!("service {}", row.service),
        (false, false) => format!("service {} ({}{more})", row.service, names.join(", ")),
        (true, _) => format!("{}{more}", names.join(", ")),
    }
}

fn target(target: &ChangeTarget) -> ChangeTargetView {
    let kind = if target.is_host { "host" } else { "vm" };
    ChangeTargetView { kind: kind.to_owned(), name: target.name.clone(), id: target.id.clone() }
}
