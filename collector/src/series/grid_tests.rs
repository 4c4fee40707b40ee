use proptest::prelude::*;

use super::*;

fn cells(function: Function, from: i64, to: i64, step: i64) -> Cells {
    Cells::new(Grid::new(UnixMs(from), UnixMs(to), DurationMs(step), 1_000).unwrap(), function)
}

fn results(cells: Cells) -> Vec<(i64, Result<f64, Missing>)> {
    cells.results().map(|(at, value)| (at.0, value)).collect()
}

#[test]
fn steps_begin_at_multiples_and_hold_only_the_range() {
    let mut cells = cells(Function::Count, 15, 35, 10);
    for at in 0..50 {
        cells.value(UnixMs(at), 1.0);
    }
    assert_eq!(results(cells), [(10, Ok(5.0)), (20, Ok(10.0)), (30, Ok(5.0))]);
}

#[test]
fn refuses_what_makes_no_grid() {
    assert_eq!(Grid::new(UnixMs(0), UnixMs(10), DurationMs(0), 10), Err(GridError::Step));
    assert_eq!(Grid::new(UnixMs(0), UnixMs(10), DurationMs(1), 9), Err(GridError::TooMany { steps: 10 }));
    assert_eq!(Grid::new(UnixMs(5), UnixMs(5), DurationMs(5), 9).map(|grid| grid.len()), Ok(0));
}

#[test]
fn a_step_without_values_says_why() {
    let mut cells = cells(Function::Max, 0, 30, 10);
    cells.value(UnixMs(1), 7.0);
    cells.value(UnixMs(2), 3.0);
    cells.missing(UnixMs(3), Missing::Paused);
    cells.missing(UnixMs(12), Missing::Hung);
    assert_eq!(results(cells), [(0, Ok(7.0)), (10, Err(Missing::Hung)), (20, Err(Missing::NoData))]);
}

#[test]
fn every_function() {
    for (function, expected) in [
        (Function::Avg, 2.5),
        (Function::Min, 1.0),
        (Function::Max, 4.0),
        (Function::Sum, 10.0),
        (Function::Count, 4.0),
        (Function::Last, 3.0),
        (Function::Quantile(0.5), 2.5),
    ] {
        let mut cells = cells(function, 0, 10, 10);
        for (at, value) in [(1, 4.0), (2, 1.0), (3, 2.0), (4, 3.0)] {
            cells.value(UnixMs(at), value);
        }
        assert_eq!(results(cells), [(0, Ok(expected))], "{function}");
    }
}

#[test]
fn growth_is_shared_over_steps_and_rates_cover_what_is_known() {
    let delta = Delta { from: UnixMs(5_000), to: UnixMs(15_000), growth: Ok(10) };
    let mut increase = cells(Function::Increase, 0, 30_000, 10_000);
    increase.growth(&delta, 10.0);
    assert_eq!(results(increase), [(0, Ok(5.0)), (10_000, Ok(5.0)), (20_000, Err(Missing::NoData))]);
    let mut rate = cells(Function::Rate, 0, 30_000, 10_000);
    rate.growth(&delta, 10.0);
    assert_eq!(results(rate), [(0, Ok(1.0)), (10_000, Ok(1.0)), (20_000, Err(Missing::NoData))]);
}

#[test]
fn says_a_step_that_fits() {
    assert_eq!(fitting_step(DurationMs::from_s(3_600), 1, 1_000), DurationMs::from_s(5));
    assert_eq!(fitting_step(DurationMs::from_s(30 * 86_400), 10, 1_000_000), DurationMs::from_s(30));
}

proptest! {
    #[test]
    fn a_fitting_step_fits(
        from in 0_i64..1_000_000_000, length in 1_i64..100_000_000_000, series in 1_usize..50, points in 100_usize..10_000
    ) {
        let step = fitting_step(DurationMs(length), series, points);
        let grid = Grid::new(UnixMs(from), UnixMs(from + length), step, usize::MAX).unwrap();
        prop_assert!(grid.len() * series <= points.max(2 * series), "{} steps of {step:?}", grid.len());
    }

    #[test]
    fn growth_is_neither_lost_nor_counted_twice(
        spans in prop::collection::vec((1_i64..50_000, 0_u64..1_000), 1..40), step in 1_i64..60_000, from in 0_i64..5_000
    ) {
        let end: i64 = spans.iter().map(|(length, _)| length).sum::<i64>() + from;
        let mut cells = Cells::new(
            Grid::new(UnixMs(from), UnixMs(end), DurationMs(step), usize::MAX).unwrap(), Function::Increase);
        let (mut at, mut total) = (from, 0.0);
        for (length, growth) in spans {
            let delta = Delta { from: UnixMs(at), to: UnixMs(at + length), growth: Ok(growth) };
            cells.growth(&delta, delta.growth_f64().unwrap());
            total += delta.growth_f64().unwrap();
            at += length;
        }
        let sum: f64 = results(cells).into_iter().filter_map(|(_, value)| value.ok()).sum();
        prop_assert!((sum - total).abs() <= 1e-6 * (1.0 + total));
    }
}
