//! Placeholder until the first commit of its content.
fn main() {}
