//! Networks: what an address range holds, and addresses that metadata may never name.

use core::net::IpAddr;

/// What a network looks like, for errors.
pub const ALLOWED: &str = "a network such as \"10.9.0.0/16\" or \"fd00::/8\"";

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `ADDRESS/BITS`, or a single address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse::<u8>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        Self::new(address, prefix.unwrap_or_else(|| bits(address)))
    }

    /// The range of this address and so many leading bits.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        (prefix <= bits(address)).then_some(Self { address, prefix })
    }

    /// Leading bits: the more, the narrower.
    #[must_use]
    pub const fn prefix(self) -> u8 {
        self.prefix
    }

    /// Whether an address is in it.
    #[must_use]
    pub fn has(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32 - u32::from(self.prefix);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128 - u32::from(self.prefix);
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            _ => false,
        }
    }
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// Addresses that no VM has on a network of its own: this host's loopback, link-local ones (where clouds keep their
/// metadata service), groups and the like.
#[must_use]
pub fn is_special(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let of_family = match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast() || v4.octets()[0] == 0,
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    of_family || address.is_loopback() || address.is_unspecified() || address.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_what_shares_its_leading_bits() {
        let has = |network: &str, address: &str| Network::parse(network).unwrap().has(address.parse().unwrap());
        assert!(has("10.9.0.0/16", "10.9.255.1") && !has("10.9.0.0/16", "10.10.0.1"));
        assert!(has("0.0.0.0/0", "8.8.8.8") && has("10.0.0.1", "10.0.0.1") && !has("10.0.0.1", "10.0.0.2"));
        assert!(has("fd00::/8", "fdff::1") && !has("fd00::/8", "fe00::1") && !has("::/0", "10.0.0.1"));
        assert!(has("10.9.0.0/16", "::ffff:10.9.0.1"), "an IPv4 address in IPv6 clothes is an IPv4 address");
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "10.0.0.0/-1"] {
            assert!(Network::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn special_addresses_are_known() {
        for special in [
            "127.0.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "fe80::1",
            "ff02::1",
            "::ffff:127.0.0.1",
        ] {
            assert!(is_special(special.parse().unwrap()), "{special}");
        }
        assert!(!is_special("10.9.0.11".parse().unwrap()) && !is_special("fd00::1".parse().unwrap()));
    }
}
