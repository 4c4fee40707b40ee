//! Every statistic, on any numbers that a file or a query could hold: NaN, infinities, ties, too few, far too large.
//!
//! Seeds: agent/src/gather/host/fixtures/diskstats.txt

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| evenkeel_collector::stats::fuzz::every_statistic(bytes));
