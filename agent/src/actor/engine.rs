//! Carries commands out, each at most once: journal the intent, look, act, journal the result.
//!
//! Every action has a thread of its own, since libvirt's calls block for as long as they like. A command that comes
//! again is joined to its running action or answered from the journal.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use evenkeel_common::action::{Command, Outcome, Progress, Step, Verb};
use evenkeel_common::clock;
use evenkeel_common::error::chain;
use evenkeel_common::id::{ActionId, DomainUuid};
use evenkeel_common::time::UnixMs;
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::domain::DomainFacts;
use super::guard::{self, Memory, refuse};
use super::journal::{Entry, Journal, JournalError};
use super::policy::Policy;

/// What the engine needs of the hypervisor. Calls may block.
pub trait Hypervisor: Send + Sync + 'static {
    /// What is known of a domain; `None` when this host does not have it.
    ///
    /// # Errors
    /// When the hypervisor cannot be asked; the text says why.
    fn inspect(&self, domain: DomainUuid) -> Result<Option<DomainFacts>, String>;

    /// Carries out an admitted command; says its steps at the desk and ends early when it was called off there.
    /// `facts` are absent when this host does not have the domain, for verbs that need none of it.
    fn execute(&self, command: &Command, facts: Option<&DomainFacts>, desk: &Desk<'_>) -> Outcome;

    /// What can be seen of an action whose end nobody knows.
    fn evidence(&self, entry: &Entry) -> String;
}

/// Where an action under way says how far it is, and hears that it is called off.
pub struct Desk<'a> {
    say: &'a dyn Fn(Step),
    called_off: &'a AtomicBool,
}

impl<'a> Desk<'a> {
    /// A desk whose steps go to `say`.
    #[must_use]
    pub const fn new(say: &'a dyn Fn(Step), called_off: &'a AtomicBool) -> Self {
        Self { say, called_off }
    }

    /// Says how far the action is.
    pub fn say(&self, step: impl Into<Step>) {
        (self.say)(step.into());
    }

    /// Whether somebody wants the action to end as soon as it safely can.
    #[must_use]
    pub fn is_called_off(&self) -> bool {
        self.called_off.load(Ordering::Relaxed)
    }
}

/// The actor's heart.
pub struct Engine<H> {
    policy: Arc<Policy>,
    journal: Journal,
    hypervisor: H,
    running: Mutex<HashMap<ActionId, Running>>,
}

struct Running {
    verb: Verb,
    domain: DomainUuid,
    /// Admitted by the guard, so that it counts for the limits.
    admitted: bool,
    called_off: Arc<AtomicBool>,
    news: watch::Receiver<Progress>,
}

