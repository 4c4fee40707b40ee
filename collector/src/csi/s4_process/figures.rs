//! A period's facts as figures: each series by the aggregation and dispersion that step 2 agreed, outages by their
//! range.

use serde::{Deserialize, Serialize};

use super::super::s3_gather::{Gathered, SeriesFacts};
use crate::sla::reliability;
use crate::stats::{Moments, median};

/// Figures of one period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Name of the period.
    pub period: String,
    /// First second.
    pub from_s: i64,
    /// Up to where it was looked at.
    pub until_s: i64,
    /// Its outages.
    pub outages: OutageFigures,
    /// Its series.
    pub series: Vec<SeriesFigures>,
}

/// Outages of a period; void ones and excluded time are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutageFigures {
    /// How many.
    pub count: usize,
    /// Downtime, all together.
    pub down_total_s: i64,
    /// The longest minus the shortest.
    pub down_range_s: i64,
    /// Mean time to restore.
    pub mttr_s: Option<f64>,
    /// Mean time between failures.
    pub mtbf_s: Option<f64>,
    /// Impact, all together.
    pub impact_total: i64,
    /// The largest minus the smallest.
    pub impact_range: i64,
    /// How long each was, in the order of their begin.
    pub durations_s: Vec<i64>,
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeriesFigures {
    /// Its metric in the service's file.
    pub metric: String,
    /// Unit of all but `n`.
    pub unit: String,
    /// Readings (hours of members, for rates).
    pub n: u64,
    /// Of all readings.
    pub mean: Option<f64>,
    /// The smallest.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
    /// Their standard deviation within and between members, from the members' own; n − 1.
    pub sd: Option<f64>,
    /// Name of what `aggregate` is.
    pub aggregation: String,
    /// By the metric's aggregation.
    pub aggregate: Option<f64>,
    /// Name of what `spread` is.
    pub dispersion: String,
    /// By the metric's dispersion.
    pub spread: Option<f64>,
    /// Seconds of members without readings.
    pub missing_s: i64,
    /// The same as a share of the time in which they were there; none when nobody was.
    pub missing_share: Option<f64>,
    /// Mean of each whole day that has readings: its begin and the mean of its hours.
    pub day_means: Vec<(i64, f64)>,
}

/// The figures of what was gathered.
#[must_use]
pub fn figures(gathered: &Gathered) -> Figures {
    let some = gathered.outages.iter().filter(|one| !one.void);
    let some: Vec<(i64, i64)> = some.map(|one| (one.down_s - one.excluded_s, one.impact)).collect();
    let down: i64 = some.iter().map(|(down, _)| down).sum();
    let found = reliability(&some, (gathered.until_s - gathered.from_s - down).max(0));
    Figures {
        period: gathered.period.clone(),
        from_s: gathered.from_s,
        until_s: gathered.until_s,
        outages: OutageFigures {
            count: found.outages,
            down_total_s: found.total_s,
            down_range_s: found.range_s,
            mttr_s: found.mttr_s,
            mtbf_s: found.mtbf_s,
            impact_total: found.impact,
            impact_range: found.impact_range,
            durations_s: some.iter().map(|(down, _)| *down).collect(),
        },
        series: gathered.series.iter().map(|series| one(series, &gathered.days)).collect(),
    }
}

/// What is drawn and compared of an hour: its largest value where that counts, else its mean.
#[must_use]
pub fn hourly(series: &SeriesFacts) -> Vec<(i64, f64)> {
    let of = |hour: &super::super::s3_gather::Hour| match series.aggregation.as_str() {
        "max" => hour.4,
        "min" => hour.3,
        _ => hour.2,
    };
    series.hours.iter().map(|hour| (hour.0, of(hour))).collect()
}

fn one(series: &SeriesFacts, days: &[i64]) -> SeriesFigures {
    let mut all = Moments::default();
    for member in &series.members {
        let n = usize::try_from(member.1).unwrap_or(usize::MAX);
        #[expect(clippy::cast_precision_loss, reason = "readings of a period are far below 2^53")]
        let count = member.1 as f64;
        let squares = member.5.map_or(0.0, |sd| sd * sd * (count - 1.0));
        all.add_many(n, member.2 * count, squares, member.3, member.4);
    }
    let values = hourly(series);
    let missing_s: i64 = series.missing.iter().map(|(_, seconds)| seconds).sum();
    #[expect(clippy::cast_precision_loss, reason = "seconds of a period are far below 2^53")]
    let missing_share = (series.expected_s > 0).then(|| missing_s as f64 / series.expected_s as f64);
    SeriesFigures {
        metric: series.metric.clone(),
        unit: series.unit.clone(),
        n: u64::try_from(all.n()).unwrap_or(u64::MAX),
        mean: all.mean(),
        min: all.min(),
        max: all.max(),
        sd: all.sd(),
        aggregation: series.aggregation.clone(),
        aggregate: aggregate(&series.aggregation, &all, &values),
        dispersion: series.dispersion.clone(),
        spread: spread(&series.dispersion, &all, &values),
        missing_s,
        missing_share,
        day_means: day_means(&values, days),
    }
}

