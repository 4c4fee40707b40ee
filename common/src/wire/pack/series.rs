//! What is remembered of one series, and how its next value is predicted.

use super::PackError;
use super::bits::{BitReader, BitWriter};
use super::varint::{unzigzag, zigzag};

/// Levels are sizes of residuals in sixteenths of a bit.
const BIT: u16 = 16;
/// A level follows the sizes with a weight of 1/8; at first with 1, 1/2 and 1/4, so that it is right at once.
const FOLLOW: u8 = 3;
/// What the constant step has to gain over the constant value before it is believed.
const STEP_GAIN: u16 = 4;
/// Largest parameter: k bits and the twelve ones of an escape stay well below a word.
const K_MAX: u16 = 48;

/// How the last number of a series was meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Class {
    #[default]
    New,
    Whole,
    Fraction,
}

/// A series on one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Series {
    value: u64,
    step: i64,
    /// Usual size of a residual when the value, and when the step, is taken to go on.
    levels: [u16; 2],
    /// Residuals that the levels have followed, as far as that matters.
    followed: u8,
    class: Class,
}

/// A number on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coded {
    /// The first of its kind: as it is.
    First(u64),
    /// A whole number: the step from the one before.
    Step(i64),
    /// A fraction: the bits that changed, the leading ones last.
    Changed(u64),
}

/// A step in units of the divisor. Most steps are none, most divisors are one, and a division is slow.
const fn quotient(step: i64, divisor: i64) -> i64 {
    if divisor == 1 || step == 0 { step } else { step.wrapping_div(divisor) }
}

impl Series {
    /// Takes in the next number and says what is to be coded of it.
    pub(super) fn advance(&mut self, number: u64, fraction: bool) -> Coded {
        let class = if fraction { Class::Fraction } else { Class::Whole };
        let before = std::mem::replace(&mut self.value, number);
        if self.class != class {
            *self = Self { value: number, class, ..Self::default() };
            return Coded::First(number);
        }
        if fraction {
            Coded::Changed((number ^ before).reverse_bits())
        } else {
            Coded::Step(number.wrapping_sub(before).cast_signed())
        }
    }

    /// Writes a number; `divisor` divides each step of its metric.
    pub(super) fn write(&mut self, coded: Coded, divisor: i64, out: &mut BitWriter) {
        match coded {
            Coded::First(number) => out.put_raw(number),
            Coded::Changed(bits) => {
                out.put_rice(bits, self.k(0));
                self.changed(bits);
            }
            Coded::Step(step) => {
                let by_step = self.trusts_step();
                let residuals = self.residuals(step, divisor);
                out.put_rice(residuals[by_step], self.k(by_step));
                self.took(step, residuals);
            }
        }
    }

    /// Reads the next number.
    pub(super) fn read(&mut self, fraction: bool, divisor: i64, bits: &mut BitReader<'_>) -> Result<u64, PackError> {
        let class = if fraction { Class::Fraction } else { Class::Whole };
        if self.class != class {
            *self = Self { value: bits.raw()?, class, ..Self::default() };
            return Ok(self.value);
        }
        if fraction {
            let changed = bits.rice(self.k(0))?;
            self.changed(changed);
            self.value ^= changed.reverse_bits();
            return Ok(self.value);
        }
        let by_step = self.trusts_step();
        let residual = unzigzag(bits.rice(self.k(by_step))?);
        let before = quotient(self.step, divisor);
        let expected = if by_step == 1 { before } else { 0 };
        let steps = residual.wrapping_add(expected);
        let step = steps.wrapping_mul(divisor);
        // Nobody writes a step that does not fit.
        let steps = if step == 0 || steps.checked_mul(divisor).is_some() { steps } else { quotient(step, divisor) };
        self.took(step, [zigzag(steps), zigzag(steps.wrapping_sub(before))]);
        self.value = self.value.wrapping_add(step.cast_unsigned());
        Ok(self.value)
    }

    fn residuals(&self, step: i64, divisor: i64) -> [u64; 2] {
        let step = quotient(step, divisor);
        [zigzag(step), zigzag(step.wrapping_sub(quotient(self.step, divisor)))]
    }

    fn took(&mut self, step: i64, residuals: [u64; 2]) {
        self.follow(0, residuals[0]);
        self.follow(1, residuals[1]);
        self.followed = (self.followed + 1).min(FOLLOW);
        self.step = step;
    }

    fn changed(&mut self, bits: u64) {
        self.follow(0, bits);
        self.followed = (self.followed + 1).min(FOLLOW);
    }

    fn trusts_step(&self) -> usize {
        usize::from(self.levels[1] + STEP_GAIN < self.levels[0])
    }

    fn k(&self, which: usize) -> u32 {
        ((self.levels[which] + BIT / 2) / BIT).saturating_sub(1).min(K_MAX).into()
    }

    fn follow(&mut self, which: usize, residual: u64) {
        let size = BIT * u16::try_from(64 - residual.leading_zeros()).unwrap_or(64);
        let (level, weight) = (&mut self.levels[which], self.followed);
        if size >= *level {
            *level += (size - *level) >> weight;
        } else {
            *level -= (*level - size) >> weight;
        }
    }
}
