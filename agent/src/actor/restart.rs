//! [P] The way in which a domain is restarted: the plan, before anything is touched.

use evenkeel_common::action::Refusal;

use super::definition;
use super::domain::{DomainFacts, Power};

/// Lines of a difference that a refusal shows.
const SHOWN_LINES: usize = 12;

/// One way to restart; the next is tried when it does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask the guest, by its agent or the power button.
    Graceful,
    /// Press the reset button: the same QEMU process goes on.
    Reset,
    /// End the QEMU process and start the stored definition.
    DestroyStart,
    /// All that is left would be destroy and start, which is not allowed for this reason.
    Stop(Refusal),
}

/// What to try, in this order.
///
/// # Errors
/// The refusal when nothing can be tried at all.
pub fn plan(facts: &DomainFacts, apply_pending: bool) -> Result<Vec<Step>, Refusal> {
    let pending =
        if facts.persistent { definition::difference(&facts.live_xml, &facts.inactive_xml) } else { Vec::new() };
    let full_stop = full_stop(facts, apply_pending, &pending);
    if facts.power == Power::Paused {
        let text = format!("{} is paused: resume it (`virsh resume {}`) or find out why", facts.name, facts.name);
        return Err(Refusal { guard: "not_running".to_owned(), message: text });
    }
    let reboot_survives = facts.definition.on_reboot == "restart";
    let only_full_stop = facts.power == Power::Crashed || !reboot_survives || (apply_pending && !pending.is_empty());
    if only_full_stop {
        return full_stop.map(|()| vec![Step::DestroyStart]);
    }
    let last = full_stop.map_or_else(Step::Stop, |()| Step::DestroyStart);
    Ok(vec![Step::Graceful, Step::Reset, last])
}

fn full_stop(facts: &DomainFacts, apply_pending: bool, pending: &[String]) -> Result<(), Refusal> {
    let name = &facts.name;
    if !facts.persistent {
        let message = format!("{name} is transient: destroyed, it would be gone");
        return Err(Refusal { guard: "transient".to_owned(), message });
    }
    if !pending.is_empty() && !apply_pending {
        let mut lines: Vec<&str> = pending.iter().map(String::as_str).take(SHOWN_LINES).collect();
        if pending.len() > SHOWN_LINES {
            lines.push("…");
        }
        let message = format!(
            "the stored definition of {name} differs from the running one and would come into force (--apply-pending allows it):\n{}",
            lines.join("\n")
        );
        return Err(Refusal { guard: "pending_definition".to_owned(), message });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::domain::Definition;
    use super::super::domain::tests::facts;
    use super::*;

    const XML: &str = "<domain><vcpu>1</vcpu></domain>";

    fn guard_of(step: &Step) -> &str {
        match step {
            Step::Stop(refusal) => &refusal.guard,
            _ => "",
        }
    }

    #[test]
    fn three_steps_for_a_plain_domain() {
        assert_eq!(plan(&facts(XML), false).unwrap(), [Step::Graceful, Step::Reset, Step::DestroyStart]);
    }

    #[test]
    fn a_transient_domain_is_never_destroyed() {
        let transient = DomainFacts { persistent: false, inactive_xml: String::new(), ..facts(XML) };
        let steps = plan(&transient, true).unwrap();
        assert_eq!(steps[..2], [Step::Graceful, Step::Reset]);
        assert_eq!(guard_of(&steps[2]), "transient");
        let ends = DomainFacts {
            definition: Definition { on_reboot: "destroy".to_owned(), ..transient.definition.clone() },
            ..transient
        };
        assert_eq!(plan(&ends, true).unwrap_err().guard, "transient");
    }

    #[test]
    fn a_pending_definition_needs_a_word_and_is_shown() {
        let pending = DomainFacts { inactive_xml: XML.replace('1', "2"), ..facts(XML) };
        let steps = plan(&pending, false).unwrap();
        assert_eq!(guard_of(&steps[2]), "pending_definition");
        let Step::Stop(refusal) = &steps[2] else { panic!("{steps:?}") };
        assert!(refusal.message.contains("- vcpu: 1") && refusal.message.contains("+ vcpu: 2"), "{}", refusal.message);
        assert_eq!(plan(&pending, true).unwrap(), [Step::DestroyStart]);
    }

    #[test]
    fn a_paused_domain_is_left_alone_and_a_crashed_one_is_started_anew() {
        let paused = DomainFacts { power: Power::Paused, ..facts(XML) };
        assert_eq!(plan(&paused, false).unwrap_err().guard, "not_running");
        let crashed = DomainFacts { power: Power::Crashed, ..facts(XML) };
        assert_eq!(plan(&crashed, false).unwrap(), [Step::DestroyStart]);
    }
}
