//! `/sys/kernel/mm/hugepages`: the pools of huge pages, one a size.

use evenkeel_common::metric::{Metric, known};

use super::out::Out;

/// The files of a size, in the order of [`Hugepages::numbers`].
pub const FILES: [&str; 4] = ["nr_hugepages", "free_hugepages", "resv_hugepages", "surplus_hugepages"];
const METRICS: [&Metric; 4] = [
    known("host_hugepages"),
    known("host_hugepages_free"),
    known("host_hugepages_reserved"),
    known("host_hugepages_surplus"),
];

/// One pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hugepages {
    /// The size as it is shown, `2MiB`.
    pub size: String,
    /// What the files of [`FILES`] say; `None` for one that is not there.
    pub numbers: [Option<u64>; 4],
}

/// The size in the name of a pool's folder: `hugepages-2048kB` is `2MiB`.
#[must_use]
pub fn size(folder: &str) -> Option<String> {
    let kib: u64 = folder.strip_prefix("hugepages-")?.strip_suffix("kB")?.parse().ok()?;
    Some(match kib {
        0 => return None,
        _ if kib.is_multiple_of(1 << 20) => format!("{}GiB", kib >> 20),
        _ if kib.is_multiple_of(1 << 10) => format!("{}MiB", kib >> 10),
        _ => format!("{kib}KiB"),
    })
}

pub(super) fn read(out: &mut Out, pools: &[Hugepages]) {
    for pool in pools {
        for (metric, number) in METRICS.into_iter().zip(pool.numbers) {
            if let Some(number) = number {
                out.whole(metric, &pool.size, number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sizes() {
        let sizes = ["hugepages-2048kB", "hugepages-1048576kB", "hugepages-64kB", "hugepages-16777216kB"].map(size);
        assert_eq!(sizes.map(Option::unwrap), ["2MiB", "1GiB", "64KiB", "16GiB"]);
        assert_eq!((size("hugepages-0kB"), size("x")), (None, None));
    }
}
