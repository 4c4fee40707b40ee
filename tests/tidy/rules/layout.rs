//! The top level of the tree, and one file beside a folder instead of `mod.rs`.

use crate::finding::Finding;

const TOP_LEVEL: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "agent",
    "collector",
    "common",
    "packaging",
    "tests",
];

/// Names at the top that do not belong there, and names that are missing.
pub fn check(names: &[String]) -> Vec<Finding> {
    let finding = |name: &str, found: &str, remedy: &'static str| Finding {
        file: name.to_owned(),
        line: 0,
        rule: "the top level holds exactly what ARCHITECTURE.md says",
        found: found.to_owned(),
        remedy,
    };
    let extra = names
        .iter()
        .filter(|name| !name.starts_with('.') && *name != "target" && !TOP_LEVEL.contains(&name.as_str()))
        .map(|name| finding(name, "does not belong here", "move it into the folder that it is about"));
    let missing = TOP_LEVEL
        .iter()
        .filter(|wanted| !names.iter().any(|name| name == **wanted))
        .map(|wanted| finding(wanted, "is missing", "bring it back"));
    extra.chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_and_missing_names_are_found() {
        let names = |more: &[&str]| TOP_LEVEL.iter().chain(more).map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(check(&names(&[".ci", "target"])).is_empty());
        assert_eq!(check(&names(&["notes.txt"]))[0].file, "notes.txt");
        assert_eq!(check(&names(&[])[1..])[0].file, TOP_LEVEL[0]);
    }
}
