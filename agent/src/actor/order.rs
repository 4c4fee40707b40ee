//! [P] Whether an order is one of our collector, for this host: signature, key, target. What it asks for is the guard's.

use evenkeel_common::action::{Command, Refusal};
use evenkeel_common::pki::{ORDER_CONTEXT, OrderPublicKey};
use evenkeel_common::wire::v3::SignedOrder;

use super::trust::Trust;

/// An order that is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// What it says.
    pub command: Command,
    /// The key that signed it: no older one is taken from now on.
    pub key: OrderPublicKey,
}

/// Checks an order. `newest` is the newest key that this host has seen since root pinned one.
///
/// # Errors
/// The refusal; its guard is `forged`, `not_understood` or `wrong_host`.
pub fn vouch(order: &SignedOrder, trust: &Trust, newest: OrderPublicKey) -> Result<Vouched, Refusal> {
    let refuse = |guard: &str, message: String| Refusal { guard: guard.to_owned(), message };
    let key = newest.follow(&order.rotations).filter(|key| key.verify(ORDER_CONTEXT, &order.order, &order.signature));
    let Some(key) = key else {
        let message = format!(
            "the order is not signed by the key that this host has pinned ({newest}). If the collector was set up anew or \
             its key was replaced without the old one, run `evenkeel-agent trust KEY` here as root; else somebody forges orders"
        );
        return Err(refuse("forged", message));
    };
    let command =
        order.command().map_err(|error| refuse("not_understood", format!("the order cannot be read: {error}")))?;
    if command.host != trust.agent {
        let (meant, here) = (command.host, trust.agent);
        return Err(refuse("wrong_host", format!("the order is for agent {meant}, this host is {here}")));
    }
    Ok(Vouched { command, key })
}

#[cfg(test)]
pub(crate) mod tests {
    use evenkeel_common::action::Verb;
    use evenkeel_common::id::{ActionId, AgentId, DomainUuid};
    use evenkeel_common::pki::OrderKey;
    use evenkeel_common::time::UnixMs;
    use evenkeel_common::wire::v3::Order;

    use super::*;

    pub(crate) fn sign(command: &Command, key: &OrderKey) -> SignedOrder {
        let order = Order::from(command).to_bytes().unwrap();
        let signature = key.sign_order(&order);
        SignedOrder { id: command.id.to_bytes(), order, signature, rotations: Vec::new() }
    }

    fn command() -> Command {
        Command {
            id: ActionId::from_bytes([1; 16]),
            collector_epoch: 1,
            host: AgentId::from_bytes([8; 16]),
            verb: Verb::SNAPSHOT,
            domain: DomainUuid::from_bytes([2; 16]),
            issued: UnixMs(0),
            not_after: UnixMs(9),
        }
    }

    fn guard_of(result: Result<Vouched, Refusal>) -> String {
        result.map_or_else(|refusal| refusal.guard, |_| "pass".to_owned())
    }

    #[test]
    fn only_an_order_of_the_pinned_key_for_this_host_is_one() {
        let key = OrderKey::generate().unwrap();
        let trust = Trust { agent: command().host, key: key.public() };
        let check = |order: &SignedOrder| guard_of(vouch(order, &trust, trust.key));
        let good = sign(&command(), &key);
        assert_eq!(vouch(&good, &trust, trust.key).unwrap(), Vouched { command: command(), key: key.public() });
        assert_eq!(check(&sign(&command(), &OrderKey::generate().unwrap())), "forged");
        for at in 0..good.order.len() {
            let mut changed = good.clone();
            changed.order[at] ^= 1;
            assert_eq!(check(&changed), "forged", "byte {at} of a signed order was changed");
        }
        let elsewhere = Command { host: AgentId::from_bytes([9; 16]), ..command() };
        assert_eq!(check(&sign(&elsewhere, &key)), "wrong_host");
        assert_eq!(check(&SignedOrder { id: [7; 16], ..good }), "not_understood");
    }

    #[test]
    fn a_rotated_key_is_followed_and_an_old_one_is_not_gone_back_to() {
        let (old, new) = (OrderKey::generate().unwrap(), OrderKey::generate().unwrap());
        let trust = Trust { agent: command().host, key: old.public() };
        let rotated = SignedOrder { rotations: vec![old.rotate_to(new.public())], ..sign(&command(), &new) };
        assert_eq!(vouch(&rotated, &trust, trust.key).unwrap().key, new.public());
        assert_eq!(guard_of(vouch(&sign(&command(), &old), &trust, new.public())), "forged");
        assert_eq!(guard_of(vouch(&sign(&command(), &new), &trust, trust.key)), "forged");
    }
}
