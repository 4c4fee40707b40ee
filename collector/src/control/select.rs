//! Which VMs, hosts and metrics a query or review means.

use evenkeel_common::id::DomainUuid;
use evenkeel_common::metric::{self, CATALOGUE, Metric};
use evenkeel_common::sample::DomainState;

use super::naming::Naming;
use super::{Answer, Control, ControlError, pick_vm};
use crate::csi::service::fits;
use crate::store::{Entity, ImportedRow, KnownVms, VmRow};
use crate::view::export::ExportRequest;
use crate::view::query::QueryRequest;

/// A VM or host that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) entity: Entity,
    /// Its name.
    pub(super) name: String,
    /// UUID or agent id.
    pub(super) id: String,
    /// The host it is on; a host's own name.
    pub(super) host: String,
    pub(super) owner: String,
    pub(super) managed_by: String,
}

/// A metric that was chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) metric: &'static Metric,
}

impl Control {
    /// The VMs and hosts of a query. With neither named they are all VMs, all hosts or both, as the metrics are.
    pub(super) async fn choose_targets(
        &self,
        request: &QueryRequest,
        metrics: &[Chosen],
    ) -> Result<(Vec<Target>, Vec<String>), ControlError> {
        let (mut vms, mut hosts) = (request.vms.clone(), request.hosts.clone());
        if vms.is_empty() && hosts.is_empty() {
            let all = |prefix: &str| {
                let some = metrics
                    .iter()
                    .any(|chosen| chosen.metric.id.is_foreign() || chosen.metric.name.starts_with(prefix));
                if some { vec!["all".to_owned()] } else { Vec::new() }
            };
            (vms, hosts) = (all("vm_"), all("host_"));
        }
        let imported = self.store().imported().await?;
        let known = self.store().known_vms().await?;
        let (vms, of_imports) = split(&vms, &imported, false, |text, id| {
            known.named(text).next().is_some() || known.of(DomainUuid::from_bytes(id.0)).is_some()
        });
        let (chosen, mut notes) = self.choose_vms(&vms).await?;
        let mut targets: Vec<Target> = chosen.iter().map(vm_target).collect();
        targets.extend(of_imports);
        let fleet = if hosts.is_empty() { Vec::new() } else { self.store().fleet().await? };
        let (hosts, of_imports) = split(&hosts, &imported, true, |text, id| {
            fleet.iter().any(|row| row.name == text || Entity::from(row.agent) == id)
        });
        for text in &hosts {
            if is_pattern(text) {
                let fleet = fleet.iter().filter(|row| matches(text, &row.name));
                targets.extend(fleet.map(|row| host_target(row.agent, row.name.clone())));
            } else {
                let answer = self.find_host(text).await?;
                notes.extend(answer.notes);
                targets.push(host_target(answer.view.agent, answer.view.name));
            }
        }
        targets.extend(of_imports);
        let mut seen = std::collections::HashSet::new();
        targets.retain(|target| seen.insert(target.entity));
        Ok((targets, notes))
    }

    /// The VMs and hosts of an export; with neither named, everything that has readings.
    pub(super) async fn export_targets(
        &self,
        request: &ExportRequest,
        naming: &Naming,
    ) -> Result<Answer<Vec<Target>>, ControlError> {
        if request.vms.is_empty() && request.hosts.is_empty() {
            let everybody = naming.all(false).into_iter().chain(naming.all(true));
            return Ok(everybody.map(|entity| Target::of(entity, naming.call(entity))).collect::<Vec<_>>().into());
        }
        let query = QueryRequest { vms: request.vms.clone(), hosts: request.hosts.clone(), ..QueryRequest::default() };
        let (view, notes) = self.choose_targets(&query, &[]).await?;
        Ok(Answer { view, notes })
    }

    /// Metrics by name or pattern: those of the catalogue in its order, then foreign ones by name; each once.
    pub(super) fn choose_metrics(&self, texts: &[String]) -> Result<Vec<Chosen>, ControlError> {
        let foreign = self.store().foreign_metrics();
        let is_foreign = |text: &String| foreign.iter().any(|metric| matches(text, metric.name));
        let is_known = |text: &String| CATALOGUE.iter().any(|metric| matches(text, metric.name));
        // Names that only imports have; a pattern may fit both.
        let (ours, others): (Vec<String>, Vec<String>) =
            texts.iter().cloned().partition(|text| is_known(text) || !is_foreign(text));
        let mut chosen = if ours.is_empty() && !others.is_empty() { Vec::new() } else { choose_metrics(&ours)? };
        let wanted = |metric: &&&'static Metric| texts.iter().any(|text| matches(text, metric.name));
        chosen.extend(foreign.iter().filter(wanted).map(|metric| Chosen { metric }));
        Ok(chosen)
    }

