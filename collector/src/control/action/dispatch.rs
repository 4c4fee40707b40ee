//! From the ledger to the host and back.

use evenkeel_common::action::{ActionState, Outcome, Progress};
use evenkeel_common::error::chain;
use evenkeel_common::id::{ActionId, AgentId};
use evenkeel_common::time::{DurationMs, UnixMs};
use evenkeel_common::wire::v1::{ToAgent, WireCommand};

use super::super::{Control, ControlError};
use crate::action::ledger::{self, Change, Standing};
use crate::store::StoreError;
use crate::store::actions::ActionRow;
use crate::store::activity::Category;

impl Control {
    /// Sends an open action to its host: first the ledger, then the wire. Sending it again is safe, since the actor
    /// journals it; one that cannot be sent now is sent when the agent connects.
    pub(super) async fn dispatch(&self, row: ActionRow, now: UnixMs) -> Result<ActionRow, ControlError> {
        let epoch = self.store().collector_epoch().await?;
        let mut command = row.command(epoch);
        // The actor compares with its own clock.
        command.not_after = command.not_after.plus(self.clock_offset(row.agent).await?);
        let sent = move |row: &mut ActionRow| {
            if !row.state.is_final() {
                row.dispatches = row.dispatches.saturating_add(1);
                row.news_at = now;
                if row.state == ActionState::Requested {
                    row.state = ActionState::Dispatched;
                }
            }
        };
        let before = row;
        let Some(row) = self.store().change_action(before.id, sent).await? else {
            return Ok(before);
        };
        let order = WireCommand::of(&command).map(ToAgent::Command);
        let sent = order.is_some_and(|order| self.sessions().send(row.agent, order).is_ok());
        if row.state.is_final() || sent {
            return Ok(row);
        }
        let unsent = |row: &mut ActionRow| {
            row.dispatches = row.dispatches.saturating_sub(1);
            if row.dispatches == 0 && row.state == ActionState::Dispatched {
                row.state = ActionState::Requested;
            }
        };
        Ok(self.store().change_action(row.id, unsent).await?.unwrap_or(row))
    }

    async fn clock_offset(&self, agent: AgentId) -> Result<DurationMs, StoreError> {
        let hosts = self.store().hosts().await?;
        let offset = hosts.iter().find(|host| host.agent == agent).map_or(0, |host| host.clock_offset_ms);
        Ok(DurationMs(offset))
    }

    /// The agent has connected: what is open on its host is sent (again).
    pub(crate) async fn actions_on_connect(&self, agent: AgentId, now: UnixMs) {
        let resend = async {
            for row in self.store().open_actions().await?.into_iter().filter(|row| row.agent == agent) {
                if !self.advance(row.id, move |standing| ledger::tick(standing, now), now).await? {
                    self.dispatch(row, now).await?;
                }
            }
            Ok::<(), ControlError>(())
        };
        if let Err(error) = resend.await {
            tracing::error!(%agent, error = chain(&error), "open actions cannot be sent again");
        }
    }

    /// News of an action; `true` when it is on disk, so that the agent may forget it.
    pub(crate) async fn action_news(&self, agent: AgentId, id: ActionId, progress: Progress, now: UnixMs) -> bool {
        match self.action(id).await {
            Ok(Some(row)) if row.agent == agent => {}
            Ok(_) => {
                tracing::warn!(%agent, %id, "news of an action that this host was not asked for");
                return false;
            }
            Err(error) => {
                tracing::error!(%id, error = chain(&error), "news of an action cannot be compared with the ledger");
                return false;
            }
        }
        let told = self.advance(id, move |standing| ledger::news(standing, progress.clone()), now).await;
        told.inspect_err(|error| tracing::error!(%id, error = chain(error), "news of an action is not on disk")).is_ok()
    }

    /// Lets time pass over the open actions.
    pub(crate) async fn actions_sweep(&self, now: UnixMs) {
        let sweep = async {
            for row in self.store().open_actions().await? {
                if ledger::tick(&standing(&row), now) != Change::None {
                    self.advance(row.id, move |standing| ledger::tick(standing, now), now).await?;
                }
            }
            Ok::<(), ControlError>(())
        };
        if let Err(error) = sweep.await {
            tracing::error!(error = chain(&error), "open actions cannot be looked at");
        }
    }

    /// Decides within the transaction that writes; `true` when the action has ended by it.
    async fn advance(
        &self,
        id: ActionId,
        decide: impl Fn(&Standing) -> Change + Send + 'static,
        now: UnixMs,
    ) -> Result<bool, ControlError> {
        let (told, ended) = std::sync::mpsc::sync_channel(1);
        let change = move |row: &mut ActionRow| match decide(&standing(row)) {
            Change::None => {}
            Change::Running(step) => {
                row.state = ActionState::Running;
                row.step = step.words;
                row.news_at = now;
            }
            Change::End(outcome) => {
                row.end(outcome.clone(), now);
                // The one place of the channel is free: this runs once.
                let _ = told.try_send(outcome);
            }
        };
        let row = self.store().change_action(id, change).await?;
        let (Some(row), Ok(outcome)) = (row, ended.try_recv()) else {
            return Ok(false);
        };
        self.note_end(&row, &outcome, now).await;
        Ok(true)
    }

    async fn note_end(&self, row: &ActionRow, outcome: &Outcome, now: UnixMs) {
        let (category, kind, detail) = match outcome {
            Outcome::Succeeded(facts) => {
                let facts: Vec<String> = facts.iter().map(|(key, value)| format!("{key} {value}")).collect();
                (Category::Informational, "action_succeeded", facts.join(", "))
            }
            Outcome::Failed(message) => (Category::Warning, "action_failed", message.clone()),
            Outcome::Refused(refusal) => {
                (Category::Warning, "action_refused", format!("by {}: {}", refusal.guard, refusal.message))
            }
            Outcome::Expired => (Category::Warning, "action_expired", "its host was not there in time".to_owned()),
            Outcome::Unknown(evidence) => (Category::Exception, "action_unknown", evidence.clone()),
        };
        let message = format!("{} {} {}: {detail}", row.verb.name(), row.id, row.state);
        self.note_action(row, category, kind, message, now).await;
    }
}

fn standing(row: &ActionRow) -> Standing {
    let ActionRow { state, dispatches, not_after, news_at, .. } = *row;
    Standing { state, dispatches, not_after, news_at }
}
