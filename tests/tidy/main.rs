//! House rules as tests: what a reviewer would otherwise have to see by eye. Each message names file, rule and remedy.

mod finding;
mod mask;
mod rules;
mod tree;

use finding::expect_none;
use rules::{imports, layout, manifest, purity, records, shipped, size, verbs, words};

#[test]
fn the_top_level_holds_what_it_should() {
    expect_none(&layout::check(&tree::top_level()));
}

#[test]
fn manifests_take_lints_and_versions_from_the_workspace() {
    expect_none(&manifest::check(&tree::files()));
}

#[test]
fn files_are_short() {
    expect_none(&size::check(&tree::files()));
}

#[test]
fn pure_code_is_pure() {
    expect_none(&purity::check(&tree::files(), purity::PURE));
}

#[test]
fn words_stay_in_their_places() {
    expect_none(&words::check(&tree::files()));
}

#[test]
fn no_registry_host_and_no_path_of_one_machine() {
    expect_none(&words::check_places(&tree::files(), &words::checkout()));
}

#[test]
fn imports_go_one_way() {
    expect_none(&imports::check(&tree::files(), imports::CRATES));
}

#[test]
fn records_are_true() {
    expect_none(&records::check(&tree::files()));
}

#[test]
fn verbs_are_those_of_the_contract() {
    use evenkeel_tests::contract;
    expect_none(&verbs::check(&evenkeel_agent::cli::command(), contract::AGENT));
    expect_none(&verbs::check(&evenkeel_collector::cli::command(), contract::COLLECTOR));
}

#[test]
fn generated_files_are_fresh() {
    use evenkeel_tests::docs::{GENERATED, shipped};
    expect_none(&shipped::check(&tree::files(), GENERATED, &shipped()));
}

#[test]
fn shipped_configurations_are_read_without_an_error() {
    let dir = tree::root().join("packaging/config");
    for schema in evenkeel_tests::docs::schemas() {
        let loaded = evenkeel_common::config::load(schema, &dir, |_| None);
        assert!(loaded.is_ok(), "{}: {}", schema.file, loaded.unwrap_err());
    }
}
