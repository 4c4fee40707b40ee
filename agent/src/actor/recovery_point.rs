//! [P] The plan of a recovery point: which disks, into which files, and the XML that tells libvirt so.

pub mod catalogue;
pub mod fold;
pub mod image;
pub mod key;
pub mod manifest;
pub mod retention;
pub mod rewrite;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use evenkeel_common::action::Refusal;
use evenkeel_common::id::{DomainUuid, PointId};
use evenkeel_common::time::UnixMs;

use super::domain::{Definition, DomainFacts};
use manifest::{Kind, Manifest};

/// Bytes of a domain's name that its folder keeps.
const NAME_KEPT: usize = 64;

/// One recovery point to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The folder of this point.
    pub folder: PathBuf,
    /// Disks that are copied.
    pub targets: Vec<Target>,
    /// Disks that are left out, with the reason.
    pub left_out: Vec<String>,
    /// The checkpoint that is made with it; `None` when no next point is to build on this one.
    pub checkpoint: Option<String>,
}

/// One disk to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Name in the guest.
    pub disk: String,
    /// The image it is copied into.
    pub file: PathBuf,
    /// Format of the disk itself.
    pub format: String,
    /// All of it, or what has changed.
    pub kind: Kind,
    /// Why all of it although the changes were wanted.
    pub why_full: Option<String>,
}

/// What a point may build on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// libvirt's checkpoint of the point below.
    pub checkpoint: String,
    /// The disks that it holds.
    pub disks: Vec<String>,
}

/// What is wanted of a point.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Its id.
    pub id: PointId,
    /// Where the points of all domains lie.
    pub dir: &'a Path,
    /// The moment.
    pub now: UnixMs,
    /// Whether a checkpoint is made, on which the next one can build; the word is the target's name.
    pub track: Option<&'a str>,
    /// What to build on; `None` makes a full point.
    pub base: Option<&'a Base>,
}

/// The folder in which all points of a domain are.
#[must_use]
pub fn domain_folder(recovery_dir: &Path, name: &str, uuid: DomainUuid) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
    let name: String = name.chars().map(plain).take(NAME_KEPT).collect();
    recovery_dir.join(format!("{name}-{uuid}"))
}

/// The beginning of the names of checkpoints that belong to a target.
#[must_use]
pub fn checkpoint_prefix(target: &str) -> String {
    format!("evenkeel.{target}.")
}

/// Makes the plan.
///
/// # Errors
/// The refusal when the domain has no disk to copy.
pub fn plan(facts: &DomainFacts, wanted: &Wanted<'_>) -> Result<Plan, Refusal> {
    let Wanted { id, dir, now, track, base } = wanted;
    let folder = domain_folder(dir, &facts.name, facts.uuid).join(format!("{}-{id}", stamp(*now)));
    let Definition { disks, .. } = &facts.definition;
    let left_out: Vec<String> =
        disks.iter().filter_map(|disk| disk.left_out.map(|why| format!("{} ({why})", disk.target))).collect();
    let targets: Vec<Target> = disks
        .iter()
        .filter(|disk| disk.left_out.is_none())
        .map(|disk| {
            let new = base.is_some_and(|base| !base.disks.contains(&disk.target));
            // Only qcow2 keeps the bitmap that says what has changed.
            let why_full = match (disk.format == "qcow2", new) {
                (false, _) if track.is_some() => Some(format!("{} disks keep no record of changes", disk.format)),
                (true, true) => Some("the point below does not have this disk".to_owned()),
                _ => None,
            };
            let kind = if base.is_some() && why_full.is_none() { Kind::Incremental } else { Kind::Full };
            let file = folder.join(format!("{}.qcow2", disk.target));
            Target { disk: disk.target.clone(), file, format: disk.format.clone(), kind, why_full }
        })
        .collect();
    if targets.is_empty() {
        let why = if left_out.is_empty() { "it has none".to_owned() } else { left_out.join(", ") };
        let message = format!("{} has no disk that a recovery point could hold: {why}", facts.name);
        return Err(Refusal { guard: "no_disks".to_owned(), message });
    }
    let tracked = targets.iter().any(|target| target.format == "qcow2");
    let checkpoint = track.filter(|_| tracked).map(|name| format!("{}{id}", checkpoint_prefix(name)));
    Ok(Plan { folder, targets, left_out, checkpoint })
}

