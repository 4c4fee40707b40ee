//! restart: carries out the plan, stopping at the first step that works.

use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::domain::{DomainFacts, Power};
use evenkeel_agent::actor::restart::{Step, plan};
use evenkeel_common::action::Outcome;
use evenkeel_common::clock;
use evenkeel_common::time::DurationMs;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::Error;

use super::{in_time, reason};
use crate::ffi::RebootWatch;

/// A reset is one monitor command; QEMU that does not answer for this long hangs.
const RESET_LIMIT: Duration = Duration::from_secs(15);
/// QEMU that has not ended this long after SIGTERM is killed: a stopped one never hears it, and libvirt may then wait
/// half a minute for the monitor.
const TERMINATE_LIMIT: Duration = Duration::from_secs(20);
const DESTROY_LIMIT: Duration = Duration::from_secs(60);
const START_LIMIT: Duration = Duration::from_secs(120);
const START_ATTEMPTS: u32 = 3;
const START_AGAIN: Duration = Duration::from_secs(2);
/// How long a reset may take to be seen as a reboot; it is done all the same.
const CONFIRM_LIMIT: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// One restart under way.
struct Attempt<'a> {
    domain: &'a Domain,
    facts: &'a DomainFacts,
    watch: RebootWatch,
    graceful: DurationMs,
    say: &'a dyn Fn(String),
    /// What was tried without success.
    tried: Vec<String>,
    /// A call has not returned: it may still take effect.
    hanging: bool,
}

/// The method that worked; else the outcome that ends the attempt, or none when the next step may be tried.
type Done = Result<&'static str, Option<Outcome>>;

pub(super) fn run(
    connect: &Connect,
    domain: &Domain,
    facts: &DomainFacts,
    apply_pending: bool,
    policy: &Policy,
    say: &dyn Fn(String),
) -> Outcome {
    let steps = match plan(facts, apply_pending) {
        Ok(steps) => steps,
        Err(refusal) => return Outcome::Refused(refusal),
    };
    let watch = match RebootWatch::new(connect, domain) {
        Ok(watch) => watch,
        Err(error) => return Outcome::Failed(format!("reboots cannot be watched: {}", reason(&error))),
    };
    let graceful = policy.graceful_deadline;
    let started = clock::mono();
    let mut attempt = Attempt { domain, facts, watch, graceful, say, tried: Vec::new(), hanging: false };
    for step in steps {
        let done = match step {
            Step::Graceful => attempt.graceful(),
            Step::Reset => attempt.reset(),
            Step::DestroyStart => attempt.destroy_start(),
            Step::Stop(refusal) => {
                let text = format!("destroy and start is refused ({}): {}", refusal.guard, refusal.message);
                Err(Some(attempt.give_up(&text)))
            }
        };
        match done {
            Ok(method) => return attempt.done(method, clock::mono().since(started)),
            Err(Some(outcome)) => return outcome,
            Err(None) => {}
        }
    }
    attempt.give_up("nothing is left to try")
}

