//! `/proc/diskstats`: the disks of the host, without partitions and what is no disk.

use std::collections::{HashMap, HashSet};

use evenkeel_common::metric::{Metric, known};

use super::out::Out;
use super::source::Source;

/// Disks read per tick: a host with thousands of logical volumes does not flood the wire.
const DISKS_MAX: usize = 512;
/// The kernel counts in these whatever the disk's own sectors are.
const SECTOR_BYTES: u64 = 512;
/// Names of what is no disk: loops, RAM, optical drives, floppies.
const NOT_DISKS: &[&str] = &["loop", "ram", "zram", "sr", "fd"];
/// Times of a disk that the kernel prints with 32 bits.
const NARROW: usize = 4;

/// One line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line<'a> {
    /// The kernel's name, `sda`.
    pub name: &'a str,
    reads: u64,
    sectors_read: u64,
    read_ms: u64,
    writes: u64,
    sectors_written: u64,
    write_ms: u64,
    in_flight: u64,
    busy_ms: u64,
    weighted_ms: u64,
}

impl<'a> Line<'a> {
    /// `None` for a line of fewer fields (a partition of Linux before 2.6.25).
    fn parse(line: &'a str) -> Option<Self> {
        let mut fields = line.split_ascii_whitespace().skip(2);
        let name = fields.next()?;
        let mut next = || fields.next()?.parse::<u64>().ok();
        let (reads, _merged, sectors_read, read_ms) = (next()?, next()?, next()?, next()?);
        let (writes, _merged, sectors_written, write_ms) = (next()?, next()?, next()?, next()?);
        let (in_flight, busy_ms, weighted_ms) = (next()?, next()?, next()?);
        Some(Self {
            name,
            reads,
            sectors_read,
            read_ms,
            writes,
            sectors_written,
            write_ms,
            in_flight,
            busy_ms,
            weighted_ms,
        })
    }

    /// An unused network block device is there without ever having been one.
    fn is_disk(&self) -> bool {
        let kind = self.name.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_unused = kind == "nbd" && self.reads == 0 && self.writes == 0;
        !is_unused && !NOT_DISKS.contains(&kind)
    }
}

/// The disks of the file.
#[must_use]
pub fn disks(text: &str) -> Vec<Line<'_>> {
    let all: Vec<Line<'_>> = text.lines().filter_map(Line::parse).collect();
    let names: HashSet<&str> = all.iter().map(|line| line.name).collect();
    all.into_iter().filter(|line| line.is_disk() && !is_partition(line.name, &names)).take(DISKS_MAX).collect()
}

/// `sda1` of `sda`, `nvme0n1p1` of `nvme0n1`; but not `dm-10` of `dm-1`: after a digit a partition has a `p`.
fn is_partition(name: &str, names: &HashSet<&str>) -> bool {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    if stem.len() == name.len() {
        return false;
    }
    let parent = match stem.strip_suffix('p') {
        Some(parent) if parent.ends_with(|c: char| c.is_ascii_digit()) => parent,
        _ => stem,
    };
    names.contains(parent)
}

/// Times that the kernel prints with 32 bits and that wrap after 49 days, a busy disk's queue after one: they are
/// carried on here.
#[derive(Clone, Debug, Default)]
pub struct Widening {
    disks: HashMap<String, [Wide; NARROW]>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Wide {
    printed: u64,
    wraps: u64,
}

impl Wide {
    const SPAN: u64 = 1 << 32;

    /// A value that falls from the upper half of 32 bits to the lower one has wrapped; any other fall is a new life.
    fn next(&mut self, printed: u64) -> u64 {
        if printed < self.printed {
            let wrapped = self.printed < Self::SPAN && self.printed >= Self::SPAN / 2 && printed < Self::SPAN / 2;
            self.wraps = if wrapped { self.wraps.saturating_add(1) } else { 0 };
        }
        self.printed = printed;
        self.wraps.saturating_mul(Self::SPAN).saturating_add(printed)
    }
}

impl Widening {
    fn widen(&mut self, name: &str, printed: [u64; NARROW]) -> [u64; NARROW] {
        if !self.disks.contains_key(name) {
            self.disks.insert(name.to_owned(), [Wide::default(); NARROW]);
        }
        let Some(wide) = self.disks.get_mut(name) else { return printed };
        let mut wider = printed;
        for (value, wide) in wider.iter_mut().zip(wide) {
            *value = wide.next(*value);
        }
        wider
    }

