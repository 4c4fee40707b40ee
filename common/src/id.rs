//! Identifiers. Each kind is a type of its own, so that a host's cannot be passed for a domain's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl $name {
            /// From the 16 bytes used on the wire and in the database.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes used on the wire and in the database.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                *self.0.as_bytes()
            }
        }
    };
}

uuid_newtype!(
    /// An enrolled agent, and so the host it runs on. Given by the collector at enrolment.
    AgentId
);
uuid_newtype!(
    /// A libvirt domain's UUID: the same before and after a migration.
    DomainUuid
);
uuid_newtype!(
    /// One action (`UUIDv7`), made by whoever requests it, so that a repeated request is recognised.
    ActionId
);
uuid_newtype!(
    /// A recovery point: the id of the action that made it.
    PointId
);
uuid_newtype!(
    /// The kernel's boot id of a host.
    BootId
);

uuid_newtype!(
    /// One boot of a guest, as far as it is seen from outside: one run of its QEMU process, and the runs that took it
    /// over by live migration. A guest that restarts its kernel inside the same process keeps it.
    GuestBootId
);

impl GuestBootId {
    /// The id of the boot of `domain` whose first QEMU process started at `start`: a `UUIDv7` with that time, and the
    /// domain's own bits instead of random ones. Whoever knows both computes the same id.
    #[must_use]
    pub fn new(domain: DomainUuid, start: crate::time::UnixMs) -> Self {
        let bytes = domain.to_bytes();
        let mut rest = [0; 10];
        rest.copy_from_slice(&bytes[6..]);
        for (mixed, byte) in rest.iter_mut().zip(&bytes[..6]) {
            *mixed ^= byte;
        }
        let ms = u64::try_from(start.0).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(ms, &rest).into_uuid())
    }
}

impl ActionId {
    /// A new id. `now` fills the time part and `random` the rest, so that the caller owns clock and randomness.
    #[must_use]
    pub fn new(now: crate::time::UnixMs, random: [u8; 10]) -> Self {
        let ms = u64::try_from(now.0).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixMs;

    #[test]
    fn a_boot_is_told_by_domain_and_start() {
        let (a, b) = (DomainUuid::from_bytes([1; 16]), DomainUuid::from_bytes([2; 16]));
        let boot = GuestBootId::new(a, UnixMs(1_800_000_000_000));
        assert_eq!(boot, GuestBootId::new(a, UnixMs(1_800_000_000_000)));
        assert_ne!(boot, GuestBootId::new(a, UnixMs(1_800_000_000_001)));
        assert_ne!(boot, GuestBootId::new(b, UnixMs(1_800_000_000_000)));
        assert_eq!(boot.0.get_version_num(), 7);
    }
}
