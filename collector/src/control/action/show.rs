//! The ledger as views.

use evenkeel_common::action::{ActionState, Verb};
use serde_json::{Map, Value};

use super::super::{Control, ControlError};
use crate::action::guard::{self, Check};
use crate::store::VmRow;
use crate::store::actions::ActionRow;
use crate::view::action::{ActionPlan, ActionTarget, ActionView, CheckView, RefusalView};

/// Ids that an ambiguous beginning shows.
const CANDIDATES_MAX: u32 = 6;

/// Which actions are wanted.
#[derive(Clone, Debug, Default)]
pub struct ActionFilter {
    /// Only on this VM.
    pub vm: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// At most so many, the newest.
    pub limit: usize,
}

impl Control {
    /// The newest actions, oldest first.
    ///
    /// # Errors
    /// When the VM cannot be found, the state is none, or the store fails.
    pub async fn action_list(&self, filter: ActionFilter) -> Result<Vec<ActionView>, ControlError> {
        let state = match filter.state.as_deref() {
            None => None,
            Some(word) => Some(ActionState::parse(word).ok_or_else(|| unknown_state(word))?),
        };
        let vm = match filter.vm.as_deref() {
            None => None,
            Some(text) => Some(self.find_vm(text, None).await?.view.uuid),
        };
        let rows = self.store().actions(usize::MAX).await?;
        let wanted =
            |row: &ActionRow| state.is_none_or(|state| row.state == state) && vm.is_none_or(|vm| row.uuid == vm);
        let mut views: Vec<ActionView> = rows.into_iter().filter(wanted).take(filter.limit).map(view).collect();
        views.reverse();
        Ok(views)
    }

    /// One action by its id or a unique beginning of it.
    ///
    /// # Errors
    /// [`ControlError::NotFound`], [`ControlError::Ambiguous`], or the store's.
    pub async fn action_show(&self, text: &str) -> Result<ActionView, ControlError> {
        let hexadecimal: String = text.chars().filter(|c| *c != '-').collect::<String>().to_lowercase();
        let mut found = match hexadecimal.chars().all(|c| c.is_ascii_hexdigit()) && !hexadecimal.is_empty() {
            true => self.store().actions_by_prefix(hexadecimal, CANDIDATES_MAX).await?,
            false => Vec::new(),
        };
        let name = text.to_owned();
        if found.len() > 1 {
            let candidates = found.iter().map(|row| format!("{} ({} {})", row.id, row.verb.name(), row.name)).collect();
            return Err(ControlError::Ambiguous { what: "action", name, candidates });
        }
        found.pop().map(view).ok_or(ControlError::NotFound { what: "action", name, near: Vec::new() })
    }
}

fn unknown_state(word: &str) -> ControlError {
    let words: Vec<&str> = ActionState::ALL.iter().map(|state| state.as_str()).collect();
    ControlError::Usage {
        message: format!("'{word}' is not a state of an action"),
        hint: Some(format!("there are {}", words.join(", "))),
    }
}

pub(super) fn view(row: ActionRow) -> ActionView {
    let step = (row.state == ActionState::Running && !row.step.is_empty()).then_some(row.step);
    ActionView {
        id: row.id.to_string(),
        verb: row.verb.name().to_owned(),
        arguments: arguments(&row.verb),
        target: ActionTarget { uuid: row.uuid.to_string(), name: row.name, host: row.host },
        state: row.state.as_str().to_owned(),
        step,
        refusal: row.refusal.map(|refusal| RefusalView { guard: refusal.guard, message: refusal.message }),
        requested_by: row.requested_by,
        requested_at: row.requested_at.into(),
        not_after: row.not_after.into(),
        finished_at: row.finished_at.map(Into::into),
        result: row.result.into_iter().map(|(key, text)| (key.clone(), value(&key, text))).collect(),
        verdict: None,
    }
}

pub(super) fn plan(verb: &Verb, vm: &VmRow, checks: &[Check]) -> ActionPlan {
    ActionPlan {
        verb: verb.name().to_owned(),
        target: ActionTarget { uuid: vm.uuid.to_string(), name: vm.name.clone(), host: vm.host.clone() },
        checks: checks
            .iter()
            .map(|check| CheckView {
                guard: check.guard.to_owned(),
                passed: check.refusal.is_none(),
                message: check.refusal.clone(),
            })
            .collect(),
        refusal: guard::refusal(checks).map(|refusal| RefusalView { guard: refusal.guard, message: refusal.message }),
    }
}

fn arguments(verb: &Verb) -> Map<String, Value> {
    let pair = match verb {
        Verb::Restart { apply_pending } => Some(("apply_pending", Value::from(*apply_pending))),
        Verb::Migrate { to_host, .. } => Some(("to_host", Value::from(to_host.as_str()))),
        _ => None,
    };
    pair.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A host's facts are texts; sizes, durations and lists are shown as what they are.
fn value(key: &str, text: String) -> Value {
    let number = key.ends_with("bytes") || key.ends_with("_ms");
    match text.parse::<u64>() {
        Ok(amount) if number => amount.into(),
        _ if matches!(key, "disks" | "left_out") => text.split(", ").collect(),
        _ => text.into(),
    }
}
