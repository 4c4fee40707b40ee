//! A file of the kernel that is read at every tick: opened once, read from its start each time.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use crate::gather::host::source::Source;

/// Most that is read of one file; /proc/stat of 1 000 CPUs is a tenth of it.
const FILE_MAX_BYTES: usize = 1 << 20;
/// What a file is first given.
const FIRST_BYTES: usize = 4096;

/// A file that stays open.
#[derive(Debug)]
pub struct Kept {
    path: PathBuf,
    file: Option<File>,
    buffer: Vec<u8>,
}

impl Kept {
    /// Nothing is opened yet.
    pub fn new(path: &str) -> Self {
        Self { path: path.into(), file: None, buffer: Vec::new() }
    }

    /// What the file says now.
    pub fn read(&mut self) -> Source {
        match self.text() {
            Ok(text) => Source::Text(text),
            Err(error) => {
                self.file = None;
                why(&error)
            }
        }
    }

    fn text(&mut self) -> io::Result<String> {
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.path)?,
        };
        let mut len = 0;
        loop {
            if len == self.buffer.len() {
                if len >= FILE_MAX_BYTES {
                    break;
                }
                self.buffer.resize((len * 2).clamp(FIRST_BYTES, FILE_MAX_BYTES), 0);
            }
            let offset = u64::try_from(len).unwrap_or(u64::MAX);
            match file.read_at(self.buffer.get_mut(len..).unwrap_or_default(), offset) {
                Ok(0) => break,
                Ok(read) => len += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.file = Some(file);
        Ok(String::from_utf8_lossy(self.buffer.get(..len).unwrap_or_default()).into_owned())
    }
}

/// A kernel with pressure readings compiled in and switched off has the files and refuses to open them.
fn why(error: &io::Error) -> Source {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::Unsupported => Source::Absent,
        ErrorKind::PermissionDenied => Source::NotPermitted,
        _ => Source::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_the_file_says_now() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("file");
        let mut kept = Kept::new(path.to_str().unwrap());
        assert_eq!(kept.read(), Source::Absent);
        let long = "x".repeat(3 * FIRST_BYTES);
        for text in [long.as_str(), "short", ""] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(kept.read(), Source::Text(text.to_owned()));
        }
        assert_eq!(Kept::new("/proc").read(), Source::Failed);
    }

    #[test]
    fn reads_files_of_the_kernel_again_and_again() {
        let mut kept = Kept::new("/proc/self/stat");
        let Source::Text(first) = kept.read() else { panic!("no /proc") };
        assert_eq!(first.split(' ').next(), Some(std::process::id().to_string().as_str()));
        assert!(matches!(kept.read(), Source::Text(text) if text.starts_with(&std::process::id().to_string())));
    }
}
