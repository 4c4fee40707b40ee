//! Import and export with a real collector: into closed hours, twice, broken off, there and back again.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use evenkeel_common::clock;
use serde_json::Value;

use crate::site::{Site, text};

const HOUR: u64 = 3_600;

fn now() -> Result<u64> {
    Ok(u64::try_from(clock::wall().0 / 1_000)?)
}

/// The begin of an hour some days ago.
fn days_ago(days: u64) -> Result<u64> {
    Ok((now()? / HOUR - days * 24) * HOUR)
}

/// Six hours of four series at 30 s, one of them with names that need quotes, one of the catalogue with all its digits.
fn sample(start: u64) -> Result<String> {
    let mut csv = "time,entity,metric,device,value\n".to_owned();
    for n in 0..6 * HOUR / 30 {
        let at = start + n * 30;
        writeln!(csv, "{at},\"web, \"\"1\"\"\",app_requests_total,,{}", n * 3)?;
        writeln!(csv, "{at}.25,\"web, \"\"1\"\"\",app_delay_seconds,\"q=\"\"0,9\"\"\",{}", 0.001 * ((n % 97) as f64))?;
        writeln!(csv, "{at},11111111-0000-4000-8000-000000000001,vm_cpu_seconds_total,,{}.{:09}", n, 123_456_789 + n)?;
        writeln!(csv, "{at},host:h 9,host_cpu_user_seconds_total,cpu0,{}.5", n)?;
    }
    Ok(csv)
}

fn written(site: &Site, name: &str, content: &str) -> Result<String> {
    let path = site.path(name);
    fs::write(&path, content)?;
    Ok(path.display().to_string())
}

fn count(summary: &Value) -> [Option<u64>; 3] {
    ["accepted", "duplicates", "rejected_total"].map(|key| summary[key].as_u64())
}

#[test]
fn what_is_exported_and_imported_elsewhere_is_exported_the_same() -> Result<()> {
    let (one, other) = (Site::set_up()?, Site::set_up()?);
    let (_first, _second) = (one.serve()?, other.serve()?);
    let csv = sample(days_ago(10)?)?;
    let lines = csv.lines().count() as u64 - 1;
    let file = written(&one, "in.csv", &csv)?;
    let summary = one.json(&["import", "--format", "csv", "--create", &file])?;
    ensure!(count(&summary) == [Some(lines), Some(0), Some(0)], "{summary}");
    for format in ["csv", "openmetrics"] {
        let exported = one.expect(0, &["export", "--format", format])?.stdout;
        let path = other.path("out").display().to_string();
        fs::write(&path, &exported)?;
        let summary = other.json(&["import", "--format", format, "--create", &path])?;
        let expected = if format == "csv" { [Some(lines), Some(0), Some(0)] } else { [Some(0), Some(lines), Some(0)] };
        ensure!(count(&summary) == expected, "{format}: {summary}");
        let file = other.path("again").display().to_string();
        other.expect(0, &["export", "--format", format, "--file", &file])?;
        ensure!(fs::read(&file)? == exported, "{format} differs");
        ensure!(!other.path("again.partial").exists(), "the file gets its name at the end");
    }
    let some = ["export", "--vm", "web*", "--metric", "app_delay*", "--device", "q*", "--from", "now-30d"];
    let exported = text(&other.expect(0, &some)?.stdout);
    ensure!(exported.lines().count() as u64 == 1 + lines / 4 && !exported.contains("requests"), "{exported}");
    Ok(())
}

#[test]
fn an_import_that_comes_again_changes_nothing_and_what_differs_is_rejected() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    let at = days_ago(3)?;
    let header = "time,entity,metric,device,value";
    let first = format!("{header}\n{at},web,load,,1\n{},web,load,,2\n{at},web,load,,1\n{at},web,load,,3\n", at + 30);
    let file = written(&site, "a.csv", &first)?;
    let refused = site.command(&["import", "--format", "csv", &file, "--output", "json"])?.output()?;
    ensure!(refused.status.code() == Some(1), "an unknown VM is rejected: {}", text(&refused.stderr));
    let refused: Value = serde_json::from_slice(&refused.stdout)?;
    ensure!(count(&refused) == [Some(0), Some(0), Some(4)], "{refused}");
    let reason = refused["rejected"][0]["reason"].as_str().unwrap_or_default();
    ensure!(refused["rejected"][0]["line"] == 2 && reason.contains("'web'") && reason.contains("--create"), "{reason}");
    let mut summaries = Vec::new();
    for _ in 0..2 {
        let output = site.command(&["import", "--format", "csv", "--create", &file, "--output", "json"])?.output()?;
        ensure!(output.status.code() == Some(1) && output.stderr.is_empty(), "{}", text(&output.stderr));
        summaries.push(serde_json::from_slice::<Value>(&output.stdout)?);
    }
    ensure!(count(&summaries[0]) == [Some(2), Some(1), Some(1)], "{}", summaries[0]);
    ensure!(count(&summaries[1]) == [Some(0), Some(3), Some(1)], "{}", summaries[1]);
    let rejected = &summaries[1]["rejected"][0];
    ensure!(rejected["line"] == 5 && rejected["reason"].as_str().is_some_and(|why| why.contains("another value")));
    ensure!(text(&site.expect(0, &["export"])?.stdout).lines().count() == 3, "two readings");
    Ok(())
}

