//! The command line as scripts rely on it: no verb disappears or is renamed, and a new one is written down here.

/// Verbs of `evenkeel-agent`.
pub const AGENT: &[&str] = &["check", "check-config", "join", "once", "run"];

/// Verbs of `evenkeel`.
pub const COLLECTOR: &[&str] = &[
    "action list",
    "action migrate",
    "action restart",
    "action show",
    "action snapshot",
    "action wait",
    "activity list",
    "agent approve",
    "agent list",
    "agent revoke",
    "check-config",
    "completions",
    "host list",
    "host retire",
    "host show",
    "init",
    "query",
    "review",
    "serve",
    "stats test",
    "status",
    "store backup",
    "store check",
    "store restore",
    "store status",
    "token create",
    "token list",
    "token revoke",
    "vm list",
    "vm show",
    "vm stats",
    "vm top",
];
