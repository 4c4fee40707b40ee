//! Identifiers. Each kind is a type of its own, so that a host's cannot be passed for a domain's.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

macro_rules! uuid_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// The kernel's boot id of a host.
    BootId
);

impl ActionId {
    /// A new id. `now` fills the time part and `random` the rest, so that the caller owns clock and randomness.
    #[must_use]
    pub fn new(now: crate::time::UnixMs, random: [u8; 10]) -> Self {
        let ms = u64::try_from(now.0).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
    }
}