    /// VMs by name, UUID, unique beginning, pattern or `all`; each once.
    pub(super) async fn choose_vms(&self, texts: &[String]) -> Result<(Vec<VmRow>, Vec<String>), ControlError> {
        let known = self.store().known_vms().await?;
        let (mut chosen, mut notes): (Vec<VmRow>, _) = (Vec::new(), Vec::new());
        for text in texts {
            if is_pattern(text) {
                let is_meant =
                    |vm: &&VmRow| matches(text, &vm.name) && (vm.state != DomainState::NoState || text != "all");
                let mut meant: Vec<VmRow> = known.rows.iter().filter(is_meant).cloned().collect();
                self.store().hear(&mut meant);
                chosen.extend(meant);
            } else {
                let mut candidates = candidates(&known, text);
                self.store().hear(&mut candidates);
                let answer = pick_vm(text, candidates, None)?;
                notes.extend(answer.notes);
                chosen.push(answer.view);
            }
        }
        let mut seen = std::collections::HashSet::new();
        chosen.retain(|vm| seen.insert(vm.uuid));
        Ok((chosen, notes))
    }
}

/// Metrics by name or pattern, in the order of the catalogue; each once.
pub(super) fn choose_metrics(texts: &[String]) -> Result<Vec<Chosen>, ControlError> {
    if texts.is_empty() {
        let hint = Some("give --metric; `evenkeel query --help` lists all".to_owned());
        return Err(ControlError::Usage { message: "no metric is named".to_owned(), hint });
    }
    for text in texts {
        if !CATALOGUE.iter().any(|metric| matches(text, metric.name)) {
            let near = metric::suggestions(text).into_iter().map(str::to_owned).collect();
            return Err(ControlError::NotFound { what: "metric", name: text.clone(), near });
        }
    }
    let wanted = |metric: &&Metric| texts.iter().any(|text| matches(text, metric.name));
    Ok(CATALOGUE.iter().filter(wanted).map(|metric| Chosen { metric }).collect())
}

fn vm_target(vm: &VmRow) -> Target {
    Target {
        entity: vm.uuid.into(),
        name: vm.name.clone(),
        id: vm.uuid.to_string(),
        host: vm.host.clone(),
        owner: vm.facts.owner.clone(),
        managed_by: vm.facts.managed_by.clone(),
    }
}

/// Names that agents do not know and imports do, as targets; the rest, with patterns, is left to be looked up.
fn split(
    texts: &[String],
    imported: &[ImportedRow],
    is_host: bool,
    is_known: impl Fn(&str, Entity) -> bool,
) -> (Vec<String>, Vec<Target>) {
    let (mut rest, mut targets) = (Vec::new(), Vec::new());
    for text in texts {
        let id = uuid::Uuid::parse_str(text).ok().map(|id| Entity(id.into_bytes()));
        let fits = |row: &&ImportedRow| {
            row.is_host == is_host
                && !is_known("", row.entity)
                && if is_pattern(text) {
                    matches(text, &row.name)
                } else {
                    (row.name == *text || Some(row.entity) == id) && !is_known(text, id.unwrap_or(row.entity))
                }
        };
        let before = targets.len();
        targets.extend(imported.iter().filter(fits).map(|row| Target::of(row.entity, row.name.clone())));
        if is_pattern(text) || targets.len() == before {
            rest.push(text.clone());
        }
    }
    (rest, targets)
}

impl Target {
    /// Somebody of whom nothing but a name is known.
    fn of(entity: Entity, name: String) -> Self {
        let id = uuid::Uuid::from_bytes(entity.0).to_string();
        Self { entity, name, id, host: String::new(), owner: String::new(), managed_by: String::new() }
    }
}

fn host_target(agent: evenkeel_common::id::AgentId, name: String) -> Target {
    let (owner, managed_by) = (String::new(), String::new());
    Target { entity: agent.into(), name: name.clone(), id: agent.to_string(), host: name, owner, managed_by }
}

/// The VMs that a text may mean: those of the name, then the one with the UUID, and all only where neither is there.
fn candidates(known: &KnownVms, text: &str) -> Vec<VmRow> {
    let named: Vec<VmRow> = known.named(text).cloned().collect();
    match uuid::Uuid::parse_str(text) {
        _ if !named.is_empty() => named,
        Ok(uuid) => known.of(DomainUuid(uuid)).cloned().into_iter().collect(),
        Err(_) => known.rows.clone(),
    }
}

fn is_pattern(text: &str) -> bool {
    text == "all" || text.contains('*')
}

/// Whether a name fits a text in which `*` stands for anything; `all` fits everything.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    pattern == "all" || fits(pattern, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("web-1", "web-1", true),
            ("web-1", "web-10", false),
            ("web-*", "web-10", true),
            ("*cpu*total", "vm_cpu_seconds_total", true),
            ("*cpu*total", "vm_cpu_seconds", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("all", "anything", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a-c-b", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn unknown_metrics_have_near_names() {
        let error = choose_metrics(&["vm_cpu_second_total".to_owned()]).unwrap_err();
        let ControlError::NotFound { near, .. } = error else { panic!("{error}") };
        assert_eq!(near[0], "vm_cpu_seconds_total");
        assert_eq!(
            choose_metrics(&["vm_block_*".to_owned(), "vm_block_read*".to_owned()])
                .unwrap()
                .iter()
                .filter(|chosen| chosen.metric.name == "vm_block_read_bytes_total")
                .count(),
            1
        );
    }
}
