//! Where data of any length goes: standard output, or a file that gets its name when it is complete.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::fail::Fail;

/// See the module.
#[derive(Debug)]
pub struct Sink {
    to: To,
}

#[derive(Debug)]
enum To {
    Stdout(BufWriter<std::io::Stdout>),
    File { partial: Partial, file: BufWriter<File>, path: PathBuf },
}

/// A file that is removed unless it was renamed.
#[derive(Debug)]
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone when it has its name.
        let _ = fs::remove_file(&self.0);
    }
}

impl Sink {
    /// Begins to write.
    pub fn open(path: Option<&Path>) -> Result<Self, Fail> {
        let Some(path) = path else { return Ok(Self { to: To::Stdout(BufWriter::new(std::io::stdout())) }) };
        let mut partial = path.to_owned().into_os_string();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial).map_err(|error| unwritable(path, &error))?;
        Ok(Self { to: To::File { partial: Partial(partial), file: BufWriter::new(file), path: path.to_owned() } })
    }

    /// Writes on.
    pub fn write(&mut self, text: &str) -> Result<(), Fail> {
        match &mut self.to {
            To::Stdout(stdout) => stdout.write_all(text.as_bytes()).map_err(|error| gone(&error)),
            To::File { file, path, .. } => file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error)),
        }
    }

    /// All was written.
    pub fn finish(self) -> Result<(), Fail> {
        match self.to {
            To::Stdout(mut stdout) => stdout.flush().map_err(|error| gone(&error)),
            To::File { partial, mut file, path } => {
                let done = file.flush().and_then(|()| file.get_ref().sync_all());
                done.and_then(|()| fs::rename(&partial.0, &path)).map_err(|error| unwritable(&path, &error))
            }
        }
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Fail {
    Fail::failed(format!("{} cannot be written: {error}", path.display()))
}

fn gone(error: &std::io::Error) -> Fail {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Fail::broken_pipe(),
        _ => Fail::failed(format!("standard output cannot be written: {error}")),
    }
}
