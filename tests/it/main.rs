//! The integration tests: one binary, a module a subject. Everything here runs real programs.

mod main_job;
