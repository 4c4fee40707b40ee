//! `stats test`: one case as JSON becomes one result as JSON.

use serde_json::{Map, Value, json};

use crate::stats::textbook::{self as t, Method, Specified, ZeroMethod};
use crate::stats::{Alternative, StatsError};

mod input;

use input::Case;

/// Why a case has no result: it makes no sense, or its data do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseError {
    /// One word.
    pub kind: &'static str,
    /// For people.
    pub message: String,
}

impl From<StatsError> for CaseError {
    fn from(error: StatsError) -> Self {
        Self { kind: error.kind(), message: error.to_string() }
    }
}

impl CaseError {
    fn invalid(message: impl Into<String>) -> Self {
        Self { kind: "invalid_parameter", message: message.into() }
    }

    /// `{"error":{"kind","message"}}`.
    pub fn to_json(&self) -> Value {
        json!({ "error": { "kind": self.kind, "message": self.message } })
    }
}

/// The names of all tests, as `--help` lists them.
pub const TESTS: &[&str] = &[
    "t_1samp",
    "t_2samp",
    "t_welch",
    "t_paired",
    "wilcoxon",
    "mann_whitney",
    "f_var",
    "levene",
    "brown_forsythe",
    "shapiro",
    "ad_normal",
    "ad_specified",
    "cvm_normal",
    "cvm_specified",
    "cvm_2samp",
    "ks_1samp",
    "ks_2samp",
    "lilliefors",
    "tost_welch",
    "tost_paired",
    "anova_oneway",
    "benjamini_hochberg",
    "holm",
    "binomial_ci",
    "power_t2",
    "effect_sizes",
    "lag1_autocorr",
];

/// Runs the case.
pub fn run(case: &Value) -> Result<Value, CaseError> {
    let case = Case::new(case)?;
    let result = match case.test() {
        name @ ("t_1samp" | "t_2samp" | "t_welch" | "t_paired") => t_test(name, &case)?,
        name @ ("wilcoxon" | "mann_whitney") => rank_test(name, &case)?,
        name @ ("f_var" | "levene" | "brown_forsythe" | "anova_oneway" | "lag1_autocorr") => spread_test(name, &case)?,
        name @ ("shapiro" | "ad_normal" | "cvm_normal" | "lilliefors") => normality_test(name, &case)?,
        name @ ("ad_specified" | "cvm_specified" | "cvm_2samp" | "ks_1samp" | "ks_2samp") => {
            distribution_test(name, &case)?
        }
        name @ ("tost_welch" | "tost_paired") => tost(name, &case)?,
        name => other(name, &case)?,
    };
    Ok(Value::Object(result))
}

