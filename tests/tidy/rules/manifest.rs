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
    let top = files.iter().find(|file| file.path == "Cargo.toml").and_then(|file| file.text.parse::<Table>().ok());
    for file in files.iter().filter(|file| file.path.ends_with("/Cargo.toml")) {
        match file.text.parse::<Table>() {
            Ok(manifest) => {
                check_one(file, &manifest, &mut findings);
                if let (Some(top), Some(own)) = (&top, manifest.get("workspace")) {
                    check_own_workspace(file, top, own, &mut findings);
                }
            }
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

/// A folder with a workspace of its own (`tests/fuzz`) takes the same versions as the others.
fn check_own_workspace(file: &File, top: &Table, own: &Value, findings: &mut Vec<Finding>) {
    let version = |value: &Value| value.as_str().or_else(|| value.get("version")?.as_str()).map(str::to_owned);
    let of_top = top.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    for (name, value) in own.get("dependencies").and_then(Value::as_table).into_iter().flatten() {
        let Some(wanted) = of_top.and_then(|table| table.get(name)).and_then(version) else { continue };
        if version(value).as_ref() != Some(&wanted) {
            let found = format!("workspace.dependencies.{name} = {value}, the top has {wanted}");
            let remedy = "write the version of the top Cargo.toml";
            findings.push(finding(file, "one version of a dependency for the workspace", found, remedy));
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
    fn a_workspace_of_its_own_takes_the_versions_of_the_top() {
        let top = File::new("Cargo.toml", "[workspace.dependencies]\nclap = { version = '4' }\nserde = '1'\n");
        let own = |text: &str| {
            let text = format!("[lints]\nworkspace = true\n[workspace.dependencies]\n{text}");
            check(&[top.clone(), File::new("tests/fuzz/Cargo.toml", &text)])
        };
        assert!(own("clap = '4'\nserde = { version = '1' }\nfuzzer = '0.4'\n").is_empty());
        assert_eq!(own("clap = '3'\n").len(), 1);
    }

    #[test]
    fn layers_are_held() {
        let text = "[lints]\nworkspace = true\n[dependencies]\ntokio.workspace = true\n";
        assert!(broken("common/Cargo.toml", text)[0].contains("tokio"));
        assert!(broken("collector/Cargo.toml", text).is_empty());
    }
}
