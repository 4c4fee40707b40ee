//! The command line on its own: verbs, exit codes, errors, and a collector without agents.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use evenkeel_tests::contract;
use evenkeel_tests::programs::program;

use crate::site::{Site, text};

#[test]
fn every_verb_of_the_contract_has_help() -> Result<()> {
    let site = Site::new()?;
    for verb in contract::COLLECTOR {
        let arguments: Vec<&str> = verb.split(' ').chain(["--help"]).collect();
        let help = text(&site.expect(0, &arguments)?.stdout);
        for option in ["--output", "--file", "--tz", "--socket", "--config-dir", "--data-dir", "--runtime-dir"] {
            ensure!(help.contains(option), "{verb} --help does not name {option}");
        }
    }
    Ok(())
}

#[test]
fn init_makes_a_collector_once_and_keeps_its_keys_to_itself() -> Result<()> {
    let site = Site::set_up()?;
    let mode = |name: &str| -> Result<u32> { Ok(fs::metadata(site.path(name))?.permissions().mode() & 0o777) };
    ensure!(mode("data")? == 0o700 && mode("data/pki/ca.key")? == 0o600, "the keys are the collector's alone");
    let before = fs::read(site.path("data/pki/ca.key"))?;
    let error = site.error(1, &["init"])?;
    ensure!(error["message"].as_str().is_some_and(|text| text.contains("collector.toml exists")), "{error}");
    fs::remove_file(site.path("config/collector.toml"))?;
    site.error(1, &["init"])?;
    ensure!(fs::read(site.path("data/pki/ca.key"))? == before, "nothing is overwritten");
    Ok(())
}

#[test]
fn a_collector_serves_alone_and_ends_with_exit_0() -> Result<()> {
    let site = Site::set_up()?;
    // A socket that a dead process left behind.
    drop(UnixListener::bind(site.path("runtime/api.sock"))?);
    let collector = site.serve()?;
    let status = site.json(&["status"])?;
    ensure!(status["healthy"] == true && status["agents"]["connected"] == 0, "{status}");
    let port = status["listen"].as_str().and_then(|listen| listen.rsplit(':').next());
    ensure!(port.is_some_and(|port| port != "0"), "the real port is shown: {status}");
    let second = text(&site.expect(1, &["serve"])?.stderr);
    ensure!(second.contains("another evenkeel serve"), "{second}");
    let other_data = site.path("other").display().to_string();
    fs::create_dir(&other_data)?;
    let same_socket = text(&site.expect(1, &["serve", "--data-dir", &other_data])?.stderr);
    ensure!(same_socket.contains("error: "), "{same_socket}");
    let mode = fs::metadata(site.path("runtime/api.sock"))?.permissions().mode() & 0o777;
    ensure!(mode == 0o660, "{mode:o}");
    ensure!(collector.stop()? == Some(0), "SIGTERM ends it with exit 0");
    ensure!(!site.path("runtime/api.sock").exists(), "its socket goes with it");
    site.serve()?;
    Ok(())
}

#[test]
fn lists_of_nothing_are_empty_and_what_is_not_there_is_exit_4() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    for noun in ["token", "agent", "host", "vm", "activity"] {
        ensure!(site.json(&[noun, "list"])?.as_array().is_some(), "{noun}");
        let csv = text(&site.expect(0, &[noun, "list", "--output", "csv"])?.stdout);
        ensure!(csv.lines().next().is_some_and(|header| header.contains(',')), "{noun}: {csv}");
    }
    for arguments in [["vm", "show", "nobody"], ["vm", "stats", "nobody"], ["host", "show", "nobody"]] {
        let error = site.error(4, &arguments)?;
        ensure!(error["kind"] == "not_found" && error["message"].as_str().is_some_and(|m| m.contains("'nobody'")));
        ensure!(error["hint"].as_str().is_some_and(|hint| hint.contains("list")), "{error}");
    }
    site.error(4, &["host", "retire", "nobody"])?;
    let file = site.path("vms.json").display().to_string();
    ensure!(site.expect(0, &["vm", "list", "--output", "json", "--file", &file])?.stdout.is_empty());
    ensure!(fs::read_to_string(&file)?.trim() == "[]");
    site.expect(0, &["vm", "top"])?;
    Ok(())
}

