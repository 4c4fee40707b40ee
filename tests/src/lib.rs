//! Integration harness: what the tests, `tests/lab` and the quick start build upon.

pub mod bench;
pub mod cluster;
pub mod contract;
pub mod crash;
pub mod docs;
pub mod lab;
pub mod load;
pub mod programs;
pub mod random;
pub mod small_disk;
