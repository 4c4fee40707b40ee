//! A guest with two of everything, and its facts against virsh's own lists.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use evenkeel_tests::lab::{Lab, wait_for};
use serde_json::{Value, json};

const NAME: &str = "rich";
/// Without KVM the guest takes 10 s to load its balloon driver on a busy machine.
const BOOT_LIMIT: Duration = Duration::from_secs(90);

/// Two vCPUs, I/O threads and interfaces, an overlay on a base image, a raw disk, a CD, balloon statistics, a snapshot
/// and a checkpoint. It is paused once its balloon driver reported, so that its numbers stand still.
pub fn make(lab: &Lab) -> Result<()> {
    let shared = lab.shared_dir();
    let file = |name: &str| shared.join(name).display().to_string();
    image(&["create", "-q", "-f", "qcow2", &file("rich-base.qcow2"), "64M"])?;
    image(&["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", &file("rich-base.qcow2"), &file("rich.qcow2")])?;
    std::fs::File::create(shared.join("rich.raw"))?.set_len(16 << 20)?;
    std::fs::File::create(shared.join("rich.iso"))?.set_len(4 << 20)?;
    let path = shared.join("rich.xml");
    std::fs::write(&path, definition(lab, &file)?)?;
    lab.virsh("hosta", &["define", path.to_str().context("a plain path")?])?;
    lab.virsh("hosta", &["start", NAME])?;
    lab.virsh("hosta", &["autostart", NAME])?;
    lab.virsh("hosta", &["snapshot-create-as", NAME, "s1", "--disk-only", "--diskspec", "vdb,snapshot=no"])?;
    let checkpoint = ["--diskspec", "vda,checkpoint=bitmap", "--diskspec", "vdb,checkpoint=no"];
    lab.virsh("hosta", &[&["checkpoint-create-as", NAME, "c1"], &checkpoint[..]].concat())?;
    wait_for("balloon statistics of the rich guest", BOOT_LIMIT, || {
        let stats = lab.virsh("hosta", &["domstats", "--balloon", NAME])?;
        Ok(stats.contains("balloon.usable").then_some(()))
    })?;
    lab.virsh("hosta", &["suspend", NAME]).map(drop)
}

