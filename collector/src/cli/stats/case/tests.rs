//! Every case of the fixtures, at the file's tolerances.

use proptest::prelude::*;
use serde_json::Value;

use super::run;

const CASES: &str = include_str!("../../../stats/fixtures/cases.json");
/// Cases in the file: a file that lost some must not pass.
const COUNT: usize = 91;

#[test]
fn every_case_is_exact_to_its_tolerance() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let cases = file["cases"].as_array().unwrap();
    assert_eq!(cases.len(), COUNT);
    let wrong: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(wrong.is_empty(), "{} of {COUNT}:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(case: &Value) -> Result<(), String> {
    let id = &case["id"];
    let result = run(case);
    if let Some(kind) = case["expected_error"].as_str() {
        return match result {
            Err(error) if error.kind == kind => Ok(()),
            other => Err(format!("{id}: {other:?} instead of {kind}")),
        };
    }
    let result = result.map_err(|error| format!("{id}: {error:?}"))?;
    for (key, expected) in case["expected"].as_object().unwrap() {
        // Judged together with p.
        if key.starts_with("p_mc") {
            continue;
        }
        let got = &result[key];
        let same = match (expected, got) {
            (Value::Array(expected), Value::Array(got)) => {
                expected.len() == got.len() && expected.iter().zip(got).all(|(e, g)| near(case, key, e, g))
            }
            (expected, got) => near(case, key, expected, got),
        };
        if !same {
            return Err(format!("{id} {key}: {got} instead of {expected}"));
        }
    }
    Ok(())
}

fn near(case: &Value, key: &str, expected: &Value, got: &Value) -> bool {
    if expected.is_boolean() {
        return expected == got;
    }
    let (Some(wanted), Some(value)) = (expected.as_f64(), got.as_f64()) else { return false };
    let tolerance = |name: &str| case["tolerance"][name].as_f64().unwrap_or(0.0);
    let (relative, absolute) =
        if key == "p" { (tolerance("p_rtol"), tolerance("p_atol")) } else { (tolerance("statistic_rtol"), 1e-300) };
    let simulated = case["expected"]["p_mc"].as_f64().filter(|_| key == "p");
    let of_simulation = case["expected"]["p_mc_atol"].as_f64().unwrap_or(0.0).max(0.015);
    (value - wanted).abs() <= relative * wanted.abs() + absolute
        || simulated.is_some_and(|p| (value - p).abs() <= of_simulation)
}

#[test]
fn nonsense_is_a_typed_error() {
    for (text, kind) in [
        ("{}", "invalid_parameter"),
        ("[]", "invalid_parameter"),
        (r#"{"test":"t_x"}"#, "invalid_parameter"),
        (r#"{"test":"t_welch","x":[1,2]}"#, "invalid_parameter"),
        (r#"{"test":"t_welch","x":[1,"a"],"y":[1,2]}"#, "invalid_parameter"),
        (r#"{"test":"t_welch","x":[1,null],"y":[1,2]}"#, "non_finite"),
        (r#"{"test":"t_paired","x":[1,2,4],"y":[1,2]}"#, "invalid_parameter"),
        (r#"{"test":"wilcoxon","x":[1,2,4],"y":[1,2]}"#, "invalid_parameter"),
        (r#"{"test":"binomial_ci","params":{"k":5,"n":4}}"#, "invalid_parameter"),
        (r#"{"test":"binomial_ci","params":{"k":0,"n":0}}"#, "too_few"),
        (r#"{"test":"power_t2","params":{"d":0,"power":0.8}}"#, "invalid_parameter"),
        (r#"{"test":"anova_oneway","groups":[[1,1],[1,1]]}"#, "zero_variance"),
        (r#"{"test":"ks_1samp","x":[1],"params":{"dist":"uniform","lo":1,"hi":0}}"#, "invalid_parameter"),
        (r#"{"test":"benjamini_hochberg","params":{"p":[0.5,1.5]}}"#, "invalid_parameter"),
    ] {
        let case: Value = serde_json::from_str(text).unwrap();
        assert_eq!(run(&case).unwrap_err().kind, kind, "{text}");
    }
}

fn any_sample() -> impl Strategy<Value = Value> {
    let wild = prop_oneof![
        any::<f64>(),
        -5.0_f64..5.0,
        (-3_i8..3).prop_map(f64::from),
        Just(f64::MAX),
        Just(1e-308),
        Just(f64::NAN)
    ];
    let tame = prop_oneof![-5.0_f64..5.0, (-3_i8..3).prop_map(f64::from), Just(1e9), Just(1e-9)];
    prop_oneof![proptest::collection::vec(tame, 0..14), proptest::collection::vec(wild, 0..8)].prop_map(|values| {
        values
            .into_iter()
            .map(|value| serde_json::Number::from_f64(value).map_or(Value::String("NaN".to_owned()), Value::Number))
            .collect()
    })
}

proptest! {
    /// Whatever comes in: a number that is one, or a typed error.
    #[test]
    fn never_a_panic_and_never_a_nan(
        which in 0..super::TESTS.len(), x in any_sample(), y in any_sample(), method in 0..3, side in 0..3
    ) {
        let method = [Value::Null, "exact".into(), "asymptotic".into()][usize::try_from(method).unwrap()].clone();
        let side = ["two-sided", "less", "greater"][usize::try_from(side).unwrap()];
        let mut params = serde_json::json!({ "mu": 0.5, "low": -1, "upp": 1, "dist": "norm", "p": x, "k": 3, "n": 9, "d": 0.5, "n1": 5 });
        if super::TESTS[which] == "binomial_ci" {
            params["method"] = "wilson".into();
        }
        let case = serde_json::json!({
            "test": super::TESTS[which], "x": x, "y": y, "groups": [x, y], "params": params, "method": method, "alternative": side
        });
        if let Ok(result) = run(&case) {
            for (key, value) in result.as_object().unwrap() {
                prop_assert!(!value.is_null(), "{} {}", super::TESTS[which], key);
                if key == "p" {
                    prop_assert!((0.0..=1.0).contains(&value.as_f64().unwrap()), "{} p {}", super::TESTS[which], value);
                }
            }
        }
    }
}
