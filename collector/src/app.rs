//! `evenkeel serve`: opens what is needed, wires it, and closes it in order. The only place that wires.

mod actions;
mod agents;
mod housekeeping;
mod logging;
mod reload;
mod watching;

pub use logging::start_logging;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use evenkeel_common::clock;
use tokio::signal::unix::{SignalKind, signal};

use crate::api::{self, BindError, Peer, Socket};
use crate::config::Settings;
use crate::control::{Control, Parts};
use crate::ingest::Ingest;
use crate::net::{self, CollectorIdentity, IdentityError, Sessions};
use crate::store::{OpenError, Store, StoreError};
use agents::Agents;

/// How long answers under way may take after SIGTERM.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// Where a collector lives.
#[derive(Clone, Debug)]
pub struct Dirs {
    /// Configuration, keys, certificates.
    pub config: PathBuf,
    /// Databases.
    pub data: PathBuf,
    /// The API's socket.
    pub socket: PathBuf,
}

/// Why a collector cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A second one in the same data directory.
    #[error("another evenkeel serve uses the data directory {}; stop it, or give this one another --data-dir", .0.display())]
    Locked(PathBuf),
    /// The system refuses something.
    #[error("{what}")]
    Io {
        /// What.
        what: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The API's socket.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The CA and the endpoint's certificate.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The agents' port.
    #[error(transparent)]
    Endpoint(#[from] net::BindError),
    /// What the store knows cannot be read.
    #[error("the databases cannot be read")]
    Ingest(#[from] StoreError),
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// See [`ServeError`].
pub fn run(dirs: Dirs, settings: Settings) -> Result<(), ServeError> {
    let _lock = hold_data_dir(&dirs.data)?;
    let store = Store::open(&dirs.data)?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|source| ServeError::Io { what: "no runtime can be started".to_owned(), source })?;
    let result = runtime.block_on(serve(dirs, settings, store));
    runtime.shutdown_timeout(DRAIN_DEADLINE);
    result
}

async fn serve(dirs: Dirs, mut settings: Settings, store: Store) -> Result<(), ServeError> {
    let signals = |source| ServeError::Io { what: "signals cannot be received".to_owned(), source };
    let mut terminate = signal(SignalKind::terminate()).map_err(signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(signals)?;
    let hangup = signal(SignalKind::hangup()).map_err(signals)?;
    let identity = CollectorIdentity::open(&dirs.data, clock::wall())?;
    let endpoint = net::Server::bind(settings.listen, &identity)?;
    // The real port, also when any free one was asked for: tokens name it.
    settings.listen = endpoint.local_addr().unwrap_or(settings.listen);
    let listen = settings.listen;
    let ingest = Ingest::open(store.clone()).await?;
    let sessions = Sessions::default();
    let control = Control::new(Parts {
        store,
        sessions: sessions.clone(),
        pin: identity.authority.pin(),
        settings,
        data_dir: dirs.data.clone(),
        started_at: clock::wall(),
    });
    control.set_change_windows().await?;
    control.load_services(&dirs.config, clock::wall()).await;
    control.load_rules(&dirs.config, clock::wall()).await;
    let reload = tokio::spawn(reload::run(control.clone(), dirs.config.clone(), hangup));
    let watching = tokio::spawn(watching::run(control.clone()));
    let housekeeping = tokio::spawn(housekeeping::run(control.clone()));
    let actions = tokio::spawn(actions::run(control.clone()));
    let agents = Agents::new(control.clone(), Arc::clone(&identity.authority), ingest);
    let (socket, listener) = Socket::bind(&dirs.socket)?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), %listen, socket = %dirs.socket.display(), "serving");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let (stop_endpoint, endpoint_stopped) = tokio::sync::oneshot::channel::<()>();
    let endpoint = tokio::spawn(endpoint.serve(sessions, agents, async {
        // A closed channel means the same.
        let _ = endpoint_stopped.await;
    }));
    let service = api::router(control).into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async {
        // A closed channel means the same.
        let _ = stopped.await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: draining"),
        _ = interrupt.recv() => tracing::info!("SIGINT: draining"),
        ended = &mut server => {
            tracing::error!(?ended, "the API ended by itself");
        }
    }
    // Agents first: while they take their last acks, the operator can still ask.
    drop(stop_endpoint);
    if tokio::time::timeout(DRAIN_DEADLINE, endpoint).await.is_err() {
        tracing::warn!("some agents were cut off");
    }
    drop(socket);
    drop(stop);
    if tokio::time::timeout(DRAIN_DEADLINE, server).await.is_err() {
        tracing::warn!("some API requests were cut off");
    }
    actions.abort();
    housekeeping.abort();
    reload.abort();
    watching.abort();
    tracing::info!("stopped");
    Ok(())
}

/// Holds the data directory for this process until the file is dropped.
///
/// # Errors
/// [`ServeError::Locked`] when another process holds it.
pub fn hold_data_dir(data: &Path) -> Result<File, ServeError> {
    let path = data.join("lock");
    let io = |source| ServeError::Io { what: format!("{} cannot be locked", path.display()), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServeError::Locked(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(io(source)),
    }
}
