//! Finding recovery points in the targets of this host.

use std::io;
use std::path::{Path, PathBuf};

use evenkeel_agent::actor::Policy;
use evenkeel_agent::actor::guard::refuse;
use evenkeel_agent::actor::policy::backup::Target;
use evenkeel_agent::actor::recovery_point::catalogue::{self, Catalogue};
use evenkeel_common::action::Outcome;
use evenkeel_common::id::{DomainUuid, PointId};

/// Where a point is.
pub(super) struct Found {
    /// All points of its domain in that target.
    pub(super) catalogue: Catalogue,
    /// The target.
    pub(super) target: Target,
}

/// Looks in every target.
///
/// # Errors
/// The outcome when there is no such point here, or it cannot be read.
pub(super) fn find(policy: &Policy, id: PointId, domain: DomainUuid) -> Result<Found, Outcome> {
    let mut troubles = Vec::new();
    for target in &policy.backup.targets {
        let trouble = |error: io::Error| format!("{}: {error}", target.dir.display());
        let folder = match catalogue::locate(&target.dir, id) {
            Ok(Some(folder)) => folder,
            Ok(None) => continue,
            Err(error) => {
                troubles.push(trouble(error));
                continue;
            }
        };
        let catalogue = Catalogue::read(&folder).map_err(|error| Outcome::Failed(trouble(error)))?;
        if let Some(point) = catalogue.find(id) {
            // The guard has judged the domain that the command names.
            if point.manifest().domain() != domain {
                let manifest = point.manifest();
                let text = format!("point {id} is of {} ({}), not of this domain", manifest.name, manifest.domain);
                return Err(refuse("other_domain", text));
            }
            return Ok(Found { catalogue, target: target.clone() });
        }
        let damaged = catalogue.damaged.iter().find(|(folder, _)| folder.to_string_lossy().ends_with(&id.to_string()));
        let why = damaged.map_or("its making was never finished", |(_, why)| why.as_str());
        return Err(Outcome::Failed(format!("recovery point {id} cannot be used: {why}")));
    }
    let names: Vec<&str> = policy.backup.targets.iter().map(|target| target.name.as_str()).collect();
    let mut text = format!("this host sees no recovery point {id} in {}", names.join(", "));
    if !troubles.is_empty() {
        text = format!("{text}; not readable: {}", troubles.join(", "));
    }
    Err(refuse("no_such_point", text))
}

/// The folder of a domain's points, whatever its name was.
///
/// # Errors
/// The system's.
pub(super) fn folder_of(target: &Path, domain: DomainUuid) -> io::Result<Option<PathBuf>> {
    let end = format!("-{domain}");
    Ok(catalogue::folders(target)?.into_iter().find(|folder| folder.to_string_lossy().ends_with(&end)))
}
