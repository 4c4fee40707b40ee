//! What the spool needs of a file system, so that a test can put one in its place that forgets and tears.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// One directory of files that are made once, appended to, read, and removed.
pub trait Fs: Send {
    /// An open file.
    type File: Send;

    /// A new file for appending. One of that name that is there already is emptied.
    ///
    /// # Errors
    /// What the system says, as everywhere here.
    fn create(&mut self, name: &str) -> io::Result<Self::File>;
    /// Appends. After an error any part of `bytes` may be there.
    ///
    /// # Errors
    /// See [`Self::create`].
    fn append(&mut self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;
    /// Returns once everything in the file is on disk.
    ///
    /// # Errors
    /// See [`Self::create`].
    fn sync(&mut self, file: &mut Self::File) -> io::Result<()>;
    /// Returns once it is on disk which files there are.
    ///
    /// # Errors
    /// See [`Self::create`].
    fn sync_dir(&mut self) -> io::Result<()>;
    /// Names of all files.
    ///
    /// # Errors
    /// See [`Self::create`].
    fn list(&mut self) -> io::Result<Vec<String>>;
    /// At most `max` bytes of a file from `from` on.
    ///
    /// # Errors
    /// See [`Self::create`].
    fn read(&mut self, name: &str, from: u64, max: usize) -> io::Result<Vec<u8>>;
    /// Removes a file.
    ///
    /// # Errors
    /// See [`Self::create`].
    fn remove(&mut self, name: &str) -> io::Result<()>;
}

/// A directory of the machine, held by this process alone.
#[derive(Debug)]
pub struct RealFs {
    dir: PathBuf,
    /// None while the disk has no space for a directory and its lock: nothing is written before.
    lock: Option<File>,
}

/// File whose lock says that a process uses the directory.
const LOCK: &str = "lock";

impl RealFs {
    /// Opens the directory and makes it if needed; on a full disk that is done with the first file that fits.
    ///
    /// # Errors
    /// When it cannot be made, or another process uses it (`WouldBlock`).
    pub fn open(dir: &Path) -> io::Result<Self> {
        match Self::lock(dir) {
            Ok(lock) => Ok(Self { dir: dir.to_owned(), lock: Some(lock) }),
            Err(error) if is_full(&error) => Ok(Self { dir: dir.to_owned(), lock: None }),
            Err(error) => Err(error),
        }
    }

    fn lock(dir: &Path) -> io::Result<File> {
        std::fs::create_dir_all(dir)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl Fs for RealFs {
    type File = File;

    fn create(&mut self, name: &str) -> io::Result<File> {
        if self.lock.is_none() {
            self.lock = Some(Self::lock(&self.dir)?);
        }
        File::create(self.dir.join(name))
    }

    fn append(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&mut self, file: &mut File) -> io::Result<()> {
        file.sync_data()
    }

    fn sync_dir(&mut self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }

    fn list(&mut self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        if self.lock.is_none() && !self.dir.exists() {
            return Ok(names);
        }
        for entry in std::fs::read_dir(&self.dir)? {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn read(&mut self, name: &str, from: u64, max: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(self.dir.join(name))?;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(u64::try_from(max).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.dir.join(name))
    }
}