fn object<const N: usize>(pairs: [(&str, f64); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

fn t_test(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    let alternative = case.alternative()?;
    let result = match name {
        "t_1samp" => t::t_one_sample(&case.sample("x")?, case.number_or("mu", 0.0)?, alternative)?,
        "t_2samp" => t::t_two_sample(&case.sample("x")?, &case.sample("y")?, alternative)?,
        "t_welch" => t::welch(&case.sample("x")?, &case.sample("y")?, alternative)?,
        _ => t::t_paired(&case.sample("x")?, &case.sample("y")?, alternative)?,
    };
    let (low, high) = result.ci95;
    Ok(object([
        ("statistic", result.statistic),
        ("p", result.p),
        ("df", result.df),
        ("ci95_low", low),
        ("ci95_high", high),
    ]))
}

fn rank_test(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    let (alternative, method) = (case.alternative()?, case.method()?);
    let x = case.sample("x")?;
    if name == "mann_whitney" {
        let continuity = case.flag_or("continuity", true)?;
        let result = t::mann_whitney(&x, &case.sample("y")?, alternative, method, continuity)?;
        return Ok(with_method(object([("statistic", result.statistic), ("p", result.p)]), result.method));
    }
    let zeros = match case.word("zero_method")? {
        None | Some("wilcox") => ZeroMethod::Wilcox,
        Some("pratt") => ZeroMethod::Pratt,
        Some("zsplit") => ZeroMethod::Split,
        Some(other) => {
            return Err(CaseError::invalid(format!("zero_method {other:?} is not one of wilcox, pratt, zsplit")));
        }
    };
    let differences: Vec<f64> = match case.optional_sample("y")? {
        Some(y) if y.len() != x.len() => {
            return Err(StatsError::InvalidParameter { what: "x and y are pairs and must be equally long" }.into());
        }
        Some(y) => x.iter().zip(&y).map(|(x, y)| x - y).collect(),
        None => {
            let mu = case.number_or("mu", 0.0)?;
            x.iter().map(|x| x - mu).collect()
        }
    };
    let result = t::wilcoxon(&differences, alternative, method, zeros, case.flag_or("continuity", false)?)?;
    let of_scipy =
        if alternative == Alternative::TwoSided { result.statistic.min(result.negative) } else { result.statistic };
    let keys = [("statistic", result.statistic), ("p", result.p), ("scipy_statistic", of_scipy)];
    Ok(with_method(object(keys), result.method))
}

fn with_method(mut result: Map<String, Value>, method: Method) -> Map<String, Value> {
    let word = match method {
        Method::Exact => "exact",
        Method::Asymptotic => "asymptotic",
    };
    result.insert("method".to_owned(), json!(word));
    result
}

fn spread_test(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    Ok(match name {
        "f_var" => {
            let f = t::f_variance(&case.sample("x")?, &case.sample("y")?, case.alternative()?)?;
            object([("statistic", f.statistic), ("p", f.p), ("df1", f.df1), ("df2", f.df2)])
        }
        "anova_oneway" => {
            let f = t::anova_oneway(&case.groups()?)?;
            object([("statistic", f.statistic), ("p", f.p), ("df1", f.df1), ("df2", f.df2)])
        }
        "lag1_autocorr" => {
            let lag = t::lag1_autocorrelation(&case.sample("x")?)?;
            object([("statistic", lag.statistic), ("mean", lag.mean), ("sd", lag.sd)])
        }
        name => {
            let (x, y) = (case.sample("x")?, case.sample("y")?);
            let result = if name == "levene" { t::levene(&x, &y)? } else { t::brown_forsythe(&x, &y)? };
            object([("statistic", result.statistic), ("p", result.p), ("df1", 1.0), ("df2", result.df)])
        }
    })
}

fn normality_test(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    let x = case.sample("x")?;
    let (statistic, p) = match name {
        "shapiro" => t::shapiro_wilk(&x).map(|result| (result.statistic, result.p))?,
        "ad_normal" => t::anderson_darling_normal(&x).map(|result| (result.statistic, result.p))?,
        "cvm_normal" => t::cramer_von_mises_normal(&x).map(|result| (result.statistic, result.p))?,
        _ => t::lilliefors(&x).map(|result| (result.statistic, result.p))?,
    };
    Ok(object([("statistic", statistic), ("p", p)]))
}

fn distribution_test(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    let x = case.sample("x")?;
    let specified = || -> Result<Specified, CaseError> { case.distribution() };
    Ok(match name {
        "ad_specified" => {
            let result = t::anderson_darling(&x, specified()?)?;
            object([("statistic", result.statistic), ("p", result.p)])
        }
        "cvm_specified" | "cvm_2samp" => {
            let result = if name == "cvm_2samp" {
                t::cramer_von_mises_two_sample(&x, &case.sample("y")?, case.method()?)?
            } else {
                t::cramer_von_mises(&x, specified()?)?
            };
            with_method(object([("statistic", result.statistic), ("p", result.p)]), result.method)
        }
        name => {
            let alternative = case.alternative()?;
            let result = if name == "ks_1samp" {
                t::ks_one_sample(&x, specified()?, alternative, case.method()?)?
            } else {
                t::ks_two_sample(&x, &case.sample("y")?, alternative, case.method()?)?
            };
            with_method(object([("statistic", result.statistic), ("p", result.p)]), result.method)
        }
    })
}

fn tost(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    let (x, y, low, upp) = (case.sample("x")?, case.sample("y")?, case.number("low")?, case.number("upp")?);
    let result =
        if name == "tost_welch" { t::tost_welch(&x, &y, low, upp)? } else { t::tost_paired(&x, &y, low, upp)? };
    Ok(object([
        ("p", result.p),
        ("t_low", result.t_low),
        ("p_low", result.p_low),
        ("t_upp", result.t_upp),
        ("p_upp", result.p_upp),
        ("df", result.df),
    ]))
}

fn other(name: &str, case: &Case<'_>) -> Result<Map<String, Value>, CaseError> {
    Ok(match name {
        "effect_sizes" => {
            let sizes = t::effect_sizes(&case.sample("x")?, &case.sample("y")?)?;
            object([
                ("cohen_d", sizes.cohen_d),
                ("hedges_g", sizes.hedges_g),
                ("cliffs_delta", sizes.cliffs_delta),
                ("prob_superiority", sizes.prob_superiority),
                ("hodges_lehmann", sizes.hodges_lehmann),
            ])
        }
        "benjamini_hochberg" | "holm" => {
            let (p, alpha) = (case.list("p")?, case.number_or("alpha", 0.05)?);
            let adjusted = if name == "holm" { t::holm(&p)? } else { t::benjamini_hochberg(&p)? };
            let rejected: Vec<bool> = adjusted.iter().map(|p| *p <= alpha).collect();
            Map::from_iter([("adjusted".to_owned(), json!(adjusted)), ("rejected".to_owned(), json!(rejected))])
        }
        "binomial_ci" => {
            let (k, n, level) = (case.count("k")?, case.count("n")?, case.number_or("level", 0.95)?);
            let interval = match case.method_word()? {
                None | Some("wilson") => t::wilson(k, n, level)?,
                Some("clopper_pearson") => t::clopper_pearson(k, n, level)?,
                Some(other) => {
                    return Err(CaseError::invalid(format!("method {other:?} is not one of wilson, clopper_pearson")));
                }
            };
            object([("low", interval.low), ("high", interval.high)])
        }
        "power_t2" => {
            let (d, alpha, ratio) = (case.number("d")?, case.number_or("alpha", 0.05)?, case.number_or("ratio", 1.0)?);
            match (case.optional_number("n1")?, case.optional_number("power")?) {
                (Some(n1), None) => object([("power", t::power_two_sample(d, alpha, n1, ratio)?)]),
                (None, Some(power)) => object([("n1", t::size_two_sample(d, alpha, power, ratio)?)]),
                _ => return Err(CaseError::invalid("give n1 to get the power, or power to get n1")),
            }
        }
        name => {
            return Err(CaseError::invalid(format!("test {name:?} is not one of {}", TESTS.join(", "))));
        }
    })
}

#[cfg(test)]
mod tests;
