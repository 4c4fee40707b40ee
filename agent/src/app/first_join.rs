//! The first start of an image: a token in the configuration directory joins the host without a person.

use evenkeel_common::error::chain;
use evenkeel_common::time::DurationMs;
use tokio::sync::watch;

use super::{RunError, is_joined};
use crate::config::{Config, SCHEMA};
use crate::notify::{Notify, Word};
use crate::uplink::join::{Join, JoinError, TOKEN_FILE, join, token_file};

/// Between attempts while the collector cannot be reached or nobody has approved the host.
const RETRY: DurationMs = DurationMs::from_s(10);

/// Joins when the host has not joined and there is a token. `None` when it was told to stop before that.
pub(super) async fn if_needed(
    mut config: Config,
    machine_id: &str,
    notify: &Notify,
    mut stopped: watch::Receiver<bool>,
) -> Result<Option<Config>, RunError> {
    if is_joined(&config) {
        return Ok(Some(config));
    }
    let Some(token) = token_file(&config.dirs.config)? else {
        return Ok(Some(config));
    };
    tracing::info!(file = TOKEN_FILE, "joining with the token of the first start");
    let wish = Join {
        token,
        address: config.collector.clone(),
        name: config.name.clone(),
        machine_id: machine_id.to_owned(),
        data_dir: config.dirs.data.clone(),
        drop_in_dir: config.dirs.config.join(SCHEMA.drop_in),
        config_dir: config.dirs.config.clone(),
    };
    let mut said = false;
    loop {
        let attempt = tokio::select! {
            attempt = join(&wish, |text| tracing::info!("{text}")) => attempt,
            _ = stopped.changed() => return Ok(None),
        };
        match attempt {
            Ok(identity) => {
                tracing::info!(agent = %identity.agent, "joined");
                config.collector = wish.address.clone().or_else(|| Some(wish.token.address.clone()));
                return Ok(Some(config));
            }
            Err(error @ (JoinError::Unreachable { .. } | JoinError::NotApproved { .. })) => {
                if !said {
                    said = true;
                    // A start that waits for a person must not be taken for one that hangs.
                    notify.say(vec![Word::Ready, Word::Status("waiting to join: the log says for what".to_owned())]);
                    tracing::warn!("not joined yet, trying again every {} s: {}", RETRY.as_s(), chain(&error));
                }
            }
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY.to_std()) => {}
            _ = stopped.changed() => return Ok(None),
        }
    }
}
