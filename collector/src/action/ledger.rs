//! [P] What news and the passing of time do to an action in the ledger.

use evenkeel_common::action::{ActionState, Outcome, Progress, Step};
use evenkeel_common::time::{DurationMs, UnixMs};

/// How long a host may be without news of an action that it was given. After that it is *unknown*; an answer that comes
/// later still settles it.
pub const NEWS_DEADLINE: DurationMs = DurationMs::from_s(3_600);

/// Where an action stands, as far as its fate depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: ActionState,
    /// How often it was sent to its host.
    pub dispatches: u32,
    /// Not to be begun after this.
    pub not_after: UnixMs,
    /// When it was last heard of or sent.
    pub news_at: UnixMs,
}

/// What becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The host has begun; the text names the step.
    Running(Step),
    /// It has ended.
    End(Outcome),
}

/// What news of an action does.
#[must_use]
pub fn news(standing: &Standing, progress: Progress) -> Change {
    let settled = standing.state.is_final() && standing.state != ActionState::Unknown;
    match progress {
        // What is settled stays; and *running* heard again says nothing about an end that nobody knows.
        _ if settled => Change::None,
        Progress::Running(_) if standing.state == ActionState::Unknown => Change::None,
        Progress::Running(step) => Change::Running(step),
        // The agent could not reach its actor this time. Had the command been sent before, it may have arrived then.
        Progress::Finished(Outcome::Refused(refusal))
            if refusal.guard == "actor_unreachable" && standing.dispatches > 1 =>
        {
            Change::None
        }
        Progress::Finished(outcome) => Change::End(outcome),
    }
}

/// What the passing of time does.
#[must_use]
pub fn tick(standing: &Standing, now: UnixMs) -> Change {
    match standing.state {
        ActionState::Requested if now > standing.not_after => Change::End(Outcome::Expired),
        ActionState::Dispatched | ActionState::Running if now.since(standing.news_at) > NEWS_DEADLINE => {
            let text = format!("its host has not been heard of it since {}; look at the VM itself", standing.news_at);
            Change::End(Outcome::Unknown(text))
        }
        _ => Change::None,
    }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::action::Refusal;

    use super::*;

    const SENT: Standing =
        Standing { state: ActionState::Dispatched, dispatches: 1, not_after: UnixMs(10), news_at: UnixMs(0) };

    fn finished(guard: &str) -> Progress {
        Progress::Finished(Outcome::Refused(Refusal { guard: guard.to_owned(), message: String::new() }))
    }

    #[test]
    fn what_is_settled_stays_and_an_unknown_end_can_still_be_learned() {
        let done = || Progress::Finished(Outcome::Succeeded(Vec::new()));
        assert_eq!(news(&SENT, done()), Change::End(Outcome::Succeeded(Vec::new())));
        let failed = Standing { state: ActionState::Failed, ..SENT };
        assert_eq!(news(&failed, done()), Change::None);
        let unknown = Standing { state: ActionState::Unknown, ..SENT };
        assert_eq!(news(&unknown, Progress::Running("x".into())), Change::None);
        assert_eq!(news(&unknown, done()), Change::End(Outcome::Succeeded(Vec::new())));
    }

    #[test]
    fn an_unreachable_actor_refuses_only_what_was_sent_once() {
        assert!(matches!(news(&SENT, finished("actor_unreachable")), Change::End(_)));
        let again = Standing { dispatches: 2, ..SENT };
        assert_eq!(news(&again, finished("actor_unreachable")), Change::None);
        assert!(matches!(news(&again, finished("busy")), Change::End(_)));
    }

    #[test]
    fn only_what_was_never_sent_expires() {
        let waiting = Standing { state: ActionState::Requested, dispatches: 0, ..SENT };
        assert_eq!(tick(&waiting, UnixMs(10)), Change::None);
        assert_eq!(tick(&waiting, UnixMs(11)), Change::End(Outcome::Expired));
        assert_eq!(tick(&SENT, UnixMs(11)), Change::None);
        assert!(matches!(tick(&SENT, UnixMs(NEWS_DEADLINE.0 + 1)), Change::End(Outcome::Unknown(_))));
    }
}
