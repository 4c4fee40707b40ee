//! Reads what `path` judges: routes, interfaces and neighbours of this host. Every read blocks for some microseconds;
//! whoever calls is on a thread that may.

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};

use super::metadata::Nic;
use super::path::{Device, PathFacts};
use super::route::{self, Route};

const INTERFACES: &str = "/sys/class/net";
/// `IFF_UP` of an interface's flags.
const IFF_UP: u32 = 0x1;
/// `BR_STATE_FORWARDING` of a bridge's port.
const FORWARDING: &str = "3";

/// The path to `target`, without its gateway's answer.
pub fn read(target: IpAddr, nics: &[Nic]) -> PathFacts {
    let routes = routes(target);
    let found = route::find(&routes, target).cloned();
    let mut names: Vec<&str> = nics.iter().flat_map(|nic| [nic.bridge.as_str(), nic.tap.as_str()]).collect();
    names.extend(found.as_ref().map(|route| route.device.as_str()));
    names.sort_unstable();
    names.dedup();
    let devices = names.into_iter().filter(|name| is_interface_name(name)).map(device).collect();
    PathFacts { own: own_address(target), route: found, devices, gateway_answers: None }
}

/// The routes of the target's family.
pub fn routes(target: IpAddr) -> Vec<Route> {
    if target.is_ipv4() {
        route::routes_v4(&fs::read_to_string("/proc/self/net/route").unwrap_or_default())
    } else {
        route::routes_v6(&fs::read_to_string("/proc/self/net/ipv6_route").unwrap_or_default())
    }
}

/// The address that the kernel would send from. It decides by all its rules, and nothing is sent for it.
fn own_address(target: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = if target.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0; 16], 0).into() };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(SocketAddr::new(target, 9)).ok()?;
    socket.local_addr().ok().map(|own| own.ip())
}

/// Names come from domains' definitions: one that is no name of an interface leads nowhere.
fn is_interface_name(name: &str) -> bool {
    (1..16).contains(&name.len()) && !name.contains('/') && name != "." && name != ".."
}

/// One interface.
pub fn device(name: &str) -> Device {
    let dir = PathBuf::from(INTERFACES).join(name);
    let text = |file: &str| fs::read_to_string(dir.join(file)).ok().map(|text| text.trim().to_owned());
    let flags = text("flags").and_then(|flags| u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok());
    let bridge = fs::read_link(dir.join("master")).ok();
    let bridge = bridge.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    Device {
        name: name.to_owned(),
        exists: flags.is_some(),
        is_on: flags.is_some_and(|flags| flags & IFF_UP != 0),
        // Reading it from an interface that is switched off is an error.
        carrier: text("carrier").map(|carrier| carrier != "0"),
        bridge: bridge.unwrap_or_default(),
        forwards: text("brport/state").map(|state| state == FORWARDING),
    }
}

/// Addresses of the neighbours by MAC address.
pub fn neighbours() -> HashMap<String, IpAddr> {
    let all = route::neighbours(&fs::read_to_string("/proc/self/net/arp").unwrap_or_default());
    all.into_iter().filter_map(|one| Some((one.mac?, one.address))).collect()
}

/// Whether the kernel knows the neighbour's hardware address; `None` when it never asked.
pub fn is_neighbour_known(address: IpAddr) -> Option<bool> {
    let all = route::neighbours(&fs::read_to_string("/proc/self/net/arp").unwrap_or_default());
    all.into_iter().find(|one| one.address == address).map(|one| one.mac.is_some())
}
