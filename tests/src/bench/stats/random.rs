//! Random numbers that are the same on every machine and with every version of every library: xoshiro256++ (Blackman and
//! Vigna 2019), seeded by `SplitMix64`, and normal deviates by Marsaglia's polar method (1964).

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
    spare: Option<f64>,
}

impl Random {
    /// The stream of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut mixed = seed;
        let mut next = || {
            mixed = mixed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = mixed;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Self { state: [next(), next(), next(), next()], spare: None }
    }

    /// A stream of its own for one run of one case.
    #[must_use]
    pub fn of(case: &str, run: usize) -> Self {
        // FNV-1a of the name, so that a new case changes no other one.
        let name = case
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self::new(name ^ (run as u64).wrapping_mul(0xD134_2543_DE82_EF95))
    }

    fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        self.state = [a ^ b ^ d, b ^ c ^ a, c ^ a ^ (b << 17), (d ^ b).rotate_left(45)];
        result
    }

    /// Between 0 and 1, 53 bits.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A standard normal deviate.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let factor = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviates_are_normal_and_streams_differ() {
        let mut random = Random::of("a", 1);
        let values: Vec<f64> = (0..100_000).map(|_| random.normal()).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        let variance = values.iter().map(|value| value * value).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let beyond = values.iter().filter(|value| value.abs() > 1.959_964).count();
        assert!((4_700..5_300).contains(&beyond), "{beyond}");
        assert_ne!(Random::of("a", 1).bits(), Random::of("a", 2).bits());
        assert_ne!(Random::of("a", 1).bits(), Random::of("b", 1).bits());
    }

    /// The reference implementation's first number for the state 1, 2, 3, 4.
    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = Random { state: [1, 2, 3, 4], spare: None };
        assert_eq!(random.bits(), 41_943_041);
    }
}