    /// Forgets the disks that are gone.
    fn keep(&mut self, disks: &[Line<'_>]) {
        if self.disks.len() > disks.len() {
            let there: HashSet<&str> = disks.iter().map(|disk| disk.name).collect();
            self.disks.retain(|name, _| there.contains(name.as_str()));
        }
    }
}

/// The readings. A device mapper's disk is called by its own name in `mapped`: `dm-3` is another one after a boot.
pub(super) fn read(out: &mut Out, source: &Source, mapped: &HashMap<String, String>, widening: &mut Widening) {
    const BUSY: &Metric = known("host_disk_io_seconds_total");
    if !matches!(source, Source::Text(_)) {
        out.missing(BUSY, "", source.why());
        return;
    }
    let disks = disks(source.text());
    widening.keep(&disks);
    for disk in disks {
        let [read_ms, write_ms, busy_ms, weighted_ms] =
            widening.widen(disk.name, [disk.read_ms, disk.write_ms, disk.busy_ms, disk.weighted_ms]);
        let name = mapped.get(disk.name).map_or(disk.name, String::as_str);
        out.whole(const { known("host_disk_reads_total") }, name, disk.reads);
        let bytes = disk.sectors_read.saturating_mul(SECTOR_BYTES);
        out.whole(const { known("host_disk_read_bytes_total") }, name, bytes);
        out.whole(const { known("host_disk_read_seconds_total") }, name, read_ms);
        out.whole(const { known("host_disk_writes_total") }, name, disk.writes);
        let bytes = disk.sectors_written.saturating_mul(SECTOR_BYTES);
        out.whole(const { known("host_disk_written_bytes_total") }, name, bytes);
        out.whole(const { known("host_disk_write_seconds_total") }, name, write_ms);
        out.whole(const { known("host_disk_in_flight") }, name, disk.in_flight);
        out.whole(BUSY, name, busy_ms);
        out.whole(const { known("host_disk_io_weighted_seconds_total") }, name, weighted_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of kernels 6.18, 4.19 (14 fields) and 5.4 (18 fields), and of what has no I/O at all.
    const TEXT: &str = include_str!("fixtures/diskstats.txt");

    #[test]
    fn disks_are_neither_partitions_nor_loops() {
        let names: Vec<&str> = disks(TEXT).iter().map(|disk| disk.name).collect();
        let expected =
            ["vda", "sda", "sdaa", "nvme0n1", "nvme10n1", "dm-1", "dm-10", "md127", "nbd1", "mmcblk0", "xvda1", "rbd0"];
        assert_eq!(names, expected);
        let vda = disks(TEXT)[0];
        assert_eq!((vda.reads, vda.sectors_read, vda.read_ms), (68_270, 10_800_930, 97_250));
        assert_eq!((vda.writes, vda.sectors_written, vda.write_ms), (29_171, 29_170_720, 101_805));
        assert_eq!((vda.in_flight, vda.busy_ms, vda.weighted_ms), (0, 21_028, 201_444));
    }

    #[test]
    fn times_go_on_where_32_bits_end() {
        let top = u64::from(u32::MAX);
        let mut wide = Wide::default();
        assert_eq!([top - 5, 10, 20, top, 3].map(|ms| wide.next(ms)), {
            let span = Wide::SPAN;
            [top - 5, span + 10, span + 20, span + top, 2 * span + 3]
        });
        // Another disk of that name starts at nothing, and a kernel with 64 bits never wraps.
        assert_eq!([100, 5].map(|ms| wide.next(ms)), [2 * Wide::SPAN + 100, 5]);
        assert_eq!([Wide::SPAN * 4, 7].map(|ms| wide.next(ms)), [Wide::SPAN * 4, 7]);
    }

    #[test]
    fn forgets_disks_that_are_gone() {
        let mut widening = Widening::default();
        widening.widen("sda", [0; NARROW]);
        widening.widen("sdb", [0; NARROW]);
        widening.keep(&[Line { name: "sdb", ..Line::default() }]);
        assert_eq!(widening.disks.keys().collect::<Vec<_>>(), ["sdb"]);
    }
}
