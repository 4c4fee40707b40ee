//! What a case's JSON holds.

use serde_json::{Map, Value};

use super::CaseError;
use crate::stats::Alternative;
use crate::stats::textbook::{Method, Specified};

/// Values that a generator may make: those of the largest fixture a hundred times over.
const GENERATED_MAX: u64 = 20_000_000;

/// A case with its keys.
#[derive(Debug)]
pub(super) struct Case<'a> {
    keys: &'a Map<String, Value>,
    params: Option<&'a Map<String, Value>>,
    test: &'a str,
}

impl<'a> Case<'a> {
    pub(super) fn new(case: &'a Value) -> Result<Self, CaseError> {
        let keys = case.as_object().ok_or_else(|| CaseError::invalid("a case is a JSON object"))?;
        let test =
            keys.get("test").and_then(Value::as_str).ok_or_else(|| CaseError::invalid("\"test\" names no test"))?;
        let params = match keys.get("params") {
            None | Some(Value::Null) => None,
            Some(Value::Object(params)) => Some(params),
            Some(_) => return Err(CaseError::invalid("\"params\" is not an object")),
        };
        Ok(Self { keys, params, test })
    }

    pub(super) fn test(&self) -> &'a str {
        self.test
    }

    /// A key of `params`, or of the case itself.
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.params.and_then(|params| params.get(key)).or_else(|| self.keys.get(key)).filter(|value| !value.is_null())
    }

    pub(super) fn alternative(&self) -> Result<Alternative, CaseError> {
        match self.word("alternative")? {
            None | Some("two-sided" | "two_sided") => Ok(Alternative::TwoSided),
            Some("less") => Ok(Alternative::Less),
            Some("greater") => Ok(Alternative::Greater),
            Some(other) => {
                Err(CaseError::invalid(format!("alternative {other:?} is not one of two-sided, less, greater")))
            }
        }
    }

    pub(super) fn method_word(&self) -> Result<Option<&'a str>, CaseError> {
        self.word("method")
    }

    pub(super) fn method(&self) -> Result<Option<Method>, CaseError> {
        match self.method_word()? {
            None | Some("auto") => Ok(None),
            Some("exact" | "exact_conditional") => Ok(Some(Method::Exact)),
            Some("asymptotic") => Ok(Some(Method::Asymptotic)),
            Some(other) => {
                Err(CaseError::invalid(format!("method {other:?} is not one of exact, exact_conditional, asymptotic")))
            }
        }
    }

    pub(super) fn word(&self, key: &str) -> Result<Option<&'a str>, CaseError> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(word)) => Ok(Some(word)),
            Some(_) => Err(CaseError::invalid(format!("{key:?} is not a word"))),
        }
    }

    pub(super) fn flag_or(&self, key: &str, default: bool) -> Result<bool, CaseError> {
        match self.get(key) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(CaseError::invalid(format!("{key:?} is neither true nor false"))),
        }
    }

    pub(super) fn optional_number(&self, key: &str) -> Result<Option<f64>, CaseError> {
        self.get(key).map(|value| number(value, key)).transpose()
    }

    pub(super) fn number(&self, key: &str) -> Result<f64, CaseError> {
        self.optional_number(key)?.ok_or_else(|| CaseError::invalid(format!("{key:?} is missing")))
    }

    pub(super) fn number_or(&self, key: &str, default: f64) -> Result<f64, CaseError> {
        Ok(self.optional_number(key)?.unwrap_or(default))
    }

    /// A whole number of 0 or more.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and in range")]
    pub(super) fn count(&self, key: &str) -> Result<u64, CaseError> {
        let value = self.number(key)?;
        if (0.0..=9e15).contains(&value) && value.fract() == 0.0 {
            return Ok(value as u64);
        }
        Err(CaseError::invalid(format!("{key:?} is not a whole number of 0 or more")))
    }

    pub(super) fn list(&self, key: &str) -> Result<Vec<f64>, CaseError> {
        let value = self.get(key).ok_or_else(|| CaseError::invalid(format!("{key:?} is missing")))?;
        sample(value, key)
    }

    pub(super) fn sample(&self, key: &str) -> Result<Vec<f64>, CaseError> {
        self.list(key)
    }

    pub(super) fn optional_sample(&self, key: &str) -> Result<Option<Vec<f64>>, CaseError> {
        self.get(key).map(|value| sample(value, key)).transpose()
    }

    pub(super) fn groups(&self) -> Result<Vec<Vec<f64>>, CaseError> {
        let groups = self.get("groups").and_then(Value::as_array);
        let groups = groups.ok_or_else(|| CaseError::invalid("\"groups\" is not a list of samples"))?;
        groups.iter().map(|group| sample(group, "groups")).collect()
    }

    pub(super) fn distribution(&self) -> Result<Specified, CaseError> {
        let distribution = match self.word("dist")? {
            Some("norm") => Specified::Normal { mean: self.number_or("mean", 0.0)?, sd: self.number_or("sd", 1.0)? },
            Some("expon") => Specified::Exponential { scale: self.number_or("scale", 1.0)? },
            Some("uniform") => Specified::Uniform { low: self.number_or("lo", 0.0)?, high: self.number_or("hi", 1.0)? },
            other => {
                let other = other.unwrap_or("");
                return Err(CaseError::invalid(format!("dist {other:?} is not one of norm, expon, uniform")));
            }
        };
        distribution.check()?;
        Ok(distribution)
    }
}