impl Plan {
    /// libvirt's `<domainbackup>`. `all` are the names of all disks of the domain.
    #[must_use]
    pub fn backup_xml(&self, all: &[&str], base: Option<&Base>) -> String {
        let mut xml = String::from("<domainbackup mode='push'><disks>");
        for name in all {
            let disk = escape(name);
            let Some(target) = self.targets.iter().find(|target| target.disk == *name) else {
                let _ = write!(xml, "<disk name='{disk}' backup='no'/>");
                continue;
            };
            let file = escape(&target.file.display().to_string());
            let mode = match (target.kind, base) {
                (Kind::Incremental, Some(base)) => {
                    format!("backupmode='incremental' incremental='{}'", escape(&base.checkpoint))
                }
                _ => "backupmode='full'".to_owned(),
            };
            let _ = write!(
                xml,
                "<disk name='{disk}' backup='yes' type='file' {mode}><driver type='qcow2'/><target file='{file}'/></disk>"
            );
        }
        xml.push_str("</disks></domainbackup>");
        xml
    }

    /// libvirt's `<domaincheckpoint>` that goes with it.
    #[must_use]
    pub fn checkpoint_xml(&self, all: &[&str]) -> Option<String> {
        let tracked = |name: &str| self.targets.iter().any(|target| target.disk == name && target.format == "qcow2");
        let checkpoint = self.checkpoint.as_deref()?;
        Some(checkpoint_definition(checkpoint, all.iter().map(|name| (*name, tracked(name)))))
    }
}

/// A checkpoint of these disks, for the ones marked.
#[must_use]
pub fn checkpoint_definition<'a>(name: &str, disks: impl Iterator<Item = (&'a str, bool)>) -> String {
    let mut xml = format!("<domaincheckpoint><name>{}</name><disks>", escape(name));
    for (disk, tracked) in disks {
        let kind = if tracked { "bitmap" } else { "no" };
        let _ = write!(xml, "<disk name='{}' checkpoint='{kind}'/>", escape(disk));
    }
    xml.push_str("</disks></domaincheckpoint>");
    xml
}

/// The XML that tells libvirt again of a point's checkpoint.
#[must_use]
pub fn redefinition(manifest: &Manifest) -> String {
    let name = escape(manifest.checkpoint.as_deref().unwrap_or_default());
    let seconds = manifest.taken_at_ms.div_euclid(1_000);
    let mut xml = format!("<domaincheckpoint><name>{name}</name><creationTime>{seconds}</creationTime><disks>");
    for disk in manifest.disks.iter().filter(|disk| disk.format == "qcow2") {
        let _ = write!(xml, "<disk name='{}' checkpoint='bitmap' bitmap='{name}'/>", escape(&disk.target));
    }
    xml.push_str("</disks></domaincheckpoint>");
    xml
}

/// Bytes of each disk that have changed since a checkpoint, from libvirt's description of it.
#[must_use]
pub fn checkpoint_sizes(xml: &str) -> BTreeMap<String, u64> {
    let Ok(document) = roxmltree::Document::parse(xml) else {
        return BTreeMap::new();
    };
    let disks = document.descendants().filter(|node| node.has_tag_name("disk"));
    disks.filter_map(|disk| Some((disk.attribute("name")?.to_owned(), disk.attribute("size")?.parse().ok()?))).collect()
}