#[test]
fn foreign_series_have_rates_and_nothing_is_invented_across_a_gap() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    let start = days_ago(3)?;
    let mut csv = "time,entity,metric,device,value\n".to_owned();
    // Two a second; then seven minutes of nothing, then a restart.
    for n in (0..60).chain(67..120) {
        let value = if n < 100 { 1_000 + n * 120 } else { (n - 100) * 120 };
        writeln!(csv, "{},web,hits_total,,{value}", start + n * 60)?;
    }
    let file = written(&site, "a.csv", &csv)?;
    site.expect(0, &["import", "--format", "csv", "--create", &file])?;
    let (from, to) = (start.to_string(), (start + 2 * HOUR).to_string());
    let ask = |step: &str| {
        site.json(&[
            "query",
            "--vm",
            "web",
            "--metric",
            "hits_total",
            "--fn",
            "rate",
            "--step",
            step,
            "--from",
            &from,
            "--to",
            &to,
        ])
    };
    let view = ask("1m")?;
    let series = &view["series"][0];
    ensure!(series["kind"] == "counter" && series["entity"] == "web", "{series}");
    let points = series["points"].as_array().context("points")?;
    ensure!(points.len() == 120, "{}", points.len());
    for (index, point) in points.iter().enumerate() {
        let expected = match index {
            59..=66 => point[1].is_null() && point[2] == "no_data",
            99 => point[1].is_null() && point[2] == "counter_reset",
            119 => point[1].is_null(),
            _ => point[1] == 2.0,
        };
        ensure!(expected, "minute {index}: {point}");
    }
    let raw = site.json(&["query", "--metric", "hits_*", "--from", &from, "--to", &to])?;
    ensure!(raw["series"][0]["points"].as_array().is_some_and(|points| points.len() == 113), "{raw}");
    ensure!(raw["series"][0]["points"][0][1] == 1_000, "whole numbers stay whole: {raw}");
    Ok(())
}

#[test]
fn openmetrics_is_taken_as_the_help_says() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    let at = days_ago(2)?;
    let body = format!(
        "# HELP delay Time.\n# TYPE delay histogram\ndelay_bucket{{vm=\"web\",le=\"0.5\"}} 3 {at} # {{trace=\"x\"}} 0.3\n\
         delay_sum{{vm=\"web\"}} 1.5 {at}.5\n# TYPE hits counter\nhits{{vm=\"web\"}} 3 {at}\nhits_total{{vm=\"web\"}} 3 {at}\n\
         hits_total{{vm=\"web\"}} 4\n# EOF\n"
    );
    let mut child = site
        .command(&["import", "--format", "openmetrics", "--create", "-", "--output", "json"])?
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    child.stdin.take().context("stdin")?.write_all(body.as_bytes())?;
    let output = child.wait_with_output()?;
    let summary: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(count(&summary) == [Some(3), Some(0), Some(2)], "{summary}");
    ensure!(
        text(&output.stderr) == "note: 1 exemplars were left out; their samples were taken\n",
        "{}",
        text(&output.stderr)
    );
    let reasons = |index: usize| summary["rejected"][index]["reason"].as_str().unwrap_or_default().to_owned();
    ensure!(reasons(0).contains("hits_total") && reasons(1).contains("timestamp"), "{summary}");
    let exported = text(&site.expect(0, &["export", "--metric", "delay_bucket"])?.stdout);
    ensure!(exported.ends_with(",web,delay_bucket,le=0.5,3\n"), "{exported}");
    // Cut off: what came is there, and it is said.
    let file = written(&site, "cut", &format!("hits_total{{vm=\"web\"}} 5 {}\n", at + 60))?;
    let cut = text(&site.expect(2, &["import", "--format", "openmetrics", &file])?.stderr);
    ensure!(cut.contains("# EOF") && cut.contains("run it again"), "{cut}");
    Ok(())
}

