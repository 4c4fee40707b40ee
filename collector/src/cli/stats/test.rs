//! `evenkeel stats test`: a case as JSON, or the name of a test and files.

use std::io::{BufRead as _, Read as _};
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{case, input, short};
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::fail::{Exit, Fail};
use crate::cli::table::{Cell, Table};
use crate::view::error::ErrorKind;

/// A case on standard input, at most; a larger one is an error, not memory.
const CASE_MAX_BYTES: u64 = 1 << 30;

pub(super) const HELP: &str = "A case is a JSON object such as \
{\"test\":\"t_welch\",\"x\":[1,2,4],\"y\":[2,3,5],\"alternative\":\"two-sided\",\"params\":{}}. \
Tests: t_1samp, t_2samp, t_welch, t_paired, wilcoxon, mann_whitney, f_var, levene, brown_forsythe, shapiro, ad_normal, \
ad_specified, cvm_normal, cvm_specified, cvm_2samp, ks_1samp, ks_2samp, lilliefors, tost_welch, tost_paired, \
anova_oneway, benjamini_hochberg, holm, binomial_ci, power_t2, effect_sizes, lag1_autocorr.

The result is a JSON object; of data that cannot be tested it is {\"error\":{\"kind\",\"message\"}}, with exit code 1.

On files: `evenkeel stats test welch --x before.csv --y after.csv`, with --output as usual. A file is a series \
(time,value) or one value a line. welch, t, paired, ks, anova and anderson_darling are short for t_welch, t_2samp, \
t_paired, ks_2samp, anova_oneway and ad_normal; --param gives what a case has in params, such as --param mu=5.";

/// Short names that people use.
const SHORT: [(&str, &str); 6] = [
    ("welch", "t_welch"),
    ("t", "t_2samp"),
    ("paired", "t_paired"),
    ("ks", "ks_2samp"),
    ("anova", "anova_oneway"),
    ("anderson_darling", "ad_normal"),
];

/// Options of `stats test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// The test, to be run on --x and --y instead of a case from standard input.
    #[arg(requires = "x", conflicts_with = "batch")]
    test: Option<String>,
    /// First sample.
    #[arg(long, requires = "test", value_name = "FILE")]
    x: Option<PathBuf>,
    /// Second sample, where the test takes two.
    #[arg(long, requires = "test", value_name = "FILE")]
    y: Option<PathBuf>,
    /// Which difference counts: of x and y, or of x and a parameter.
    #[arg(long, requires = "test", value_parser = ["two-sided", "less", "greater"])]
    alternative: Option<String>,
    /// How p of a rank test is found [default: exact where that is fast].
    #[arg(long, requires = "test", value_parser = ["exact", "asymptotic"])]
    method: Option<String>,
    /// A parameter of the test, such as mu=5, low=-1, dist=norm; may be given again.
    #[arg(long, requires = "test", value_name = "KEY=VALUE", allow_hyphen_values = true)]
    param: Vec<String>,
    /// A case a line on standard input; a result a line, in order, errors among them.
    #[arg(long)]
    batch: bool,
}

/// Runs the verb.
pub(super) fn run(args: &TestArgs, context: &Context) -> Result<Exit, Fail> {
    match (&args.test, &args.x) {
        (Some(test), Some(x)) => friendly(test, x, args, context),
        _ => from_input(args.batch, context),
    }
}

fn from_input(batch: bool, context: &Context) -> Result<Exit, Fail> {
    let unreadable = |error: std::io::Error| Fail::usage(format!("standard input cannot be read: {error}"));
    let mut failed = false;
    let mut results = Vec::new();
    let mut one = |text: &str| {
        let result = match serde_json::from_str::<Value>(text) {
            Ok(case) => case::run(&case).map_err(|error| error.to_json()),
            Err(error) => {
                Err(case::CaseError { kind: "unreadable", message: format!("this is no JSON: {error}") }.to_json())
            }
        };
        failed |= result.is_err();
        let (Ok(value) | Err(value)) = result;
        results.extend_from_slice(value.to_string().as_bytes());
        results.push(b'\n');
    };
    let input = std::io::stdin().lock().take(CASE_MAX_BYTES);
    if batch {
        for line in std::io::BufReader::new(input).lines() {
            one(&line.map_err(unreadable)?);
        }
    } else {
        let mut text = String::new();
        let mut input = input;
        input.read_to_string(&mut text).map_err(unreadable)?;
        one(&text);
    }
    context.output.write(&results)?;
    Ok(if failed { Exit::Bad(ErrorKind::Failed) } else { Exit::Ok })
}

