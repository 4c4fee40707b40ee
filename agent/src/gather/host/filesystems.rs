//! `/proc/self/mountinfo`: the file systems worth asking for their size, and what they said.

use std::collections::HashMap;

use evenkeel_common::metric::known;
use evenkeel_common::sample::Missing;

use super::out::Out;

/// File systems read in one round; a host with thousands of container mounts does not flood the wire.
const FILESYSTEMS_MAX: usize = 256;
/// Kinds that have no room of their own, or that begin to mount something when they are looked at.
const PSEUDO: &[&str] = &[
    "autofs",
    "bdev",
    "binderfs",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "erofs",
    "fuse.gvfsd-fuse",
    "fuse.lxcfs",
    "fuse.portal",
    "fusectl",
    "hugetlbfs",
    "iso9660",
    "mqueue",
    "nsfs",
    "overlay",
    "proc",
    "pstore",
    "ramfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "squashfs",
    "sysfs",
    "tmpfs",
    "tracefs",
];
/// Kinds behind a network or a process of a user, which may not answer.
const REMOTE: &[&str] =
    &["9p", "afs", "beegfs", "ceph", "cifs", "gfs2", "glusterfs", "lustre", "nfs", "nfs4", "ocfs2", "smb3"];

/// A mounted file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where, as the kernel spells it.
    pub path: Vec<u8>,
    /// Type, `ext4`.
    pub kind: String,
    /// Nobody may write to it, whatever this mount of it says.
    pub is_read_only: bool,
    /// It may not answer.
    pub is_remote: bool,
}

impl Mount {
    /// Where, as it is shown.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.path).into_owned()
    }
}

/// A file system's size, or why it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filesystem {
    /// Where it is mounted.
    pub mount: String,
    /// Nobody may write to it.
    pub is_read_only: bool,
    /// What it said.
    pub usage: Result<Usage, Missing>,
}

/// What statvfs says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Size.
    pub size_bytes: u64,
    /// Not used, root's share included.
    pub free_bytes: u64,
    /// Not used, for everybody.
    pub available_bytes: u64,
    /// Inodes; 0 where they are made as needed.
    pub inodes: u64,
    /// Inodes not used.
    pub inodes_free: u64,
}

/// The file systems worth asking, each once: of several mounts of one device the one with the shortest path, which is
/// not a bind mount's. Those that may not answer come last.
#[must_use]
pub fn mounts(mountinfo: &[u8]) -> Vec<Mount> {
    let mut devices: HashMap<&[u8], Mount> = HashMap::new();
    for line in mountinfo.split(|byte| *byte == b'\n') {
        let Some((device, mount)) = parse(line) else { continue };
        match devices.get(device) {
            Some(known) if (known.path.len(), &known.path) <= (mount.path.len(), &mount.path) => {}
            _ => {
                devices.insert(device, mount);
            }
        }
    }
    let mut mounts: Vec<Mount> = devices.into_values().collect();
    mounts.sort_by(|a, b| (a.is_remote, &a.path).cmp(&(b.is_remote, &b.path)));
    // What is mounted over another file system hides it.
    mounts.dedup_by(|a, b| a.path == b.path);
    mounts.truncate(FILESYSTEMS_MAX);
    mounts
}

/// `36 35 98:0 /root /mnt/point rw,noatime master:1 - ext3 /dev/root rw,errors=continue`; the number of fields before
/// the dash varies.
fn parse(line: &[u8]) -> Option<(&[u8], Mount)> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let dash = fields.iter().position(|field| *field == b"-")?;
    let (device, path) = (*fields.get(2)?, *fields.get(4)?);
    let kind = std::str::from_utf8(fields.get(dash + 1)?).ok()?;
    let options = *fields.get(dash + 3)?;
    if dash < 6 || PSEUDO.contains(&kind) {
        return None;
    }
    let is_remote = REMOTE.contains(&kind) || kind.starts_with("fuse");
    let is_read_only = options.split(|byte| *byte == b',').any(|option| option == b"ro");
    Some((device, Mount { path: unescape(path), kind: kind.to_owned(), is_read_only, is_remote }))
}

/// The kernel writes blanks and backslashes as three octal digits.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        let digits = others.get(..3).filter(|_| *first == b'\\');
        let octal = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        match octal {
            Some(byte) => {
                plain.push(byte);
                rest = others.get(3..).unwrap_or_default();
            }
            None => plain.push(*first),
        }
    }
    plain
}

pub(super) fn read(out: &mut Out, filesystems: &[Filesystem]) {
    for Filesystem { mount, is_read_only, usage } in filesystems {
        match usage {
            // A kind without a size is one more without room of its own.
            Ok(usage) if usage.size_bytes == 0 => continue,
            Ok(usage) => {
                out.whole(const { known("host_filesystem_size_bytes") }, mount, usage.size_bytes);
                out.whole(const { known("host_filesystem_available_bytes") }, mount, usage.available_bytes);
                let used = usage.size_bytes.saturating_sub(usage.free_bytes);
                out.whole(const { known("host_filesystem_used_bytes") }, mount, used);
                if usage.inodes > 0 {
                    out.whole(const { known("host_filesystem_inodes") }, mount, usage.inodes);
                    out.whole(const { known("host_filesystem_inodes_free") }, mount, usage.inodes_free);
                }
            }
            Err(why) => {
                out.missing(const { known("host_filesystem_size_bytes") }, mount, *why);
                out.missing(const { known("host_filesystem_available_bytes") }, mount, *why);
                out.missing(const { known("host_filesystem_used_bytes") }, mount, *why);
            }
        }
        out.whole(const { known("host_filesystem_read_only") }, mount, (*is_read_only).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &[u8] = include_bytes!("fixtures/mountinfo.txt");

    #[test]
    fn file_systems_are_asked_once_and_those_that_may_hang_last() {
        let found: Vec<(String, bool, bool)> =
            mounts(MOUNTS).iter().map(|mount| (mount.name(), mount.is_remote, mount.is_read_only)).collect();
        let expected = [
            ("/", false, false),
            ("/srv/two words", false, true),
            ("/tank/vm", false, false),
            ("/mnt/glue", true, false),
            ("/mnt/nfs", true, false),
        ];
        assert_eq!(found, expected.map(|(name, remote, read_only)| (name.to_owned(), remote, read_only)));
    }

    #[test]
    fn an_escape_that_is_none_stays() {
        assert_eq!(unescape(b"/a\\040b\\134c\\9\\77"), b"/a b\\c\\9\\77");
    }
}
