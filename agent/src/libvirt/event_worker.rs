//! The child process that hears libvirt's events for the agent. One thread runs libvirt's event loop and writes what
//! its callbacks copied; another one ends the process when the agent is gone.
//!
//! It waits for as long as libvirtd is stopped: nobody asks it anything, so nobody waits for it.

use std::io::{self, Read as _, Write};
use std::process;
use std::thread;
use std::time::Duration;

use evenkeel_agent::events::protocol::Told;
use evenkeel_agent::scrape::protocol::{FrameError, send};
use virt::connect::Connect;
use virt::error::Error;
use virt::event::{event_register_default_impl, event_run_default_impl};

use crate::connect::reason;
use crate::ffi::EventWatch;

/// Time between attempts to connect. Events are lost meanwhile, and an attempt without a libvirtd costs next to nothing.
const AGAIN: Duration = Duration::from_secs(1);
/// A local libvirtd that dies closes the connection at once. Keep-alive is for one that stays stopped: after ten
/// minutes without a sign of life the connection is made anew. Sooner would lose the events that a libvirtd which was
/// stopped for a while passes on when it goes on.
const KEEP_ALIVE_S: i32 = 30;
const KEEP_ALIVE_COUNT: u32 = 20;

/// Tells until the agent is gone.
///
/// # Errors
/// When the pipe breaks or libvirt has no event loop: the agent starts another worker.
pub fn run(uri: &str) -> Result<(), FrameError> {
    virt::error::clear_error_callback();
    event_register_default_impl().map_err(io::Error::other)?;
    thread::Builder::new().name("agent gone".to_owned()).stack_size(64 << 10).spawn(end_with_the_agent)?;
    let mut agent = io::stdout().lock();
    loop {
        let ended = listen(uri, &mut agent)?;
        send(&mut agent, &Told::Deaf { reason: reason(&ended) })?;
        thread::sleep(AGAIN);
    }
}

/// Nothing ever comes on stdin; it closes when the agent ends, however it does.
fn end_with_the_agent() {
    let mut stdin = io::stdin().lock();
    while matches!(stdin.read(&mut [0; 16]), Ok(1..)) {}
    #[expect(
        clippy::disallowed_methods,
        reason = "the other thread may be inside libvirt for as long as libvirtd is stopped"
    )]
    process::exit(0);
}

/// One connection to its end; why it ended.
fn listen(uri: &str, agent: &mut impl Write) -> Result<Error, FrameError> {
    let connect = match open(uri) {
        Ok(connect) => connect,
        Err(error) => return Ok(error),
    };
    let watch = EventWatch::new(&connect);
    send(agent, &Told::Listening { without: watch.without.clone() })?;
    loop {
        let ran = event_run_default_impl();
        let dropped = watch.dropped();
        while let Some(heard) = watch.next() {
            send(agent, &Told::Heard(heard))?;
        }
        if dropped > 0 {
            send(agent, &Told::Dropped { count: dropped })?;
        }
        if let Err(error) = ran {
            return Ok(error);
        }
        if !connect.is_alive().unwrap_or(false) {
            return Ok(connect.lib_version().err().unwrap_or_else(Error::last_error));
        }
    }
}

fn open(uri: &str) -> Result<Connect, Error> {
    let connect = Connect::open_read_only(Some(uri))?;
    // Drivers inside this process (test:///) have no connection to keep alive.
    if let Err(error) = connect.set_keep_alive(KEEP_ALIVE_S, KEEP_ALIVE_COUNT) {
        tracing::debug!(%error, "no keep-alive");
    }
    Ok(connect)
}
