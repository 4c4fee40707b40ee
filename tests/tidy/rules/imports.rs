//! Imports go one way: which module of a crate may name which other one.

use crate::finding::Finding;
use crate::mask::{mask, without_tests};
use crate::tree::File;

/// A module of a crate and the modules of the same crate that it may use. A module that is not listed is a breach, so
/// that a new room says at once whom it may know.
pub type Rooms = &'static [(&'static str, &'static [&'static str])];

/// Rooms of each crate, by the folder of its sources.
pub const CRATES: &[(&str, Rooms)] = &[("agent/src", AGENT), ("collector/src", COLLECTOR)];

/// Readings go from scrape over gather and sampler to uplink, events beside them; the actor only shares the reading of
/// who manages a domain, so that both halves never differ on it. `libvirt` is the other program, with modules of its own.
const AGENT: Rooms = &[
    ("actor", &["gather"]),
    ("check", &["config", "events", "groups", "scrape", "uplink"]),
    ("events", &["config", "filter", "gather", "scrape", "uplink"]),
    ("config", &["filter", "groups", "probe"]),
    ("filter", &[]),
    ("gather", &["filter", "groups", "scrape", "selfstats"]),
    ("groups", &[]),
    ("host", &["gather"]),
    ("libvirt", &[]),
    ("logging", &[]),
    ("notify", &[]),
    ("probe", &["filter", "gather"]),
    ("kernel", &["gather"]),
    (
        "sampler",
        &["config", "events", "filter", "gather", "groups", "host", "kernel", "schedule", "scrape", "selfstats"],
    ),
    ("schedule", &[]),
    ("scrape", &["config", "groups", "selfstats"]),
    ("selfstats", &[]),
    ("spool", &[]),
    ("uplink", &["actor", "config", "gather", "spool"]),
    (
        "app",
        &[
            "actor",
            "config",
            "events",
            "gather",
            "logging",
            "notify",
            "probe",
            "sampler",
            "schedule",
            "selfstats",
            "uplink",
        ],
    ),
    ("cli", &["app", "check", "config", "gather", "logging", "sampler", "uplink"]),
];

/// Kernels (series, stats, sla, csi) know no store, the store knows no kernel; control brings them together, and only
/// app knows everybody. The verbs of `stats` compute on the operator's own files, without a collector. Views show the
/// outputs of the seven steps as they are on record.
const COLLECTOR: Rooms = &[
    ("config", &[]),
    ("view", &["csi"]),
    ("report", &["csi", "sla", "view"]),
    ("stats", &[]),
    ("series", &["stats"]),
    ("sla", &["series", "stats"]),
    ("change", &["series", "sla", "stats"]),
    ("csi", &["series", "sla", "stats"]),
    ("store", &["series"]),
    ("ingest", &["store"]),
    ("enrol", &["store"]),
    ("net", &["enrol", "ingest", "store"]),
    ("action", &["config", "net", "store"]),
    ("control", &["action", "change", "config", "csi", "enrol", "net", "series", "sla", "stats", "store", "view"]),
    ("api", &["control", "store", "view"]),
    ("app", &["action", "api", "config", "control", "enrol", "ingest", "net", "store"]),
    ("cli", &["api", "app", "config", "control", "csi", "enrol", "net", "report", "stats", "store", "view"]),
];

/// Uses that go the wrong way.
pub fn check(files: &[File], crates: &[(&str, Rooms)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (source, rooms) in crates {
        for file in files.iter().filter(|file| file.is_rust() && file.is_in(source) && !file.is_test()) {
            let Some(room) = room_of(file, source) else { continue };
            let Some((_, may_use)) = rooms.iter().find(|(name, _)| *name == room) else {
                findings.push(finding(file, 0, format!("room '{room}' is not listed")));
                continue;
            };
            let code = without_tests(&mask(&file.text).code);
            for (line, used) in uses(&code) {
                let is_room = rooms.iter().any(|(name, _)| *name == used);
                if is_room && used != room && !may_use.contains(&used.as_str()) {
                    findings.push(finding(file, line, format!("'{room}' uses '{used}'")));
                }
            }
        }
    }
    findings
}

/// The top module that a file belongs to; `None` for the roots `lib.rs` and `main.rs`, which only declare modules.
fn room_of<'a>(file: &'a File, source: &str) -> Option<&'a str> {
    let inside = file.path.strip_prefix(source)?.trim_start_matches('/');
    let first = inside.split('/').next()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main"].contains(&room)).then_some(room)
}

/// Names after `crate::`, also in `use crate::{a::x, b}`.
fn uses(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, mark) in code.match_indices("crate::") {
        let line = code[..index].lines().count().max(1);
        let rest = &code[index + mark.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(heads_of_list(list).into_iter().map(|name| (line, name))),
            None => found.push((line, first_word(rest))),
        }
    }
    found
}

fn heads_of_list(list: &str) -> Vec<String> {
    let (mut heads, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (index, ch) in list.char_indices() {
        match ch {
            '{' => depth += 1,
            '}' if depth == 0 => {
                heads.push(first_word(list[start..index].trim_start()));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(first_word(list[start..index].trim_start()));
                start = index + 1;
            }
            _ => {}
        }
    }
    heads
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|ch| ch.is_alphanumeric() || *ch == '_').collect()
}

fn finding(file: &File, line: usize, found: String) -> Finding {
    Finding {
        file: file.path.clone(),
        line,
        rule: "imports go one way",
        found,
        remedy: "let control or app bring the two together, or list it in tests/tidy/rules/imports.rs with the design",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOMS: &[(&str, Rooms)] = &[("c/src", &[("store", &[]), ("stats", &[]), ("control", &["store", "stats"])])];

    fn broken(path: &str, text: &str) -> Vec<String> {
        check(&[File::new(path, text)], ROOMS).iter().map(|finding| finding.found.clone()).collect()
    }

    #[test]
    fn uses_against_the_direction_are_found() {
        assert!(
            broken("c/src/control/vm.rs", "use crate::store::Store;\nuse crate::{stats::mean, control::x};").is_empty()
        );
        assert_eq!(broken("c/src/stats/t.rs", "use crate::store::Store;"), ["'stats' uses 'store'"]);
        assert_eq!(broken("c/src/store.rs", "use crate::{store::{a, b}, control::x};"), ["'store' uses 'control'"]);
        assert_eq!(broken("c/src/store/a.rs", "fn f() { crate::stats::mean() }"), ["'store' uses 'stats'"]);
        assert!(broken("c/src/lib.rs", "use crate::store::Store;").is_empty());
    }

    #[test]
    fn a_new_room_must_be_listed() {
        assert_eq!(broken("c/src/attic.rs", ""), ["room 'attic' is not listed"]);
    }
}
