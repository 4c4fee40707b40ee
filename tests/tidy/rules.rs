//! The house rules. Each takes the tree as data and returns what breaks it; each has a test that breaks it on purpose.

pub mod imports;
pub mod layout;
pub mod manifest;
pub mod purity;
pub mod records;
pub mod shipped;
pub mod size;
pub mod verbs;
pub mod words;
