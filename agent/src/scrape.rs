//! The child process that reads libvirt, and its deadline.

pub mod protocol;
