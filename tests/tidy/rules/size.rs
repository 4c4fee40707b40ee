//! Files that one reader can hold in mind.

use crate::finding::Finding;
use crate::tree::File;

const FILE_LINES_MAX: usize = 400;
const MAIN_LINES_MAX: usize = 99;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[("common/src/metric/table.rs", "the metric catalogue is one table")];

/// Files that are too long.
pub fn check(files: &[File]) -> Vec<Finding> {
    files.iter().filter(|file| file.is_rust() || is_script(file)).filter_map(finding).collect()
}

fn is_script(file: &File) -> bool {
    file.text.starts_with("#!")
}

fn finding(file: &File) -> Option<Finding> {
    let lines = file.text.lines().count();
    let is_main = file.path.ends_with("src/main.rs") || file.path.ends_with("libvirt/main.rs");
    let limit = if is_main { MAIN_LINES_MAX } else { FILE_LINES_MAX };
    if lines <= limit || LONGER.iter().any(|(path, _)| *path == file.path) {
        return None;
    }
    Some(Finding {
        file: file.path.clone(),
        line: 0,
        rule: "one concept a file",
        found: format!("{lines} lines where {limit} are allowed"),
        remedy: "split it by concept, or name it with its reason in tests/tidy/rules/size.rs if it is one table",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_found_and_tables_are_not() {
        let lines = |count: usize| "x\n".repeat(count);
        assert!(check(&[File::new("agent/src/a.rs", &lines(400))]).is_empty());
        assert_eq!(check(&[File::new("agent/src/a.rs", &lines(401))]).len(), 1);
        assert_eq!(check(&[File::new("agent/src/main.rs", &lines(100))]).len(), 1);
        assert_eq!(check(&[File::new("tests/run", &format!("#!/bin/sh\n{}", lines(400)))]).len(), 1);
        assert!(check(&[File::new(LONGER[0].0, &lines(401))]).is_empty());
    }
}