impl Attempt<'_> {
    fn graceful(&mut self) -> Done {
        (self.say)("asking the guest to reboot".to_owned());
        let asked = clock::mono();
        if !self.call("graceful", self.graceful.to_std(), |domain| domain.reboot(0)) {
            return Err(None);
        }
        while clock::mono().since(asked) < self.graceful {
            if self.rebooted(LOOK_EVERY) {
                return Ok("graceful");
            }
            if !self.domain.is_active().unwrap_or(true) {
                return self.start_again();
            }
        }
        self.tried.push(format!("graceful: the guest did not reboot within {} s", self.graceful.as_s()));
        Err(None)
    }

    fn reset(&mut self) -> Done {
        (self.say)("pressing the reset button".to_owned());
        if !self.call("reset", RESET_LIMIT, Domain::reset) {
            return Err(None);
        }
        if !self.rebooted(CONFIRM_LIMIT) {
            tracing::warn!(domain = self.facts.name, "libvirt has accepted the reset but shows no reboot");
        }
        Ok("reset")
    }

    fn destroy_start(&mut self) -> Done {
        // Nothing of this kind may ever hit a domain that has become transient meanwhile.
        if !self.domain.is_persistent().unwrap_or(false) {
            return Err(Some(self.give_up("destroy and start is refused: the domain has no stored definition")));
        }
        if self.tried.is_empty() && self.facts.power == Power::Running {
            self.shut_down();
        }
        if self.domain.is_active().unwrap_or(true) {
            (self.say)("destroying the domain to start it anew".to_owned());
            let flags = virt_sys::VIR_DOMAIN_DESTROY_GRACEFUL;
            let ended = self.call("destroy (graceful)", TERMINATE_LIMIT, move |domain| domain.destroy_flags(flags))
                || self.call("destroy", DESTROY_LIMIT, Domain::destroy);
            if !ended && self.domain.is_active().unwrap_or(true) {
                return Err(Some(self.give_up("the domain cannot be ended")));
            }
        }
        // What hung was waiting for the QEMU that is gone.
        self.hanging = false;
        self.start()
    }

    /// Lets the guest end by itself, for at most the graceful deadline.
    fn shut_down(&mut self) {
        (self.say)("asking the guest to shut down".to_owned());
        let asked = clock::mono();
        if !self.call("shutdown", self.graceful.to_std(), Domain::shutdown) {
            return;
        }
        while clock::mono().since(asked) < self.graceful {
            if !self.domain.is_active().unwrap_or(true) {
                return;
            }
            thread::sleep(LOOK_EVERY);
        }
        self.tried.push(format!("shutdown: the guest did not end within {} s", self.graceful.as_s()));
    }

    /// The guest powered off where it should have rebooted.
    fn start_again(&mut self) -> Done {
        self.tried.push("graceful: the guest powered off instead of rebooting".to_owned());
        if self.facts.persistent {
            return self.start();
        }
        Err(Some(self.give_up("the domain is transient and gone; whoever made it has to make it again")))
    }

    fn start(&mut self) -> Done {
        (self.say)("starting the domain".to_owned());
        // A call at the QEMU that just ended may still be under way, and libvirt then fails a start for its sake.
        let hung_before = std::mem::take(&mut self.hanging);
        for attempt in 1..=START_ATTEMPTS {
            if self.call("start", START_LIMIT, Domain::create) || self.domain.is_active().unwrap_or(false) {
                return Ok("destroy_start");
            }
            if self.hanging || attempt == START_ATTEMPTS {
                break;
            }
            thread::sleep(START_AGAIN);
        }
        self.hanging |= hung_before;
        Err(Some(self.give_up("THE DOMAIN IS DOWN and has to be started by hand")))
    }

    /// Whether the call succeeded in time; if not it is noted.
    fn call(
        &mut self,
        step: &str,
        limit: Duration,
        call: impl FnOnce(&Domain) -> Result<(), Error> + Send + 'static,
    ) -> bool {
        let domain = self.domain.clone();
        match in_time(limit, move || call(&domain)) {
            Some(Ok(())) => return true,
            Some(Err(error)) => self.tried.push(format!("{step}: {}", reason(&error))),
            None => {
                self.hanging = true;
                self.tried.push(format!("{step}: libvirt did not answer within {} s", limit.as_secs()));
            }
        }
        false
    }

    fn rebooted(&self, limit: Duration) -> bool {
        match self.watch.reboots.recv_timeout(limit) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                thread::sleep(limit);
                false
            }
        }
    }

    fn done(&self, method: &str, duration: DurationMs) -> Outcome {
        let mut facts =
            vec![("method".to_owned(), method.to_owned()), ("duration_ms".to_owned(), duration.0.to_string())];
        if !self.tried.is_empty() {
            facts.push(("tried".to_owned(), self.tried.join("; ")));
        }
        Outcome::Succeeded(facts)
    }

    fn give_up(&self, last: &str) -> Outcome {
        let tried = self.tried.join("; ");
        let text = if tried.is_empty() { last.to_owned() } else { format!("{tried}; {last}") };
        if self.hanging {
            return Outcome::Unknown(format!("{text}. A call to libvirt still hangs and may yet take effect"));
        }
        Outcome::Failed(text)
    }
}