#[test]
fn wrong_usage_is_exit_2_and_says_what_is_right() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    for arguments in [
        &["dance"][..],
        &["vm"],
        &["vm", "list", "--wrong"],
        &["activity", "list", "--since", "later"],
        &["activity", "list", "--category", "sad"],
        &["status", "--wait", "10"],
        &["status", "--tz", "Mars/Olympus"],
        &["init", "--listen", "here"],
    ] {
        let error = site.error(2, arguments)?;
        ensure!(error["kind"] == "usage", "{arguments:?}: {error}");
        let plain = text(&site.expect(2, arguments)?.stderr);
        ensure!(plain.starts_with("error: "), "{arguments:?}: {plain}");
    }
    Ok(())
}

#[test]
fn a_collector_that_is_not_there_is_exit_3() -> Result<()> {
    let site = Site::set_up()?;
    for arguments in [&["status"][..], &["vm", "list"], &["status", "--wait", "200ms"]] {
        let error = site.error(3, arguments)?;
        ensure!(error["kind"] == "unreachable", "{error}");
        ensure!(error["hint"].as_str().is_some_and(|hint| hint.contains("evenkeel serve")), "{error}");
    }
    Ok(())
}

#[test]
fn check_config_reports_every_error_at_once_and_serve_does_not_start() -> Result<()> {
    let site = Site::set_up()?;
    fs::write(site.path("config/collector.toml"), "listn = '0.0.0.0:1'\nlog = 'loud'\n[store]\nretention = 7\n")?;
    for verb in ["check-config", "serve"] {
        let said = text(&site.expect(2, &[verb])?.stderr);
        for part in ["collector.toml: listn: ", "did you mean 'listen'", "log: \"loud\"", "store.retention"] {
            ensure!(said.contains(part), "{verb} does not say {part}: {said}");
        }
    }
    fs::write(site.path("config/collector.toml"), "log = 'warn'\n")?;
    fs::create_dir(site.path("config/conf.d"))?;
    fs::write(site.path("config/conf.d/50-more.toml"), "log = 'debug'\n")?;
    let lines = site.json(&["check-config", "--origin"])?;
    let log = lines.as_array().into_iter().flatten().find(|line| line["key"] == "log").context("log")?;
    ensure!(
        log["value"] == "\"debug\"" && log["origin"].as_str().is_some_and(|o| o.ends_with("50-more.toml")),
        "{log}"
    );
    Ok(())
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() -> Result<()> {
    let site = Site::new()?;
    let mut completions = site.command(&["completions", "bash"])?;
    let mut child = completions.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output()?;
    ensure!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
    Ok(())
}

#[test]
fn top_takes_the_terminal_and_gives_it_back() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    let top = format!("stty cols 60 rows 10; exec {} vm top", program("evenkeel")?.display());
    let mut command = Command::new("script");
    for (name, value) in site.command(&[])?.get_envs() {
        command.env(name, value.context("a directory")?);
    }
    let mut script = command
        .args(["--quiet", "--return", "--command", &top, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (mut keys, mut shown) = (script.stdin.take().context("stdin")?, script.stdout.take().context("stdout")?);
    let (mut seen, mut part) = (String::new(), [0; 4096]);
    while !seen.contains("NAME") {
        let length = shown.read(&mut part)?;
        ensure!(length > 0, "it ended: {seen}");
        seen.push_str(&text(&part[..length]));
    }
    ensure!(seen.contains("\u{1b}[?1049h") && !seen.contains("MISSING"), "a screen of its own, narrow: {seen:?}");
    keys.write_all(b"mq")?;
    shown.read_to_string(&mut seen)?;
    ensure!(script.wait()?.success(), "q ends it with exit 0");
    ensure!(seen.contains("by memory") && seen.contains("\u{1b}[?1049l"), "the terminal is given back: {seen:?}");
    Ok(())
}
