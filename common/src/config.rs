//! Configuration files: a main TOML file, `conf.d/*.toml` over it, the environment over that. A schema names every key,
//! so that all errors are reported at once, unknown keys get a suggestion, and each value knows where it came from.
//!
//! Precedence, strongest first: command-line flag, `EVENKEEL_*`, `conf.d/*.toml` (later names win), main file, default.

mod document;
mod load;
mod schema;
mod tables;

pub use document::document;
pub use load::{Loaded, Origin, Problem, Problems, Setting, load, parse, suggestion};
pub use schema::{HOST_PORT, Key, Kind, Schema, Tables};
