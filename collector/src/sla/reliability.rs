//! Figures of the outages of a period: how many, how long, how far apart.

/// See the module. Times in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reliability {
    /// How many.
    pub outages: usize,
    /// Downtime, all together.
    pub total_s: i64,
    /// The longest minus the shortest.
    pub range_s: i64,
    /// Mean time to restore: the mean downtime; none without outages.
    pub mttr_s: Option<f64>,
    /// Mean time between failures: time up over the number of outages; none without outages.
    pub mtbf_s: Option<f64>,
    /// Impact, all together.
    pub impact: i64,
    /// The largest minus the smallest.
    pub impact_range: i64,
}

/// The figures of outages, each with its downtime and impact, in a period that was up for `up_s`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
pub fn reliability(outages: &[(i64, i64)], up_s: i64) -> Reliability {
    let range = |of: fn(&(i64, i64)) -> i64| {
        let ends = outages.iter().map(of).min().zip(outages.iter().map(of).max());
        ends.map_or(0, |(least, most)| most - least)
    };
    let total_s: i64 = outages.iter().map(|(down, _)| down).sum();
    let mean = |seconds: i64| (!outages.is_empty()).then(|| seconds as f64 / outages.len() as f64);
    Reliability {
        outages: outages.len(),
        total_s,
        range_s: range(|one| one.0),
        mttr_s: mean(total_s),
        mtbf_s: mean(up_s),
        impact: outages.iter().map(|(_, impact)| impact).sum(),
        impact_range: range(|one| one.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_none_one_and_several() {
        assert_eq!(reliability(&[], 1_000), Reliability::default());
        let one = reliability(&[(60, 3)], 940);
        assert_eq!((one.outages, one.range_s, one.mttr_s, one.mtbf_s), (1, 0, Some(60.0), Some(940.0)));
        let some = reliability(&[(60, 3), (20, 3), (100, 10)], 820);
        assert_eq!((some.total_s, some.range_s, some.mttr_s), (180, 80, Some(60.0)));
        assert_eq!((some.impact, some.impact_range), (16, 7));
        assert!((some.mtbf_s.unwrap() - 820.0 / 3.0).abs() < 1e-12);
    }
}
