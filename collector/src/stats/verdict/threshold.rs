//! From where an effect matters, as people write it.

use super::Threshold;

/// Reads `5%`, `0.2sd` or a number in the series' unit.
///
/// # Errors
/// Says what would be right.
pub fn parse(text: &str) -> Result<Threshold, String> {
    let text = text.trim();
    let number = |text: &str| {
        let value: Option<f64> = text.trim().parse().ok();
        value.filter(|value| value.is_finite() && *value >= 0.0)
    };
    let threshold = if let Some(percent) = text.strip_suffix('%') {
        number(percent).map(|percent| Threshold::Share(percent / 100.0))
    } else if let Some(deviations) = text.strip_suffix("sd") {
        number(deviations).map(Threshold::Deviations)
    } else {
        number(text).map(Threshold::Absolute)
    };
    threshold.ok_or_else(|| {
        "write 5% (of the mean before), 0.2sd (standard deviations before) or a number of 0 or more in the series' unit"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_three_forms_and_refuses_the_rest() {
        assert_eq!(parse("5%"), Ok(Threshold::Share(0.05)));
        assert_eq!(parse("0.2sd"), Ok(Threshold::Deviations(0.2)));
        assert_eq!(parse(" 12.5 "), Ok(Threshold::Absolute(12.5)));
        for text in ["", "%", "-5%", "five", "nan", "inf", "5%%", "-1sd", "1e999"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
