//! A read-only connection and what does not change while it lives.

use virt::connect::Connect;
use virt::error::Error;

/// An open connection.
pub struct Connection {
    /// The connection.
    pub connect: Connect,
    /// libvirtd's version, `9.0.0`.
    pub libvirt_version: String,
    /// QEMU's version; empty when libvirt does not know it (no QEMU installed).
    pub qemu_version: String,
}

impl Connection {
    /// Opens a connection on which libvirt refuses every change.
    ///
    /// # Errors
    /// libvirt's.
    pub fn open_read_only(uri: &str) -> Result<Self, Error> {
        let connect = Connect::open_read_only(Some(uri))?;
        let libvirt_version = version(connect.lib_version()?);
        let qemu_version = connect.hyp_version().map(version).unwrap_or_default();
        Ok(Self { connect, libvirt_version, qemu_version })
    }
}

/// libvirt's `major * 1000000 + minor * 1000 + release`.
fn version(number: u32) -> String {
    format!("{}.{}.{}", number / 1_000_000, number / 1000 % 1000, number % 1000)
}

/// The message of an error without libvirt's codes.
pub fn reason(error: &Error) -> String {
    error.message().trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn reads_versions() {
        assert_eq!(super::version(9_000_000), "9.0.0");
        assert_eq!(super::version(7_002_022), "7.2.22");
    }
}
