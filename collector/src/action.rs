//! Actions as pure decisions: the guard in front of them, and the states they go through. The ledger itself is in the
//! store; what happens on a host is in the agent's actor.

pub mod guard;
pub mod ledger;
