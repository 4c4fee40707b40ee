//! The verbs that scripts rely on: none disappears or is renamed, and a new one is written down here.

use clap::Command;

use crate::finding::Finding;

/// Verbs that are gone, and verbs that are not written down.
pub fn check(command: &Command, wanted: &[&str]) -> Vec<Finding> {
    let offered = verbs(command, "");
    let name = command.get_name();
    let finding = |verb: &str, found: &str, remedy: &'static str| Finding {
        file: "tests/src/contract.rs".to_owned(),
        line: 0,
        rule: "the command line is a contract",
        found: format!("'{name} {verb}' {found}"),
        remedy,
    };
    let gone = wanted.iter().filter(|verb| !offered.iter().any(|offer| offer == *verb));
    let new = offered.iter().filter(|offer| !wanted.contains(&offer.as_str()));
    gone.map(|verb| finding(verb, "is gone", "bring it back: scripts use it"))
        .chain(new.map(|verb| finding(verb, "is new", "write it down there and into the change log")))
        .collect()
}

fn verbs(command: &Command, before: &str) -> Vec<String> {
    let mut found = Vec::new();
    for verb in command.get_subcommands().filter(|verb| verb.get_name() != "help") {
        let name = format!("{before}{}", verb.get_name());
        if verb.has_subcommands() {
            found.extend(verbs(verb, &format!("{name} ")));
        } else {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gone_and_new_verbs_are_found() {
        let noun = Command::new("vm").subcommand(Command::new("list")).subcommand(Command::new("dance"));
        let command = Command::new("evenkeel").subcommand(Command::new("init")).subcommand(noun);
        let found = |wanted: &[&str]| -> Vec<String> {
            check(&command, wanted).iter().map(|finding| finding.found.clone()).collect()
        };
        assert!(found(&["init", "vm dance", "vm list"]).is_empty());
        assert_eq!(found(&["init", "serve", "vm list"]), ["'evenkeel serve' is gone", "'evenkeel vm dance' is new"]);
    }
}
