//! Which QEMU process belongs to which run of a domain.

use uuid::Uuid;

use crate::gather::roster::Process;

/// A QEMU process that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its number.
    pub pid: u32,
    /// From its command line.
    pub uuid: Uuid,
    /// libvirt's number, from the name of the domain's directory.
    pub id: Option<u32>,
    /// Whether it is in the agent's network namespace, as far as the agent may see that.
    pub same_network: bool,
}

/// During a migration between two libvirts of one machine (containers, labs) one UUID has two processes: libvirt's
/// number tells them apart, and where that is equal too, the network namespace.
#[must_use]
pub fn pick(found: &[Found], process: Process) -> Option<&Found> {
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

/// `-uuid UUID` and, from a path `…/domain-ID-NAME/…`, the number.
#[must_use]
pub fn command_line(bytes: &[u8]) -> Option<(Uuid, Option<u32>)> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const UUID: Uuid = Uuid::from_bytes([7; 16]);

    fn found(id: Option<u32>, same_network: bool, pid: u32) -> Found {
        Found { pid, uuid: UUID, id, same_network }
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
    fn tells_two_processes_of_one_uuid_apart() {
        let wanted = Process { uuid: [7; 16], id: 2 };
        let by_id = [found(Some(1), true, 10), found(Some(2), false, 20)];
        assert_eq!(pick(&by_id, wanted).map(|one| one.pid), Some(20));
        let by_network = [found(Some(2), false, 10), found(Some(2), true, 20)];
        assert_eq!(pick(&by_network, wanted).map(|one| one.pid), Some(20));
        let unclear = [found(Some(2), false, 10), found(Some(2), false, 20)];
        assert_eq!(pick(&unclear, wanted), None);
        assert_eq!(pick(&[], wanted), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = command_line(&bytes);
        }
    }
}
