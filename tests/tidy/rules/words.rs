//! Words that belong to one place, or nowhere.

use crate::finding::Finding;
use crate::mask::{Masked, lines_with, mask, without_tests};
use crate::tree::{self, File};

/// Which part of a Rust file is searched. In other files everything is.
#[derive(Clone, Copy)]
enum Where {
    Code,
    CodeAndComments,
    Quoted,
    Everything,
}

/// Words that may stand only in some places.
struct Word {
    words: &'static [&'static str],
    within: Where,
    /// Files and folders that may hold them.
    only_in: &'static [&'static str],
    /// Whether test code may hold them, wherever it is.
    in_tests: bool,
    rule: &'static str,
    remedy: &'static str,
}

const WORDS: &[Word] = &[
    Word {
        words: &["rusqlite"],
        within: Where::Code,
        only_in: &["collector/src/store", "collector/src/store.rs"],
        in_tests: true,
        rule: "SQL stays in the store",
        remedy: "add an operation to collector/src/store and call that",
    },
    Word {
        words: &["SELECT ", "INSERT INTO", "DELETE FROM", "CREATE TABLE", "UPDATE "],
        within: Where::Quoted,
        only_in: &["collector/src/store", "collector/src/store.rs"],
        in_tests: true,
        rule: "SQL stays in the store",
        remedy: "add an operation to collector/src/store and call that",
    },
    Word {
        words: &["virt::", "virt_sys"],
        within: Where::Code,
        only_in: &["agent/src/libvirt"],
        in_tests: false,
        rule: "only evenkeel-agent-libvirt links libvirt",
        remedy: "move it below agent/src/libvirt or ask the worker for it",
    },
    Word {
        words: &["unsafe"],
        within: Where::Code,
        only_in: &["agent/src/libvirt/ffi.rs", "agent/src/libvirt/ffi"],
        in_tests: false,
        rule: "unsafe code stays in the FFI module",
        remedy: "wrap the call in agent/src/libvirt/ffi.rs with a SAFETY comment",
    },
    Word {
        words: &["bincode::"],
        within: Where::Code,
        only_in: &["common/src/wire", "common/src/wire.rs"],
        in_tests: false,
        rule: "bincode stays behind the wire module",
        remedy: "define the message in common/src/wire and use common/src/wire/codec.rs",
    },
    Word {
        words: &["bincode::encode", "bincode::decode", "bincode::config", "encode_to_vec", "decode_from_slice"],
        within: Where::Code,
        only_in: &["common/src/wire/codec.rs"],
        in_tests: false,
        rule: "one codec file",
        remedy: "call common/src/wire/codec.rs, which checks the limits",
    },
    Word {
        words: &["quinn"],
        within: Where::Code,
        only_in: &["agent/src/uplink", "agent/src/uplink.rs", "collector/src/net", "collector/src/net.rs"],
        in_tests: true,
        rule: "QUIC stays in the session code",
        remedy: "go through agent/src/uplink or collector/src/net",
    },
    Word {
        words: &["statrs"],
        within: Where::Code,
        only_in: &["collector/src/stats", "collector/src/stats.rs"],
        in_tests: false,
        rule: "distributions are called from the statistics only",
        remedy: "add a function to collector/src/stats and call that",
    },
    Word {
        words: &["stats_tests"],
        within: Where::Code,
        only_in: &[],
        in_tests: false,
        rule: "the tests are our own",
        remedy: "use collector/src/stats, which is held against certified values",
    },
    Word {
        words: &["unbounded_channel", "mpsc::channel()"],
        within: Where::Code,
        only_in: &[],
        in_tests: false,
        rule: "every channel has a bound",
        remedy: "use a bounded channel with a bound from common/src/limits.rs",
    },
    Word {
        words: &["anyhow"],
        within: Where::Code,
        only_in: &[
            "agent/src/app",
            "agent/src/app.rs",
            "agent/src/cli",
            "agent/src/cli.rs",
            "agent/src/libvirt/actor.rs",
            "agent/src/libvirt/main.rs",
            "agent/src/libvirt/scrape_worker.rs",
            "agent/src/main.rs",
            "collector/src/app",
            "collector/src/app.rs",
            "collector/src/cli",
            "collector/src/cli.rs",
            "collector/src/main.rs",
        ],
        in_tests: true,
        rule: "libraries have typed errors",
        remedy: "make an enum with thiserror for the operation",
    },
    Word {
        words: &["todo!", "unimplemented!", "TODO", "FIXME", "XXX"],
        within: Where::CodeAndComments,
        only_in: &[],
        in_tests: false,
        rule: "nothing unfinished is committed",
        remedy: "finish it, or leave it out and file an issue",
    },
    Word {
        words: &["#[ignore"],
        within: Where::Code,
        only_in: &[],
        in_tests: false,
        rule: "a test runs or does not exist",
        remedy: "make it pass or remove it",
    },
    Word {
        words: &["thread::sleep", "time::sleep"],
        within: Where::Code,
        only_in: &["agent/src", "collector/src", "tests/src"],
        in_tests: false,
        rule: "tests wait for a condition, with a deadline",
        remedy: "use the harness's wait, which polls and gives up",
    },
    Word {
        words: &["/home/", "/root/", "/Users/"],
        within: Where::Everything,
        only_in: &[],
        in_tests: false,
        rule: "no path of one machine",
        remedy: "take the path from an argument, the environment or the source tree",
    },
];

/// Files in which a word is data and not a breach: this table.
const THIS_FILE: &str = "tests/tidy/rules/words.rs";

