//! The program's log on standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// Logs to standard error; the journal adds the time itself. `-v` raises the configured level.
pub fn start_logging(level: &str, verbose: u8) {
    let level = match verbose {
        0 => level,
        1 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("warn,evenkeel={level},evenkeel_collector={level},evenkeel_common={level}"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false);
    if std::env::var_os("JOURNAL_STREAM").is_some() {
        builder.without_time().init();
    } else {
        builder.init();
    }
}
