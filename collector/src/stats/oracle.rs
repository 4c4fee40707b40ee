//! The tests against cases computed with scipy; conventions and tolerances are in the file.

use serde_json::Value;

use super::{Alternative, StatsError, brown_forsythe, welch};

const CASES: &str = include_str!("fixtures/cases.json");
/// Cases in the file: a file that lost some must not pass.
const COUNT: usize = 10;

#[test]
fn every_case_is_exact_to_its_tolerance() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), COUNT);
    for case in cases {
        let (x, y) = (sample(&case["x"]), sample(&case["y"]));
        let result: Result<Vec<(&str, f64)>, StatsError> = match case["test"].as_str().unwrap() {
            "t_welch" => welch(&x, &y, alternative(case)).map(|result| {
                let (low, high) = result.ci95;
                vec![
                    ("statistic", result.statistic),
                    ("p", result.p),
                    ("df", result.df),
                    ("ci95_low", low),
                    ("ci95_high", high),
                ]
            }),
            _ => brown_forsythe(&x, &y).map(|result| vec![("statistic", result.statistic), ("p", result.p)]),
        };
        compare(case, result);
    }
}

fn compare(case: &Value, result: Result<Vec<(&str, f64)>, StatsError>) {
    let id = &case["id"];
    if let Some(kind) = case["expected_error"].as_str() {
        assert_eq!(result.map_err(StatsError::kind), Err(kind), "{id}");
        return;
    }
    let result = result.unwrap();
    for (key, expected) in case["expected"].as_object().unwrap() {
        let expected = expected.as_f64().unwrap();
        let (_, got) = *result.iter().find(|(name, _)| name == key).unwrap();
        let tolerance = |name: &str| case["tolerance"][name].as_f64().unwrap_or(0.0);
        let (relative, absolute) = match key.as_str() {
            "p" => (tolerance("p_rtol"), tolerance("p_atol")),
            _ => (tolerance("statistic_rtol"), 0.0),
        };
        assert!((got - expected).abs() <= relative * expected.abs() + absolute, "{id} {key}: {got} != {expected}");
    }
}

fn alternative(case: &Value) -> Alternative {
    match case["alternative"].as_str().unwrap() {
        "less" => Alternative::Less,
        "greater" => Alternative::Greater,
        _ => Alternative::TwoSided,
    }
}

fn sample(value: &Value) -> Vec<f64> {
    if let Some(list) = value.as_array() {
        return list.iter().map(|value| value.as_f64().unwrap_or_else(|| special(value))).collect();
    }
    let spec = &value["gen"];
    assert_eq!(spec["kind"], "lcg_sum12");
    let mut state = spec["seed"].as_u64().unwrap();
    let mut uniform = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        (f64::from(u32::try_from(state).unwrap()) + 0.5) / f64::from(1_u32 << 31)
    };
    let (a, b) = (spec["a"].as_f64().unwrap_or(0.0), spec["b"].as_f64().unwrap_or(1.0));
    let sum12 = |uniform: &mut dyn FnMut() -> f64| (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    (0..spec["n"].as_u64().unwrap()).map(|_| a + b * sum12(&mut uniform)).collect()
}

fn special(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}
