//! `/proc/net/dev`: the counters of every interface, in one file.

use std::collections::HashMap;

use super::schedstat::number;

/// Interfaces kept of one file; a host of thousands of containers does not make a tick dear.
const INTERFACES_MAX: usize = 16_384;

/// One direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Direction {
    /// Bytes.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Packets with errors.
    pub errors: u64,
    /// Packets dropped.
    pub drops: u64,
}

/// An interface, in its host's view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Received by the host: for a tap, sent by the guest.
    pub receive: Direction,
    /// Sent by the host.
    pub transmit: Direction,
}

/// Interfaces by name. Lines that are none are left out.
#[must_use]
pub fn parse(bytes: &[u8]) -> HashMap<&[u8], Interface> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter_map(line).take(INTERFACES_MAX).collect()
}

/// `  vnet0: bytes packets errs drop fifo frame compressed multicast bytes packets errs drop …`.
fn line(line: &[u8]) -> Option<(&[u8], Interface)> {
    // An interface's own name may hold a colon (old aliases); its numbers do not.
    let colon = line.iter().rposition(|byte| *byte == b':')?;
    let name = line[..colon].trim_ascii();
    let mut fields = line[colon + 1..].split(u8::is_ascii_whitespace).filter(|field| !field.is_empty());
    let mut direction = |skip: usize| {
        Some(Direction {
            bytes: number(fields.nth(skip)?)?,
            packets: number(fields.next()?)?,
            errors: number(fields.next()?)?,
            drops: number(fields.next()?)?,
        })
    };
    Some((name, Interface { receive: direction(0)?, transmit: direction(4)? }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REAL: &[u8] = b"Inter-|   Receive                                                |  Transmit\n \
        face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n    \
        lo:       1       2    3    4    0     0          0         0        5       6    7    8    0     0       0          0\n \
        vnet12:      10      20   30   40    0     0          0         0       50      60   70   80    0     0       0          0\n";

    #[test]
    fn reads_interfaces() {
        let interfaces = parse(REAL);
        assert_eq!(interfaces.len(), 2);
        let tap = interfaces[&b"vnet12"[..]];
        assert_eq!(tap.receive, Direction { bytes: 10, packets: 20, errors: 30, drops: 40 });
        assert_eq!(tap.transmit, Direction { bytes: 50, packets: 60, errors: 70, drops: 80 });
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0..REAL.len()) {
            let _ = parse(&bytes);
            let mut mixed = REAL.to_vec();
            mixed.splice(at..at, bytes);
            let _ = parse(&mixed);
        }
    }
}
