//! Integration harness: what the tests, `tests/lab` and the quick start build upon.

pub mod lab;
