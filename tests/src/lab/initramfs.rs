//! The guests' root file system: busybox, the virtio modules and the scripts in `guest/`, as an uncompressed cpio
//! archive (unpacking costs more under emulation than reading).

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::run::run;

const INIT: &str = include_str!("guest/init");
const POWER: &str = include_str!("guest/power");
const COMMON: &str = include_str!("guest/cgi/common");
const CGI: [(&str, &str); 9] = [
    ("boot", include_str!("guest/cgi/boot")),
    ("burn", include_str!("guest/cgi/burn")),
    ("disk", include_str!("guest/cgi/disk")),
    ("hang", include_str!("guest/cgi/hang")),
    ("mem", include_str!("guest/cgi/mem")),
    ("net", include_str!("guest/cgi/net")),
    ("reset", include_str!("guest/cgi/reset")),
    ("slow", include_str!("guest/cgi/slow")),
    ("work", include_str!("guest/cgi/work")),
];
/// Loaded by every guest, after what they depend on.
const DRIVERS: [&str; 5] = ["virtio_pci", "virtio_net", "virtio_blk", "virtio_console", "virtio_balloon"];
/// Loaded only by guests that heed the power button.
const POWER_BUTTON: [&str; 2] = ["button", "evdev"];

const DIRECTORY: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;
const PLAIN: u32 = 0o100_644;

/// A kernel for the guests and its version.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// The bootable image.
    pub image: PathBuf,
    version: String,
}

/// The newest Debian kernel with modules on this machine; the cloud flavour (few drivers, quick boot) before others.
pub fn find_kernel() -> Result<Kernel> {
    let entries = fs::read_dir("/boot").context("cannot list /boot")?;
    let versions = entries.flatten().filter_map(|entry| {
        let version = entry.file_name().to_str()?.strip_prefix("vmlinuz-")?.to_owned();
        Path::new("/lib/modules").join(&version).is_dir().then_some(version)
    });
    let newest = versions.max_by_key(|version| {
        let numbers: Vec<u64> = version.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        (version.contains("-cloud-"), numbers)
    });
    let version = newest.context("no kernel with modules in /boot: run `packaging/deps lab`")?;
    Ok(Kernel { image: Path::new("/boot").join(format!("vmlinuz-{version}")), version })
}

/// Writes the archive to `path`.
pub fn build(kernel: &Kernel, path: &Path) -> Result<()> {
    let mut archive = Archive::default();
    for folder in ["bin", "modules", "www", "www/cgi-bin", "etc", "etc/acpi", "etc/acpi/PWRF"] {
        archive.add(folder, DIRECTORY, b"")?;
    }
    let busybox = fs::read("/bin/busybox").context("no /bin/busybox: run `packaging/deps lab`")?;
    archive.add("bin/busybox", PROGRAM, &busybox)?;
    archive.add("init", PROGRAM, INIT.as_bytes())?;
    archive.add("etc/acpi/PWRF/00000080", PROGRAM, POWER.as_bytes())?;
    archive.add("www/common", PLAIN, COMMON.as_bytes())?;
    for (name, script) in CGI {
        archive.add(&format!("www/cgi-bin/{name}"), PROGRAM, script.as_bytes())?;
    }
    let mut order = String::new();
    for module in modules(kernel, &DRIVERS)? {
        order.push_str(&archive.add_module(&module)?);
        order.push('\n');
    }
    archive.add("modules/order", PLAIN, order.as_bytes())?;
    for module in modules(kernel, &POWER_BUTTON)? {
        archive.add_module(&module)?;
    }
    archive.finish(path)
}

/// The files of `names` and of what they need, in the order in which they must be loaded.
fn modules(kernel: &Kernel, names: &[&str]) -> Result<Vec<PathBuf>> {
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for name in names {
        let lines = run("modprobe", ["-S", &kernel.version, "--show-depends", name])?;
        // A driver that is built in is listed as `builtin NAME` and needs no loading.
        let paths = lines.lines().filter_map(|line| line.strip_prefix("insmod "));
        for file in paths.filter_map(|rest| rest.split_whitespace().next()).map(PathBuf::from) {
            if seen.insert(file.clone()) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

/// A cpio archive of the "newc" kind in the making.
#[derive(Default)]
struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

impl Archive {
    fn add(&mut self, name: &str, mode: u32, content: &[u8]) -> Result<()> {
        self.entries += 1;
        let size = u32::try_from(content.len()).with_context(|| format!("{name} is too large for the archive"))?;
        let name_size = u32::try_from(name.len() + 1)?;
        // inode, mode, uid, gid, links, mtime, size, device (2), special device (2), length of the name, checksum
        let fields = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(content);
        self.pad();
        Ok(())
    }

    fn add_module(&mut self, file: &Path) -> Result<String> {
        let name =
            file.file_name().and_then(|name| name.to_str()).with_context(|| format!("odd name {}", file.display()))?;
        ensure!(name.ends_with(".ko"), "{}: compressed kernel modules are not supported by the lab", file.display());
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        self.add(&format!("modules/{name}"), PLAIN, &content)?;
        Ok(name.to_owned())
    }

    fn pad(&mut self) {
        while !self.bytes.len().is_multiple_of(4) {
            self.bytes.push(0);
        }
    }

    fn finish(mut self, path: &Path) -> Result<()> {
        self.add("TRAILER!!!", 0, b"")?;
        fs::write(path, &self.bytes).with_context(|| format!("cannot write {}", path.display()))
    }
}