fn friendly(test: &str, x: &std::path::Path, args: &TestArgs, context: &Context) -> Result<Exit, Fail> {
    let name = test.replace('-', "_");
    let name = SHORT.iter().find(|(short, _)| *short == name).map_or(name.as_str(), |(_, full)| *full);
    if !case::TESTS.contains(&name) {
        return Err(Fail::usage(format!("test '{test}' is not one of {}", case::TESTS.join(", "))));
    }
    let mut case = Map::from_iter([("test".to_owned(), json!(name))]);
    let mut groups = Vec::new();
    for (key, path) in [("x", Some(x)), ("y", args.y.as_deref())] {
        let Some(path) = path else { continue };
        let values: Value = input::sample(path, context)?.into_iter().map(number).collect();
        groups.push(values.clone());
        case.insert(key.to_owned(), values);
    }
    if name == "anova_oneway" {
        case.insert("groups".to_owned(), Value::Array(groups));
    }
    for (key, value) in [("alternative", &args.alternative), ("method", &args.method)] {
        if let Some(value) = value {
            case.insert(key.to_owned(), json!(value));
        }
    }
    case.insert("params".to_owned(), Value::Object(params(&args.param)?));
    let result = case::run(&Value::Object(case));
    match (result, context.output.format()) {
        (Ok(result), Format::Json) => context.output.write(format!("{result:#}\n").as_bytes()).map(|()| Exit::Ok),
        (Ok(result), format) => show(&result, format, context).map(|()| Exit::Ok),
        (Err(error), Format::Json) => {
            context.output.write(format!("{}\n", error.to_json()).as_bytes())?;
            Ok(Exit::Bad(ErrorKind::Failed))
        }
        (Err(error), _) if error.kind == "invalid_parameter" => Err(Fail::usage(error.message)),
        (Err(error), _) => Err(Fail::failed(error.message)),
    }
}

fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(|| json!("NaN"), Value::Number)
}

/// `KEY=VALUE`, each value a JSON value where it is one and a word otherwise.
fn params(given: &[String]) -> Result<Map<String, Value>, Fail> {
    given
        .iter()
        .map(|text| {
            let (key, value) =
                text.split_once('=').ok_or_else(|| Fail::usage(format!("--param '{text}' is not KEY=VALUE")))?;
            Ok((key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value))))
        })
        .collect()
}

fn show(result: &Value, format: Format, context: &Context) -> Result<(), Fail> {
    let cell = |value: &Value| match value {
        Value::Number(number) => Cell::maybe(number.as_f64(), Cell::Number),
        Value::String(word) => Cell::text(word),
        Value::Null => Cell::Empty,
        other => Cell::text(other.to_string()),
    };
    let pairs = result.as_object().into_iter().flatten();
    if format == Format::Csv {
        let pairs: Vec<_> = pairs.map(|(key, value)| (key.clone(), cell(value).raw())).collect();
        let line = |of: fn(&(String, String)) -> &str| pairs.iter().map(of).collect::<Vec<_>>().join(",");
        return context.output.write(format!("{}\n{}\n", line(|pair| &pair.0), line(|pair| &pair.1)).as_bytes());
    }
    let rows = pairs.map(|(key, value)| vec![Cell::text(key), cell(value)]);
    let table = context.output.render(&Table::new(&[("key", "KEY"), ("value", "VALUE")], rows));
    let words = result["p"].as_f64().map_or(String::new(), |p| {
        let one_in = if p > 0.0 { short((1.0 / p).round()) } else { "a huge number of".to_owned() };
        format!(
            "p = {}: by chance alone one in {one_in} such samples would differ as much, if its values were independent. \
             Readings some seconds apart are not: `evenkeel stats verdict` is for those.\n\n",
            short(p)
        )
    });
    context.output.write((words + &table).as_bytes())
}
