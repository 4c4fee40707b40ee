//! [P] What the guard and the plans need to know of a domain, read from its XML.

use evenkeel_common::id::DomainUuid;
use roxmltree::{Document, Node};

use crate::gather::owner;

/// A system that manages domains by itself and would not expect changes from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// OpenStack Nova.
    Nova,
    /// oVirt.
    Ovirt,
    /// KubeVirt.
    Kubevirt,
    /// OpenNebula.
    Opennebula,
}

impl Manager {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Nova, Self::Ovirt, Self::Kubevirt, Self::Opennebula];

    /// The word of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nova => "nova",
            Self::Ovirt => "ovirt",
            Self::Kubevirt => "kubevirt",
            Self::Opennebula => "opennebula",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manager| manager.as_str() == word)
    }
}

/// How far a domain is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Its processors run.
    Running,
    /// Stopped for the moment, by a person, an error or the guest's sleep.
    Paused,
    /// The memory of a migration is arriving.
    Incoming,
    /// The guest crashed and its remains are kept.
    Crashed,
    /// Not active.
    Off,
}

impl Power {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Incoming => "incoming",
            Self::Crashed => "crashed",
            Self::Off => "shut off",
        }
    }
}

/// What libvirt shows of a domain before an action.
#[derive(Clone, Debug)]
pub struct DomainFacts {
    /// libvirt's UUID.
    pub uuid: DomainUuid,
    /// libvirt's name.
    pub name: String,
    /// Name of this host, as libvirt says it.
    pub host: String,
    /// How far it is running.
    pub power: Power,
    /// Whether it has a stored definition.
    pub persistent: bool,
    /// Snapshots inside libvirt (internal or external with metadata).
    pub snapshots: u32,
    /// What libvirt is doing with it in the background, if anything.
    pub job: Option<String>,
    /// Its XML now.
    pub live_xml: String,
    /// Its XML at the next start; empty when there is none.
    pub inactive_xml: String,
    /// What the live XML says.
    pub definition: Definition,
}

/// What the live XML says that matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Who manages it, if not a person.
    pub manager: Option<Manager>,
    /// What libvirt does when the guest reboots: `restart`, `destroy`, …
    pub on_reboot: String,
    /// User and group of its QEMU process.
    pub owner: Option<(u32, u32)>,
    /// Its disks.
    pub disks: Vec<Disk>,
    /// Whether a guest agent is connected; `None` when the domain has no channel for one.
    pub agent: Option<bool>,
    /// Devices of the host that are passed through.
    pub passed_through: usize,
}

/// A disk of the definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disk {
    /// Name in the guest's bus, such as `vda`.
    pub target: String,
    /// Why it is not part of a recovery point; `None` when it is.
    pub left_out: Option<&'static str>,
    /// Format of its image, such as `qcow2` or `raw`.
    pub format: String,
    /// Its image, when that is a file of the host.
    pub file: Option<String>,
    /// Whether the XML names what the image builds on. The live one always does.
    pub explicit_backing: bool,
}

