//! Three questions, put to each store in its own words, in turns.

use anyhow::{Result, ensure};
use evenkeel_common::time::UnixMs;
use serde_json::json;
use tokio::time::Instant;

use super::super::data::{COLUMNS, Data, uuid};
use super::super::table::median;
use super::http::{Ask, Http, escaped};
use super::remote::{name, vm_name};
use crate::load::collector::Collector;

/// What is asked, in words.
pub(super) const WORDS: [&str; 3] =
    ["one series, mean, largest and deviation", "hourly rate of a counter of every VM", "every reading of one series"];

/// The column of one series (resident memory), and of the counter (CPU time).
const ONE: usize = 9;
const COUNTER: usize = 0;
const HOUR_S: i64 = 3_600;
/// How often the command line is started for each question.
const COMMANDS: usize = 7;

/// What one store is asked; a question may take several requests.
pub(super) type Questions = [Vec<Ask>; 3];

/// In evenkeel's words.
pub(super) fn ours(data: &Data) -> Questions {
    let (from, to) = range(data);
    let ask = |body: serde_json::Value| Ask::post("/v1/query", body.to_string());
    let one = |function: &str| {
        let (vm, metric) = (uuid(1).to_string(), COLUMNS[ONE].0);
        ask(json!({"vms": [vm], "metrics": [metric], "from_ms": from * 1_000, "to_ms": to * 1_000, "fn": function}))
    };
    let rates = ask(json!({
        "vms": ["all"], "metrics": [COLUMNS[COUNTER].0], "from_ms": from * 1_000, "to_ms": to * 1_000,
        "step_ms": HOUR_S * 1_000, "fn": "rate",
    }));
    [["avg", "max", "stddev"].map(one).to_vec(), vec![rates], vec![one("raw")]]
}

/// In PromQL; `export` says how every reading is asked for.
fn promql(data: &Data, export: impl Fn(&str, i64, i64) -> String) -> Questions {
    let (from, to) = range(data);
    let hours = (to - from) / HOUR_S;
    let one = format!("{}{{vm=\"{}\"}}", name(ONE), vm_name(1));
    let over = |function: &str| format!("{function}_over_time({one}[{hours}h])");
    let three = format!("{} + {} + {}", over("avg"), over("max"), over("stddev"));
    let rate = escaped(&format!("rate({}[1h])", name(COUNTER)));
    let first = from + HOUR_S;
    [
        vec![Ask::get(format!("/api/v1/query?query={}&time={to}&nocache=1", escaped(&three)))],
        vec![Ask::get(format!("/api/v1/query_range?query={rate}&start={first}&end={to}&step={HOUR_S}&nocache=1"))],
        vec![Ask::get(export(&one, to, hours))],
    ]
}

pub(super) fn victoria(data: &Data) -> Questions {
    promql(data, |one, _, _| format!("/api/v1/export?match[]={}", escaped(one)))
}

pub(super) fn prometheus(data: &Data) -> Questions {
    promql(data, |one, to, hours| format!("/api/v1/query?query={}&time={to}", escaped(&format!("{one}[{hours}h]"))))
}

/// Whole hours around all readings, in seconds.
fn range(data: &Data) -> (i64, i64) {
    let (first, last) = (data.at(0, 0).0 / 1_000, data.at(0, data.ticks - 1).0 / 1_000);
    (first.div_euclid(HOUR_S) * HOUR_S, (last.div_euclid(HOUR_S) + 1) * HOUR_S)
}

/// How long the command line takes for each question, in words.
pub(super) fn by_command(collector: &Collector, data: &Data) -> Result<String> {
    let (from, to) = range(data);
    let (from, to) = (UnixMs(from * 1_000).to_string(), UnixMs(to * 1_000).to_string());
    let (vm, one, counter) = (uuid(1).to_string(), COLUMNS[ONE].0, COLUMNS[COUNTER].0);
    let questions: [&[&str]; 3] = [
        &["--vm", &vm, "--metric", one, "--fn", "avg"],
        &["--vm", "all", "--metric", counter, "--fn", "rate", "--step", "1h"],
        &["--vm", &vm, "--metric", one, "--fn", "raw"],
    ];
    let mut words = Vec::new();
    for (question, args) in WORDS.iter().zip(questions) {
        let args = [&["query", "--from", &from, "--to", &to, "--output", "json"], args].concat();
        let mut took = Vec::new();
        for _ in 0..COMMANDS {
            let begun = Instant::now();
            collector.run(&args)?;
            took.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        words.push(format!("{question} {:.0} ms", median(&took)));
    }
    Ok(words.join(", "))
}

/// The median latency of each question in ms, and the size of its answer.
pub(super) type Latencies = [(f64, usize); 3];

/// Puts each question `rounds` times to each store, one store after the other.
pub(super) async fn ask(stores: &mut [(&mut Http, Questions)], rounds: usize) -> Result<Vec<Latencies>> {
    let mut answers = vec![[(0.0, 0); 3]; stores.len()];
    for question in 0..WORDS.len() {
        let mut took = vec![Vec::with_capacity(rounds); stores.len()];
        // The first two are not counted: whatever a store keeps of what it read is there then.
        for round in 0..rounds + 2 {
            for (store, (http, questions)) in stores.iter_mut().enumerate() {
                let (begun, mut bytes) = (Instant::now(), 0);
                for ask in &questions[question] {
                    bytes += http.ask(ask).await?.len();
                }
                ensure!(bytes > 100, "a store has no answer to '{}'", WORDS[question]);
                if round >= 2 {
                    took[store].push(begun.elapsed().as_secs_f64() * 1e3);
                }
                answers[store][question].1 = bytes;
            }
        }
        for (store, took) in took.iter().enumerate() {
            answers[store][question].0 = median(took);
        }
    }
    Ok(answers)
}
