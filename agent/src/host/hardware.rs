//! `/sys`: what changes rarely, or costs many small files to read.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::gather::host::hugepages::{self, Hugepages};
use crate::gather::host::ksm::{self, Ksm};
use crate::gather::host::kvm;
use crate::gather::host::net::{Link, LinkKind, speed_mbit};
use crate::gather::host::numa::Node;
use crate::gather::host::{Hardware, Names};

/// Entries of one folder that are looked at.
const ENTRIES_MAX: usize = 8192;

/// What one round sees.
#[derive(Debug, Default)]
pub struct Seen {
    /// What becomes readings.
    pub hardware: Hardware,
    /// What the names of devices mean.
    pub names: Names,
    /// KVM's device.
    pub device: kvm::Device,
    /// Whether KVM lets guests be hosts.
    pub nested: Option<bool>,
}

/// Reads everything here; `known` is what the round before said that names mean.
pub fn read(known: &Names) -> Seen {
    let links: Vec<Link> = entries("/sys/class/net").into_iter().map(|name| link(name, known)).collect();
    let names = Names { mapped: mapped(), links: links.iter().map(|link| (link.name.clone(), link.kind)).collect() };
    let modules = ["kvm_intel", "kvm_amd", "kvm"];
    let nested = |module| kvm::nested(&text(format!("/sys/module/{module}/parameters/nested"))?);
    Seen {
        hardware: Hardware { links, ksm: ksm(), hugepages: hugepages(), nodes: nodes() },
        names,
        device: device(),
        nested: modules.into_iter().find_map(nested),
    }
}

/// Socket and core of each CPU.
pub fn topology() -> Vec<(u32, u32)> {
    let number =
        |cpu: &str, file: &str| text(format!("/sys/devices/system/cpu/{cpu}/topology/{file}"))?.trim().parse().ok();
    let cpus = entries("/sys/devices/system/cpu");
    cpus.iter().filter_map(|cpu| Some((number(cpu, "physical_package_id")?, number(cpu, "core_id")?))).collect()
}

fn text(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Names in a folder; none when there is no such folder.
fn entries(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().take(ENTRIES_MAX);
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort_unstable();
    names
}

/// A guest's end is nothing else as long as it has its name: a host with hundreds of them would spend more on finding
/// that out again than on all the rest.
fn link(name: String, known: &Names) -> Link {
    let folder = Path::new("/sys/class/net").join(&name);
    let was = known.links.get(&name).filter(|kind| **kind == LinkKind::NotOurs);
    let kind = was.copied().unwrap_or_else(|| kind(&name, &folder));
    let (mut operstate, mut carrier, mut speed_mbit_of) = (String::new(), None, None);
    if kind != LinkKind::NotOurs {
        operstate = text(folder.join("operstate")).unwrap_or_default().trim().to_owned();
        carrier = text(folder.join("carrier")).map(|text| text.trim() == "1");
    }
    // Made-up links have made-up speeds.
    if matches!(kind, LinkKind::Physical | LinkKind::Bond) {
        speed_mbit_of = text(folder.join("speed")).and_then(|text| speed_mbit(&text));
    }
    Link { name, kind, operstate, carrier, speed_mbit: speed_mbit_of }
}

fn kind(name: &str, folder: &Path) -> LinkKind {
    let has = |file: &str| folder.join(file).exists();
    match () {
        () if name == "lo" => LinkKind::NotOurs,
        // A tap or macvtap ends in a guest.
        () if has("tun_flags") || has("macvtap") => LinkKind::NotOurs,
        () if has("device") => LinkKind::Physical,
        () if has("bonding") => LinkKind::Bond,
        () if has("bridge") => LinkKind::Bridge,
        () => LinkKind::Virtual,
    }
}

fn mapped() -> HashMap<String, String> {
    let disks = entries("/sys/block").into_iter().filter(|name| name.starts_with("dm-"));
    let named = disks.filter_map(|disk| {
        let name = text(format!("/sys/block/{disk}/dm/name"))?.trim().to_owned();
        (!name.is_empty()).then_some((disk, name))
    });
    named.collect()
}

fn number(path: impl AsRef<Path>) -> Option<u64> {
    text(path)?.trim().parse().ok()
}

fn ksm() -> Option<Ksm> {
    let numbers = ksm::FILES.map(|file| number(Path::new("/sys/kernel/mm/ksm").join(file)));
    numbers.iter().any(Option::is_some).then_some(numbers)
}

fn hugepages() -> Vec<Hugepages> {
    const FOLDER: &str = "/sys/kernel/mm/hugepages";
    let pool = |folder: String| {
        let size = hugepages::size(&folder)?;
        let numbers = hugepages::FILES.map(|file| number(Path::new(FOLDER).join(&folder).join(file)));
        Some(Hugepages { size, numbers })
    };
    entries(FOLDER).into_iter().filter_map(pool).collect()
}

fn nodes() -> Vec<Node> {
    const FOLDER: &str = "/sys/devices/system/node";
    let is_node = |name: &String| {
        name.strip_prefix("node").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let node = |name: String| {
        let file = |file: &str| text(Path::new(FOLDER).join(&name).join(file)).unwrap_or_default();
        let (meminfo, numastat) = (file("meminfo"), file("numastat"));
        Node { name, meminfo, numastat }
    };
    entries(FOLDER).into_iter().filter(is_node).map(node).collect()
}

/// The device itself may be hidden from the agent's service, the kernel's list of devices is not.
fn device() -> kvm::Device {
    let opened = fs::OpenOptions::new().read(true).write(true).open("/dev/kvm");
    match opened.map_err(|error| error.kind()) {
        Ok(_) => kvm::Device::Present,
        Err(ErrorKind::PermissionDenied) => kvm::Device::NotPermitted,
        Err(_) if Path::new("/sys/class/misc/kvm").exists() => kvm::Device::Present,
        Err(_) => kvm::Device::Absent,
    }
}
