//! [P] The seven steps of improvement, a file each, so that the process can be read off the folder. `control` loads what
//! they need and stores what they say.

pub mod s4_process;
pub mod s5_analyse;
pub mod s6_inform;
