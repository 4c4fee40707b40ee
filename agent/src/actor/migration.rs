//! [P] Whether a domain can leave this host, before anything moves: each check by its name.

use evenkeel_common::action::{MigrateLimits, Refusal};

use super::domain::DomainFacts;

/// One check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name, which is the refusal's guard.
    pub name: &'static str,
    /// Why the domain cannot leave; `None` when this does not hold it.
    pub refusal: Option<String>,
}

/// What the host knows of the domain's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Disks that the guest writes and that lie on storage of this host alone, by their target names.
    pub local_disks: Vec<String>,
    /// Media and read-only disks that lie on storage of this host alone.
    pub local_media: Vec<String>,
}

/// All checks in their order.
#[must_use]
pub fn checks(facts: &DomainFacts, limits: &MigrateLimits, files: &Files, trust_storage: bool) -> Vec<Check> {
    let name = &facts.name;
    let check = |name, refused: bool, why: &dyn Fn() -> String| Check { name, refusal: refused.then(why) };
    let media = || {
        let media = files.local_media.join(", ");
        format!("{media} of {name} cannot be reached from another host: eject the medium or put it on shared storage")
    };
    let storage = || {
        let disks = files.local_disks.join(", ");
        format!(
            "{disks} of {name} is on storage of this host alone: move it to shared storage, or copy it with --copy-storage"
        )
    };
    let devices = || {
        let count = facts.definition.passed_through;
        format!("{name} has {count} devices of this host passed through; detach them first")
    };
    vec![
        check("snapshots", facts.snapshots > 0, &|| {
            let count = facts.snapshots;
            format!("libvirt cannot migrate {name} with {count} snapshots; see `virsh snapshot-list {name}`")
        }),
        check("busy", facts.job.is_some(), &|| {
            let job = facts.job.as_deref().unwrap_or("a job");
            format!("libvirt is busy with {name}: {job}; wait for its end")
        }),
        check("passthrough", facts.definition.passed_through > 0, &devices),
        check("local_media", !files.local_media.is_empty() && !trust_storage, &media),
        check("unshared_storage", !files.local_disks.is_empty() && !limits.storage_copy && !trust_storage, &storage),
    ]
}

/// The first refusal among the checks.
#[must_use]
pub fn refusal(checks: &[Check]) -> Option<Refusal> {
    let found = checks.iter().find_map(|check| Some((check.name, check.refusal.clone()?)));
    found.map(|(guard, message)| Refusal { guard: guard.to_owned(), message })
}

/// libvirt counts in MiB a second; a limit below one is one.
#[must_use]
pub fn bandwidth_mib_per_s(limits: &MigrateLimits) -> Option<u64> {
    limits.bandwidth_bytes_per_s.map(|bytes| (bytes >> 20).max(1))
}

/// Milliseconds until the memory has gone, at these rates; `None` when it changes as fast as it travels.
#[must_use]
pub fn time_left_ms(remaining_bytes: u64, sent_bytes_per_s: u64, dirtied_bytes_per_s: u64) -> Option<u64> {
    let gained = sent_bytes_per_s.checked_sub(dirtied_bytes_per_s).filter(|gained| *gained > 0)?;
    Some(remaining_bytes.saturating_mul(1_000) / gained)
}

#[cfg(test)]
mod tests {
    use super::super::domain::tests::facts;
    use super::*;

    fn guard_of(facts: &DomainFacts, limits: &MigrateLimits, files: &Files, trust: bool) -> String {
        refusal(&checks(facts, limits, files, trust)).map_or_else(|| "pass".to_owned(), |refusal| refusal.guard)
    }

    #[test]
    fn each_check_has_a_name_and_the_first_one_counts() {
        let limits = MigrateLimits::default();
        let (good, none) = (facts("<domain/>"), Files::default());
        assert_eq!(guard_of(&good, &limits, &none, false), "pass");
        assert_eq!(guard_of(&DomainFacts { snapshots: 1, ..good.clone() }, &limits, &none, false), "snapshots");
        assert_eq!(
            guard_of(&DomainFacts { job: Some("a backup".to_owned()), ..good.clone() }, &limits, &none, false),
            "busy"
        );
        let passed = facts("<domain><devices><hostdev mode='subsystem' type='pci'/></devices></domain>");
        assert_eq!(guard_of(&passed, &limits, &none, false), "passthrough");
        let local = Files { local_disks: vec!["vda".to_owned()], ..Files::default() };
        assert_eq!(guard_of(&good, &limits, &local, false), "unshared_storage");
        assert_eq!(guard_of(&good, &MigrateLimits { storage_copy: true, ..limits }, &local, false), "pass");
        assert_eq!(guard_of(&good, &limits, &local, true), "pass", "a test rig says that its folder is shared");
        let medium = Files { local_media: vec!["sda".to_owned()], ..local };
        assert_eq!(guard_of(&good, &MigrateLimits { storage_copy: true, ..limits }, &medium, false), "local_media");
    }

    #[test]
    fn rates_become_limits_and_times() {
        let limits = |bytes| MigrateLimits { bandwidth_bytes_per_s: Some(bytes), ..MigrateLimits::default() };
        assert_eq!(bandwidth_mib_per_s(&limits(1)), Some(1));
        assert_eq!(bandwidth_mib_per_s(&limits(8 << 20)), Some(8));
        assert_eq!(bandwidth_mib_per_s(&MigrateLimits::default()), None);
        assert_eq!(time_left_ms(1_000, 300, 100), Some(5_000));
        assert_eq!(time_left_ms(1_000, 100, 100), None);
    }
}
