//! `/proc/self/auxv`: the sizes that the kernel counts in.

const PAGE_SIZE: u64 = 6;
const CLOCK_TICKS: u64 = 17;

/// The units of /proc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    /// Bytes of a page of memory.
    pub page_bytes: u64,
    /// Clock ticks per second.
    pub ticks_per_s: u64,
}

impl Default for Units {
    /// What every Linux on x86 has.
    fn default() -> Self {
        Self { page_bytes: 4096, ticks_per_s: 100 }
    }
}

impl Units {
    /// From the vector's bytes: pairs of native 64-bit numbers. What it does not say keeps its default.
    #[must_use]
    pub fn parse(auxv: &[u8]) -> Self {
        let mut units = Self::default();
        let (pairs, _) = auxv.as_chunks::<16>();
        for pair in pairs {
            let number = |half: &[u8]| half.try_into().map_or(0, u64::from_ne_bytes);
            let (kind, value) = (number(&pair[..8]), number(&pair[8..]));
            match kind {
                PAGE_SIZE if value > 0 => units.page_bytes = value,
                CLOCK_TICKS if value > 0 => units.ticks_per_s = value,
                _ => {}
            }
        }
        units
    }

    /// A number of clock ticks in nanoseconds.
    #[must_use]
    pub fn ticks_ns(self, ticks: u64) -> u64 {
        ticks.saturating_mul(1_000_000_000 / self.ticks_per_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_both_and_keeps_defaults() {
        let bytes: Vec<u8> = [16_u64, 1, 6, 65_536, 17, 250, 0, 0].into_iter().flat_map(u64::to_ne_bytes).collect();
        assert_eq!(Units::parse(&bytes), Units { page_bytes: 65_536, ticks_per_s: 250 });
        assert_eq!(Units::parse(&bytes[..20]), Units::default());
        assert_eq!(Units::parse(b"x").ticks_ns(3), 30_000_000);
    }
}
