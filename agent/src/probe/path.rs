//! What lies between this host and a VM: the route, its gateway, the bridge and the VM's port of it. When that is
//! broken, a probe that fails says nothing about the VM.

use core::net::IpAddr;

use super::metadata::Nic;
use super::network::{Network, is_special};
use super::route::Route;

/// A network interface of this host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Whether it exists.
    pub exists: bool,
    /// Whether it is switched on.
    pub is_on: bool,
    /// Whether it has a carrier; `None` when the kernel does not say.
    pub carrier: Option<bool>,
    /// The bridge that it is a port of; empty when it is none's.
    pub bridge: String,
    /// Whether the bridge forwards what comes in at it; `None` when it is no port.
    pub forwards: Option<bool>,
}

/// The path to one target at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathFacts {
    /// The address that this host would send from; `None` when it has no route.
    pub own: Option<IpAddr>,
    /// The route, as far as the main table shows it.
    pub route: Option<Route>,
    /// The interfaces that matter.
    pub devices: Vec<Device>,
    /// Whether the route's gateway answers; `None` when it has none, or it never answered before either.
    pub gateway_answers: Option<bool>,
}

impl PathFacts {
    fn device(&self, name: &str) -> Option<&Device> {
        self.devices.iter().find(|device| device.name == name)
    }
}

/// What is broken on the way to `target`, in words; `None` when nothing is.
#[must_use]
pub fn broken(target: IpAddr, nics: &[Nic], facts: &PathFacts) -> Option<String> {
    let route_device = facts.route.as_ref().map_or("", |route| route.device.as_str());
    // The interface that the target is behind, when the route says so; else any of them may be the one.
    let on_route: Vec<&Nic> = nics.iter().filter(|nic| !nic.bridge.is_empty() && nic.bridge == route_device).collect();
    let used = if on_route.is_empty() { nics.iter().collect() } else { on_route };
    let faults: Vec<Option<String>> = used.iter().map(|nic| broken_nic(nic, facts)).collect();
    if !faults.is_empty() && faults.iter().all(Option::is_some) {
        return faults.into_iter().flatten().next();
    }
    if facts.own.is_none() {
        return Some(format!("this host has no route to {target}"));
    }
    let device = facts.device(route_device).filter(|device| device.exists);
    if let Some(fault) = device.and_then(broken_device) {
        return Some(format!("interface {route_device} {fault}"));
    }
    match (facts.route.as_ref().and_then(|route| route.gateway), facts.gateway_answers) {
        (Some(gateway), Some(false)) => Some(format!("gateway {gateway} does not answer")),
        _ => None,
    }
}

/// The bridge and the VM's port of it. What is not there is unknown rather than broken: the VM's definition may be older
/// than its devices.
fn broken_nic(nic: &Nic, facts: &PathFacts) -> Option<String> {
    let bridge = facts.device(&nic.bridge).filter(|bridge| bridge.exists);
    if let Some(fault) = bridge.and_then(broken_device) {
        return Some(format!("bridge {} {fault}", nic.bridge));
    }
    let tap = facts.device(&nic.tap).filter(|tap| tap.exists)?;
    if let Some(fault) = broken_device(tap) {
        return Some(format!("the VM's port {} {fault}", nic.tap));
    }
    if !nic.bridge.is_empty() && tap.bridge.is_empty() {
        return Some(format!("the VM's port {} is no port of bridge {}", nic.tap, nic.bridge));
    }
    (tap.forwards == Some(false))
        .then(|| format!("bridge {} does not forward at the VM's port {}", tap.bridge, nic.tap))
}

/// What is wrong with an interface.
#[must_use]
pub fn broken_device(device: &Device) -> Option<&'static str> {
    match (device.is_on, device.carrier) {
        (false, _) => Some("is down"),
        (true, Some(false)) => Some("has no carrier"),
        (true, _) => None,
    }
}

