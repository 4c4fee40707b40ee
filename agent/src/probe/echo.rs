//! ICMP echo requests and replies as bytes.

/// Bytes of an echo request of ours: header and token.
pub const REQUEST_BYTES: usize = 16;

const ECHO_REQUEST_V4: u8 = 8;
const ECHO_REPLY_V4: u8 = 0;
const ECHO_REQUEST_V6: u8 = 128;
const ECHO_REPLY_V6: u8 = 129;

/// Which ICMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// ICMP.
    V4,
    /// `ICMPv6`.
    V6,
}

/// A request. `token` finds its reply again: a ping socket of the kernel changes the identifier. The checksum of `ICMPv6`
/// is the kernel's to fill in, because it covers the addresses too.
#[must_use]
pub fn request(family: Family, identifier: u16, token: u64) -> [u8; REQUEST_BYTES] {
    let mut packet = [0; REQUEST_BYTES];
    packet[0] = if family == Family::V4 { ECHO_REQUEST_V4 } else { ECHO_REQUEST_V6 };
    packet[4..6].copy_from_slice(&identifier.to_be_bytes());
    packet[6..8].copy_from_slice(&1_u16.to_be_bytes());
    packet[8..16].copy_from_slice(&token.to_be_bytes());
    if family == Family::V4 {
        let sum = checksum(&packet);
        packet[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    packet
}

/// Whether a packet that came in is the reply to the request with `token`. A raw socket of IPv4 gives the IP header
/// along.
#[must_use]
pub fn is_reply(family: Family, with_ip_header: bool, packet: &[u8], token: u64) -> bool {
    let header = if with_ip_header && family == Family::V4 {
        usize::from(packet.first().copied().unwrap_or(0) & 0x0f) * 4
    } else {
        0
    };
    let Some(icmp) = packet.get(header..).filter(|icmp| icmp.len() >= REQUEST_BYTES) else { return false };
    let kind = if family == Family::V4 { ECHO_REPLY_V4 } else { ECHO_REPLY_V6 };
    icmp[0] == kind && icmp[1] == 0 && icmp[8..16] == token.to_be_bytes()
}

/// The Internet checksum.
fn checksum(bytes: &[u8]) -> u16 {
    let sum: u32 =
        bytes.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_checksum_of_a_request_is_right() {
        let packet = request(Family::V4, 0x1234, 7);
        assert_eq!(checksum(&packet), 0, "over a packet with its checksum it is zero");
        assert_eq!(checksum(&[0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7]), 0x220d, "the example of RFC 1071");
    }

    #[test]
    fn only_the_reply_to_this_request_is_one() {
        for (family, reply) in [(Family::V4, ECHO_REPLY_V4), (Family::V6, ECHO_REPLY_V6)] {
            let mut packet = request(family, 1, 99).to_vec();
            assert!(!is_reply(family, false, &packet, 99), "one's own request is none");
            packet[0] = reply;
            assert!(is_reply(family, false, &packet, 99) && !is_reply(family, false, &packet, 98));
        }
        let mut packet = vec![0x45; 20];
        packet.extend(request(Family::V4, 1, 99));
        packet[20] = ECHO_REPLY_V4;
        assert!(is_reply(Family::V4, true, &packet, 99));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), token in any::<u64>()) {
            for family in [Family::V4, Family::V6] {
                let _ = (is_reply(family, true, &bytes, token), is_reply(family, false, &bytes, token));
            }
        }
    }
}
