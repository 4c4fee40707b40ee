//! Files that are made from the source are as the source would make them now.

use evenkeel_tests::docs::Shipped;

use crate::finding::Finding;
use crate::tree::File;

/// Generated files that differ, are missing, or that nothing makes any more.
pub fn check(files: &[File], folders: &[&str], wanted: &[Shipped]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for want in wanted {
        match files.iter().find(|file| file.path == want.path) {
            None => findings.push(finding(&want.path, "is missing")),
            Some(file) if file.text != want.content => findings.push(finding(&want.path, "differs from the source")),
            Some(_) => {}
        }
    }
    let generated = files.iter().filter(|file| folders.iter().any(|folder| file.is_in(folder)));
    for file in generated.filter(|file| !wanted.iter().any(|want| want.path == file.path)) {
        findings.push(finding(&file.path, "is made by nothing"));
    }
    findings
}

fn finding(path: &str, found: &str) -> Finding {
    Finding {
        file: path.to_owned(),
        line: 0,
        rule: "man pages, completions and default configurations come from the source",
        found: found.to_owned(),
        remedy: "run `cargo run -p evenkeel-tests --bin evenkeel-docs` and commit what it wrote",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_missing_and_orphaned_files_are_found() {
        let wanted = [Shipped { path: "p/man/a.1".to_owned(), content: "new".to_owned() }];
        let found = |files: &[File]| -> Vec<String> {
            check(files, &["p/man"], &wanted).iter().map(|finding| finding.found.clone()).collect()
        };
        assert!(found(&[File::new("p/man/a.1", "new")]).is_empty());
        assert_eq!(found(&[File::new("p/man/a.1", "old")]), ["differs from the source"]);
        assert_eq!(found(&[]), ["is missing"]);
        assert_eq!(found(&[File::new("p/man/a.1", "new"), File::new("p/man/b.1", "")]), ["is made by nothing"]);
    }
}