/// The median is that of the hours: rollups do not keep every reading.
#[expect(clippy::cast_precision_loss, reason = "readings of a period are far below 2^53")]
fn aggregate(how: &str, all: &Moments, hours: &[(i64, f64)]) -> Option<f64> {
    match how {
        "count" => Some(all.n() as f64),
        "sum" => (all.n() > 0).then(|| all.sum()),
        "min" => all.min(),
        "max" => all.max(),
        "median" => median(&mut hours.iter().map(|(_, value)| *value).collect::<Vec<_>>()),
        _ => all.mean(),
    }
}

/// Of the changes it is that from hour to hour: a level that grows says little.
fn spread(how: &str, all: &Moments, hours: &[(i64, f64)]) -> Option<f64> {
    match how {
        "range" => all.max().zip(all.min()).map(|(max, min)| max - min),
        "stddev" => all.sd(),
        "stddev_of_changes" => {
            let next = hours.windows(2).filter(|pair| pair[1].0 - pair[0].0 == 3_600);
            Moments::of(&next.map(|pair| pair[1].1 - pair[0].1).collect::<Vec<_>>()).sd()
        }
        _ => None,
    }
}

fn day_means(hours: &[(i64, f64)], days: &[i64]) -> Vec<(i64, f64)> {
    let day = |pair: &[i64]| {
        let from = hours.partition_point(|(at, _)| *at < pair[0]);
        let to = hours.partition_point(|(at, _)| *at < pair[1]);
        let values: Vec<f64> = hours[from..to].iter().map(|(_, value)| *value).collect();
        Moments::of(&values).mean().map(|mean| (pair[0], mean))
    };
    days.windows(2).filter_map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::s3_gather::{Hour, MemberFigures, OutageFacts};
    use super::*;

    fn series(aggregation: &str, dispersion: &str) -> SeriesFacts {
        SeriesFacts {
            aggregation: aggregation.to_owned(),
            dispersion: dispersion.to_owned(),
            hours: vec![Hour(0, 2, 2.0, 1.0, 3.0), Hour(3_600, 2, 4.0, 3.0, 5.0), Hour(10_800, 1, 9.0, 9.0, 9.0)],
            members: vec![
                MemberFigures("a".to_owned(), 4, 3.0, 1.0, 5.0, Some((8.0_f64 / 3.0).sqrt())),
                MemberFigures("b".to_owned(), 1, 9.0, 9.0, 9.0, None),
            ],
            missing: vec![("hung".to_owned(), 900), ("no_data".to_owned(), 900)],
            expected_s: 18_000,
            ..SeriesFacts::default()
        }
    }

    #[test]
    fn each_series_is_put_together_as_agreed() {
        for (aggregation, expected) in
            [("count", 5.0), ("sum", 21.0), ("mean", 4.2), ("min", 1.0), ("max", 9.0), ("median", 4.0)]
        {
            let found = one(&series(aggregation, "none"), &[0, 7_200, 14_400]);
            assert!((found.aggregate.unwrap() - expected).abs() < 1e-12, "{aggregation}: {found:?}");
        }
        let found = one(&series("mean", "stddev"), &[0, 7_200, 14_400]);
        // Of 1, 3, 3, 5 and 9 (numpy: std(ddof=1) = 3.03315018).
        assert!((found.spread.unwrap() - 3.033_150_177_620_62).abs() < 1e-12, "{found:?}");
        assert_eq!(found.day_means, [(0, 3.0), (7_200, 9.0)]);
        assert_eq!(found.missing_share, Some(0.1));
        assert_eq!(one(&series("mean", "range"), &[]).spread, Some(8.0));
        assert_eq!(one(&series("mean", "stddev_of_changes"), &[]).spread, None, "one pair of hours in a row");
        assert_eq!(one(&SeriesFacts::default(), &[0, 1]).mean, None);
    }

    #[test]
    fn outages_that_were_none_and_time_that_does_not_count_are_left_out() {
        let outage = |down_s, excluded_s, correction: &str| OutageFacts {
            down_s,
            excluded_s,
            impact: 3,
            void: correction == "void",
            ..OutageFacts::default()
        };
        let gathered = Gathered {
            until_s: 1_000,
            outages: vec![outage(60, 0, ""), outage(100, 90, ""), outage(500, 0, "void")],
            ..Gathered::default()
        };
        let found = figures(&gathered).outages;
        assert_eq!((found.count, found.down_total_s, found.down_range_s, found.impact_total), (2, 70, 50, 6));
        assert_eq!((found.mttr_s, found.mtbf_s), (Some(35.0), Some(465.0)));
    }
}
