//! Manifests: lints and dependencies come from the workspace, and a crate depends only on what its layer may know.

use toml::{Table, Value};

use crate::finding::Finding;
use crate::tree::File;

/// Crates that a layer must not depend on.
const NOT_IN: &[(&str, &[&str], &str)] = &[
    (
        "common/Cargo.toml",
        &["tokio", "quinn", "rusqlite", "virt", "virt-sys", "axum", "hyper", "anyhow", "rand"],
        "common is what both sides share; put it on the side that needs it",
    ),
    ("agent/Cargo.toml", &["rusqlite", "axum", "evenkeel-collector"], "the agent has no database and no web server"),
    ("collector/Cargo.toml", &["virt", "virt-sys", "evenkeel-agent"], "the collector reaches libvirt through agents"),
];

/// Breaches in the manifests of the crates.
pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        match file.text.parse::<Table>() {
            Ok(manifest) => check_one(file, &manifest, &mut findings),
            Err(error) => findings.push(finding(file, "it is TOML", error.to_string(), "mend it")),
        }
    }
    findings
}

fn check_one(file: &File, manifest: &Table, findings: &mut Vec<Finding>) {
    let is_inherited = |value: &Value| value.get("workspace").and_then(Value::as_bool) == Some(true);
    if !manifest.get("lints").is_some_and(is_inherited) {
        let found = "no [lints] workspace = true".to_owned();
        findings.push(finding(
            file,
            "every crate has the workspace's lints",
            found,
            "add it: without it no lint applies",
        ));
    }
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let table = manifest.get(kind).and_then(Value::as_table);
        for (name, value) in table.into_iter().flatten() {
            if !is_inherited(value) {
                let found = format!("{kind}.{name} = {value}");
                let remedy = "write `NAME.workspace = true` and the version into the top Cargo.toml";
                findings.push(finding(file, "one version of a dependency for the workspace", found, remedy));
            }
            for (_, _, remedy) in
                NOT_IN.iter().filter(|(path, banned, _)| *path == file.path && banned.contains(&name.as_str()))
            {
                findings.push(finding(file, "a layer depends only on what it may know", name.clone(), remedy));
            }
        }
    }
}

fn finding(file: &File, rule: &'static str, found: String, remedy: &'static str) -> Finding {
    Finding { file: file.path.clone(), line: 0, rule, found, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> Vec<String> {
        check(&[File::new(path, text)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn missing_lints_and_own_versions_are_found() {
        let lints = "[lints]\nworkspace = true\n";
        assert!(broken("agent/Cargo.toml", &format!("{lints}[dependencies]\nclap.workspace = true\n")).is_empty());
        assert!(broken("agent/Cargo.toml", "[package]\nname = 'x'\n")[0].contains("no lint applies"));
        assert!(
            broken("agent/Cargo.toml", &format!("{lints}[dependencies]\nclap = '4'\n"))[0]
                .contains("dependencies.clap")
        );
        assert_eq!(broken("agent/Cargo.toml", "[").len(), 1);
    }

    #[test]
    fn layers_are_held() {
        let text = "[lints]\nworkspace = true\n[dependencies]\ntokio.workspace = true\n";
        assert!(broken("common/Cargo.toml", text)[0].contains("tokio"));
        assert!(broken("collector/Cargo.toml", text).is_empty());
    }
}
