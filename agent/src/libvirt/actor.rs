//! `actor`: the subcommand that serves the actor's socket.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use evenkeel_agent::actor::journal::Journal;
use evenkeel_agent::actor::recovery_point::key::PointKey;
use evenkeel_agent::actor::{Engine, Policy, SOCKET_FILE, server};
use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

use super::execute::{Libvirt, run_event_loop};
use super::ffi;

/// A socket-activated actor that has had nothing to do for this long ends; systemd starts it again when needed.
const IDLE: Duration = Duration::from_secs(60);

/// The actor's options.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to listen, unless systemd passes a socket [default: actor.sock in the runtime directory]
    #[arg(long)]
    socket: Option<PathBuf>,
    /// Where actions.toml is.
    #[arg(long, env = "EVENKEEL_CONFIG_DIR", default_value = "/etc/evenkeel")]
    config_dir: PathBuf,
    /// Where the journal is kept, in actor/.
    #[arg(long, env = "EVENKEEL_DATA_DIR", default_value = "/var/lib/evenkeel-actor")]
    data_dir: PathBuf,
    /// Where the socket is made.
    #[arg(long, env = "EVENKEEL_RUNTIME_DIR", default_value = "/run/evenkeel-agent")]
    runtime_dir: PathBuf,
    /// Read-write libvirt connection, instead of `libvirt_uri` in actions.toml.
    #[arg(long)]
    uri: Option<String>,
}

/// Serves until SIGTERM or SIGINT; socket-activated, also until it is idle.
///
/// # Errors
/// Everything that keeps it from starting.
pub fn run(args: &Args) -> Result<()> {
    let passed = ffi::activation_socket();
    let mut policy = Policy::load(&args.config_dir, |name| std::env::var(name).ok())?;
    if let Some(uri) = &args.uri {
        policy.libvirt_uri.clone_from(uri);
    }
    let policy = Arc::new(policy);
    let journal = Journal::open(&args.data_dir.join("actor"))?;
    run_event_loop().context("libvirt's event loop does not start")?;
    let idle = passed.is_some().then_some(IDLE);
    let (listener, bound) = match passed {
        Some(listener) => (listener, None),
        None => {
            let path = args.socket.clone().unwrap_or_else(|| args.runtime_dir.join(SOCKET_FILE));
            (bind(&path)?, Some(path))
        }
    };
    let key = PointKey::open(&args.data_dir.join("actor"), &policy.backup.trusted_keys)?;
    info!(key = key.public(), "recovery points of this host are signed by this key");
    let engine = Engine::start(Arc::clone(&policy), journal, Libvirt::new(policy, key))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let served = runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        listener.set_nonblocking(true)?;
        let listener = tokio::net::UnixListener::from_std(listener)?;
        info!("ready");
        let stop = async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        };
        server::serve(listener, engine, idle, stop).await
    });
    if let Some(path) = bound {
        // Only tidiness: the next start replaces a socket that nobody answers.
        drop(fs::remove_file(path));
    }
    served.context("the actor's socket fails")
}

/// Makes the socket: 0660, so that the group of its directory's owner may use it.
fn bind(path: &Path) -> Result<UnixListener> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        bail!("{} is in use: another actor runs", path.display());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", path.display()));
        }
        _ => {}
    }
    let listener = UnixListener::bind(path).with_context(|| format!("cannot listen on {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o660))
        .with_context(|| format!("cannot set the mode of {}", path.display()))?;
    Ok(listener)
}
