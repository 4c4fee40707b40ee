//! What the kernel says of a group, as the numbers that libvirt would give.

use std::collections::HashMap;

use evenkeel_common::metric::Metric;
use evenkeel_common::wire::v1::InterfaceInfo;

use super::group::{CPU, Group, Line, MEMORY, NETWORK, VCPU};
use super::net_dev::{Direction, Interface};
use super::{CpuSource, KernelRecord};

/// Why the kernel does not say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotThere {
    /// No process was found for the run.
    NoProcess,
    /// Its files cannot be read.
    NotReadable,
    /// An interface without a tap: macvtap, vhost-user, SR-IOV …
    NoTap {
        /// libvirt's type of it.
        kind: String,
    },
    /// A tap that is not in the agent's network namespace.
    TapElsewhere,
    /// The domain has not been described yet, so that its taps are not known.
    NotDescribed,
}

/// The numbers, and the file they come from.
pub type Said = Result<(Vec<Line>, CpuSource), NotThere>;

/// Types of interfaces whose host device is a tap of the guest's own. libvirt counts an `ethernet` device as its host
/// sees it and the others as the guest does.
const TAPS: [&str; 3] = ["bridge", "network", "ethernet"];
const IN_HOST_VIEW: &str = "ethernet";
/// Interfaces that libvirt counts nothing of: no device of the host, or none that it knows.
const UNCOUNTED: [&str; 8] = ["user", "hostdev", "server", "client", "mcast", "udp", "internal", "null"];

/// The numbers of a group. `interfaces` is `None` until the domain was described.
///
/// # Errors
/// Why there are none.
pub fn said(
    group: Group,
    record: Option<&KernelRecord>,
    interfaces: Option<&[InterfaceInfo]>,
    net_dev: &HashMap<&[u8], Interface>,
) -> Said {
    // A tap has no process, but one whose process is gone belongs to nobody any more.
    let record = record.ok_or(NotThere::NoProcess)?;
    let process = |lines| Ok((lines, CpuSource::Process));
    let line = |metric, device: String, value| Line { metric, device, value };
    match group {
        Group::Cpu => {
            let cpu = record.cpu.ok_or(NotThere::NotReadable)?;
            let values = CPU.into_iter().zip([cpu.total_ns, cpu.user_ns, cpu.system_ns]);
            Ok((values.map(|(metric, value)| line(metric, String::new(), value)).collect(), cpu.source))
        }
        Group::Vcpu if record.vcpus.is_empty() => Err(NotThere::NotReadable),
        Group::Vcpu => {
            let one = |vcpu: &super::VcpuTime| {
                VCPU.into_iter()
                    .zip([vcpu.time_ns, vcpu.delay_ns])
                    .map(|(metric, value)| line(metric, format!("vcpu{}", vcpu.index), value))
                    .collect::<Vec<_>>()
            };
            process(record.vcpus.iter().flat_map(one).collect())
        }
        Group::Memory => {
            let bytes = record.rss_bytes.ok_or(NotThere::NotReadable)?;
            process(vec![line(MEMORY[0], String::new(), bytes)])
        }
        Group::Network => process(taps(interfaces.ok_or(NotThere::NotDescribed)?, net_dev)?),
    }
}

fn taps(interfaces: &[InterfaceInfo], net_dev: &HashMap<&[u8], Interface>) -> Result<Vec<Line>, NotThere> {
    let mut lines = Vec::with_capacity(interfaces.len() * NETWORK.len());
    for interface in interfaces {
        if interface.target.is_empty() && UNCOUNTED.contains(&interface.kind.as_str()) {
            continue;
        }
        if !TAPS.contains(&interface.kind.as_str()) {
            return Err(NotThere::NoTap { kind: interface.kind.clone() });
        }
        let seen = net_dev.get(interface.target.as_bytes()).ok_or(NotThere::TapElsewhere)?;
        let (receive, transmit) =
            if interface.kind == IN_HOST_VIEW { (seen.receive, seen.transmit) } else { (seen.transmit, seen.receive) };
        let both = values(receive).into_iter().chain(values(transmit));
        let line = |(metric, value): (&&'static Metric, u64)| Line { metric, device: interface.target.clone(), value };
        lines.extend(NETWORK.iter().zip(both).map(line));
    }
    Ok(lines)
}

fn values(direction: Direction) -> [u64; 4] {
    [direction.bytes, direction.packets, direction.errors, direction.drops]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gather::kernel::net_dev;

    fn interface(kind: &str, target: &str) -> InterfaceInfo {
        InterfaceInfo { kind: kind.to_owned(), target: target.to_owned(), ..InterfaceInfo::default() }
    }

    #[test]
    fn a_tap_is_seen_from_the_guest_and_an_ethernet_device_from_the_host() {
        let text = b"vnet0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n";
        let net = net_dev::parse(text);
        let of = |kind| taps(&[interface(kind, "vnet0")], &net).unwrap();
        let values = |lines: Vec<Line>| lines.iter().map(|line| line.value).collect::<Vec<_>>();
        assert_eq!(values(of("bridge")), [5, 6, 7, 8, 1, 2, 3, 4]);
        assert_eq!(values(of("ethernet")), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(of("network").iter().all(|line| line.device == "vnet0"));
    }

    #[test]
    fn what_has_no_tap_is_left_to_libvirt() {
        let net = net_dev::parse(b"macvtap0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0\n");
        for kind in ["direct", "vhostuser", "vdpa", "vds"] {
            let why = taps(&[interface(kind, "macvtap0")], &net).unwrap_err();
            assert_eq!(why, NotThere::NoTap { kind: kind.to_owned() });
        }
        assert_eq!(taps(&[interface("bridge", "vnet9")], &net), Err(NotThere::TapElsewhere));
        assert_eq!(taps(&[interface("hostdev", ""), interface("user", "")], &net), Ok(Vec::new()));
    }
}
