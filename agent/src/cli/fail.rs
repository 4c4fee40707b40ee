//! How a verb fails: exit code, and the error as text or JSON on standard error.

use std::io::Write as _;
use std::process::ExitCode;

use evenkeel_common::config::Problems;

use super::Format;

/// Why a verb could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fail {
    kind: &'static str,
    code: u8,
    message: String,
    hint: Option<String>,
}

impl Fail {
    /// Exit 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { kind: "failed", code: 1, message: message.into(), hint: None }
    }

    /// Exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { kind: "usage", code: 2, message: message.into(), hint: None }
    }

    /// Exit 3.
    pub fn unreachable(message: impl Into<String>) -> Self {
        Self { kind: "unreachable", code: 3, message: message.into(), hint: None }
    }

    /// Exit 5.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: "refused", code: 5, message: message.into(), hint: None }
    }

    /// Exit 7.
    pub fn deadline(message: impl Into<String>) -> Self {
        Self { kind: "deadline", code: 7, message: message.into(), hint: None }
    }

    /// Exit 2, with all problems.
    pub fn config(problems: &Problems) -> Self {
        let many = problems.0.len();
        let noun = if many == 1 { "error" } else { "errors" };
        let hint = Some("nothing was started; `evenkeel-agent check-config` checks again".to_owned());
        let message = format!("the configuration has {many} {noun}:\n{problems}");
        Self { kind: "usage", code: 2, message, hint }
    }

    /// With what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says it on standard error. Nobody to say it to is no error.
    pub fn report(self, format: Format) -> ExitCode {
        let mut stderr = std::io::stderr().lock();
        if format == Format::Json {
            let error = serde_json::json!({ "kind": self.kind, "message": self.message, "hint": self.hint });
            let _ = writeln!(stderr, "{}", serde_json::json!({ "error": error }));
        } else {
            let _ = writeln!(stderr, "error: {}", self.message);
            if let Some(hint) = self.hint {
                let _ = writeln!(stderr, "hint: {hint}");
            }
        }
        ExitCode::from(self.code)
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
    let hint: Vec<&str> = rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Fail::usage(message.trim()).hint(hint.join("; ")).report(Format::Json)
}

/// The arguments did not parse, so they are looked at by hand.
fn wants_json() -> bool {
    let arguments: Vec<_> = std::env::args_os().collect();
    arguments.iter().any(|argument| argument == "--output=json")
        || arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json")
}
