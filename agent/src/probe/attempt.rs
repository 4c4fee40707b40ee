//! One attempt from beginning to end: whom, whether that is allowed, the question itself, and if there is no answer,
//! whether the path is to blame.

use std::net::IpAddr;
use std::sync::Arc;

use evenkeel_common::units::show_duration;
use tokio::time::{Instant, timeout_at};

use super::definition::target::Target;
use super::definition::{Kind, Source};
use super::gateway::Gateways;
use super::machine::Attempt;
use super::metadata::Nic;
use super::network::Network;
use super::outcome::{Observation, Outcome};
use super::path::{PathFacts, broken, forbidden};
use super::resolve::Resolver;
use super::tls::Trust;
use super::{http, icmp, path_reader, tcp};

/// What attempts share.
#[derive(Debug)]
pub struct Tools {
    /// Certificates that are trusted.
    pub trust: Trust,
    /// Names.
    pub resolver: Resolver,
    /// Routers.
    pub gateways: Arc<Gateways>,
    /// Where probes from metadata may go.
    pub networks: Vec<Network>,
}

/// Makes an attempt. It ends soon after the probe's timeout, whatever the target does.
pub async fn make(attempt: &Attempt, tools: &Tools) -> Observation {
    let spec = &attempt.spec;
    let target = match &spec.target {
        Ok(target) => target,
        Err(why) => return Observation::without_answer(Outcome::Resolve, why.clone()),
    };
    let limit = spec.definition.timeout;
    let silent = || Observation::without_answer(Outcome::Timeout, format!("no answer within {}", show_duration(limit)));
    let addresses = match timeout_at(Instant::now() + limit.to_std(), tools.resolver.addresses(&target.host)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(observation)) => return observation,
        Err(_) => {
            return Observation::without_answer(
                Outcome::Resolve,
                format!("the resolver does not say where {} is", target.host),
            );
        }
    };
    let Some(first) = addresses.first().copied() else {
        return Observation::without_answer(Outcome::Resolve, "no address");
    };
    if spec.definition.source == Source::Metadata {
        let facts = facts(first, &spec.nics).await;
        if let Some(why) = forbidden(first, &tools.networks, &spec.nics, &facts) {
            // Without its bridge's network, the VM's address is on none of its own networks.
            return match broken(first, &spec.nics, &facts) {
                Some(fault) => Observation::without_answer(Outcome::Path, fault),
                None => Observation::without_answer(Outcome::NotPermitted, why),
            };
        }
    }
    let begun = Instant::now();
    let asked = timeout_at(begun + limit.to_std(), ask(attempt, target, &addresses, tools, begun)).await;
    let observation = asked.unwrap_or_else(|_| silent());
    if !observation.outcome.may_be_path() {
        return observation;
    }
    match fault(first, &spec.nics, tools).await {
        Some(fault) => Observation::without_answer(Outcome::Path, fault),
        None => observation,
    }
}

async fn ask(attempt: &Attempt, target: &Target, addresses: &[IpAddr], tools: &Tools, begun: Instant) -> Observation {
    match (target.kind, addresses.first()) {
        (Kind::Tcp, _) => tcp::ask(addresses, target.port, begun).await,
        (Kind::Http | Kind::Https, _) => {
            http::ask(addresses, target, &attempt.spec.definition.http, &tools.trust, begun).await
        }
        (Kind::Icmp, Some(address)) => icmp::ask(*address, attempt.number, begun).await,
        (Kind::Icmp, None) => Observation::without_answer(Outcome::Resolve, "no address"),
    }
}

/// What is broken on the way, if anything is.
async fn fault(target: IpAddr, nics: &[Nic], tools: &Tools) -> Option<String> {
    let mut facts = facts(target, nics).await;
    if let Some(gateway) = facts.route.as_ref().and_then(|route| route.gateway) {
        facts.gateway_answers = tools.gateways.ask(gateway).await.map(|known| known.answers);
    }
    broken(target, nics, &facts)
}

async fn facts(target: IpAddr, nics: &[Nic]) -> PathFacts {
    let nics = nics.to_vec();
    tokio::task::spawn_blocking(move || path_reader::read(target, &nics)).await.unwrap_or_default()
}

#[cfg(test)]
mod tests;
