//! A request under an id that is in the ledger already: the same one again, or a mistake.

use evenkeel_common::action::Verb;

use crate::control::{Control, ControlError};
use crate::store::actions::ActionRow;
use crate::view::action::ActionWanted;

impl Control {
    /// That `wanted` asks for what is `known` under its id. Whoever gets the outcome of another action under an id that
    /// was used twice would believe that theirs was done.
    ///
    /// # Errors
    /// A usage error that says what the id stands for.
    pub(super) async fn same_action(&self, wanted: &ActionWanted, known: &ActionRow) -> Result<(), ControlError> {
        if is_vm(&wanted.vm, known) && self.is_verb(wanted, &known.verb).await {
            return Ok(());
        }
        Err(ControlError::Usage {
            message: format!(
                "the id {} belongs to another action: {} {}, asked for at {}",
                known.id,
                known.verb.name(),
                known.name,
                known.requested_at
            ),
            hint: Some("each action needs an id of its own; without --id one is made".to_owned()),
        })
    }

    async fn is_verb(&self, wanted: &ActionWanted, known: &Verb) -> bool {
        if wanted.verb != known.name() {
            return false;
        }
        match known {
            Verb::Restart { apply_pending } => wanted.apply_pending == *apply_pending,
            Verb::Migrate { to_host, .. } => match &wanted.to_host {
                Some(text) if text == to_host => true,
                Some(text) => self.find_host(text).await.is_ok_and(|host| host.view.name == *to_host),
                None => false,
            },
            _ => true,
        }
    }
}

/// Whether `text` can mean the VM of a known action, which may be gone by now or have a namesake.
fn is_vm(text: &str, known: &ActionRow) -> bool {
    known.name.starts_with(text) || known.uuid.to_string().starts_with(&text.to_lowercase())
}
