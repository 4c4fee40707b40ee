//! Key and certificates, and the line to the collector, looked at without a session.

use evenkeel_common::error::chain;
use evenkeel_common::time::UnixMs;

use super::Check;
use crate::config::Config;
use crate::uplink::diagnose::{Diagnosis, diagnose};
use crate::uplink::{AgentIdentity, IdentityError};

const JOIN: &str = "`evenkeel token create --host NAME` at the collector, then the command it prints";

pub(super) async fn check(config: &Config, now: UnixMs) -> Vec<Check> {
    let identity = match AgentIdentity::load(&config.dirs.data) {
        Ok(identity) => identity,
        Err(error) => return vec![no_identity(&error)],
    };
    let mut checks = vec![certificate(&identity, now)];
    match &config.collector {
        None => checks.push(Check::fail(
            "collector",
            "no collector is configured",
            "set `collector` in agent.toml; `join` writes it down by itself",
        )),
        Some(address) => checks.push(line(&diagnose(address, &identity).await)),
    }
    checks
}

fn no_identity(error: &IdentityError) -> Check {
    match error {
        IdentityError::NotJoined(_) => Check::fail("certificate", error.to_string(), JOIN),
        _ => Check::fail("certificate", chain(error), JOIN),
    }
}

fn certificate(identity: &AgentIdentity, now: UnixMs) -> Check {
    life(&format!("of agent {}", identity.agent), identity.life.renew_at, identity.life.not_after, now)
}

fn life(whose: &str, renew_at: UnixMs, not_after: UnixMs, now: UnixMs) -> Check {
    let name = "certificate";
    if now >= not_after {
        let found = format!("{whose}, expired at {not_after}");
        return Check::warn(name, found, "`run` renews it by its key for 90 days after that; then join again");
    }
    if now >= renew_at {
        let found = format!("{whose}, ends at {not_after} and should have been renewed since {renew_at}");
        return Check::warn(name, found, "it is renewed while `run` is connected; is it?");
    }
    Check::ok(name, format!("{whose}, until {not_after}; key and CA are there and fit"))
}

fn line(diagnosis: &Diagnosis) -> Check {
    match diagnosis.hint() {
        None => Check::ok("collector", diagnosis.words()),
        Some(hint) => Check::fail("collector", diagnosis.words(), hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;

    #[test]
    fn an_old_certificate_is_worth_a_word() {
        let at = |now| life("of x", UnixMs(20), UnixMs(30), UnixMs(now)).verdict;
        assert_eq!([at(10), at(20), at(30)], [Verdict::Ok, Verdict::Warn, Verdict::Warn]);
    }

    #[test]
    fn a_host_that_has_not_joined_is_told_how() {
        let check = no_identity(&IdentityError::NotJoined("/d/agent.crt".into()));
        assert_eq!(check.verdict, Verdict::Fail);
        assert!(check.found.contains("run `evenkeel-agent join") && check.remedy.contains("token create"), "{check:?}");
    }
}