/// A number, or the word of one that is not finite.
fn number(value: &Value, key: &str) -> Result<f64, CaseError> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(word) => match word.as_str() {
            "NaN" | "nan" => Some(f64::NAN),
            "Infinity" | "inf" => Some(f64::INFINITY),
            "-Infinity" | "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        // Some writers have no other way to say NaN.
        Value::Null => Some(f64::NAN),
        _ => None,
    }
    .ok_or_else(|| CaseError::invalid(format!("{key:?} holds something that is not a number")))
}

fn sample(value: &Value, key: &str) -> Result<Vec<f64>, CaseError> {
    match value {
        Value::Array(list) => list.iter().map(|value| number(value, key)).collect(),
        Value::Object(object) => match object.get("gen").and_then(Value::as_object) {
            Some(spec) => generate(spec),
            None => Err(CaseError::invalid(format!("{key:?} is neither a list nor a generator"))),
        },
        _ => Err(CaseError::invalid(format!("{key:?} is neither a list nor a generator"))),
    }
}

/// The fixtures' linear congruential generator.
#[expect(clippy::cast_precision_loss, reason = "the state is below 2^31")]
fn generate(spec: &Map<String, Value>) -> Result<Vec<f64>, CaseError> {
    let whole = |key: &str| spec.get(key).and_then(Value::as_u64);
    let real = |key: &str, default: f64| spec.get(key).and_then(Value::as_f64).unwrap_or(default);
    let missing = || CaseError::invalid("a generator needs \"kind\", \"seed\" and \"n\"");
    let (seed, n) = (whole("seed").ok_or_else(missing)?, whole("n").ok_or_else(missing)?);
    if n > GENERATED_MAX {
        return Err(CaseError::invalid(format!("a generator makes at most {GENERATED_MAX} values")));
    }
    let kind = spec.get("kind").and_then(Value::as_str).ok_or_else(missing)?;
    let (a, b, m) = (real("a", 0.0), real("b", 1.0), whole("m").unwrap_or(2).max(1));
    let mut state = seed % (1 << 31);
    let mut step = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state
    };
    let uniform = |state: u64| (state as f64 + 0.5) / (1_u64 << 31) as f64;
    let mut value: Box<dyn FnMut() -> f64> = match kind {
        "lcg_uniform" => Box::new(|| uniform(step())),
        "lcg_sum12" => Box::new(|| (0..12).map(|_| uniform(step())).sum::<f64>() - 6.0),
        "lcg_logistic" => Box::new(|| {
            let u = uniform(step());
            (u / (1.0 - u)).ln()
        }),
        "lcg_cauchy" => Box::new(|| (std::f64::consts::PI * (uniform(step()) - 0.5)).tan()),
        "lcg_exp" => Box::new(|| -uniform(step()).ln()),
        "lcg_int" => return Ok((0..n).map(|_| ((step() >> 16) % m) as f64 * b + a).collect()),
        other => return Err(CaseError::invalid(format!("generator {other:?} is not known"))),
    };
    Ok((0..n).map(|_| a + b * value()).collect())
}
