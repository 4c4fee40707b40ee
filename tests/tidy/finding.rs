//! One breach of a house rule.

use std::fmt;

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Path from the top of the tree.
    pub file: String,
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// The rule in a few words.
    pub rule: &'static str,
    /// What was found.
    pub found: String,
    /// What to do instead.
    pub remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": {}: {}; {}", self.rule, self.found, self.remedy)
    }
}

/// Fails the test that called it, with every finding on a line of its own.
pub fn expect_none(findings: &[Finding]) {
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "{} breaches of house rules:\n{}", lines.len(), lines.join("\n"));
}