/// Words in places where they do not belong.
pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != THIS_FILE) {
        let masked = if file.is_rust() { Some(mask(&file.text)) } else { None };
        for word in WORDS.iter().filter(|word| !word.only_in.iter().any(|place| file.is_in(place))) {
            if !(word.in_tests && file.is_test()) {
                look_for(word, file, masked.as_ref(), &mut findings);
            }
        }
    }
    findings
}

fn look_for(word: &Word, file: &File, masked: Option<&Masked>, findings: &mut Vec<Finding>) {
    for text in texts(word, file, masked) {
        for &found in word.words {
            findings.extend(lines_with(&text, found).into_iter().map(|line| Finding {
                file: file.path.clone(),
                line,
                rule: word.rule,
                found: format!("'{}'", found.trim()),
                remedy: word.remedy,
            }));
        }
    }
}

fn texts(word: &Word, file: &File, masked: Option<&Masked>) -> Vec<String> {
    match (word.within, masked) {
        (Where::Everything, _) => vec![file.text.clone()],
        (Where::CodeAndComments, None) if !file.is_lock() => vec![file.text.clone()],
        (Where::CodeAndComments, Some(masked)) => vec![masked.code.clone(), masked.comments.clone()],
        (Where::Code, Some(masked)) if word.in_tests => vec![without_tests(&masked.code)],
        (Where::Code, Some(masked)) => vec![masked.code.clone()],
        (Where::Quoted, Some(masked)) => vec![masked.quoted.clone()],
        (_, None) => Vec::new(),
    }
}

/// Hosts of package registries and the folder of this checkout, which must not be baked into anything.
pub fn check_places(files: &[File], checkout: &str) -> Vec<Finding> {
    // Put together here, so that this file does not hold what it looks for.
    let hosts = [["crates", "io"], ["debian", "org"], ["npmjs", "org"], ["pypi", "org"]].map(|parts| parts.join("."));
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| !file.is_lock()) {
        for found in hosts.iter().map(String::as_str).chain([checkout]) {
            for line in lines_with(&file.text, found) {
                findings.push(Finding {
                    file: file.path.clone(),
                    line,
                    rule: "no registry host and no path of one machine",
                    found: format!("'{found}'"),
                    remedy: "use the registry that the machine is set up with, and paths from the source tree",
                });
            }
        }
    }
    findings
}

/// The folder of this checkout.
pub fn checkout() -> String {
    tree::root().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> Vec<&'static str> {
        check(&[File::new(path, text)]).iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn layers_are_held() {
        assert_eq!(broken("collector/src/api/vm.rs", "use rusqlite::Connection;"), ["SQL stays in the store"]);
        assert_eq!(broken("collector/src/control/vm.rs", "let q = \"SELECT 1\";"), ["SQL stays in the store"]);
        assert!(broken("collector/src/ingest/tests.rs", "use rusqlite::Connection; let q = \"SELECT 1\";").is_empty());
        assert!(broken("collector/src/store/vm.rs", "use rusqlite::Connection; let q = \"SELECT 1\";").is_empty());
        assert_eq!(broken("agent/src/gather/cpu.rs", "virt_sys::f();"), ["only evenkeel-agent-libvirt links libvirt"]);
        assert_eq!(broken("agent/src/app.rs", "unsafe { f() }"), ["unsafe code stays in the FFI module"]);
        assert_eq!(broken("agent/src/scrape.rs", "bincode::Encode"), ["bincode stays behind the wire module"]);
        assert_eq!(broken("common/src/wire/v1.rs", "encode_to_vec(x)"), ["one codec file"]);
        assert_eq!(broken("collector/src/ingest.rs", "quinn::Connection"), ["QUIC stays in the session code"]);
        assert_eq!(broken("collector/src/stats/t.rs", "use statrs::stats_tests::x;"), ["the tests are our own"]);
        assert_eq!(broken("common/src/a.rs", "unbounded_channel()"), ["every channel has a bound"]);
        assert_eq!(broken("collector/src/net/a.rs", "anyhow::Result"), ["libraries have typed errors"]);
    }

    #[test]
    fn unfinished_work_is_found_in_code_comments_and_scripts() {
        for (path, text) in [
            ("agent/src/a.rs", "fn f() { todo!() }"),
            ("agent/src/a.rs", "// TODO later"),
            ("tests/run", "# FIXME"),
            ("README.md", "XXX"),
        ] {
            assert_eq!(broken(path, text), ["nothing unfinished is committed"], "{path}: {text}");
        }
        assert!(broken("agent/src/a.rs", "let x = \"TODO\";").is_empty());
        assert_eq!(broken("common/src/a.rs", "#[ignore]\nfn f() {}"), ["a test runs or does not exist"]);
        assert_eq!(broken("tests/it/a.rs", "std::thread::sleep(x)"), ["tests wait for a condition, with a deadline"]);
    }

    #[test]
    fn the_line_is_the_one_in_the_file() {
        let findings = check(&[File::new("agent/src/a.rs", "fn f() {}\n\n// TODO\nfn g() { todo!() }\n")]);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [4, 3], "{findings:?}");
    }

    #[test]
    fn places_of_one_machine_are_found() {
        let file = |text: &str| [File::new("packaging/x", text)];
        assert_eq!(check_places(&file("cd /srv/checkout/a"), "/srv/checkout").len(), 1);
        assert_eq!(check_places(&file(&["index.crates", "io"].join(".")), "/srv/checkout").len(), 1);
        assert!(check_places(&file("cd \"$root\""), "/srv/checkout").is_empty());
        assert_eq!(broken("packaging/x", "cd /home/me"), ["no path of one machine"]);
    }
}
