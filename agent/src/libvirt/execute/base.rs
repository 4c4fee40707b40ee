//! What a new recovery point can build on, and what of the host belongs into its manifest.

use std::collections::BTreeMap;

use evenkeel_agent::actor::recovery_point::catalogue::{Catalogue, Depth, Point};
use evenkeel_agent::actor::recovery_point::manifest::NamedXml;
use evenkeel_agent::actor::recovery_point::{Base, checkpoint_prefix, checkpoint_sizes, redefinition};
use virt::connect::Connect;

use super::backup::Backup;
use super::reason;
use crate::ffi;

/// The point below a new one.
pub(super) struct Below {
    pub(super) point: Point,
    pub(super) base: Base,
    changed: BTreeMap<String, u64>,
}

impl Below {
    /// Bytes of a disk that have changed since, as libvirt counts them; `None` when it does not say.
    pub(super) fn changed_bytes(&self, disk: &str) -> Option<u64> {
        self.changed.get(disk).copied()
    }
}

/// The newest point of the target, if a new one can build on it.
///
/// # Errors
/// Why not: the new point has to be full.
pub(super) fn find(backup: &Backup<'_>, target: &str, catalogue: &Catalogue) -> Result<Below, String> {
    let prefix = checkpoint_prefix(target);
    let tracked = |point: &&Point| point.manifest().checkpoint.as_deref().is_some_and(|name| name.starts_with(&prefix));
    let point = catalogue.points.iter().rev().find(tracked).ok_or("there is no point to build on yet")?;
    let manifest = point.manifest();
    let length = catalogue.chain_of(manifest.point())?.len();
    if length >= backup.policy.backup.chain_max {
        return Err(format!("the chain has {length} points (backup.chain_max)"));
    }
    if let Some(why) = catalogue.chain_faults(manifest.point(), backup.key, Depth::Length).first() {
        return Err(format!("the newest chain is damaged: {why}"));
    }
    if let Some(why) = catalogue.known_faults(manifest.point()).first() {
        return Err(format!("the newest chain was found damaged: {why}"));
    }
    let checkpoint = manifest.checkpoint.clone().unwrap_or_default();
    let known = ffi::checkpoint_names(backup.domain).map_err(|error| reason(&error))?;
    if !known.contains(&checkpoint) {
        // After a migration the bitmaps are in the images, but this host's libvirt has not heard of the checkpoint.
        ffi::redefine_checkpoint(backup.domain, &redefinition(manifest))
            .map_err(|error| format!("the record of changes since the newest point is gone: {}", reason(&error)))?;
    }
    let changed = ffi::checkpoint_changes(backup.domain, &checkpoint).map(|xml| checkpoint_sizes(&xml));
    let disks = manifest.disks.iter().map(|disk| disk.target.clone()).collect();
    Ok(Below { point: point.clone(), base: Base { checkpoint, disks }, changed: changed.unwrap_or_default() })
}

/// The host's networks and storage pools. A host without such a driver has none.
pub(super) fn surroundings(connect: &Connect) -> (Vec<NamedXml>, Vec<NamedXml>) {
    let networks = connect.list_all_networks(0).unwrap_or_default();
    let pools = connect.list_all_storage_pools(0).unwrap_or_default();
    let networks =
        networks.iter().filter_map(|it| Some(NamedXml { name: it.name().ok()?, xml: it.xml_desc(0).ok()? })).collect();
    let pools =
        pools.iter().filter_map(|it| Some(NamedXml { name: it.name().ok()?, xml: it.xml_desc(0).ok()? })).collect();
    (networks, pools)
}
