//! Events of jobs: migrations, backups, snapshots, block jobs.

use evenkeel_common::time::DurationMs;
use evenkeel_common::units::{show_bytes, show_duration};

use super::Said;
use crate::scrape::protocol::Param;

/// `virDomainJobOperation` of an arriving migration and of one that leaves.
const MIGRATION_IN: i64 = 4;
const MIGRATION_OUT: i64 = 5;

pub(super) fn completed(params: &[(String, Param)]) -> Said {
    let operation = number(params, "operation").unwrap_or(0);
    let name = operation_name(operation);
    let is_migration = operation == MIGRATION_IN || operation == MIGRATION_OUT;
    let mut facts = Vec::new();
    let duration = |field| number(params, field).map(|ms| show_duration(DurationMs(ms)));
    facts.extend(duration("time_elapsed").map(|took| format!("took {took}")));
    facts.extend(duration("downtime").map(|down| format!("downtime {down}")));
    let moved = number(params, "data_processed").and_then(|bytes| u64::try_from(bytes).ok());
    facts.extend(moved.map(|bytes| format!("{} moved", show_bytes(bytes))));
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(", ")) };
    if flag(params, "success") == Some(false) {
        let why = text(params, "errmsg").map(|why| format!(": {why}")).unwrap_or_default();
        let kind = if is_migration { "vm_migration_failed" } else { "vm_job_failed" };
        return Said::warning(kind, format!("{name} failed{facts}{why}"));
    }
    let kind = if is_migration { "vm_migration_done" } else { "vm_job_done" };
    Said::info(kind, format!("{name} ended{facts}"))
}

pub(super) fn block_job(disk: &str, kind: i32, status: i32) -> Said {
    let job = match kind {
        1 => "block pull".to_owned(),
        2 => "block copy".to_owned(),
        3 => "block commit".to_owned(),
        4 => "block commit of the active layer".to_owned(),
        5 => "block backup".to_owned(),
        other => format!("block job of type {other}"),
    };
    match status {
        0 => Said::info("vm_block_job_done", format!("{job} of disk {disk} ended")),
        1 => Said::warning("vm_block_job_failed", format!("{job} of disk {disk} failed")),
        2 => Said::info("vm_block_job_cancelled", format!("{job} of disk {disk} was cancelled")),
        3 => Said::info("vm_block_job_ready", format!("{job} of disk {disk} is ready to be ended")),
        other => Said::info("vm_block_job", format!("{job} of disk {disk} is in state {other}")),
    }
}

fn operation_name(operation: i64) -> String {
    match operation {
        0 => "a job".to_owned(),
        1 => "the start".to_owned(),
        2 => "saving the state".to_owned(),
        3 => "restoring the state".to_owned(),
        MIGRATION_IN => "incoming migration".to_owned(),
        MIGRATION_OUT => "outgoing migration".to_owned(),
        6 => "the snapshot".to_owned(),
        7 => "the return to a snapshot".to_owned(),
        8 => "the memory dump".to_owned(),
        9 => "the backup".to_owned(),
        10 => "the removal of a snapshot".to_owned(),
        other => format!("a job of type {other}"),
    }
}

fn find<'a>(params: &'a [(String, Param)], field: &str) -> Option<&'a Param> {
    params.iter().find(|(name, _)| name == field).map(|(_, value)| value)
}

fn number(params: &[(String, Param)], field: &str) -> Option<i64> {
    match find(params, field)? {
        Param::I64(value) => Some(*value),
        Param::U64(value) => i64::try_from(*value).ok(),
        _ => None,
    }
}

fn flag(params: &[(String, Param)], field: &str) -> Option<bool> {
    match find(params, field)? {
        Param::Bool(value) => Some(*value),
        _ => None,
    }
}

fn text<'a>(params: &'a [(String, Param)], field: &str) -> Option<&'a str> {
    match find(params, field)? {
        Param::Text(value) => Some(value),
        _ => None,
    }
}
