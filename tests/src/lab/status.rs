//! What a lab looks like right now.

use anyhow::Result;
use serde::Serialize;

use super::Lab;
use super::run::run;

/// A lab as it is now.
#[derive(Debug, Serialize)]
pub struct Status {
    /// Name of the lab.
    pub name: String,
    /// Its folder.
    pub dir: String,
    /// `kvm` or `qemu`.
    pub domain_type: String,
    /// The hosts in order.
    pub hosts: Vec<HostStatus>,
    /// The guests in order.
    pub guests: Vec<GuestStatus>,
}

/// A host as it is now.
#[derive(Debug, Serialize)]
pub struct HostStatus {
    /// `hosta` or `hostb`.
    pub name: String,
    /// Address on the lab's segment.
    pub address: String,
    /// Whether libvirtd answers.
    pub libvirtd: bool,
    /// For a read-write connection.
    pub uri: String,
    /// For a read-only connection.
    pub uri_read_only: String,
}

/// A guest as it is now.
#[derive(Debug, Serialize)]
pub struct GuestStatus {
    /// libvirt name.
    pub name: String,
    /// libvirt UUID.
    pub uuid: String,
    /// Where it is active; null if nowhere.
    pub host: Option<String>,
    /// libvirt's word for its state, `shut off` if it is active nowhere.
    pub state: String,
    /// Address on the lab's segment.
    pub address: String,
    /// Whether its web server answers.
    pub http: bool,
}

impl Lab {
    /// Looks at every host and guest.
    pub fn status(&self) -> Result<Status> {
        let hosts = self.hosts().map(|node| {
            let uri = self.uri(&node.name);
            let libvirtd = run("timeout", ["5", "virsh", "-c", &uri, "version"]).is_ok();
            let uri_read_only = self.uri_read_only(&node.name);
            HostStatus { name: node.name.clone(), address: node.address.clone(), libvirtd, uri, uri_read_only }
        });
        let hosts: Vec<HostStatus> = hosts.collect();
        let mut guests = Vec::new();
        for guest in self.guests() {
            let host = self.guest_host(&guest.name)?;
            let state = match &host {
                Some(host) => self.virsh(host, &["domstate", &guest.name])?.trim().to_owned(),
                None => "shut off".to_owned(),
            };
            guests.push(GuestStatus {
                name: guest.name.clone(),
                uuid: guest.uuid.clone(),
                http: state == "running" && self.guest_http(&guest.name, "/").is_ok(),
                host,
                state,
                address: guest.address.clone(),
            });
        }
        Ok(Status {
            name: self.state.name.clone(),
            dir: self.dir.display().to_string(),
            domain_type: self.state.domain_type.clone(),
            hosts,
            guests,
        })
    }
}
