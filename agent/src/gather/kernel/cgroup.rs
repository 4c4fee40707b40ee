//! The CPU files of a domain's cgroup, where libvirt gave it one.
//!
//! libvirt puts QEMU's own threads into a group called `emulator` below the domain's, and the vCPUs beside it. A QEMU
//! without such a group (controllers switched off, a session's libvirt) sits in its maker's group, whose CPU time is not
//! the guest's.

use super::schedstat::number;
use super::{CpuSource, CpuTime, auxv::Units};

/// The domain's cgroup as `/proc/PID/cgroup` tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuGroup {
    /// Which files it has.
    pub source: CpuSource,
    /// Its path in the hierarchy, with a leading `/`.
    pub path: String,
}

/// The group whose files libvirt reads; `None` when the domain has none.
#[must_use]
pub fn group(proc_cgroup: &str) -> Option<CpuGroup> {
    let lines = || {
        proc_cgroup.lines().filter_map(|line| {
            let (_, rest) = line.split_once(':')?;
            rest.split_once(':')
        })
    };
    let v1 = lines().find(|(controllers, _)| controllers.split(',').any(|one| one == "cpuacct"));
    // Where version 1 counts CPU time, libvirt asks it alone.
    let (controllers, path) = v1.or_else(|| lines().find(|(controllers, _)| controllers.is_empty()))?;
    let path = path.strip_suffix("/emulator")?;
    // A group outside of the reader's cgroup namespace (`/../…`) has no path here.
    if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return None;
    }
    let source = if controllers.is_empty() { CpuSource::CgroupV2 } else { CpuSource::CgroupV1 };
    Some(CpuGroup { source, path: path.to_owned() })
}

/// Version 2: `cpu.stat`, microseconds.
#[must_use]
pub fn cpu_stat(bytes: &[u8]) -> Option<CpuTime> {
    let ns = |key| Some(field(bytes, key)?.saturating_mul(1_000));
    Some(CpuTime {
        total_ns: ns(b"usage_usec")?,
        user_ns: ns(b"user_usec")?,
        system_ns: ns(b"system_usec")?,
        source: CpuSource::CgroupV2,
    })
}

/// Version 1: `cpuacct.usage` in nanoseconds, `cpuacct.stat` in clock ticks.
#[must_use]
pub fn cpuacct(usage: &[u8], stat: &[u8], units: Units) -> Option<CpuTime> {
    Some(CpuTime {
        total_ns: number(usage.trim_ascii())?,
        user_ns: units.ticks_ns(field(stat, b"user")?),
        system_ns: units.ticks_ns(field(stat, b"system")?),
        source: CpuSource::CgroupV1,
    })
}

/// The number after a key at the start of a line.
fn field(bytes: &[u8], key: &[u8]) -> Option<u64> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.find_map(|line| number(line.strip_prefix(key)?.strip_prefix(b" ")?.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_group_that_libvirt_made() {
        let scope = "/machine.slice/machine-qemu\\x2d3\\x2dg1.scope/libvirt";
        let found = group(&format!("0::{scope}/emulator\n")).unwrap();
        assert_eq!((found.source, found.path.as_str()), (CpuSource::CgroupV2, scope));
        let v1 = "12:name=systemd:/a\n7:cpu,cpuacct:/machine/qemu-1-g1.libvirt-qemu/emulator\n0::/a/emulator\n";
        let found = group(v1).unwrap();
        assert_eq!((found.source, found.path.as_str()), (CpuSource::CgroupV1, "/machine/qemu-1-g1.libvirt-qemu"));
    }

    #[test]
    fn a_makers_group_is_none() {
        for text in ["0::/system.slice/libvirtd.service\n", "0::/\n", "", "x", "0::/../../machine/g/emulator\n"] {
            assert_eq!(group(text), None, "{text:?}");
        }
        // Version 1 counts the CPU, but not for this domain.
        assert_eq!(group("3:cpuacct:/\n0::/machine/g/emulator\n"), None);
    }

    #[test]
    fn reads_both_versions() {
        let v2 = cpu_stat(b"usage_usec 300\nuser_usec 200\nsystem_usec 100\nnice_usec 0\n").unwrap();
        assert_eq!((v2.total_ns, v2.user_ns, v2.system_ns), (300_000, 200_000, 100_000));
        let v1 = cpuacct(b"123456789\n", b"user 7\nsystem 5\n", Units::default()).unwrap();
        assert_eq!((v1.total_ns, v1.user_ns, v1.system_ns), (123_456_789, 70_000_000, 50_000_000));
        assert_eq!(cpu_stat(b"usage_usec 300\n"), None);
        assert_eq!(cpuacct(b"", b"user 7\nsystem 5\n", Units::default()), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_them_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = (cpu_stat(&bytes), cpuacct(&bytes, &bytes, Units::default()));
            let _ = group(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn a_path_never_leaves_the_hierarchy(path in "(/|\\.\\.|a){0,6}") {
            let found = group(&format!("0::/{path}/emulator\n"));
            prop_assert!(found.is_none_or(|found| found.path.split('/').all(|part| part != "..")));
        }
    }
}
