//! Guests: definition, start, disk.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::initramfs::Kernel;
use super::options::GuestSpec;
use super::run::run;
use super::state::GuestState;

/// What a guest's definition is made from besides its `GuestSpec`.
#[derive(Debug)]
pub struct Site<'a> {
    /// The folder that both hosts see.
    pub shared: &'a Path,
    /// Kernel to boot.
    pub kernel: &'a Kernel,
    /// `kvm` or `qemu`.
    pub domain_type: &'a str,
}

/// The libvirt definition of a guest.
pub fn domain_xml(spec: &GuestSpec, state: &GuestState, site: &Site<'_>) -> String {
    let GuestSpec { name, vcpus, memory_mib, metadata, .. } = spec;
    let GuestState { uuid, address, .. } = state;
    let shared = site.shared.display();
    let kernel = site.kernel.image.display();
    let acpi = u8::from(spec.acpi);
    let kind = site.domain_type;
    let last_octet: u8 = address.rsplit('.').next().and_then(|octet| octet.parse().ok()).unwrap_or_default();
    let mut xml = format!(
        "<domain type='{kind}'>\n  <name>{name}</name>\n  <uuid>{uuid}</uuid>\n  <metadata>{metadata}</metadata>\n  \
         <memory unit='MiB'>{memory_mib}</memory>\n  <vcpu>{vcpus}</vcpu>\n"
    );
    if kind == "kvm" {
        xml.push_str("  <cpu mode='host-passthrough' migratable='on'/>\n");
    }
    let _ = write!(
        xml,
        "  <os>
    <type arch='x86_64' machine='q35'>hvm</type>
    <kernel>{kernel}</kernel>
    <initrd>{shared}/initramfs</initrd>
    <cmdline>console=ttyS0 quiet guest={name} guestip={address} acpi={acpi}</cmdline>
  </os>
  <features><acpi/><apic/></features>
  <clock offset='utc'/>
  <on_poweroff>destroy</on_poweroff>
  <on_reboot>restart</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <controller type='usb' model='none'/>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='{shared}/{name}.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='bridge'>
      <mac address='52:54:00:09:00:{last_octet:02x}'/>
      <source bridge='br0'/>
      <model type='virtio'/>
      <rom enabled='no'/>
    </interface>
    <serial type='file'><source path='{shared}/{name}.serial' append='on'/></serial>
    <memballoon model='virtio'><stats period='5'/></memballoon>
  </devices>
</domain>
"
    );
    xml
}

/// Makes the guest's disk and starts it.
pub fn start(spec: &GuestSpec, state: &GuestState, site: &Site<'_>, uri: &str) -> Result<()> {
    let disk = site.shared.join(format!("{}.qcow2", spec.name));
    let size = format!("{}M", spec.disk_mib);
    run(
        "qemu-img",
        ["create".as_ref(), "-q".as_ref(), "-f".as_ref(), "qcow2".as_ref(), disk.as_os_str(), size.as_ref()],
    )?;
    let xml_path = site.shared.join(format!("{}.xml", spec.name));
    fs::write(&xml_path, domain_xml(spec, state, site))
        .with_context(|| format!("cannot write {}", xml_path.display()))?;
    let xml = xml_path.to_string_lossy().into_owned();
    let mut args = vec!["-c", uri];
    if spec.transient {
        args.extend(["create", &xml]);
    } else {
        run("virsh", ["-c", uri, "define", &xml])?;
        args.extend(["start", &spec.name]);
    }
    if spec.paused {
        args.push("--paused");
    }
    run("virsh", args).with_context(|| format!("guest {} does not start", spec.name)).map(drop)
}