/// A definition that is no XML, which libvirt does not hand out.
#[derive(Debug, thiserror::Error)]
#[error("libvirt's domain XML cannot be read")]
pub struct XmlError(#[from] roxmltree::Error);

impl Definition {
    /// Reads the live XML.
    ///
    /// # Errors
    /// When it is no XML.
    pub fn parse(xml: &str) -> Result<Self, XmlError> {
        let document = Document::parse(xml)?;
        let root = document.root_element();
        let devices = child(root, "devices");
        let disks = devices.iter().flat_map(|devices| devices.children().filter(|node| node.has_tag_name("disk")));
        Ok(Self {
            manager: Manager::parse(&owner::owner(root).managed_by),
            on_reboot: text(root, "on_reboot").unwrap_or("restart").to_owned(),
            owner: qemu_owner(root),
            disks: disks.map(disk).collect(),
            agent: devices.and_then(agent),
            passed_through: devices
                .map_or(0, |devices| devices.children().filter(|node| node.has_tag_name("hostdev")).count()),
        })
    }
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text()
}

/// The DAC label of a running domain is `+UID:+GID`.
fn qemu_owner(root: Node<'_, '_>) -> Option<(u32, u32)> {
    let dac = root.children().find(|node| node.has_tag_name("seclabel") && node.attribute("model") == Some("dac"))?;
    let (uid, gid) = text(dac, "label")?.split_once(':')?;
    let number = |word: &str| word.trim_start_matches('+').parse().ok();
    Some((number(uid)?, number(gid)?))
}

/// The state of the guest agent's channel.
fn agent(devices: Node<'_, '_>) -> Option<bool> {
    let channels = devices.children().filter(|node| node.has_tag_name("channel"));
    let mut targets = channels.filter_map(|channel| child(channel, "target"));
    let target = targets.find(|target| target.attribute("name") == Some("org.qemu.guest_agent.0"))?;
    Some(target.attribute("state") == Some("connected"))
}

fn disk(node: Node<'_, '_>) -> Disk {
    let target = child(node, "target").and_then(|target| target.attribute("dev")).unwrap_or_default();
    let source = child(node, "source");
    let empty = source.is_none_or(|source| source.attributes().len() == 0 && !source.has_children());
    let left_out = match node.attribute("device").unwrap_or("disk") {
        "cdrom" => Some("a CD-ROM"),
        "floppy" => Some("a floppy disk"),
        "lun" => Some("a passed-through LUN, which libvirt cannot back up"),
        _ if empty => Some("empty"),
        _ if child(node, "readonly").is_some() => Some("read-only"),
        _ if child(node, "transient").is_some() => Some("transient"),
        _ if node.attribute("type") == Some("vhostuser") => Some("a vhost-user disk, which libvirt cannot back up"),
        _ => None,
    };
    let format = child(node, "driver").and_then(|driver| driver.attribute("type")).unwrap_or("raw").to_owned();
    let file = source.and_then(|source| source.attribute("file")).map(str::to_owned);
    let explicit_backing = child(node, "backingStore").is_some_and(|backing| child(backing, "source").is_some());
    Disk { target: target.to_owned(), left_out, format, file, explicit_backing }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::actor) fn facts(xml: &str) -> DomainFacts {
        DomainFacts {
            uuid: DomainUuid::from_bytes([7; 16]),
            name: "g1".to_owned(),
            host: "hosta".to_owned(),
            power: Power::Running,
            persistent: true,
            snapshots: 0,
            job: None,
            live_xml: xml.to_owned(),
            inactive_xml: xml.to_owned(),
            definition: Definition::parse(xml).unwrap(),
        }
    }

    #[test]
    fn reads_disks_owner_and_manager() {
        let definition = Definition::parse(
            "<domain><metadata><nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'/></metadata>
             <on_reboot>destroy</on_reboot>
             <devices>
               <disk type='file' device='disk'><source file='/a.qcow2'/><target dev='vda'/></disk>
               <disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>
               <disk type='file' device='disk'><source file='/ro'/><target dev='vdb'/><readonly/></disk>
               <disk type='file' device='disk'><target dev='vdc'/></disk>
             </devices>
             <seclabel type='dynamic' model='dac'><label>+64055:+106</label></seclabel></domain>",
        )
        .unwrap();
        assert_eq!(definition.manager, Some(Manager::Nova));
        assert_eq!(definition.on_reboot, "destroy");
        assert_eq!(definition.owner, Some((64055, 106)));
        let left_out: Vec<_> = definition.disks.iter().map(|disk| (disk.target.as_str(), disk.left_out)).collect();
        let expected = [("vda", None), ("sda", Some("a CD-ROM")), ("vdb", Some("read-only")), ("vdc", Some("empty"))];
        assert_eq!(left_out, expected);
    }
}
