//! `/proc/pressure`: how long tasks waited for a CPU, memory or I/O.

use evenkeel_common::metric::{Metric, known};
use evenkeel_common::sample::Missing;

use super::out::Out;
use super::source::Source;

/// What is waited for, in the order of [`super::HostFacts::pressure`].
pub const RESOURCES: [&str; 3] = ["cpu", "memory", "io"];

struct Who {
    word: &'static str,
    ratio: &'static Metric,
    total: &'static Metric,
}

const fn who(word: &'static str, ratio: &'static str, total: &'static str) -> Who {
    Who { word, ratio: known(ratio), total: known(total) }
}

const LINES: [[Who; 2]; 3] = [
    [
        who("some", "host_pressure_cpu_some_ratio", "host_pressure_cpu_some_seconds_total"),
        who("full", "host_pressure_cpu_full_ratio", "host_pressure_cpu_full_seconds_total"),
    ],
    [
        who("some", "host_pressure_memory_some_ratio", "host_pressure_memory_some_seconds_total"),
        who("full", "host_pressure_memory_full_ratio", "host_pressure_memory_full_seconds_total"),
    ],
    [
        who("some", "host_pressure_io_some_ratio", "host_pressure_io_some_seconds_total"),
        who("full", "host_pressure_io_full_ratio", "host_pressure_io_full_seconds_total"),
    ],
];

/// One line of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Share of the last 10 s.
    pub ratio: f64,
    /// Microseconds since the boot.
    pub total_us: u64,
}

/// The line that begins with `word`; `None` when there is none (for a CPU no `full` before Linux 5.13).
#[must_use]
pub fn line(text: &str, word: &str) -> Option<Line> {
    let fields = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '))?;
    let field = |name: &str| fields.split_ascii_whitespace().find_map(|field| field.strip_prefix(name));
    let percent: f64 = field("avg10=")?.parse().ok()?;
    Some(Line { ratio: percent / 100.0, total_us: field("total=")?.parse().ok()? })
}

pub(super) fn read(out: &mut Out, sources: &[Source; 3]) {
    for (source, lines) in sources.iter().zip(&LINES) {
        for Who { word, ratio, total } in lines {
            match line(source.text(), word) {
                Some(line) => {
                    out.float(ratio, "", Some(line.ratio), Missing::NoData);
                    out.whole(total, "", line.total_us);
                }
                None => {
                    // A file that lacks the line is of a kernel that does not have it.
                    let why = if matches!(source, Source::Text(_)) { Missing::NotEnabled } else { source.why() };
                    out.missing(ratio, "", why);
                    out.missing(total, "", why);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "some avg10=12.50 avg60=1.00 avg300=0.10 total=48135895\n";
    const NEW: &str =
        "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\nfull avg10=100.00 avg60=0.00 avg300=0.00 total=7\n";

    #[test]
    fn reads_lines_of_old_and_new_kernels() {
        assert_eq!(line(OLD, "some"), Some(Line { ratio: 0.125, total_us: 48_135_895 }));
        assert_eq!(line(OLD, "full"), None);
        assert_eq!(line(NEW, "full"), Some(Line { ratio: 1.0, total_us: 7 }));
        assert_eq!(line("some avg10=x total=1\n", "some"), None);
        assert_eq!(line("somewhat avg10=1.0 total=1\n", "some"), None);
    }
}
