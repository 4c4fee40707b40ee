//! `/proc/net/dev` and `/sys/class/net`: the host's interfaces, without the guests'.

use std::collections::HashMap;

use evenkeel_common::metric::{Metric, known};

use super::out::Out;
use super::source::Source;

/// Interfaces read per tick, those that matter most first: a host with thousands of containers does not flood the wire.
const INTERFACES_MAX: usize = 256;
/// Bytes per second of one Mbit/s, as the kernel gives speeds.
const MBIT: u64 = 125_000;

/// What an interface is, those that matter most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkKind {
    /// Hardware.
    Physical,
    /// Several as one.
    Bond,
    /// A switch in the kernel.
    Bridge,
    /// Anything else that is the host's.
    Virtual,
    /// A guest's (its readings are the guest's), or the loopback.
    NotOurs,
}

/// An interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: LinkKind,
    /// The kernel's word: `up`, `down`, `unknown` (drivers that do not say), `lowerlayerdown` …
    pub operstate: String,
    /// Whether a cable is in it; `None` while it is set down.
    pub carrier: Option<bool>,
    /// Mbit/s; `None` where there is no such thing.
    pub speed_mbit: Option<u64>,
}

impl Link {
    fn is_up(&self) -> bool {
        match self.operstate.as_str() {
            "unknown" => self.carrier == Some(true),
            word => word == "up",
        }
    }
}

/// The interface that a line of `/proc/net/dev` is about, and its numbers.
fn lines(net_dev: &str) -> impl Iterator<Item = (&str, &str)> {
    net_dev.lines().filter_map(|line| line.split_once(':')).map(|(name, rest)| (name.trim(), rest))
}

/// Counters. Until `/sys/class/net` was read once (`kinds` is empty) names alone tell guests' interfaces.
pub(super) fn read(out: &mut Out, source: &Source, kinds: &HashMap<String, LinkKind>) {
    const RECEIVE: [&Metric; 4] = [
        known("host_network_receive_bytes_total"),
        known("host_network_receive_packets_total"),
        known("host_network_receive_errors_total"),
        known("host_network_receive_drops_total"),
    ];
    const TRANSMIT: [&Metric; 4] = [
        known("host_network_transmit_bytes_total"),
        known("host_network_transmit_packets_total"),
        known("host_network_transmit_errors_total"),
        known("host_network_transmit_drops_total"),
    ];
    if !matches!(source, Source::Text(_)) {
        out.missing(RECEIVE[0], "", source.why());
        return;
    }
    let kind = |name: &str| match kinds.get(name) {
        Some(kind) => *kind,
        None if name == "lo" || is_tap(name) => LinkKind::NotOurs,
        None => LinkKind::Virtual,
    };
    let mut ours: Vec<(LinkKind, &str, &str)> = lines(source.text())
        .map(|(name, rest)| (kind(name), name, rest))
        .filter(|(kind, _, _)| *kind != LinkKind::NotOurs)
        .collect();
    ours.sort_unstable();
    let mut room = INTERFACES_MAX;
    for (_, name, rest) in ours {
        let mut numbers = [0_u64; 12];
        let mut fields = rest.split_ascii_whitespace();
        let complete = numbers.iter_mut().all(|number| {
            let Some(Ok(field)) = fields.next().map(str::parse) else { return false };
            *number = field;
            true
        });
        if !complete {
            continue;
        }
        let Some(left) = room.checked_sub(1) else { return };
        room = left;
        for (metrics, from) in [(RECEIVE, 0), (TRANSMIT, 8)] {
            for (metric, value) in metrics.into_iter().zip(numbers.iter().skip(from)) {
                out.whole(metric, name, *value);
            }
        }
    }
}

/// State and speed of those whose counters are read.
pub(super) fn links(out: &mut Out, links: &[Link]) {
    let mut ours: Vec<&Link> = links.iter().filter(|link| link.kind != LinkKind::NotOurs).collect();
    ours.sort_unstable_by_key(|link| (link.kind, &link.name));
    for link in ours.into_iter().take(INTERFACES_MAX) {
        out.whole(const { known("host_network_up") }, &link.name, link.is_up().into());
        if let Some(mbit) = link.speed_mbit {
            out.whole(const { known("host_network_speed_bytes_per_second") }, &link.name, mbit.saturating_mul(MBIT));
        }
    }
}

/// libvirt's own name for a guest's interface.
fn is_tap(name: &str) -> bool {
    name.strip_prefix("vnet").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A speed as the kernel prints it: -1 when there is no link, 4294967295 with some drivers.
#[must_use]
pub fn speed_mbit(text: &str) -> Option<u64> {
    text.trim().parse::<u64>().ok().filter(|mbit| *mbit > 0 && *mbit < u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_up_by_its_state_or_by_its_carrier() {
        let link = |operstate: &str, carrier| Link {
            name: "eth0".to_owned(),
            kind: LinkKind::Physical,
            operstate: operstate.to_owned(),
            carrier,
            speed_mbit: None,
        };
        assert!(link("up", None).is_up() && link("unknown", Some(true)).is_up());
        assert!(!link("down", Some(true)).is_up() && !link("unknown", None).is_up());
        assert!(!link("lowerlayerdown", Some(false)).is_up());
    }

    #[test]
    fn a_speed_is_a_number_of_a_link_that_has_one() {
        assert_eq!(speed_mbit("25000\n"), Some(25_000));
        for none in ["-1\n", "0\n", "4294967295\n", ""] {
            assert_eq!(speed_mbit(none), None);
        }
    }
}
