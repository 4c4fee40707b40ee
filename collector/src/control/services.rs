//! The services: read from `services/*.toml`, listed and shown. A set with an error changes nothing.

mod show;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use evenkeel_common::config::{Problem, Problems};
use evenkeel_common::time::UnixMs;

use super::{Control, ControlError};
use crate::csi::service::{self, Service, VmLabels};
use crate::store::activity::Category;
use crate::store::{AgentState, FleetRow, VmRow};
use crate::view::service::{ServiceRow, ServiceView};

/// Services at most.
const SERVICES_MAX: usize = 1_000;
/// Largest file of one.
const FILE_MAX_BYTES: u64 = 1 << 20;

/// Reads and checks `services/*.toml` of a configuration directory: the services that are fine, by name, and everything
/// that is wrong with the others.
#[must_use]
pub fn read_services(config_dir: &Path) -> (Vec<Service>, Vec<Problem>) {
    let dir = config_dir.join(service::SCHEMA.drop_in);
    let (mut services, mut problems) = (Vec::new(), Vec::new());
    let whole =
        |path: &Path, message: String| Problem { origin: path.display().to_string(), key: String::new(), message };
    let mut files: Vec<PathBuf> = match fs::read_dir(&dir) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            problems.push(whole(&dir, format!("cannot be listed: {error}")));
            Vec::new()
        }
    };
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    if files.len() > SERVICES_MAX {
        problems.push(whole(&dir, format!("has {} services; at most {SERVICES_MAX} are read", files.len())));
        files.truncate(SERVICES_MAX);
    }
    for path in files {
        let large = fs::metadata(&path).is_ok_and(|meta| meta.len() > FILE_MAX_BYTES);
        let text = if large {
            Err("is larger than 1 MiB".to_owned())
        } else {
            fs::read_to_string(&path).map_err(|error| format!("cannot be read: {error}"))
        };
        match text.map(|text| service::parse(&path, &text)) {
            Ok(Ok(service)) => services.push(service),
            Ok(Err(found)) => problems.extend(found.0),
            Err(message) => problems.push(whole(&path, message)),
        }
    }
    (services, problems)
}

impl Control {
    /// The services in force.
    pub(crate) fn services(&self) -> Arc<Vec<Service>> {
        Arc::clone(&self.0.services.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_services(&self, services: Vec<Service>) {
        *self.0.services.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(services);
    }

    /// Reads the services for the first time: those with an error are left out, which is said.
    pub async fn load_services(&self, config_dir: &Path, now: UnixMs) {
        let (services, problems) = read(config_dir).await;
        self.set_services(services);
        if !problems.is_empty() {
            let message = format!("services with an error are left out:\n{}", Problems(problems));
            self.note(now, Category::Exception, "services_not_loaded", String::new(), message).await;
        }
    }

    /// Reads the services again: all of them, or with an error none.
    pub async fn reload_services(&self, config_dir: &Path, now: UnixMs) {
        let (services, problems) = read(config_dir).await;
        if !problems.is_empty() {
            let message = format!("the services stay as they were:\n{}", Problems(problems));
            return self.note(now, Category::Exception, "services_not_reloaded", String::new(), message).await;
        }
        let message = format!("{} services are in force", services.len());
        self.set_services(services);
        self.note(now, Category::Informational, "services_reloaded", String::new(), message).await;
    }

    /// A service by its name.
    pub(super) fn service(&self, name: &str) -> Result<Service, ControlError> {
        let services = self.services();
        services.iter().find(|service| service.name == name).cloned().ok_or_else(|| {
            let names = services.iter().map(|service| service.name.clone());
            let near = names.filter(|known| strsim::jaro_winkler(known, name) > 0.8).take(3).collect();
            ControlError::NotFound { what: "service", name: name.to_owned(), near }
        })
    }

    /// All services.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn service_list(&self) -> Result<Vec<ServiceRow>, ControlError> {
        let (vms, hosts) = (self.store().vms().await?, self.store().fleet().await?);
        Ok(self
            .services()
            .iter()
            .map(|service| show::row(service, member_names(service, &vms, &hosts).len()))
            .collect())
    }

    /// One service.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], or the store's.
    pub async fn service_show(&self, name: &str) -> Result<ServiceView, ControlError> {
        let service = self.service(name)?;
        let (vms, hosts) = (self.store().vms().await?, self.store().fleet().await?);
        let members = member_names(&service, &vms, &hosts);
        Ok(show::view(&service, members))
    }
}

async fn read(config_dir: &Path) -> (Vec<Service>, Vec<Problem>) {
    let dir = config_dir.to_owned();
    tokio::task::spawn_blocking(move || read_services(&dir)).await.unwrap_or_else(|error| {
        let message = format!("reading the services ended early: {error}");
        (Vec::new(), vec![Problem { origin: "services".to_owned(), key: String::new(), message }])
    })
}

/// Whether a VM is a member.
pub(super) fn has_vm(service: &Service, vm: &VmRow) -> bool {
    let labels: Vec<(&str, &str)> =
        vm.facts.labels.iter().map(|label| (label.name.as_str(), label.value.as_str())).collect();
    let (owner, project) = (&vm.facts.owner, &vm.facts.project);
    service.members.has_vm(&VmLabels { name: &vm.name, owner, project, labels: &labels })
}

/// Whether a host is a member: retired ones are none.
pub(super) fn has_host(service: &Service, host: &FleetRow) -> bool {
    host.agent_state == AgentState::Approved && service.members.has_host(&host.name)
}

fn member_names(service: &Service, vms: &[VmRow], hosts: &[FleetRow]) -> Vec<String> {
    let known = |vm: &&VmRow| vm.state != evenkeel_common::sample::DomainState::NoState;
    let vms = vms.iter().filter(known).filter(|vm| has_vm(service, vm)).map(|vm| vm.name.clone());
    vms.chain(hosts.iter().filter(|host| has_host(service, host)).map(|host| host.name.clone())).collect()
}
