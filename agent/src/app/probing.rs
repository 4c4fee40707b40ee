//! Probes beside the ticks: a tick says which VMs there are, and takes along what was found.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use evenkeel_common::clock;
use evenkeel_common::sample::DomainState;
use evenkeel_common::wire::v1::Activity;

use crate::gather::batch::Snapshot;
use crate::gather::roster::DomainReadings;
use crate::probe::metadata::{Hints, hints};
use crate::probe::settings::ProbeSettings;
use crate::probe::{Probes, Run, Vm};

/// The probes, and what the definitions of the VMs say for them.
#[derive(Debug)]
pub(super) struct Probing {
    probes: Probes,
    hints: HashMap<[u8; 16], Arc<Hints>>,
}

impl Probing {
    /// Starts the prober.
    pub(super) fn start(settings: ProbeSettings) -> Self {
        Self { probes: Probes::start(settings), hints: HashMap::new() }
    }

    /// Takes other settings over.
    pub(super) fn reload(&self, settings: ProbeSettings) {
        self.probes.reload(settings);
    }

    /// Adds what was found to a tick. Without libvirt nobody knows which VMs there are: the probes go on as they were,
    /// and what they find waits.
    pub(super) fn tick(&mut self, snapshot: &mut Snapshot) {
        if snapshot.domains_missing.is_some() {
            return;
        }
        let present: HashSet<[u8; 16]> = snapshot.domains.iter().map(|domain| domain.uuid).collect();
        self.hints.retain(|uuid, _| present.contains(uuid));
        let measured = snapshot.domains.iter_mut().filter(|domain| domain.activity != Activity::Filtered);
        let vms: Vec<Vm> = measured.map(|domain| self.vm(domain)).collect();
        let mut found = self.probes.tick(&vms, clock::mono(), clock::wall());
        for domain in &mut snapshot.domains {
            if let Some((readings, probes)) = found.vms.remove(&domain.uuid) {
                domain.readings.extend(readings);
                Arc::make_mut(&mut domain.info).probes = probes;
            }
        }
        snapshot.host.readings.extend(found.host);
        snapshot.events.extend(found.events);
    }

    fn vm(&mut self, domain: &mut DomainReadings) -> Vm {
        if let Some(xml) = domain.definition.take() {
            self.hints.insert(domain.uuid, Arc::new(hints(&xml)));
        }
        let labels = domain.info.labels.iter().map(|label| (label.name.clone(), label.value.clone()));
        Vm {
            uuid: domain.uuid,
            name: domain.name.clone(),
            run: run(domain.activity, DomainState::from_code(domain.state)),
            labels: labels.collect(),
            hints: self.hints.get(&domain.uuid).cloned().unwrap_or_default(),
        }
    }
}

/// A VM that arrives by migration still answers at its source, and one that shuts down answers when it likes.
fn run(activity: Activity, state: DomainState) -> Run {
    match (activity, state) {
        (Activity::Incoming | Activity::Inactive | Activity::Filtered, _) => Run::Off,
        (Activity::Active, DomainState::Paused | DomainState::PmSuspended) => Run::Paused,
        (Activity::Active, DomainState::Shutdown | DomainState::Shutoff | DomainState::Crashed) => Run::Off,
        (Activity::Active, DomainState::Running | DomainState::Blocked | DomainState::NoState) => Run::Running,
    }
}
