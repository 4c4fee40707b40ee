//! libvirt's event loop, on which its clients hear of reboots.

use std::thread;
use std::time::Duration;

use tracing::warn;
use virt::event::{event_register_default_impl, event_run_default_impl};

/// A broken loop must not spin.
const AFTER_AN_ERROR: Duration = Duration::from_secs(1);

/// Starts the loop on a thread of its own. Must come before the first connection.
///
/// # Errors
/// When libvirt or the system refuses.
pub fn run_event_loop() -> std::io::Result<()> {
    event_register_default_impl().map_err(std::io::Error::other)?;
    thread::Builder::new().name("libvirt events".to_owned()).spawn(|| {
        loop {
            if let Err(error) = event_run_default_impl() {
                warn!(%error, "libvirt's event loop");
                thread::sleep(AFTER_AN_ERROR);
            }
        }
    })?;
    Ok(())
}
