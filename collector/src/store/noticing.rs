//! Changes that hosts are seen to have made: in the transaction that takes note of what they say.

use evenkeel_common::id::AgentId;
use evenkeel_common::time::{DurationMs, UnixMs};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::changes::{ChangeSource, ChangeTarget, Noticed, notice, origin};
use super::seen::{Difference, Seen};
use super::{Entity, HostFacts, VmUpdate};

/// A move that an action of ours asked for is that action's change; the readings of the new host may come later.
const ACTION_NEAR: DurationMs = DurationMs::from_s(600);

/// Compares what a VM that runs says with what it said before.
pub(super) fn vm(db: &Connection, vm: &VmUpdate) -> Result<(), rusqlite::Error> {
    let is = Seen::of_vm(&vm.facts, vm.agent.0.to_string());
    let target = ChangeTarget::new(vm.uuid.into(), false, &vm.name);
    let Some((was, mut differences)) = learn(db, vm.uuid.into(), is)? else { return Ok(()) };
    if let Some(moved) = differences.iter_mut().find(|one| one.kind == "migrated") {
        let from = was.place().and_then(|id| uuid::Uuid::parse_str(id).ok()).map(AgentId);
        let from = from.map_or(Ok(String::new()), |agent| name_of(db, agent))?;
        moved.what = format!("{} moved from {from} to {}", vm.name, name_of(db, vm.agent)?);
    }
    if is_ours(db, vm)? {
        differences.retain(|one| one.kind != "migrated");
    }
    let by = name_of(db, vm.agent)?;
    write(db, &differences, &target, vm.at, &by)
}

/// Compares what a host says of itself with what it said before.
pub(super) fn host(db: &Connection, agent: AgentId, at: UnixMs, facts: &HostFacts) -> Result<(), rusqlite::Error> {
    let newer: Option<i64> = db
        .prepare_cached("SELECT last_seen FROM hosts WHERE agent = ?")?
        .query_row([agent.to_bytes()], |row| row.get(0))
        .optional()?;
    // Not there: its agent was deleted. Newer: this was said before.
    if newer.is_none_or(|newest| newest > at.0) {
        return Ok(());
    }
    let Some((_, differences)) = learn(db, agent.into(), Seen::of_host(facts))? else { return Ok(()) };
    let name = name_of(db, agent)?;
    write(db, &differences, &ChangeTarget::new(agent.into(), true, &name), at, &name)
}

/// Remembers what is said; answers with what was known before and what differs, if anything was.
fn learn(db: &Connection, entity: Entity, is: Seen) -> Result<Option<(Seen, Vec<Difference>)>, rusqlite::Error> {
    let known: Option<String> = db
        .prepare_cached("SELECT facts FROM seen WHERE entity = ?")?
        .query_row([entity.0], |row| row.get(0))
        .optional()?;
    let known: Option<Seen> = known.map(|text| serde_json::from_str(&text).unwrap_or_default());
    let mut learnt = known.clone().unwrap_or_default();
    let differences = learnt.differences(&is);
    learnt.learn(is);
    if known.as_ref() != Some(&learnt) {
        let text = serde_json::to_string(&learnt).expect("a map of texts");
        let known =
            "INSERT INTO seen (entity, facts) VALUES (?, ?) ON CONFLICT (entity) DO UPDATE SET facts = excluded.facts";
        db.prepare_cached(known)?.execute(params![entity.0, text])?;
    }
    Ok(known.map(|known| (known, differences)))
}

fn write(
    db: &Connection,
    differences: &[Difference],
    target: &ChangeTarget,
    at: UnixMs,
    by: &str,
) -> Result<(), rusqlite::Error> {
    for Difference { kind, what } in differences {
        let what = if *kind == "migrated" { what.clone() } else { format!("{}: {what}", target.name) };
        let origin = origin("seen", &target.id, &format!("{} {what}", at.0));
        let target = target.clone();
        notice(db, &Noticed { began: at, at, source: ChangeSource::Agent, kind, what, target, by, origin })?;
    }
    Ok(())
}

fn is_ours(db: &Connection, vm: &VmUpdate) -> Result<bool, rusqlite::Error> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM actions WHERE uuid = ?1 AND verb = 'migrate' AND requested_at <= ?2
             AND state IN ('dispatched', 'running', 'succeeded', 'unknown') AND coalesce(finished_at, ?2) >= ?2 - ?3)",
    )?
    .query_row(params![vm.uuid.to_bytes(), vm.at.0, ACTION_NEAR.0], |row| row.get(0))
}

fn name_of(db: &Connection, agent: AgentId) -> Result<String, rusqlite::Error> {
    let name = db
        .prepare_cached("SELECT name FROM agents WHERE id = ?")?
        .query_row([agent.to_bytes()], |row| row.get(0))
        .optional()?;
    Ok(name.unwrap_or_else(|| agent.to_string()))
}
