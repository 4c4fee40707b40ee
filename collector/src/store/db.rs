//! One SQLite connection on a thread of its own. Async callers hand it closures over a bounded channel and wait.

use std::path::Path;
use std::thread;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::{mpsc, oneshot};

use super::{OpenError, StoreError};

/// Jobs waiting for one connection. Full: the caller waits, which is the back-pressure that reaches the agents as
/// missing acks.
const QUEUE: usize = 256;

type Job<T> = Box<dyn FnOnce(&mut T) + Send>;

/// What a connection may do.
#[derive(Clone, Copy)]
pub(super) enum Access {
    /// The one writer, with the schema steps to apply.
    Write(&'static [&'static str]),
    /// One more that writes, on a schema that the first one brought up to date.
    WriteOnly,
    /// A reader.
    Read,
}

/// Handle of the thread that owns a connection, or an engine with its connections; the thread ends with the last handle.
pub(super) struct Worker<T> {
    jobs: mpsc::Sender<Job<T>>,
}

/// A worker that owns one connection.
pub(super) type Db = Worker<Connection>;

impl<T> std::fmt::Debug for Worker<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone() }
    }
}

impl Worker<Connection> {
    pub(super) fn open(path: &Path, access: Access) -> Result<Self, OpenError> {
        let connection = connect(path, access)?;
        let name = path.file_name().map_or_else(|| "db".into(), |name| name.to_string_lossy().into_owned());
        Self::start(name, connection).map_err(|source| OpenError::Thread { path: path.to_owned(), source })
    }

    /// Runs `work` on the connection's thread. A caller that stops waiting does not undo it.
    pub(super) async fn call<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<R, rusqlite::Error> + Send + 'static,
    {
        self.run(move |connection| work(connection).map_err(StoreError::from)).await
    }
}

impl<T: Send + 'static> Worker<T> {
    /// Gives `owned` a thread of its own.
    pub(super) fn start(name: String, mut owned: T) -> Result<Self, std::io::Error> {
        let (jobs, mut queue) = mpsc::channel::<Job<T>>(QUEUE);
        thread::Builder::new().name(name).spawn(move || {
            while let Some(job) = queue.blocking_recv() {
                job(&mut owned);
            }
        })?;
        Ok(Self { jobs })
    }

    /// Runs `work` on the thread. A caller that stops waiting does not undo it.
    pub(super) async fn run<R, F>(&self, work: F) -> Result<R, StoreError>
    where
        R: Send + 'static,
        F: FnOnce(&mut T) -> Result<R, StoreError> + Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let job: Job<T> = Box::new(move |owned| {
            // The caller may have gone; the work stands all the same.
            drop(answer.send(work(owned)));
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }
}

pub(super) fn connect(path: &Path, access: Access) -> Result<Connection, OpenError> {
    let open_error = |source| OpenError::Open { path: path.to_owned(), source };
    let connection = match access {
        Access::Write(_) | Access::WriteOnly => Connection::open(path),
        Access::Read => Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI,
        ),
    }
    .map_err(open_error)?;
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(open_error)?;
    if matches!(access, Access::Read) {
        return Ok(connection);
    }
    connection
        .execute_batch(
            // A page of an index that changes at every commit goes from the log into the file once in many commits.
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
             PRAGMA wal_autocheckpoint=8192; PRAGMA cache_size=-16384;",
        )
        .map_err(open_error)?;
    match access {
        Access::Write(steps) => migrate(path, connection, steps),
        Access::WriteOnly | Access::Read => Ok(connection),
    }
}

fn migrate(path: &Path, mut connection: Connection, steps: &[&str]) -> Result<Connection, OpenError> {
    let open_error = |source| OpenError::Open { path: path.to_owned(), source };
    let found: usize = connection
        .query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))
        .map_err(open_error)?
        .try_into()
        .unwrap_or(usize::MAX);
    if found > steps.len() {
        return Err(OpenError::Newer { path: path.to_owned(), found, known: steps.len() });
    }
    for (index, step) in steps.iter().enumerate().skip(found) {
        let step_transaction = connection.transaction().map_err(open_error)?;
        step_transaction.execute_batch(step).map_err(open_error)?;
        let version = u32::try_from(index + 1).unwrap_or(u32::MAX);
        step_transaction.pragma_update(None, "user_version", version).map_err(open_error)?;
        step_transaction.commit().map_err(open_error)?;
    }
    Ok(connection)
}
