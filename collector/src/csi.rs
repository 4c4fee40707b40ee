//! [P] The seven steps of improvement, a file each, so that the process can be read off the folder. `control` loads what
//! they need and stores what they say. `service` is what steps 1 and 2 agreed, as the operator wrote it down.

pub mod cycle;
pub mod period;
pub mod s1_indicators;
pub mod s2_metrics;
pub mod s3_gather;
pub mod s4_process;
pub mod s5_analyse;
pub mod s6_inform;
pub mod s7_act;
pub mod service;
