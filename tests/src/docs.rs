//! What is shipped beside the programs and made from their source: man pages, shell completions, default
//! configurations. They are committed, so that a change of the command line shows in a review.

use clap::Command;
use clap_complete::Shell;
use evenkeel_agent::actor::policy as actions;
use evenkeel_agent::config as agent;
use evenkeel_collector::config as collector;
use evenkeel_common::config::Schema;

/// One generated file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// Path from the top of the source tree.
    pub path: String,
    /// What it has to hold.
    pub content: String,
}

/// Folders that hold generated files and nothing else.
pub const GENERATED: &[&str] = &["packaging/completions", "packaging/config", "packaging/man"];

/// The schemas of the shipped configurations.
#[must_use]
pub fn schemas() -> [&'static Schema; 3] {
    [&actions::SCHEMA, &agent::SCHEMA, &collector::SCHEMA]
}

/// Everything that is generated.
#[must_use]
pub fn shipped() -> Vec<Shipped> {
    let mut files = vec![
        file("packaging/config/actions.toml", actions::document()),
        file("packaging/config/agent.toml", agent::document(&[])),
        file("packaging/config/collector.toml", collector::document(&[])),
    ];
    for (command, section) in [(evenkeel_agent::cli::command(), 8), (evenkeel_collector::cli::command(), 1)] {
        completions(&command, &mut files);
        man_pages(command, section, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn file(path: &str, content: String) -> Shipped {
    Shipped { path: path.to_owned(), content }
}

fn completions(command: &Command, files: &mut Vec<Shipped>) {
    let name = command.get_name().to_owned();
    for (shell, path) in
        [(Shell::Bash, name.clone()), (Shell::Fish, format!("{name}.fish")), (Shell::Zsh, format!("_{name}"))]
    {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), &name, &mut script);
        files.push(file(&format!("packaging/completions/{path}"), String::from_utf8_lossy(&script).into_owned()));
    }
}

/// A page for the program and one for every verb, as git and kubectl have them.
fn man_pages(command: Command, section: u8, files: &mut Vec<Shipped>) {
    let mut root = command.disable_help_subcommand(true);
    root.build();
    let name = root.get_name().to_owned();
    page(root, name, section, files);
}

fn page(command: Command, name: String, section: u8, files: &mut Vec<Shipped>) {
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        page(verb.clone(), format!("{name}-{}", verb.get_name()), section, files);
    }
    let man = clap_mangen::Man::new(command.display_name(&name)).title(&name).section(section.to_string());
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = man.render(&mut text);
    let text = String::from_utf8_lossy(&text).into_owned();
    files.push(file(&format!("packaging/man/{name}.{section}"), text));
}
