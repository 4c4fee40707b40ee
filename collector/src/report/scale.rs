//! From values to places, with round ticks.

/// A straight scale.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: f64,
    to: f64,
    first: f64,
    last: f64,
}

impl Scale {
    /// `from` lies at `first`, `to` at `last`. A scale without a length gets one.
    pub fn new((from, to): (f64, f64), (first, last): (f64, f64)) -> Self {
        let to = if to > from { to } else { from + from.abs().max(1.0) };
        Self { from, to, first, last }
    }

    /// Where a value lies.
    pub fn at(&self, value: f64) -> f64 {
        self.first + (value - self.from) / (self.to - self.from) * (self.last - self.first)
    }

    /// Some three to six round values within it.
    pub fn ticks(&self) -> Vec<f64> {
        let rough = (self.to - self.from) / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let mut tick = (self.from / step).ceil() * step;
        let mut ticks = Vec::new();
        while tick <= self.to + step * 1e-9 && ticks.len() < 10 {
            ticks.push(if tick.abs() < step * 1e-9 { 0.0 } else { tick });
            tick += step;
        }
        ticks
    }
}

/// A second as a number.
#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
pub fn place(second: i64) -> f64 {
    second as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Scale::new((0.0, 1.0), (0.0, 100.0)).ticks(), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(Scale::new((3.0, 97.0), (0.0, 1.0)).ticks(), [25.0, 50.0, 75.0]);
        let scale = Scale::new((5.0, 5.0), (0.0, 10.0));
        assert!((scale.at(5.0)).abs() < 1e-12 && scale.at(10.0) > 9.0, "no length is no division by zero");
    }
}