impl<H: Hypervisor> Engine<H> {
    /// Takes the journal over: intents without a result become *unknown* with what can be seen of them, on threads.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn start(policy: Arc<Policy>, journal: Journal, hypervisor: H) -> Result<Arc<Self>, JournalError> {
        journal.prune(clock::wall())?;
        let orphans = journal.open_intents()?;
        let engine = Arc::new(Self { policy, journal, hypervisor, running: Mutex::default() });
        for entry in orphans {
            warn!(action = %entry.command.id, domain = %entry.command.domain, "this action was cut off; its end is unknown");
            let command = entry.command.clone();
            engine.launch(&command, move |engine, _| engine.orphan(&entry));
        }
        Ok(engine)
    }

    /// Takes a command; the receiver shows its latest news and at last [`Progress::Finished`].
    pub fn submit(self: &Arc<Self>, command: Command) -> watch::Receiver<Progress> {
        self.launch(&command.clone(), move |engine, desk| engine.carry_out(&command, desk))
    }

    /// Actions that have not ended.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.table().len()
    }

    fn launch(
        self: &Arc<Self>,
        command: &Command,
        work: impl FnOnce(&Self, &Desk<'_>) -> Outcome + Send + 'static,
    ) -> watch::Receiver<Progress> {
        let id = command.id;
        let mut table = self.table();
        if let Some(running) = table.get(&id) {
            if (&running.verb, running.domain) == (&command.verb, command.domain) {
                return running.news.clone();
            }
            return watch::channel(Progress::Finished(id_reused())).1;
        }
        let (news, latest) = watch::channel(Progress::Running("accepted".into()));
        let (verb, domain) = (command.verb.clone(), command.domain);
        let called_off = Arc::new(AtomicBool::new(false));
        let running =
            Running { verb, domain, admitted: false, called_off: Arc::clone(&called_off), news: latest.clone() };
        table.insert(id, running);
        drop(table);
        let engine = Arc::clone(self);
        let body = move || {
            let say = |step: Step| drop(news.send(Progress::Running(step)));
            let desk = Desk::new(&say, &called_off);
            let outcome = catch_unwind(AssertUnwindSafe(|| work(&engine, &desk))).unwrap_or_else(|_| {
                Outcome::Unknown("the actor failed inside; see its log, and look at the domain".to_owned())
            });
            info!(action = %id, state = %outcome.state(), "action ended");
            drop(news.send(Progress::Finished(outcome)));
            // After the result is on disk: who asks from now on finds it there.
            engine.table().remove(&id);
        };
        if let Err(cause) = thread::Builder::new().name("action".to_owned()).spawn(body) {
            error!(action = %id, %cause, "no thread for an action");
            self.table().remove(&id);
        }
        latest
    }

    fn carry_out(&self, command: &Command, desk: &Desk<'_>) -> Outcome {
        match self.journal.find(command.id) {
            Ok(None) => {}
            Ok(Some(entry)) => return self.again(command, &entry),
            Err(cause) => {
                return Outcome::Unknown(format!("the actor's record of this action is no help: {}", chain(&cause)));
            }
        }
        let now = clock::wall();
        if let Some(outcome) = self.admit(command, now) {
            return match outcome {
                // Judged by the clock and the generation alone, both of which only go on: no record is needed.
                Outcome::Expired => outcome,
                Outcome::Refused(refusal) if matches!(refusal.guard.as_str(), "wrong_epoch" | "journal_full") => {
                    Outcome::Refused(refusal)
                }
                other => self.conclude(command, other),
            };
        }
        let intent = self.journal.raise_epoch(command.collector_epoch).and_then(|()| self.journal.begin(command, now));
        if let Err(cause) = intent {
            return refuse("journal", chain(&cause));
        }
        info!(action = %command.id, domain = %command.domain, verb = command.verb.name(), "action begins");
        let outcome = match self.hypervisor.inspect(command.domain) {
            Err(cause) => refuse("libvirt_unreachable", cause),
            Ok(facts) => match (guard::precondition(command, &self.policy, facts.as_ref()), facts) {
                (Some(outcome), _) => outcome,
                (None, facts) => match command.verb {
                    Verb::Cancel { action } => self.call_off(command, action),
                    _ => self.hypervisor.execute(command, facts.as_ref(), desk),
                },
            },
        };
        self.conclude(command, outcome)
    }

    /// Tells an action under way to end. Its own outcome says what became of it.
    fn call_off(&self, command: &Command, action: ActionId) -> Outcome {
        let table = self.table();
        let running = table.get(&action).filter(|running| running.domain == command.domain && running.admitted);
        let Some(running) = running else {
            let text = format!("action {action} is not under way on this domain here; it may just have ended");
            return refuse("not_under_way", text);
        };
        if !running.verb.word().can_be_cancelled() {
            let verb = running.verb.name();
            return refuse("cannot_cancel", format!("a {verb} that has begun cannot be ended by libvirt"));
        }
        running.called_off.store(true, Ordering::Relaxed);
        Outcome::Succeeded(vec![("told".to_owned(), action.to_string())])
    }

    /// A command whose id is on record.
    fn again(&self, command: &Command, entry: &Entry) -> Outcome {
        if (&entry.command.verb, entry.command.domain) != (&command.verb, command.domain) {
            return id_reused();
        }
        match &entry.finished {
            Some((_, outcome)) => outcome.clone(),
            None => self.orphan(entry),
        }
    }

    fn orphan(&self, entry: &Entry) -> Outcome {
        let evidence = self.hypervisor.evidence(entry);
        let text = format!("the actor was stopped while it carried this out (begun {}). {evidence}", entry.received);
        self.conclude(&entry.command, Outcome::Unknown(text))
    }

    /// Asks the guard and, if the command passes, counts it from now on: both under one lock.
    fn admit(&self, command: &Command, now: UnixMs) -> Option<Outcome> {
        let mut table = self.table();
        let others = || table.iter().filter(|(id, running)| **id != command.id && running.admitted);
        let memory = Memory {
            epoch: self.journal.epoch(),
            busy_with: others().find(|(_, running)| running.domain == command.domain).map(|(id, _)| *id),
            executing: others().count(),
            journal_full: self.journal.is_full(),
        };
        let outcome = guard::admit(command, &self.policy, &memory, now);
        if let (None, Some(running)) = (&outcome, table.get_mut(&command.id)) {
            running.admitted = true;
        }
        outcome
    }

    /// Puts the result on disk and hands it on.
    fn conclude(&self, command: &Command, outcome: Outcome) -> Outcome {
        if let Err(cause) = self.journal.finish(command, &outcome, clock::wall()) {
            error!(action = %command.id, cause = chain(&cause), "the result is not on disk; after a restart it will be unknown");
        }
        outcome
    }

    fn table(&self) -> MutexGuard<'_, HashMap<ActionId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn id_reused() -> Outcome {
    let text = "an action with this id but another verb or domain is on record; use a new id";
    refuse("id_reused", text.to_owned())
}

#[cfg(test)]
mod tests;
