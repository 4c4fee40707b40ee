//! The kernel's routes and neighbours, from `/proc/net`.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::network::Network;

/// Routes and neighbours that are read; a router with the Internet's table has a million, and is no host of VMs.
const LINES_MAX: usize = 100_000;
const RTF_UP: u32 = 0x1;
const RTF_REJECT: u32 = 0x200;
/// An address of the host itself, in IPv6's table.
const RTF_LOCAL: u32 = 0x8000_0000;
/// The hardware address is known.
const ATF_COM: u32 = 0x2;

/// One route of the main table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it leads.
    pub network: Network,
    /// The router; `None` when the network is on the link itself.
    pub gateway: Option<IpAddr>,
    /// The interface.
    pub device: String,
    metric: u32,
}

/// Routes of `/proc/net/route`. Lines that are none are left out.
#[must_use]
pub fn routes_v4(text: &str) -> Vec<Route> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [device, destination, gateway, flags, _, _, metric, mask, ..] = fields.as_slice() else { return None };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        if flags & RTF_UP == 0 || flags & RTF_REJECT != 0 {
            return None;
        }
        let prefix = u8::try_from(u32::from_str_radix(mask, 16).ok()?.count_ones()).ok()?;
        let gateway = Some(v4(gateway)?).filter(|gateway| !gateway.is_unspecified());
        Some(Route {
            network: Network::new(v4(destination)?.into(), prefix)?,
            gateway: gateway.map(IpAddr::from),
            device: (*device).to_owned(),
            metric: metric.parse().ok()?,
        })
    };
    text.lines().take(LINES_MAX).filter_map(line).collect()
}

/// The kernel writes the address as it lies in memory.
fn v4(hex: &str) -> Option<Ipv4Addr> {
    let bits = (hex.len() == 8).then(|| u32::from_str_radix(hex, 16).ok())??;
    Some(Ipv4Addr::from(bits.to_ne_bytes()))
}

/// Routes of `/proc/net/ipv6_route`.
#[must_use]
pub fn routes_v6(text: &str) -> Vec<Route> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [destination, prefix, _, _, gateway, metric, _, _, flags, device] = fields.as_slice() else { return None };
        let flags = u32::from_str_radix(flags, 16).ok()?;
        if flags & RTF_UP == 0 || flags & (RTF_REJECT | RTF_LOCAL) != 0 {
            return None;
        }
        let gateway = Some(v6(gateway)?).filter(|gateway| !gateway.is_unspecified());
        Some(Route {
            network: Network::new(v6(destination)?.into(), u8::from_str_radix(prefix, 16).ok()?)?,
            gateway: gateway.map(IpAddr::from),
            device: (*device).to_owned(),
            metric: u32::from_str_radix(metric, 16).ok()?,
        })
    };
    text.lines().take(LINES_MAX).filter_map(line).collect()
}

fn v6(hex: &str) -> Option<Ipv6Addr> {
    let bits = (hex.len() == 32).then(|| u128::from_str_radix(hex, 16).ok())??;
    Some(Ipv6Addr::from(bits))
}

/// The route that an address takes: the narrowest, and of those the one with the smallest metric.
#[must_use]
pub fn find(routes: &[Route], address: IpAddr) -> Option<&Route> {
    let fitting = routes.iter().filter(|route| route.network.has(address));
    fitting.min_by_key(|route| (std::cmp::Reverse(route.network.prefix()), route.metric))
}

/// A neighbour on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its address.
    pub address: IpAddr,
    /// Its MAC address in small letters; `None` while it does not answer.
    pub mac: Option<String>,
}

/// Neighbours of `/proc/net/arp`.
#[must_use]
pub fn neighbours(text: &str) -> Vec<Neighbour> {
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [address, _, flags, mac, ..] = fields.as_slice() else { return None };
        let flags = u32::from_str_radix(flags.strip_prefix("0x")?, 16).ok()?;
        let mac = (flags & ATF_COM != 0).then(|| mac.to_ascii_lowercase());
        Some(Neighbour { address: address.parse().ok()?, mac })
    };
    text.lines().take(LINES_MAX).filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const V4: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        eth1\t00000000\t020200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0\n\
        br0\t0000090A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
        *\t0000A8C0\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n";
    const V6: &str = "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000100 00000001 00000000 00000001 br0\n\
        00000000000000000000000000000000 00 00000000000000000000000000000000 00 \
        fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n\
        fd000000000000000000000000000001 80 00000000000000000000000000000000 00 \
        00000000000000000000000000000000 00000000 00000001 00000000 80000001 br0\n";

    #[test]
    fn the_narrowest_and_cheapest_route_is_taken() {
        let routes = routes_v4(V4);
        assert_eq!(routes.len(), 3, "the header and a reject route are none");
        let found = find(&routes, "10.9.0.11".parse().unwrap()).unwrap();
        assert_eq!((found.device.as_str(), found.gateway), ("br0", None));
        let found = find(&routes, "8.8.8.8".parse().unwrap()).unwrap();
        assert_eq!((found.device.as_str(), found.gateway), ("eth0", Some("192.0.2.1".parse().unwrap())));
        let routes = routes_v6(V6);
        assert_eq!(find(&routes, "fd00::1".parse().unwrap()).unwrap().gateway, None);
        assert_eq!(find(&routes, "2001:db8::1".parse().unwrap()).unwrap().gateway, "fe80::1".parse().ok());
    }

    #[test]
    fn neighbours_that_do_not_answer_have_no_mac() {
        let found = neighbours(
            "IP address       HW type     Flags       HW address            Mask     Device\n\
             10.9.0.11        0x1         0x2         52:54:00:09:00:0B     *        br0\n\
             10.9.0.12        0x1         0x0         00:00:00:00:00:00     *        br0\n",
        );
        let seen: Vec<_> = found.iter().map(|one| (one.address.to_string(), one.mac.as_deref())).collect();
        assert_eq!(seen, [("10.9.0.11".to_owned(), Some("52:54:00:09:00:0b")), ("10.9.0.12".to_owned(), None)]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[0-9a-fA-Fxbr.: \t\n]{0,300}") {
            let _ = (routes_v4(&text), routes_v6(&text), neighbours(&text));
        }
    }
}
