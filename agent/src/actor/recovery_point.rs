//! [P] The plan of a recovery point: which disks, into which files, and the XML that tells libvirt so.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use evenkeel_common::action::Refusal;
use evenkeel_common::id::{ActionId, DomainUuid};
use evenkeel_common::time::UnixMs;

use super::domain::{Definition, DomainFacts};

/// Bytes of a domain's name that its folder keeps.
const NAME_KEPT: usize = 64;

/// One recovery point to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The folder of this point.
    pub folder: PathBuf,
    /// Disks and the files they are copied into.
    pub targets: Vec<(String, PathBuf)>,
    /// Disks that are left out, with the reason.
    pub left_out: Vec<String>,
    /// libvirt's `<domainbackup>`.
    pub backup_xml: String,
}

/// The folder in which all points of a domain are.
#[must_use]
pub fn domain_folder(recovery_dir: &Path, name: &str, uuid: DomainUuid) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
    let name: String = name.chars().map(plain).take(NAME_KEPT).collect();
    recovery_dir.join(format!("{name}-{uuid}"))
}

/// Makes the plan.
///
/// # Errors
/// The refusal when the domain has no disk to copy.
pub fn plan(facts: &DomainFacts, recovery_dir: &Path, id: ActionId, now: UnixMs) -> Result<Plan, Refusal> {
    let folder = domain_folder(recovery_dir, &facts.name, facts.uuid).join(format!("{}-{id}", stamp(now)));
    let Definition { disks, .. } = &facts.definition;
    let left_out: Vec<String> =
        disks.iter().filter_map(|disk| disk.left_out.map(|why| format!("{} ({why})", disk.target))).collect();
    let targets: Vec<(String, PathBuf)> = disks
        .iter()
        .filter(|disk| disk.left_out.is_none())
        .map(|disk| (disk.target.clone(), folder.join(format!("{}.qcow2", disk.target))))
        .collect();
    if targets.is_empty() {
        let why = if left_out.is_empty() { "it has none".to_owned() } else { left_out.join(", ") };
        let message = format!("{} has no disk that a recovery point could hold: {why}", facts.name);
        return Err(Refusal { guard: "no_disks".to_owned(), message });
    }
    let mut backup_xml = String::from("<domainbackup mode='push'><disks>");
    for disk in disks {
        let name = escape(&disk.target);
        match targets.iter().find(|(target, _)| *target == disk.target) {
            Some((_, file)) => {
                let file = escape(&file.display().to_string());
                let _ = write!(
                    backup_xml,
                    "<disk name='{name}' backup='yes' type='file'><driver type='qcow2'/><target file='{file}'/></disk>"
                );
            }
            None => {
                let _ = write!(backup_xml, "<disk name='{name}' backup='no'/>");
            }
        }
    }
    backup_xml.push_str("</disks></domainbackup>");
    Ok(Plan { folder, targets, left_out, backup_xml })
}

/// `20261120T100000Z`: sorts by time and is safe in every file system.
fn stamp(now: UnixMs) -> String {
    let seconds = UnixMs(now.0 - now.0.rem_euclid(1_000));
    seconds.to_string().replace(['-', ':'], "")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&apos;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::domain::tests::facts;
    use super::*;

    const XML: &str = "<domain><devices>
        <disk type='file' device='disk'><source file='/a'/><target dev='vda'/></disk>
        <disk type='file' device='cdrom'><target dev='sda'/></disk></devices></domain>";

    #[test]
    fn copies_what_can_be_copied_and_says_what_it_leaves_out() {
        let mut facts = facts(XML);
        facts.name = "a/b c".to_owned();
        let plan = plan(&facts, Path::new("/r'"), ActionId::from_bytes([1; 16]), UnixMs(1_500)).unwrap();
        let folder =
            "/r'/a_b_c-07070707-0707-0707-0707-070707070707/19700101T000001Z-01010101-0101-0101-0101-010101010101";
        assert_eq!(plan.folder, Path::new(folder));
        assert_eq!(plan.targets, [("vda".to_owned(), plan.folder.join("vda.qcow2"))]);
        assert_eq!(plan.left_out, ["sda (a CD-ROM)"]);
        assert!(plan.backup_xml.contains("<disk name='sda' backup='no'/>"), "{}", plan.backup_xml);
        assert!(plan.backup_xml.contains("<target file='/r&apos;/a_b_c"), "{}", plan.backup_xml);
    }

    #[test]
    fn a_domain_without_disks_is_refused() {
        let refusal = plan(&facts("<domain/>"), Path::new("/r"), ActionId::from_bytes([1; 16]), UnixMs(0)).unwrap_err();
        assert_eq!(refusal.guard, "no_disks");
    }
}
