//! Files of /proc that stay open: reading one again costs one call instead of three.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Kept open when the limit cannot be read.
const KEPT_DEFAULT: usize = 256;
/// Bytes read at once; one guest's files are far smaller.
pub(super) const BUFFER_BYTES: usize = 4096;
/// A bigger `/proc/net/dev` is cut here: some 30 000 interfaces.
const WHOLE_MAX_BYTES: usize = 4 << 20;

/// How many more files may be kept open. Past it, a file is opened for each read: slower, never an error.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    /// Half of what this process may open.
    pub(super) fn of_this_process() -> Self {
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
        let soft = line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<usize>().ok());
        Self { left: soft.map_or(KEPT_DEFAULT, |soft| soft / 2) }
    }

    #[cfg(test)]
    pub(super) fn left(&self) -> usize {
        self.left
    }
}

/// One file, open or not.
#[derive(Debug)]
pub(super) struct FileSlot {
    path: PathBuf,
    open: Option<File>,
}

impl FileSlot {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, open: None }
    }

    /// Its beginning.
    ///
    /// # Errors
    /// The system's: `NotFound` or `ESRCH` once the process is gone.
    pub(super) fn read<'a>(&mut self, buffer: &'a mut [u8; BUFFER_BYTES], budget: &mut Budget) -> io::Result<&'a [u8]> {
        let length = self.with(budget, |file| file.read_at(buffer, 0))?;
        Ok(&buffer[..length])
    }

    /// All of it; empty when it cannot be read.
    pub(super) fn read_all(&mut self, budget: &mut Budget) -> Vec<u8> {
        let whole = self.with(budget, |file| {
            let mut bytes = vec![0; BUFFER_BYTES];
            let mut length = 0;
            loop {
                let got = file.read_at(&mut bytes[length..], u64::try_from(length).unwrap_or(u64::MAX))?;
                length += got;
                if got == 0 || length >= WHOLE_MAX_BYTES {
                    bytes.truncate(length);
                    return Ok(bytes);
                }
                if length == bytes.len() {
                    bytes.resize(length * 2, 0);
                }
            }
        });
        whole.unwrap_or_default()
    }

    fn with<T>(&mut self, budget: &mut Budget, read: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        if let Some(file) = &self.open {
            return read(file);
        }
        let file = File::open(&self.path)?;
        let result = read(&file);
        if budget.left > 0 && result.is_ok() {
            budget.left -= 1;
            self.open = Some(file);
        }
        result
    }

    /// Gives its place back to the budget.
    pub(super) fn close(&mut self, budget: &mut Budget) {
        if self.open.take().is_some() {
            budget.left += 1;
        }
    }
}
