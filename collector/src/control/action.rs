//! Actions: asked for, guarded, entered into the ledger, and only then sent.

mod again;
mod dispatch;
mod show;

use evenkeel_common::action::{ActionState, Refusal, Verb};
use evenkeel_common::id::ActionId;
use evenkeel_common::time::{DurationMs, UnixMs};

use super::{Answer, Control, ControlError};
use crate::action::guard::{self, Check, Destination, Facts};
use crate::store::VmRow;
use crate::store::actions::{ActionRow, Entered};
use crate::store::activity::{Activity, Category};
use crate::view::action::{ActionPlan, ActionView, ActionWanted};

pub use show::ActionFilter;

/// How long an action may wait for its host before it expires.
const NOT_AFTER: DurationMs = DurationMs::from_s(600);

/// A request as understood, with what the guard says.
struct Judged {
    verb: Verb,
    vm: VmRow,
    checks: Vec<Check>,
    notes: Vec<String>,
}

impl Control {
    /// Asks for an action. A refused one is in the ledger too, with its reason. The same id again is the same action.
    ///
    /// # Errors
    /// When VM or host cannot be found, the request makes no sense, its id is another action's, or the store fails.
    pub async fn action_request(
        &self,
        wanted: ActionWanted,
        requested_by: String,
        now: UnixMs,
    ) -> Result<Answer<ActionView>, ControlError> {
        let id: ActionId =
            wanted.id.parse().map_err(|_| ControlError::usage(format!("'{}' is not a UUID", wanted.id)))?;
        if let Some(known) = self.action(id).await? {
            self.same_action(&wanted, &known).await?;
            return Ok(show::view(known).into());
        }
        let Judged { verb, vm, checks, notes } = self.judge(&wanted).await?;
        let refusal = guard::refusal(&checks);
        let mut row = ActionRow {
            id,
            verb,
            uuid: vm.uuid,
            name: vm.name,
            agent: vm.agent,
            host: vm.host,
            state: ActionState::Requested,
            step: String::new(),
            refusal: None,
            result: Vec::new(),
            requested_by,
            requested_at: now,
            not_after: now.plus(NOT_AFTER),
            finished_at: None,
            dispatches: 0,
            news_at: now,
        };
        if let Some(refusal) = refusal {
            refuse(&mut row, refusal, now);
        }
        let mut entered = self.store().enter_action(row.clone()).await?;
        if let Entered::Busy(other) = entered {
            // Another request has come in between the guard's look and the ledger.
            let message =
                format!("action {other} on {} has not ended; `evenkeel action wait {other}` waits for it", row.name);
            refuse(&mut row, Refusal { guard: "busy".to_owned(), message }, now);
            entered = self.store().enter_action(row.clone()).await?;
        }
        let row = match entered {
            Entered::Known(known) => {
                self.same_action(&wanted, &known).await?;
                *known
            }
            Entered::New | Entered::Busy(_) => {
                self.note_request(&row).await;
                if row.state.is_final() { row } else { self.dispatch(row, now).await? }
            }
        };
        Ok(Answer { view: show::view(row), notes })
    }

    /// What an action would come to; nothing is written.
    ///
    /// # Errors
    /// As [`Self::action_request`].
    pub async fn action_plan(&self, wanted: ActionWanted) -> Result<Answer<ActionPlan>, ControlError> {
        let Judged { verb, vm, checks, notes } = self.judge(&wanted).await?;
        Ok(Answer { view: show::plan(&verb, &vm, &checks), notes })
    }

    async fn judge(&self, wanted: &ActionWanted) -> Result<Judged, ControlError> {
        let Answer { view: vm, mut notes } = self.find_vm(&wanted.vm, None).await?;
        let to = match &wanted.to_host {
            Some(name) => {
                let found = self.find_host(name).await?;
                notes.extend(found.notes);
                Some(found.view)
            }
            None => None,
        };
        let verb = verb(wanted, to.as_ref().map(|host| host.name.clone()))?;
        let checks = guard::checks(
            &Facts {
                verb: &verb,
                vm: &vm.name,
                state: (vm.state.is_active(), vm.state.as_str()),
                conflict: vm.conflict,
                managed_by: &vm.facts.managed_by,
                host: &vm.host,
                connected: self.is_connected(vm.agent),
                open: self.store().open_action_of(vm.uuid).await?,
                destination: to.as_ref().map(|host| Destination {
                    name: &host.name,
                    is_source: host.agent == vm.agent,
                    connected: self.is_connected(host.agent),
                }),
            },
            &self.settings().policy,
        );
        Ok(Judged { verb, vm, checks, notes })
    }

    async fn action(&self, id: ActionId) -> Result<Option<ActionRow>, ControlError> {
        Ok(self.store().actions_by_prefix(id.0.simple().to_string(), 1).await?.pop())
    }

    async fn note_request(&self, row: &ActionRow) {
        let (category, kind, end) = match &row.refusal {
            Some(refusal) => {
                (Category::Warning, "action_refused", format!(" is refused by {}: {}", refusal.guard, refusal.message))
            }
            None => (Category::Informational, "action_requested", " is asked for".to_owned()),
        };
        let message = format!("{} {} by {}{end}", row.verb.name(), row.id, row.requested_by);
        self.note_action(row, category, kind, message, row.requested_at).await;
    }

    async fn note_action(&self, row: &ActionRow, category: Category, kind: &str, message: String, at: UnixMs) {
        let (host, vm) = (row.host.clone(), row.name.clone());
        self.record(Activity { at, category, kind: kind.to_owned(), host, vm, message }).await;
    }
}

fn refuse(row: &mut ActionRow, refusal: Refusal, now: UnixMs) {
    row.end(evenkeel_common::action::Outcome::Refused(refusal), now);
}

fn verb(wanted: &ActionWanted, to_host: Option<String>) -> Result<Verb, ControlError> {
    let misplaced = |what: &str| Err(ControlError::usage(format!("{} takes no {what}", wanted.verb)));
    match (wanted.verb.as_str(), to_host) {
        ("snapshot" | "restart", Some(_)) => misplaced("destination"),
        ("snapshot" | "migrate", _) if wanted.apply_pending => misplaced("apply_pending"),
        ("snapshot", None) => Ok(Verb::SNAPSHOT),
        ("restart", None) => Ok(Verb::Restart { apply_pending: wanted.apply_pending }),
        ("migrate", Some(to_host)) => Ok(Verb::migrate_to(&to_host)),
        ("migrate", None) => Err(ControlError::usage("migrate needs a destination: --to HOST")),
        (other, _) => {
            Err(ControlError::usage(format!("'{other}' is not an action; there are snapshot, restart and migrate")))
        }
    }
}
