//! [P] The guard: whether an action may be asked of a host. The checks come in a fixed order and the first that fails
//! is the refusal; its name is the guard's.

use evenkeel_common::action::{Refusal, Verb};
use evenkeel_common::id::ActionId;

use crate::config::ActionPolicy;

/// What is known of the target when an action is asked for.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// What is asked for.
    pub verb: &'a Verb,
    /// Name of the VM.
    pub vm: &'a str,
    /// Whether it is active, and its state in words.
    pub state: (bool, &'a str),
    /// It is active on two hosts.
    pub conflict: bool,
    /// Who manages it; empty when nobody known.
    pub managed_by: &'a str,
    /// Name of its host.
    pub host: &'a str,
    /// Whether that host's agent is connected.
    pub connected: bool,
    /// An action on it that has not ended.
    pub open: Option<ActionId>,
    /// Where a migration is to go.
    pub destination: Option<Destination<'a>>,
}

/// The host that a migration is to go to.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is the host where the VM is.
    pub is_source: bool,
    /// Whether its agent is connected.
    pub connected: bool,
}

/// One check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The guard's name.
    pub guard: &'static str,
    /// Why it refuses; `None` when it lets the action pass.
    pub refusal: Option<String>,
}

/// All checks in their order.
#[must_use]
pub fn checks(facts: &Facts<'_>, policy: &ActionPolicy) -> Vec<Check> {
    let Facts { vm, host, .. } = facts;
    let verb = facts.verb.name();
    let check = |guard, refused: bool, why: &dyn Fn() -> String| Check { guard, refusal: refused.then(why) };
    let allowed = policy.verbs.iter().any(|word| word == verb);
    let mut checks = vec![
        check("policy", !allowed, &|| format!("{verb} is not among policy.verbs in collector.toml")),
        check("not_active", !facts.state.0, &|| {
            format!("{vm} is {}; only an active VM can be acted upon", facts.state.1)
        }),
        check("conflict", facts.conflict, &|| {
            format!("{vm} is active on two hosts at once; end one of them by hand, see `evenkeel vm show {vm}`")
        }),
        check("hands_off", hands_off(facts, policy), &|| {
            let by = facts.managed_by;
            format!(
                "{vm} is managed by {by}: use its tools, or name {verb} in policy.managed.{by} here and managed.{by} in the host's actions.toml"
            )
        }),
        check("not_connected", !facts.connected, &|| {
            format!("the agent of {host} is not connected; see `evenkeel host show {host}`")
        }),
        check("busy", facts.open.is_some(), &|| {
            let id = facts.open.map(|id| id.to_string()).unwrap_or_default();
            format!("action {id} on {vm} has not ended; `evenkeel action wait {id}` waits for it")
        }),
    ];
    if let Some(to) = facts.destination {
        checks.push(check("same_host", to.is_source, &|| format!("{vm} runs on {} already", to.name)));
        checks.push(check("destination", !to.connected, &|| {
            format!("the agent of {} is not connected, so nobody would see {vm} arrive", to.name)
        }));
    }
    checks
}

/// The first refusal among the checks.
#[must_use]
pub fn refusal(checks: &[Check]) -> Option<Refusal> {
    checks.iter().find_map(|check| {
        check.refusal.as_ref().map(|message| Refusal { guard: check.guard.to_owned(), message: message.clone() })
    })
}

fn hands_off(facts: &Facts<'_>, policy: &ActionPolicy) -> bool {
    let allowed = policy.managed.iter().find(|(manager, _)| *manager == facts.managed_by);
    let named = allowed.is_some_and(|(_, verbs)| verbs.iter().any(|word| word == facts.verb.name()));
    !facts.managed_by.is_empty() && !named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ActionPolicy {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        ActionPolicy {
            verbs: words(&["snapshot", "restart", "migrate"]),
            managed: vec![("nova", Vec::new()), ("ovirt", words(&["snapshot"]))],
        }
    }

    fn good(verb: &Verb) -> Facts<'_> {
        Facts {
            verb,
            vm: "g1",
            state: (true, "running"),
            conflict: false,
            managed_by: "",
            host: "hosta",
            connected: true,
            open: None,
            destination: None,
        }
    }

    fn guard_of(facts: &Facts<'_>) -> String {
        refusal(&checks(facts, &policy())).map_or_else(|| "pass".to_owned(), |refusal| refusal.guard)
    }

    #[test]
    fn each_check_has_a_name_and_the_first_one_counts() {
        let verb = Verb::SNAPSHOT;
        let all_wrong = Facts {
            state: (false, "shut off"),
            conflict: true,
            managed_by: "nova",
            connected: false,
            open: Some(ActionId::from_bytes([1; 16])),
            ..good(&verb)
        };
        assert_eq!(guard_of(&good(&verb)), "pass");
        assert_eq!(guard_of(&all_wrong), "not_active");
        let all_wrong = Facts { state: (true, "running"), ..all_wrong };
        assert_eq!(guard_of(&all_wrong), "conflict");
        let all_wrong = Facts { conflict: false, ..all_wrong };
        assert_eq!(guard_of(&all_wrong), "hands_off");
        let all_wrong = Facts { managed_by: "", ..all_wrong };
        assert_eq!(guard_of(&all_wrong), "not_connected");
        assert_eq!(guard_of(&Facts { connected: true, ..all_wrong }), "busy");
    }

    #[test]
    fn a_managed_vm_needs_the_verb_named_and_an_unknown_manager_is_hands_off() {
        let (snapshot, restart) = (Verb::SNAPSHOT, Verb::Restart { apply_pending: false });
        assert_eq!(guard_of(&Facts { managed_by: "ovirt", ..good(&snapshot) }), "pass");
        assert_eq!(guard_of(&Facts { managed_by: "ovirt", ..good(&restart) }), "hands_off");
        assert_eq!(guard_of(&Facts { managed_by: "newcomer", ..good(&snapshot) }), "hands_off");
    }

    #[test]
    fn a_migration_needs_another_host_that_is_watched() {
        let verb = Verb::migrate_to("hostb");
        let to = Destination { name: "hostb", is_source: false, connected: true };
        assert_eq!(guard_of(&Facts { destination: Some(to), ..good(&verb) }), "pass");
        let here = Destination { is_source: true, ..to };
        assert_eq!(guard_of(&Facts { destination: Some(here), ..good(&verb) }), "same_host");
        let away = Destination { connected: false, ..to };
        assert_eq!(guard_of(&Facts { destination: Some(away), ..good(&verb) }), "destination");
    }
}
