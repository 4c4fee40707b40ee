//! Images of recovery points by `qemu-img`, each call within a deadline.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use evenkeel_common::clock;
use serde::Deserialize;

const PROGRAM: &str = "qemu-img";
const POLL: Duration = Duration::from_millis(20);
/// Bytes of its complaint that are kept.
const COMPLAINT_MAX: usize = 400;
/// How long a look at an image's header may take.
const LOOK: Duration = Duration::from_secs(60);

/// Why an image could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// No program, no file.
    #[error("{PROGRAM} cannot be run (package qemu-utils)")]
    Start(#[source] io::Error),
    /// It says so itself.
    #[error("{PROGRAM} {0}")]
    Failed(String),
    /// It was ended.
    #[error("{PROGRAM} {verb} was not done within {seconds} s")]
    Late {
        /// What it did.
        verb: String,
        /// The deadline.
        seconds: u64,
    },
}

/// What the header of an image says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Header {
    /// Such as `qcow2`.
    pub format: String,
    /// Size that a guest sees, bytes.
    pub virtual_size: u64,
    /// The file that unallocated parts are read from, as written in the header.
    pub backing_filename: Option<String>,
}

/// Reads the header of a qcow2 image, which may be in use; what it builds on is not opened.
///
/// # Errors
/// When it is none.
pub fn header(path: &Path) -> Result<Header, ImageError> {
    let args = ["info", "--force-share", "-f", "qcow2", "--output=json"].map(OsStr::new);
    let text = run(args.into_iter().chain([path.as_os_str()]), LOOK)?;
    serde_json::from_str(&text).map_err(|error| ImageError::Failed(format!("info of {}: {error}", path.display())))
}

/// Checks the structure of a qcow2 image.
///
/// # Errors
/// When it is damaged.
pub fn check(path: &Path, deadline: Duration) -> Result<(), ImageError> {
    run(["check", "-q", "-f", "qcow2"].map(OsStr::new).into_iter().chain([path.as_os_str()]), deadline).map(drop)
}

/// Sets what an image builds on, in its header only. libvirt writes the live disk there.
///
/// # Errors
/// When the header cannot be written.
pub fn set_backing(path: &Path, backing: &str) -> Result<(), ImageError> {
    let args = ["rebase", "-u", "-f", "qcow2", "-F", "qcow2", "-b", backing].map(OsStr::new);
    run(args.into_iter().chain([path.as_os_str()]), LOOK).map(drop)
}

/// Copies what a guest would see of `from` and of what it builds on into a new image of `format`.
///
/// # Errors
/// When it does not come about; the new file may be there in part.
pub fn copy(from: &Path, to: &Path, format: &str, deadline: Duration) -> Result<(), ImageError> {
    let args = ["convert", "-f", "qcow2", "-O", format].map(OsStr::new);
    run(args.into_iter().chain([from.as_os_str(), to.as_os_str()]), deadline).map(drop)
}

/// Whether a guest would see the same content of both qcow2 images.
///
/// # Errors
/// When it would not, or they cannot be read.
pub fn same(one: &Path, other: &Path, deadline: Duration) -> Result<(), ImageError> {
    let args = ["compare", "-f", "qcow2", "-F", "qcow2"].map(OsStr::new);
    run(args.into_iter().chain([one.as_os_str(), other.as_os_str()]), deadline).map(drop)
}

fn run<'a>(args: impl Iterator<Item = &'a OsStr>, deadline: Duration) -> Result<String, ImageError> {
    let args: Vec<&OsStr> = args.collect();
    let verb = args.first().map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default();
    let mut command = Command::new(PROGRAM);
    command.args(&args).env("LC_ALL", "C").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(ImageError::Start)?;
    let (out, err) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let started = clock::mono();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(ImageError::Start)? {
            break status;
        }
        if clock::mono().since(started).to_std() > deadline {
            // It may have ended just now; either way it is waited for.
            drop(child.kill());
            drop(child.wait());
            return Err(ImageError::Late { verb, seconds: deadline.as_secs() });
        }
        thread::sleep(POLL);
    };
    let text =
        |reader: Option<thread::JoinHandle<String>>| reader.and_then(|reader| reader.join().ok()).unwrap_or_default();
    let (out, err) = (text(out), text(err));
    if status.success() {
        return Ok(out);
    }
    let complaint = if err.trim().is_empty() { out } else { err };
    Err(ImageError::Failed(format!("{verb}: {}", complaint.trim().chars().take(COMPLAINT_MAX).collect::<String>())))
}

/// Bytes of output that are read; a header's JSON is far smaller.
const OUTPUT_MAX: u64 = 4 << 20;

fn collect(pipe: Option<impl io::Read + Send + 'static>) -> Option<thread::JoinHandle<String>> {
    let pipe = pipe?;
    let read = move || {
        let mut bytes = Vec::new();
        let mut pipe = pipe;
        // What cannot be read is only words; the exit status decides.
        drop((&mut pipe).take(OUTPUT_MAX).read_to_end(&mut bytes));
        drop(io::copy(&mut pipe, &mut io::sink()));
        String::from_utf8_lossy(&bytes).into_owned()
    };
    thread::Builder::new().name("qemu-img".to_owned()).spawn(read).ok()
}

/// BLAKE3 of a file, 64 hexadecimal digits, and its length.
///
/// # Errors
/// The system's.
pub fn hash(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let length = io::copy(&mut file, &mut hasher)?;
    Ok((hasher.finalize().to_hex().to_string(), length))
}
