//! Bytes between agent and collector, as the kernel of the collector's namespace counts them: IP packets with their
//! headers, both directions. Nothing else speaks IP there.

use anyhow::{Context, Result};

use crate::lab::{CTL, Lab};

/// What went over the line so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traffic {
    /// Bytes, IP and UDP headers included.
    pub bytes: u64,
    /// Datagrams.
    pub packets: u64,
}

impl Traffic {
    /// Reads the counters of `ctl`.
    pub fn of(lab: &Lab) -> Result<Self> {
        let text = lab.exec(CTL, "cat", &["/proc/net/netstat", "/proc/net/snmp"])?;
        let count = |protocol: &str, name: &str| {
            counter(&text, protocol, name).with_context(|| format!("the kernel does not count {protocol} {name}"))
        };
        Ok(Self {
            bytes: count("IpExt:", "InOctets")? + count("IpExt:", "OutOctets")?,
            packets: count("Udp:", "InDatagrams")? + count("Udp:", "OutDatagrams")?,
        })
    }

    /// What came since.
    #[must_use]
    pub fn since(self, before: Self) -> Self {
        Self { bytes: self.bytes - before.bytes, packets: self.packets - before.packets }
    }
}

/// Two lines of a protocol: names, then numbers.
fn counter(text: &str, protocol: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines().filter(|line| line.split_whitespace().next() == Some(protocol));
    let at = lines.next()?.split_whitespace().position(|word| word == name)?;
    lines.next()?.split_whitespace().nth(at)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernels_two_lines() {
        let text = "IpExt: InNoRoutes InOctets\nIpExt: 0 77\nUdp: InDatagrams\nUdp: 5\n";
        assert_eq!(counter(text, "IpExt:", "InOctets"), Some(77));
        assert_eq!(counter(text, "Udp:", "InDatagrams"), Some(5));
        assert_eq!(counter(text, "Udp:", "OutDatagrams"), None);
    }
}
