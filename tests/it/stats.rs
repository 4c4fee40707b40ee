//! `evenkeel stats …` as people and scripts call it: on files, without a collector.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use evenkeel_tests::bench::stats::random::Random;
use evenkeel_tests::bench::stats::series::Noise;
use evenkeel_tests::programs::program;
use serde_json::Value;

/// A folder of series.
struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn new() -> Result<Self> {
        Ok(Self { dir: tempfile::tempdir()? })
    }

    /// A series of readings 10 s apart, the first one so many readings after a fixed time.
    fn series(&self, name: &str, first: usize, values: &[f64]) -> Result<()> {
        let mut text = "time,value\n".to_owned();
        for (at, value) in values.iter().enumerate() {
            writeln!(text, "{},{value}", 1_795_132_800 + 10 * (first + at))?;
        }
        self.text(name, &text)
    }

    fn text(&self, name: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.dir.path().join(name), text)?)
    }

    fn run(&self, arguments: &[&str], input: &str) -> Result<Output> {
        let mut child = Command::new(program("evenkeel")?)
            .args(["stats"])
            .args(arguments)
            .current_dir(self.dir.path())
            .env("EVENKEEL_RUNTIME_DIR", self.dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("piped")?.write_all(input.as_bytes())?;
        Ok(child.wait_with_output()?)
    }

    fn expect(&self, code: i32, arguments: &[&str], input: &str) -> Result<String> {
        let output = self.run(arguments, input)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.code() == Some(code), "{arguments:?}: {:?}, not {code}: {said}", output.status);
        Ok(if code == 2 || code == 3 { said } else { String::from_utf8(output.stdout)? })
    }

    fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.expect(0, &[arguments, &["--output", "json"]].concat(), "")?;
        serde_json::from_str(&text).with_context(|| format!("{arguments:?}: {text}"))
    }
}

/// Twelve hours without a change, split in the middle; the second half may be shifted.
fn halves(files: &Files, shift: f64) -> Result<()> {
    let values: Vec<f64> = Noise::Ar(0.9).make(4_320, &mut Random::of("it", 0)).iter().map(|v| 100.0 + v).collect();
    files.series("before.csv", 0, &values[..2_160])?;
    files.series("after.csv", 2_160, &values[2_160..])?;
    let shifted: Vec<f64> = values[2_160..].iter().map(|value| value + shift).collect();
    files.series("shifted.csv", 2_160, &shifted)
}

/// The contract's keys of a verdict.
const KEYS: [&str; 20] = [
    "verdict",
    "p",
    "p_adjusted",
    "estimate",
    "ci_low",
    "ci_high",
    "threshold",
    "k_eff",
    "r",
    "n_before",
    "n_after",
    "missing_share",
    "unit",
    "form",
    "mde",
    "more_time_s",
    "rank",
    "spread",
    "empirical_null_share",
    "words",
];

#[test]
fn a_verdict_has_all_its_keys_whatever_it_is() -> Result<()> {
    let files = Files::new()?;
    halves(&files, 8.0)?;
    files.text("empty.csv", "time,value\n")?;
    let verdict =
        |after: &str| files.json(&["verdict", "--before", "before.csv", "--after", after, "--better", "lower"]);
    let (same, shifted, empty) = (verdict("after.csv")?, verdict("shifted.csv")?, verdict("empty.csv")?);
    for (view, word) in [(&same, "no_change"), (&shifted, "degraded"), (&empty, "not_enough_data")] {
        ensure!(view["verdict"] == word, "{view}");
        for key in KEYS {
            ensure!(view.get(key).is_some(), "{word} has no {key}");
        }
        for key in ["p", "verdict", "ratio"] {
            ensure!(view["spread"].get(key).is_some() && view["rank"].get("p").is_some(), "{word} {key}");
        }
    }
    ensure!(empty["p"].is_null() && empty["n_before"] == 2_160 && empty["n_after"] == 0, "{empty}");
    ensure!((shifted["estimate"].as_f64().context("a number")? - 8.0).abs() < 0.6, "{shifted}");
    ensure!(shifted["unit"] == "blocks" && shifted["form"] == "mean", "{shifted}");
    let plain = files.expect(0, &["verdict", "--before", "before.csv", "--after", "shifted.csv"], "")?;
    ensure!(plain.starts_with("Changed: the mean changed by +7"), "{plain}");
    Ok(())
}

