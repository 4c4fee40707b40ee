//! Who gets as far as a handshake.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use evenkeel_common::limits::{CONNECTIONS_MAX, HANDSHAKES_PER_ADDRESS, HANDSHAKES_UNPROVEN};

/// What becomes of a connection attempt.
#[derive(Debug)]
pub(super) enum Verdict {
    /// The handshake may begin.
    Enter(Ticket),
    /// First prove the address.
    Prove,
    /// No: why.
    Refuse(&'static str),
}

/// A handshake (and what comes before the first message) under way; dropping it leaves the gate.
#[derive(Debug)]
pub(super) struct Ticket {
    gate: Gate,
    address: IpAddr,
}

/// Counts handshakes under way by address.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Gate {
    /// Decides on an attempt from `address`, of which is known whether it is `proven`, with `open` connections there.
    pub(super) fn enter(&self, address: IpAddr, proven: bool, open: usize) -> Verdict {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open >= CONNECTIONS_MAX {
            return Verdict::Refuse("too many connections");
        }
        let here = counts.by_address.get(&address).copied().unwrap_or(0);
        if here >= HANDSHAKES_PER_ADDRESS {
            return Verdict::Refuse("too many handshakes from one address");
        }
        if counts.total >= HANDSHAKES_UNPROVEN && !proven {
            return Verdict::Prove;
        }
        counts.total += 1;
        counts.by_address.insert(address, here + 1);
        Verdict::Enter(Ticket { gate: self.clone(), address })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut counts = self.gate.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total = counts.total.saturating_sub(1);
        match counts.by_address.get_mut(&self.address) {
            Some(here) if *here > 1 => *here -= 1,
            _ => {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([10, 0, last, 1])
    }

    #[test]
    fn bounds_an_address_and_asks_for_proof_under_load() {
        let gate = Gate::default();
        let mut tickets = Vec::new();
        for host in 0..4 {
            for _ in 0..HANDSHAKES_PER_ADDRESS {
                match gate.enter(address(host), false, 0) {
                    Verdict::Enter(ticket) => tickets.push(ticket),
                    other => panic!("{other:?}"),
                }
            }
            assert!(matches!(gate.enter(address(host), true, 0), Verdict::Refuse(_)));
        }
        assert_eq!(tickets.len(), HANDSHAKES_UNPROVEN);
        assert!(matches!(gate.enter(address(9), false, 0), Verdict::Prove));
        assert!(matches!(gate.enter(address(9), true, 0), Verdict::Enter(_)));
        tickets.clear();
        assert!(matches!(gate.enter(address(0), false, 0), Verdict::Enter(_)));
        assert!(gate.0.lock().unwrap().by_address.is_empty(), "what has left is forgotten");
        assert!(matches!(gate.enter(address(0), true, CONNECTIONS_MAX), Verdict::Refuse(_)));
    }
}