/// `20261120T100000Z`: sorts by time and is safe in every file system.
fn stamp(now: UnixMs) -> String {
    let seconds = UnixMs(now.0 - now.0.rem_euclid(1_000));
    seconds.to_string().replace(['-', ':'], "")
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::domain::tests::facts;
    use super::*;

    const XML: &str = "<domain><devices>
        <disk type='file' device='disk'><driver type='qcow2'/><source file='/a'/><target dev='vda'/></disk>
        <disk type='block' device='disk'><driver type='raw'/><source dev='/b'/><target dev='vdb'/></disk>
        <disk type='file' device='cdrom'><target dev='sda'/></disk></devices></domain>";

    fn wanted(dir: &Path) -> Wanted<'_> {
        Wanted { id: PointId::from_bytes([1; 16]), dir, now: UnixMs(1_500), track: None, base: None }
    }

    #[test]
    fn copies_what_can_be_copied_and_says_what_it_leaves_out() {
        let mut facts = facts(XML);
        facts.name = "a/b c".to_owned();
        let plan = plan(&facts, &wanted(Path::new("/r'"))).unwrap();
        let folder =
            "/r'/a_b_c-07070707-0707-0707-0707-070707070707/19700101T000001Z-01010101-0101-0101-0101-010101010101";
        assert_eq!(plan.folder, Path::new(folder));
        let targets: Vec<&str> = plan.targets.iter().map(|target| target.disk.as_str()).collect();
        assert_eq!(
            (targets, plan.targets[0].file.as_path()),
            (vec!["vda", "vdb"], plan.folder.join("vda.qcow2").as_path())
        );
        assert_eq!(plan.left_out, ["sda (a CD-ROM)"]);
        let xml = plan.backup_xml(&["vda", "vdb", "sda"], None);
        assert!(xml.contains("<disk name='sda' backup='no'/>"), "{xml}");
        assert!(xml.contains("<target file='/r&apos;/a_b_c") && !xml.contains("incremental"), "{xml}");
        assert_eq!((plan.checkpoint.clone(), plan.checkpoint_xml(&["vda"])), (None, None));
    }

    #[test]
    fn builds_on_what_is_there_and_takes_all_of_the_rest() {
        let base = Base { checkpoint: "evenkeel.nfs.0".to_owned(), disks: vec!["vda".to_owned(), "vdb".to_owned()] };
        let track = Wanted { track: Some("nfs"), base: Some(&base), ..wanted(Path::new("/r")) };
        let first = plan(&facts(XML), &track).unwrap();
        assert_eq!(first.targets[0].kind, Kind::Incremental);
        assert_eq!(first.targets[1].kind, Kind::Full);
        assert_eq!(first.targets[1].why_full.as_deref(), Some("raw disks keep no record of changes"));
        let xml = first.backup_xml(&["vda", "vdb", "sda"], Some(&base));
        assert!(xml.contains("backupmode='incremental' incremental='evenkeel.nfs.0'"), "{xml}");
        let checkpoint = first.checkpoint_xml(&["vda", "vdb", "sda"]).unwrap();
        assert!(
            checkpoint.contains("<disk name='vda' checkpoint='bitmap'/><disk name='vdb' checkpoint='no'/>"),
            "{checkpoint}"
        );
        let other = Base { disks: vec!["vdb".to_owned()], ..base.clone() };
        let second = plan(&facts(XML), &Wanted { base: Some(&other), ..track }).unwrap();
        assert_eq!(second.targets[0].why_full.as_deref(), Some("the point below does not have this disk"));
        let raw = XML.replace("qcow2", "raw");
        assert_eq!(plan(&facts(&raw), &track).unwrap().checkpoint, None, "nothing to track");
    }

    #[test]
    fn a_domain_without_disks_is_refused() {
        let refusal = plan(&facts("<domain/>"), &wanted(Path::new("/r"))).unwrap_err();
        assert_eq!(refusal.guard, "no_disks");
    }
}