#[test]
fn a_batch_is_one_family_in_order_with_its_errors_in_their_lines() -> Result<()> {
    let files = Files::new()?;
    halves(&files, 1.5)?;
    files.text("bad.csv", "time,value\n1,2\nsoon,3\n")?;
    let list =
        "before.csv\tshifted.csv\nbefore.csv\tafter.csv\nbefore.csv\tbad.csv\nonly.csv\nbefore.csv\tshifted.csv\r\n";
    let text = files.expect(1, &["verdict", "--batch", "--output", "json"], list)?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(lines.len() == 5, "{text}");
    let message = lines[2]["error"]["message"].as_str().context("a message")?;
    ensure!(message.contains("bad.csv: line 3"), "{message}");
    ensure!(lines[3]["error"]["kind"] == "usage", "{}", lines[3]);
    ensure!(lines[0]["p"] == lines[4]["p"] && lines[0]["p"] != lines[1]["p"], "in order");
    let p = |line: usize, key: &str| lines[line][key].as_f64().context("p");
    // Two of three are as small: Benjamini and Hochberg's factor is 3/2.
    ensure!((p(0, "p_adjusted")? - 1.5 * p(0, "p")?).abs() < 1e-12, "{}", lines[0]);
    ensure!(files.expect(0, &["verdict", "--batch", "--output", "json"], "")?.is_empty(), "no line, no result");
    Ok(())
}

#[test]
fn wrong_input_is_a_clear_error() -> Result<()> {
    let files = Files::new()?;
    halves(&files, 0.0)?;
    files.series("zero.csv", 0, &[0.0; 2_160])?;
    files.text("bad.csv", "time,value\n1,2\n2,x\n")?;
    let both = ["--before", "before.csv", "--after", "after.csv"];
    for (arguments, code, part) in [
        (vec!["verdict", "--before", "bad.csv", "--after", "after.csv"], 2, "bad.csv: line 3: 'x' is not a number"),
        (vec!["verdict", "--before", "gone.csv", "--after", "after.csv"], 2, "gone.csv cannot be read"),
        (
            vec!["verdict", "--before", "zero.csv", "--after", "after.csv", "--threshold", "5%"],
            2,
            "the mean before is 0",
        ),
        ([vec!["verdict"], both.to_vec(), vec!["--threshold", "much"]].concat(), 2, "write 5%"),
        ([vec!["verdict"], both.to_vec(), vec!["--better", "up"]].concat(), 2, "lower, higher"),
        (vec!["verdict", "--before", "before.csv"], 2, "--after"),
        ([vec!["verdict", "--batch"], both.to_vec()].concat(), 2, "cannot be used with"),
        (
            vec!["verdict", "--vm", "a", "--metric", "m", "--before", "now-2h..now-1h", "--after", "now-1h..now"],
            3,
            "unreachable",
        ),
        (
            vec!["verdict", "--vm", "a", "--metric", "m", "--before", "now-1h..now", "--after", "now-2h..now-1h"],
            2,
            "begins before",
        ),
        (vec!["changepoints", "--input", "bad.csv"], 2, "line 3"),
        (vec!["anomalies", "--input", "bad.csv"], 2, "line 3"),
        (vec!["forecast", "--input", "before.csv", "--limit", "nan"], 2, "--limit is not a number"),
        (vec!["seasonality", "--input", "gone.csv"], 2, "cannot be read"),
        (vec!["sample-size", "--input", "before.csv", "--effect", "0"], 2, "an effect of 0"),
        (vec!["sample-size", "--input", "zero.csv", "--effect", "5%"], 2, "the mean is 0"),
        (vec!["sample-size", "--input", "before.csv", "--effect", "1", "--power", "2"], 2, "between 0 and 1"),
        (vec!["test", "welsh", "--x", "before.csv"], 2, "is not one of"),
        (vec!["test", "welch", "--x", "before.csv"], 2, "\"y\" is missing"),
        (vec!["test", "t_1samp", "--x", "before.csv", "--param", "mu"], 2, "not KEY=VALUE"),
    ] {
        let said = files.expect(code, &arguments, "")?;
        ensure!(said.contains(part), "{arguments:?}: {said}");
    }
    Ok(())
}

