//! SIGHUP: what can be read again without a restart is read again.

use std::path::PathBuf;

use evenkeel_common::clock;
use tokio::signal::unix::Signal;

use crate::control::Control;

/// Runs until it is aborted.
pub(super) async fn run(control: Control, config_dir: PathBuf, mut hangup: Signal) {
    while hangup.recv().await.is_some() {
        control.reload_services(&config_dir, clock::wall()).await;
        control.load_rules(&config_dir, clock::wall()).await;
    }
}