fn image(args: &[&str]) -> Result<()> {
    let output = Command::new("qemu-img").args(args).output()?;
    ensure!(output.status.success(), "qemu-img {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The lab's own kernel boots it.
fn definition(lab: &Lab, file: &dyn Fn(&str) -> String) -> Result<String> {
    let g1 = lab.virsh("hosta", &["dumpxml", "g1"])?;
    let line = |tag: &str| {
        let start = format!("<{tag}>");
        let line = g1.lines().map(str::trim).find(|line| line.starts_with(&start));
        line.map(str::to_owned).with_context(|| format!("no {tag} in g1"))
    };
    let kind = if lab.is_kvm() { "kvm" } else { "qemu" };
    let (kernel, initrd) = (line("kernel")?, line("initrd")?);
    let interface = |n: u8| {
        format!(
            "<interface type='bridge'><mac address='52:54:00:09:01:0{n}'/><source bridge='br0'/>\
             <model type='virtio'/><rom enabled='no'/></interface>"
        )
    };
    let disk = |target: &str, format: &str, source: &str, thread: u8| {
        format!(
            "<disk type='file' device='disk'><driver name='qemu' type='{format}' iothread='{thread}'/>\
             <source file='{}'/><target dev='{target}' bus='virtio'/></disk>",
            file(source)
        )
    };
    Ok(format!(
        "<domain type='{kind}'><name>{NAME}</name><title>Rich</title><description>two of everything</description>\
         <metadata><e:domain xmlns:e='urn:evenkeel:domain:1'><e:owner>shop</e:owner><e:project>webshop</e:project>\
         <e:user>dora</e:user><e:flavour>small</e:flavour><e:label name='tier'>web</e:label></e:domain></metadata>\
         <memory unit='MiB'>128</memory><vcpu>2</vcpu><iothreads>2</iothreads>\
         <os><type arch='x86_64' machine='q35'>hvm</type>{kernel}{initrd}\
         <cmdline>console=ttyS0 quiet guest={NAME} guestip=10.9.0.99 acpi=1</cmdline></os>\
         <features><acpi/><apic/></features><devices><controller type='usb' model='none'/>{}{}\
         <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{}'/>\
         <target dev='sda' bus='sata'/><readonly/></disk>{}{}\
         <memballoon model='virtio'><stats period='1'/></memballoon></devices></domain>",
        disk("vda", "qcow2", "rich.qcow2", 1),
        disk("vdb", "raw", "rich.raw", 2),
        file("rich.iso"),
        interface(1),
        interface(2),
    ))
}

/// What `once` says of it is what virsh's lists say.
pub fn facts_are_those_of_virsh(lab: &Lab, domain: &Value) -> Result<()> {
    let info = lab.virsh("hosta", &["dominfo", NAME])?;
    let field = |key: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(str::trim).with_context(|| format!("no {key:?} in {info}"))
    };
    ensure!(domain["vcpus"] == json!(field("CPU(s)")?.parse::<u32>()?), "vcpus of {domain}");
    let kib: u64 = field("Max memory")?.trim_end_matches(" KiB").parse()?;
    ensure!(domain["memory_max_bytes"] == json!(kib * 1024), "memory of {domain}");
    ensure!(domain["persistent"] == json!(field("Persistent")? == "yes"), "persistent of {domain}");
    ensure!(domain["autostart"] == json!(field("Autostart")? == "enable"), "autostart of {domain}");
    lists_are_equal(domain, &lab.virsh("hosta", &["domblklist", NAME, "--details"])?, "disks", |disk| {
        ["file".into(), text(disk, "kind"), text(disk, "target"), text(disk, "source")].join(" ")
    })?;
    lists_are_equal(domain, &lab.virsh("hosta", &["domiflist", NAME])?, "interfaces", |one| {
        ["target", "kind", "source", "model", "mac"].map(|key| text(one, key)).join(" ")
    })?;
    for (verb, key) in [("snapshot-list", "snapshots"), ("checkpoint-list", "checkpoints")] {
        let names = lab.virsh("hosta", &[verb, NAME, "--name"])?;
        let names: Vec<&str> = names.split_whitespace().collect();
        ensure!(names.len() == 1 && domain[key] == json!(names), "{key}: virsh {names:?}, once {}", domain[key]);
    }
    let chain: Vec<&str> = domain["disks"][0]["backing"]
        .as_array()
        .context("backing")?
        .iter()
        .filter_map(|image| image["source"].as_str()?.rsplit('/').next())
        .collect();
    ensure!(chain == ["rich.qcow2", "rich-base.qcow2"], "chain of vda: {chain:?}");
    ensure!(domain["disks"][2]["readonly"] == true, "the CD is read-only");
    for (key, value) in [("owner", "shop"), ("project", "webshop"), ("user", "dora"), ("flavour", "small")] {
        ensure!(domain[key] == value, "{key} of {domain}");
    }
    ensure!(domain["labels"] == json!({"tier": "web"}) && domain["title"] == "Rich", "labels of {domain}");
    ensure!(domain["boot_id"].is_string() && domain["started_at"].is_string(), "boot of {domain}");
    Ok(())
}

/// The lines of one of virsh's tables, below its heading, as a set: virsh and the definition order them differently.
fn lists_are_equal(domain: &Value, table: &str, key: &str, line: impl Fn(&Value) -> String) -> Result<()> {
    let rows = table.lines().skip_while(|line| !line.starts_with("---")).skip(1);
    let said: BTreeSet<String> = rows
        .filter(|row| !row.trim().is_empty())
        .map(|row| row.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let Some(found) = domain[key].as_array() else { bail!("no {key} in {domain}") };
    let found: BTreeSet<String> = found.iter().map(line).collect();
    ensure!(said.len() >= 2 && said == found, "{key}: virsh {said:?}, once {found:?}");
    Ok(())
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}
