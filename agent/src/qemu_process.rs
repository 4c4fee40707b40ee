//! When a domain's QEMU process started: the life of its counters. libvirt does not say, the kernel does.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use evenkeel_common::time::UnixMs;
use uuid::Uuid;

use crate::gather::host::boot_time_s;
use crate::gather::roster::Process;

/// Clock ticks per second in /proc; 100 on every Linux that runs KVM.
const USER_HZ: u64 = 100;

/// A QEMU process that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    uuid: Uuid,
    /// libvirt's number, from the name of the domain's directory.
    id: Option<u32>,
    same_network: bool,
    start_ticks: u64,
}

/// Starts of the wanted runs; one that cannot be found, or not told from another, is left out.
#[must_use]
pub fn starts(wanted: &[Process]) -> HashMap<Process, UnixMs> {
    let boot = fs::read_to_string("/proc/stat").ok().and_then(|stat| boot_time_s(&stat));
    let (Some(boot), false) = (boot, wanted.is_empty()) else {
        return HashMap::new();
    };
    let found = scan();
    let start = |process: &Process| Some((*process, at(boot, pick(&found, *process)?.start_ticks)));
    wanted.iter().filter_map(start).collect()
}

fn at(boot_s: u64, ticks: u64) -> UnixMs {
    let ms = boot_s.saturating_mul(1000).saturating_add(ticks.saturating_mul(1000 / USER_HZ));
    UnixMs(i64::try_from(ms).unwrap_or(i64::MAX))
}

/// During a migration between two libvirts of one machine (containers, labs) one UUID has two processes: libvirt's
/// number tells them apart, and where that is equal too, the network namespace.
fn pick(found: &[Found], process: Process) -> Option<&Found> {
    let uuid = Uuid::from_bytes(process.uuid);
    let same: Vec<&Found> =
        found.iter().filter(|one| one.uuid == uuid && one.id.is_none_or(|id| id == process.id)).collect();
    match same.as_slice() {
        [one] => Some(one),
        several => {
            let mut near = several.iter().filter(|one| one.same_network);
            near.next().filter(|_| near.next().is_none()).copied()
        }
    }
}

fn scan() -> Vec<Found> {
    let own_network = fs::read_link("/proc/self/ns/net").ok();
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let dirs = entries.flatten().map(|entry| entry.path());
    let processes =
        dirs.filter(|path| path.file_name().is_some_and(|name| name.as_encoded_bytes()[0].is_ascii_digit()));
    processes
        .filter_map(|path| {
            let (uuid, id) = command_line(&fs::read(path.join("cmdline")).ok()?)?;
            let start_ticks = start_ticks(&fs::read_to_string(path.join("stat")).ok()?)?;
            let network = fs::read_link(Path::new(&path).join("ns/net")).ok();
            Some(Found { uuid, id, same_network: network.is_some() && network == own_network, start_ticks })
        })
        .collect()
}

/// `-uuid UUID` and, from a path `…/domain-ID-NAME/…`, the number.
fn command_line(bytes: &[u8]) -> Option<(Uuid, Option<u32>)> {
    let text = String::from_utf8_lossy(bytes);
    let mut uuid = None;
    let mut id = None;
    let mut arguments = text.split('\0');
    while let Some(argument) = arguments.next() {
        if argument == "-uuid" {
            uuid = arguments.next().and_then(|value| Uuid::parse_str(value).ok());
        } else if id.is_none()
            && let Some((_, rest)) = argument.split_once("/domain-")
        {
            id = rest.split_once('-').and_then(|(number, _)| number.parse().ok());
        }
    }
    uuid.map(|uuid| (uuid, id))
}

/// Field 22 of `/proc/PID/stat`; the name in field 2 may hold anything, so counting starts after its last bracket.
fn start_ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: Uuid = Uuid::from_bytes([7; 16]);

    fn found(id: Option<u32>, same_network: bool, start_ticks: u64) -> Found {
        Found { uuid: UUID, id, same_network, start_ticks }
    }

    #[test]
    fn reads_a_command_line() {
        let line = format!(
            "/usr/bin/qemu-system-x86_64\0-name\0guest=a-1,debug-threads=on\0-object\0{{\"file\":\"/var/lib/libvirt/qemu/domain-12-a-1/master-key.aes\"}}\0-uuid\0{UUID}\0"
        );
        assert_eq!(command_line(line.as_bytes()), Some((UUID, Some(12))));
        assert_eq!(command_line(b"bash\0"), None);
        assert_eq!(command_line(b"qemu\0-uuid\0nonsense\0"), None);
    }

    #[test]
    fn reads_a_start() {
        let stat = "18507 (qemu ) x) S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 3 0 987654 1 2";
        assert_eq!(start_ticks(stat), Some(987_654));
        assert_eq!(start_ticks("1"), None);
        assert_eq!(at(1_700_000_000, 150), UnixMs(1_700_000_001_500));
    }

    #[test]
    fn tells_two_processes_of_one_uuid_apart() {
        let wanted = Process { uuid: [7; 16], id: 2 };
        let by_id = [found(Some(1), true, 10), found(Some(2), false, 20)];
        assert_eq!(pick(&by_id, wanted).map(|one| one.start_ticks), Some(20));
        let by_network = [found(Some(2), false, 10), found(Some(2), true, 20)];
        assert_eq!(pick(&by_network, wanted).map(|one| one.start_ticks), Some(20));
        let unclear = [found(Some(2), false, 10), found(Some(2), false, 20)];
        assert_eq!(pick(&unclear, wanted), None);
        assert_eq!(pick(&[], wanted), None);
    }
}