#[test]
fn the_other_verbs_answer_on_files() -> Result<()> {
    let files = Files::new()?;
    let noise = Noise::White.make(3_000, &mut Random::of("it", 1));
    let step: Vec<f64> = (0..600).map(|at| noise[at] + if at >= 250 { 6.0 } else { 0.0 }).collect();
    files.series("step.csv", 0, &step)?;
    let points = files.json(&["changepoints", "--input", "step.csv", "--better", "higher"])?;
    let found = points["points"].as_array().context("points")?;
    ensure!(found.len() == 1 && found[0]["index"].as_i64().is_some_and(|at| (248..=252).contains(&at)), "{points}");
    ensure!(
        found[0]["verdict"] == "improved" && found[0]["time"].as_str().is_some_and(|time| time.ends_with('Z')),
        "{points}"
    );

    let scores = files.expect(0, &["anomalies", "--input", "step.csv"], "")?;
    let rows: Vec<(&str, f64)> = scores
        .lines()
        .skip(1)
        .map(|line| {
            let (time, score) = line.split_once(',').context("two columns")?;
            Ok((time, score.parse()?))
        })
        .collect::<Result<_>>()?;
    ensure!(scores.starts_with("time,score\n") && rows.len() == 600 && rows.is_sorted_by_key(|row| row.0), "{scores}");
    ensure!(rows[250].1 > 0.5 && rows.iter().all(|row| (0.0..=1.0).contains(&row.1)), "{:?}", rows[250]);

    let growing: Vec<f64> = noise.iter().zip(0_u32..).map(|(noise, at)| noise + 0.1 * f64::from(at)).collect();
    files.series("growing.csv", 0, &growing)?;
    let full = files.json(&["forecast", "--input", "growing.csv", "--limit", "400"])?;
    // 0.01 a second from about 300: 10 000 s more.
    ensure!(full["expected_s"].as_f64().is_some_and(|s| (s - 10_000.0).abs() < 200.0), "{full}");
    ensure!(full["not_before"].as_str() < full["expected"].as_str() && full["already"] == false, "{full}");

    let waves: Vec<f64> =
        noise.iter().enumerate().map(|(at, noise)| noise + if at / 72 % 2 == 0 { 3.0 } else { 0.0 }).collect();
    let days: String = waves.iter().enumerate().map(|(at, value)| format!("{},{value}\n", 600 * at)).collect();
    files.text("days.csv", &days)?;
    let cycles = files.json(&["seasonality", "--input", "days.csv"])?;
    ensure!(cycles["daily"]["found"] == true && cycles["weekly"]["found"] == false, "{cycles}");

    files.series("noise.csv", 0, &noise)?;
    let size = |effect: &str| -> Result<f64> {
        files.json(&["sample-size", "--input", "noise.csv", "--effect", effect])?["window_s"]
            .as_f64()
            .context("seconds")
    };
    ensure!((3.0..5.0).contains(&(size("0.1sd")? / size("0.2sd")?)), "half the effect, four times the time");

    files.text("x.csv", "1\n2\n4\n")?;
    files.text("y.csv", "2\n3\n7\n")?;
    let friendly = files.json(&["test", "welch", "--x", "x.csv", "--y", "y.csv"])?;
    let case = files.expect(0, &["test"], r#"{"test":"t_welch","x":[1,2,4],"y":[2,3,7]}"#)?;
    ensure!(friendly == serde_json::from_str::<Value>(&case)?, "{friendly} {case}");
    Ok(())
}
