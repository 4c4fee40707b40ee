//! Addresses of names.

use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::outcome::{Observation, Outcome};

/// Questions to the system's resolver at once: each blocks a thread until the resolver gives up, which may be long
/// after the attempt did. Full: the attempt waits, and its timeout ends it.
const LOOKUPS_MAX: usize = 8;
/// Addresses of a name that are tried.
const ADDRESSES_MAX: usize = 4;

/// Asks the system.
#[derive(Clone, Debug)]
pub struct Resolver {
    places: Arc<Semaphore>,
}

impl Resolver {
    /// A resolver with all places free.
    pub fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(LOOKUPS_MAX)) }
    }

    /// The addresses of `host`; an address is its own.
    ///
    /// # Errors
    /// As an observation, when there are none.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Observation> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        let failed = |words: String| Observation::without_answer(Outcome::Resolve, words);
        let Ok(place) = Arc::clone(&self.places).acquire_owned().await else {
            return Err(failed("the agent stops".to_owned()));
        };
        let name = host.to_owned();
        let look = move || {
            let _place = place;
            (name.as_str(), 0).to_socket_addrs().map(|found| found.map(|one| one.ip()).collect::<Vec<_>>())
        };
        match tokio::task::spawn_blocking(look).await {
            Ok(Ok(mut found)) if !found.is_empty() => {
                found.dedup();
                found.truncate(ADDRESSES_MAX);
                Ok(found)
            }
            _ => Err(failed(format!("{host} has no address"))),
        }
    }
}
