//! How a verb ends: exit codes, and errors as text or JSON on standard error.

use std::process::ExitCode;

use super::args::Format;
use super::say;
use crate::view::error::{ErrorDocument, ErrorKind, ErrorView};

/// How a verb ended that did what it was asked, even when the news is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok,
    /// The news is bad.
    Bad(ErrorKind),
}

impl Exit {
    /// As the process's exit code.
    pub fn code(self) -> ExitCode {
        match self {
            Self::Ok => ExitCode::SUCCESS,
            Self::Bad(kind) => ExitCode::from(kind.exit_code()),
        }
    }
}

/// Why a verb could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fail {
    error: ErrorView,
    /// The reader of standard output has gone: nothing to report to.
    quiet: bool,
}

impl Fail {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { error: ErrorView { kind, message: message.into(), hint: None }, quiet: false }
    }

    /// Exit 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    /// Exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// With what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.error.hint = Some(hint.into());
        self
    }

    /// The end of a pipe whose reader has seen enough.
    pub fn broken_pipe() -> Self {
        Self { quiet: true, ..Self::failed("the reader has gone") }
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.error.message
    }

    /// What kind of error.
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// Says it on standard error; the exit code is the kind's.
    pub fn report(self, format: Format) -> ExitCode {
        if self.quiet {
            return ExitCode::SUCCESS;
        }
        let code = ExitCode::from(self.error.kind.exit_code());
        if format == Format::Json {
            // A struct of texts always serialises.
            say(&serde_json::to_string(&ErrorDocument { error: self.error }).unwrap_or_default());
            return code;
        }
        say(&format!("error: {}", self.error.message));
        if let Some(hint) = self.error.hint {
            say(&format!("hint: {hint}"));
        }
        code
    }
}

impl From<Fail> for ErrorView {
    fn from(fail: Fail) -> Self {
        fail.error
    }
}

impl From<ErrorView> for Fail {
    fn from(error: ErrorView) -> Self {
        Self { error, quiet: false }
    }
}

/// What clap says: help and version are no errors; the rest is exit 2, as JSON when that was asked for.
pub fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() || !wants_json() {
        // Nobody to say it to is no error.
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let hint = rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    Fail::usage(message.trim()).hint(hint).report(Format::Json)
}

/// The arguments did not parse, so they are looked at by hand.
fn wants_json() -> bool {
    let arguments: Vec<_> = std::env::args_os().collect();
    arguments.iter().any(|argument| argument == "--output=json")
        || arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json")
}
