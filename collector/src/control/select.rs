//! Which VMs, hosts and metrics a query or review means.

use evenkeel_common::metric::{self, CATALOGUE, Metric};
use evenkeel_common::sample::DomainState;

use super::{Control, ControlError, pick_vm};
use crate::store::{Entity, VmRow};
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
                let some = metrics.iter().any(|chosen| chosen.metric.name.starts_with(prefix));
                if some { vec!["all".to_owned()] } else { Vec::new() }
            };
            (vms, hosts) = (all("vm_"), all("host_"));
        }
        let (chosen, mut notes) = self.choose_vms(&vms).await?;
        let mut targets: Vec<Target> = chosen.iter().map(vm_target).collect();
        for text in &hosts {
            if is_pattern(text) {
                let fleet = self.store().fleet().await?.into_iter().filter(|row| matches(text, &row.name));
                targets.extend(fleet.map(|row| host_target(row.agent, row.name)));
            } else {
                let answer = self.find_host(text).await?;
                notes.extend(answer.notes);
                targets.push(host_target(answer.view.agent, answer.view.name));
            }
        }
        let mut seen = std::collections::HashSet::new();
        targets.retain(|target| seen.insert(target.entity));
        Ok((targets, notes))
    }

    /// VMs by name, UUID, unique beginning, pattern or `all`; each once.
    pub(super) async fn choose_vms(&self, texts: &[String]) -> Result<(Vec<VmRow>, Vec<String>), ControlError> {
        let known = self.store().vms().await?;
        let (mut chosen, mut notes): (Vec<VmRow>, _) = (Vec::new(), Vec::new());
        for text in texts {
            if is_pattern(text) {
                let fits = |vm: &&VmRow| matches(text, &vm.name) && (vm.state != DomainState::NoState || text != "all");
                chosen.extend(known.iter().filter(fits).cloned());
            } else {
                let answer = pick_vm(text, known.clone(), None)?;
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

fn host_target(agent: evenkeel_common::id::AgentId, name: String) -> Target {
    let (owner, managed_by) = (String::new(), String::new());
    Target { entity: agent.into(), name: name.clone(), id: agent.to_string(), host: name, owner, managed_by }
}

fn is_pattern(text: &str) -> bool {
    text == "all" || text.contains('*')
}

/// Whether a name fits a text in which `*` stands for anything; `all` fits everything.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    if pattern == "all" {
        return true;
    }
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
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
