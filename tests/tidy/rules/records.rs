//! What is written down is true: the change log has a place for the next change, and ARCHITECTURE.md names only files
//! and tests that exist.

use crate::finding::Finding;
use crate::tree::File;

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const CHANGELOG: &str = "CHANGELOG.md";

/// Breaches in the two records.
pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text_of(files, CHANGELOG).lines().any(|line| line.trim() == "## [Unreleased]") {
        let found = "no '## [Unreleased]' section".to_owned();
        findings.push(finding(CHANGELOG, 0, found, "add it and say there what changes for users"));
    }
    let architecture = text_of(files, ARCHITECTURE);
    for (index, line) in architecture.lines().enumerate() {
        for name in in_backticks(line) {
            check_name(files, index + 1, name, &mut findings);
        }
    }
    for (index, line) in invariants(architecture) {
        if !in_backticks(line).any(|name| name.contains(".rs::")) {
            let found = "an invariant without a test".to_owned();
            findings.push(finding(ARCHITECTURE, index, found, "name the test that proves it as `file.rs::function`"));
        }
    }
    findings
}

fn text_of<'a>(files: &'a [File], path: &str) -> &'a str {
    files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str())
}

/// `path.rs::function` must be a function of that file; a path that starts with a top folder must exist.
fn check_name(files: &[File], line: usize, name: &str, findings: &mut Vec<Finding>) {
    const FOLDERS: &[&str] = &["agent/", "collector/", "common/", "packaging/", "tests/", ".ci/", ".config/"];
    if !FOLDERS.iter().any(|folder| name.starts_with(folder)) || name.contains(['*', '<', ' ']) {
        return;
    }
    let (path, function) = match name.split_once("::") {
        Some((path, function)) => (path, Some(function)),
        None => (name.trim_end_matches('/'), None),
    };
    if !files.iter().any(|file| file.is_in(path)) {
        let found = format!("'{path}' does not exist");
        findings.push(finding(ARCHITECTURE, line, found, "name where it is now"));
    } else if let Some(function) = function
        && !text_of(files, path).contains(&format!("fn {function}("))
    {
        let found = format!("'{path}' has no function '{function}'");
        findings.push(finding(ARCHITECTURE, line, found, "name the test that proves it now"));
    }
}

fn in_backticks(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Rows of the table below the heading `## Invariants`, without its head.
fn invariants(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .skip_while(|(_, line)| *line != "## Invariants")
        .skip(1)
        .take_while(|(_, line)| !line.starts_with("## "))
        .filter(|(_, line)| line.starts_with('|'))
        .skip(2)
}

fn finding(file: &str, line: usize, found: String, remedy: &'static str) -> Finding {
    Finding { file: file.to_owned(), line, rule: "what is written down is true", found, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(architecture: &str) -> Vec<String> {
        let files = [
            File::new(CHANGELOG, "## [Unreleased]\n"),
            File::new(ARCHITECTURE, architecture),
            File::new("agent/src/a.rs", "fn it_holds() {}"),
        ];
        check(&files).iter().map(|finding| finding.found.clone()).collect()
    }

    #[test]
    fn names_that_do_not_exist_are_found() {
        assert!(broken("`agent/src/`, `agent/src/a.rs`, `agent/src/a.rs::it_holds`, `a word`").is_empty());
        assert_eq!(broken("`agent/src/b.rs`"), ["'agent/src/b.rs' does not exist"]);
        assert_eq!(broken("`agent/src/a.rs::gone`"), ["'agent/src/a.rs' has no function 'gone'"]);
    }

    #[test]
    fn an_invariant_without_a_test_is_found() {
        let table = |row: &str| format!("## Invariants\n\n| what | proof |\n| --- | --- |\n{row}\n\n## Next\n| a |\n");
        assert!(broken(&table("| it holds | `agent/src/a.rs::it_holds` |")).is_empty());
        assert_eq!(broken(&table("| it holds | surely |")), ["an invariant without a test"]);
    }

    #[test]
    fn a_change_log_without_a_place_for_changes_is_found() {
        assert_eq!(check(&[File::new(CHANGELOG, "## [0.1.0]\n")])[0].file, CHANGELOG);
    }
}