#[test]
fn an_import_goes_into_closed_hours_and_survives_a_kill_in_the_middle() -> Result<()> {
    let site = Site::set_up()?;
    let collector = site.serve()?;
    let csv = sample(days_ago(5)?)?;
    let lines = csv.lines().count() as u64 - 1;
    let file = written(&site, "in.csv", &csv)?;
    let mut import = site
        .command(&["import", "--format", "csv", "--create", "-"])?
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = import.stdin.take().context("stdin")?;
    // More than one piece, and then nobody answers.
    let half = csv.lines().take(5_000 / 2 + 2_500).collect::<Vec<_>>().join("\n");
    let most = half.len().min(csv.len() - 1);
    stdin.write_all(&csv.as_bytes()[..most])?;
    collector.kill()?;
    // The pipe may be closed already.
    let _ = stdin.write_all(&csv.as_bytes()[most..]);
    drop(stdin);
    let output = import.wait_with_output()?;
    let said = text(&output.stderr);
    ensure!(output.status.code() == Some(3) && said.contains("broken off: lines up to"), "{said}");
    let _again = site.serve()?;
    let summary = site.json(&["import", "--format", "csv", "--create", &file])?;
    let [accepted, duplicates, rejected] = count(&summary);
    ensure!(accepted.zip(duplicates).map(|(a, b)| a + b) == Some(lines) && rejected == Some(0), "{summary}");
    let exported = site.expect(0, &["export"])?.stdout;
    ensure!(text(&exported).lines().count() as u64 == lines + 1, "every reading once");
    Ok(())
}

#[test]
fn days_that_are_not_kept_are_rejected_and_a_bad_file_is_exit_2() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    let header = "time,entity,metric,device,value";
    let file =
        written(&site, "old.csv", &format!("{header}\n2001-01-01,web,load,,1\n{},web,load,,1\n", now()? + HOUR))?;
    let output = site.command(&["import", "--format", "csv", "--create", &file, "--output", "json"])?.output()?;
    let summary: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(count(&summary) == [Some(0), Some(0), Some(2)], "{summary}");
    ensure!(summary["rejected"][0]["reason"].as_str().is_some_and(|why| why.contains("store.retention")), "{summary}");
    ensure!(summary["rejected"][1]["reason"].as_str().is_some_and(|why| why.contains("future")), "{summary}");
    ensure!(site.expect(4, &["query", "--metric", "load"])?.stdout.is_empty(), "a bad file leaves no names behind");
    let file = written(&site, "bad.csv", "time,value\n1,2\n")?;
    let error = site.error(2, &["import", "--format", "csv", &file]);
    ensure!(error.is_err() || error?["message"].as_str().is_some_and(|why| why.contains("'entity'")));
    let missing = site.path("nothing").display().to_string();
    site.expect(2, &["import", "--format", "csv", &missing])?;
    site.expect(2, &["import", "--format", "csv", &site.path("data").display().to_string()])?;
    Ok(())
}

#[test]
fn a_progress_bar_is_on_a_terminal_only() -> Result<()> {
    let site = Site::set_up()?;
    let _collector = site.serve()?;
    let file = written(&site, "in.csv", &sample(days_ago(4)?)?)?;
    let output = site.expect(0, &["import", "--format", "csv", "--create", &file])?;
    ensure!(output.stderr.is_empty(), "no bar without a terminal: {}", text(&output.stderr));
    let import = format!(
        "stty cols 90 rows 10; exec {} import --format csv {file}",
        evenkeel_tests::programs::program("evenkeel")?.display()
    );
    let mut command = std::process::Command::new("script");
    for (name, value) in site.command(&[])?.get_envs() {
        command.env(name, value.context("a directory")?);
    }
    let shown =
        command.args(["--quiet", "--return", "--command", &import, "/dev/null"]).stdin(Stdio::null()).output()?;
    let shown_text = text(&shown.stdout);
    ensure!(
        shown.status.success() && shown_text.contains(" of ") && shown_text.contains("duplicates"),
        "{shown_text:?}"
    );
    Ok(())
}
