//! Whether the routers on the way to VMs answer. One that never answered (many do not answer ICMP) proves nothing when
//! it is silent; one that answered a while ago and does not now is what is broken.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use evenkeel_common::clock;
use evenkeel_common::time::{DurationMs, MonoMs};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use super::{icmp, path_reader, tcp};

/// What an answer may take, and how often it is asked for before it counts as silent.
const TIMEOUT: Duration = Duration::from_secs(1);
const ATTEMPTS: u64 = 2;
/// An answer is used again for this long, so that many probes that fail at once ask once.
const FRESH: DurationMs = DurationMs::from_s(2);
/// How long ago it must have answered to be one that normally does.
const NORMALLY: DurationMs = DurationMs::from_s(3600);
/// Gateways that are remembered; more are not watched.
const GATEWAYS_MAX: usize = 64;

/// What is known of one.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    asked: MonoMs,
    answered: Option<MonoMs>,
    /// How long it took, when it answered last time it was asked.
    pub response_us: Option<u64>,
    /// Whether it answered then.
    pub answers: bool,
}

/// All that are known.
#[derive(Debug, Default)]
pub struct Gateways {
    known: Mutex<HashMap<IpAddr, Known>>,
}

impl Gateways {
    /// Asks a gateway, or takes an answer that is fresh. `None` when it is silent and always was.
    pub async fn ask(&self, gateway: IpAddr) -> Option<Known> {
        // Held while asking: others who want to know wait for this answer.
        let mut known = self.known.lock().await;
        let before = known.get(&gateway).copied();
        let now = clock::mono();
        let fresh = before.filter(|before| now.since(before.asked) < FRESH);
        let after = match fresh {
            Some(fresh) => fresh,
            None => {
                let (answers, response_us) = ask(gateway).await;
                let answered = if answers { Some(now) } else { before.and_then(|before| before.answered) };
                Known { asked: clock::mono(), answered, response_us, answers }
            }
        };
        if known.len() < GATEWAYS_MAX || known.contains_key(&gateway) {
            known.insert(gateway, after);
        }
        let normally = after.answered.is_some_and(|at| clock::mono().since(at) < NORMALLY);
        Some(after).filter(|_| normally)
    }
}

/// By ICMP; where that is not permitted, by what the kernel knows of its neighbours.
async fn ask(gateway: IpAddr) -> (bool, Option<u64>) {
    for token in 0..ATTEMPTS {
        let begun = Instant::now();
        match timeout(TIMEOUT, icmp::echo(gateway, token)).await {
            Ok(Ok(())) => return (true, tcp::micros(begun)),
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                let look = move || path_reader::is_neighbour_known(gateway).unwrap_or(false);
                return (tokio::task::spawn_blocking(look).await.unwrap_or(false), None);
            }
            Ok(Err(_)) | Err(_) => {}
        }
    }
    (false, None)
}
