//! `/proc/self/mountinfo`: where the cgroup hierarchies are mounted, and which part of each.

/// One mounted hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CgroupMount {
    /// Its folder.
    pub folder: String,
    /// The group that is seen there: `/`, unless only a part is mounted (containers).
    pub root: String,
    /// Version 1: its controllers and options (`rw,cpu,cpuacct`). `None` for version 2.
    pub options: Option<String>,
}

/// Hierarchies looked at; every host has a dozen.
const MOUNTS_MAX: usize = 256;

/// All mounts of cgroup hierarchies.
#[must_use]
pub fn parse(mountinfo: &str) -> Vec<CgroupMount> {
    mountinfo.lines().filter_map(line).take(MOUNTS_MAX).collect()
}

/// `36 35 0:30 /root /folder options fields… - cgroup source superoptions`.
fn line(line: &str) -> Option<CgroupMount> {
    let (place, kind) = line.split_once(" - ")?;
    let mut place = place.split(' ').skip(3);
    let (root, folder) = (place.next()?, place.next()?);
    let mut kind = kind.split(' ');
    let options = match kind.next()? {
        "cgroup2" => None,
        "cgroup" => Some(kind.nth(1)?.to_owned()),
        _ => return None,
    };
    Some(CgroupMount { folder: unescape(folder), root: unescape(root), options })
}

/// The folder of a group; the last mount wins, as it hides those before.
#[must_use]
pub fn folder(mounts: &[CgroupMount], is_v1: bool, group: &str) -> Option<String> {
    let is_it = |mount: &&CgroupMount| match &mount.options {
        None => !is_v1,
        Some(options) => is_v1 && options.split(',').any(|option| option == "cpuacct"),
    };
    mounts.iter().rev().filter(is_it).find_map(|mount| {
        let below = group.strip_prefix(mount.root.trim_end_matches('/'))?;
        (below.is_empty() || below.starts_with('/')).then(|| format!("{}{below}", mount.folder))
    })
}

/// Blanks and backslashes are written as `\040` and `\134`.
fn unescape(text: &str) -> String {
    text.replace("\\040", " ").replace("\\134", "\\")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HYBRID: &str = "30 29 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n\
        31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:5 - cgroup cgroup rw,cpu,cpuacct\n\
        32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";

    #[test]
    fn finds_the_folder_of_a_group() {
        let mounts = parse(HYBRID);
        assert_eq!(mounts.len(), 2);
        let of = |is_v1| folder(&mounts, is_v1, "/machine/g1").unwrap();
        assert_eq!(of(true), "/sys/fs/cgroup/cpu,cpuacct/machine/g1");
        assert_eq!(of(false), "/sys/fs/cgroup/unified/machine/g1");
    }

    #[test]
    fn a_part_that_is_mounted_holds_only_its_own_groups() {
        let mounts = parse("31 30 0:27 /lab /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
        assert_eq!(folder(&mounts, false, "/lab/machine/g1").unwrap(), "/sys/fs/cgroup/machine/g1");
        assert_eq!(folder(&mounts, false, "/labor/machine/g1"), None);
        assert_eq!(folder(&mounts, true, "/lab/machine/g1"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}", at in 0..HYBRID.len()) {
            let mut mixed = HYBRID.to_owned();
            mixed.insert_str(at, &text);
            for mounts in [parse(&text), parse(&mixed)] {
                let _ = folder(&mounts, true, &text);
            }
        }
    }
}