/// Why a probe from metadata may not go to `target`; `None` when it may. Without a list of networks a probe may go to
/// what the VM's own interfaces reach without a router: so it tells nobody more than the VM can find out by itself.
#[must_use]
pub fn forbidden(target: IpAddr, networks: &[Network], nics: &[Nic], facts: &PathFacts) -> Option<String> {
    if is_special(target) || facts.own == Some(target) {
        return Some(format!("metadata may not ask for probes of {target}"));
    }
    if networks.iter().any(|network| network.has(target)) {
        return None;
    }
    let on_own_bridge = |route: &Route| {
        route.gateway.is_none() && nics.iter().any(|nic| !nic.bridge.is_empty() && nic.bridge == route.device)
    };
    match &facts.route {
        Some(route) if networks.is_empty() && on_own_bridge(route) => None,
        // A bridge that is down has no route; the VM's own network is not known then, and the path is what is wrong.
        None if networks.is_empty() && facts.own.is_none() => None,
        _ if networks.is_empty() => {
            Some(format!("{target} is in no network of the VM's own bridges; add its network to probe_networks"))
        }
        _ => Some(format!("{target} is in none of probe_networks")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::route::routes_v4;
    use super::*;

    fn device(name: &str, bridge: &str) -> Device {
        Device {
            name: name.to_owned(),
            exists: true,
            is_on: true,
            carrier: Some(true),
            bridge: bridge.to_owned(),
            forwards: (!bridge.is_empty()).then_some(true),
        }
    }

    fn nic(tap: &str, bridge: &str) -> Nic {
        Nic { tap: tap.to_owned(), bridge: bridge.to_owned(), mac: String::new() }
    }

    fn target() -> IpAddr {
        "10.9.0.11".parse().unwrap()
    }

    fn on_link() -> PathFacts {
        PathFacts {
            own: "10.9.0.1".parse().ok(),
            route: routes_v4("br0\t0000090A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0").pop(),
            devices: vec![device("br0", ""), device("vnet0", "br0"), device("vnet1", "br1"), device("br1", "")],
            gateway_answers: None,
        }
    }

    fn fault(nics: &[Nic], change: impl FnOnce(&mut PathFacts)) -> Option<String> {
        let mut facts = on_link();
        change(&mut facts);
        broken(target(), nics, &facts)
    }

    #[test]
    fn each_part_of_the_path_is_named() {
        let nics = [nic("vnet0", "br0")];
        assert_eq!(fault(&nics, |_| {}), None);
        let says = |words: &str, change: fn(&mut PathFacts)| assert_eq!(fault(&nics, change).as_deref(), Some(words));
        says("bridge br0 is down", |facts| facts.devices[0].is_on = false);
        says("bridge br0 has no carrier", |facts| facts.devices[0].carrier = Some(false));
        says("the VM's port vnet0 is down", |facts| facts.devices[1].is_on = false);
        says("the VM's port vnet0 is no port of bridge br0", |facts| facts.devices[1].bridge.clear());
        says("bridge br0 does not forward at the VM's port vnet0", |facts| facts.devices[1].forwards = Some(false));
        says("this host has no route to 10.9.0.11", |facts| facts.own = None);
        assert_eq!(fault(&nics, |facts| facts.devices[1].exists = false), None, "an old definition proves nothing");
    }

    #[test]
    fn a_gateway_counts_only_when_it_is_used_and_used_to_answer() {
        let routed = |facts: &mut PathFacts, answers| {
            facts.route = routes_v4("eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0").pop();
            facts.gateway_answers = answers;
        };
        let nics = [nic("vnet0", "br0")];
        assert_eq!(fault(&nics, |facts| routed(facts, None)), None);
        assert_eq!(fault(&nics, |facts| routed(facts, Some(true))), None);
        let words = fault(&nics, |facts| routed(facts, Some(false)));
        assert_eq!(words.as_deref(), Some("gateway 192.0.2.1 does not answer"));
    }

    #[test]
    fn another_interface_of_the_vm_proves_nothing() {
        let nics = [nic("vnet1", "br1"), nic("vnet0", "br0")];
        assert_eq!(fault(&nics, |facts| facts.devices[2].is_on = false), None, "vnet1 is not on the route");
        assert!(fault(&nics, |facts| facts.devices[1].is_on = false).is_some());
    }

    #[test]
    fn metadata_reaches_what_the_vm_reaches_and_what_is_allowed() {
        let nics = [nic("vnet0", "br0")];
        let asks = |target: &str, networks: &[Network], nics: &[Nic]| {
            forbidden(target.parse().unwrap(), networks, nics, &on_link())
        };
        assert_eq!(asks("10.9.0.11", &[], &nics), None);
        assert!(asks("10.9.0.11", &[], &[nic("vnet1", "br1")]).is_some(), "a bridge of others");
        assert!(asks("10.9.0.11", &[], &[]).is_some());
        let lab = [Network::parse("10.0.0.0/8").unwrap()];
        assert_eq!(asks("10.9.0.11", &lab, &[]), None);
        assert!(asks("192.0.2.1", &lab, &nics).unwrap().contains("probe_networks"));
        for never in ["10.9.0.1", "127.0.0.1", "169.254.169.254"] {
            assert!(asks(never, &[Network::parse("0.0.0.0/0").unwrap()], &nics).is_some(), "{never}");
        }
        let down = PathFacts { own: None, route: None, ..on_link() };
        assert_eq!(forbidden(target(), &[], &nics, &down), None, "nothing is sent where no route leads");
    }
}
