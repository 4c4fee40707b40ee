//! The host as evenkeel sees it against what the machine's own tools say of it: a storage pool of known size, the file
//! systems of `df`, /proc, and what happens when a pool or libvirtd goes away.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use evenkeel_tests::cluster::Cluster;
use evenkeel_tests::lab::{Lab, LabOptions};
use serde_json::Value;

const LONG: Duration = Duration::from_secs(60);
const SHOW: [&str; 3] = ["host", "show", "hosta"];
const MIB: u64 = 1 << 20;

#[test]
fn a_host_is_what_its_own_tools_say() -> Result<()> {
    let lab = Lab::up(&LabOptions::for_test("hostview", 1)?)?;
    make_pools(&lab)?;
    let cluster = Cluster::start(&lab, "1s")?;
    let host = cluster.wait_json("the readings of a host", &SHOW, LONG, |host| {
        let rates = host["disks"].as_array()?.iter().all(|disk| disk["utilisation_ratio"].is_number());
        (rates && host["cpu"]["iowait_ratio"].is_number() && pool(host, "known").is_some()).then(|| host.clone())
    })?;
    facts_are_the_machines(&lab, &host)?;
    pools_are_virshs(&lab, &host)?;
    filesystems_are_dfs(&lab, &host)?;
    disks_are_the_kernels(&lab, &host)?;
    the_page_is_readable(&cluster)?;
    what_goes_is_missing_with_its_reason(&lab, &cluster)
}

/// `known` has 64 MiB of a file system of its own, 16 of them in a volume; `idle` was never started.
fn make_pools(lab: &Lab) -> Result<()> {
    const TARGET: &str = "/var/lib/libvirt/known";
    lab.exec("hosta", "mkdir", &["-p", TARGET])?;
    lab.exec("hosta", "mount", &["-t", "tmpfs", "-o", "size=64m", "tmpfs", TARGET])?;
    lab.virsh("hosta", &["pool-define-as", "known", "dir", "--target", TARGET])?;
    lab.virsh("hosta", &["pool-define-as", "idle", "dir", "--target", "/var/lib/libvirt/idle"])?;
    lab.virsh("hosta", &["pool-start", "known"])?;
    lab.virsh("hosta", &["vol-create-as", "known", "v1", "16M", "--allocation", "16M", "--format", "raw"])?;
    Ok(())
}

fn facts_are_the_machines(lab: &Lab, host: &Value) -> Result<()> {
    let said = |program: &str, args: &[&str]| lab.exec("hosta", program, args).map(|text| text.trim().to_owned());
    ensure!(host["kernel"] == said("uname", &["-r"])?, "{host}");
    let cpus: u64 = number(&said("getconf", &["_NPROCESSORS_ONLN"])?)?;
    ensure!(host["cpus"] == cpus, "{host}");
    ensure!(host["libvirt_version"].is_string() && host["qemu_version"].is_string(), "{host}");
    let total_kib: u64 = number(&said("awk", &["/^MemTotal:/ { print $2 }", "/proc/meminfo"])?)?;
    ensure!(host["memory"]["total_bytes"] == total_kib * 1024, "{host}");
    let kvm = lab.virsh("hosta", &["capabilities"])?.contains("<domain type='kvm'");
    ensure!((host["kvm"] == "works") == kvm, "libvirt offers KVM: {kvm}; {}", host["kvm"]);
    ensure!(host["kvm"].is_string(), "{host}");
    Ok(())
}

fn pools_are_virshs(lab: &Lab, host: &Value) -> Result<()> {
    let known = pool(host, "known").context("known")?;
    ensure!(known["state"] == "running" && known["capacity_bytes"] == 64 * MIB, "{known}");
    ensure!(known["allocation_bytes"].as_u64().is_some_and(|bytes| bytes >= 16 * MIB), "{known}");
    let info = lab.virsh("hosta", &["pool-info", "--bytes", "known"])?;
    for (line, key) in
        [("Capacity:", "capacity_bytes"), ("Allocation:", "allocation_bytes"), ("Available:", "available_bytes")]
    {
        let virsh = info.lines().find_map(|text| text.strip_prefix(line)).context("a line of pool-info")?;
        ensure!(known[key] == number(virsh.trim())?, "{line} {virsh} in virsh, {known}");
    }
    let idle = pool(host, "idle").context("idle")?;
    ensure!(idle["state"] == "inactive" && idle["capacity_bytes"].is_null(), "{idle}");
    Ok(())
}

/// Sizes stand still; used space may move a little while the tests of others run.
fn filesystems_are_dfs(lab: &Lab, host: &Value) -> Result<()> {
    let all = host["filesystems"].as_array().context("filesystems")?;
    ensure!(!all.is_empty(), "no file systems");
    for row in all {
        let mount = row["mount"].as_str().context("a mount")?;
        let df = lab.exec("hosta", "df", &["-B1", "--output=size,pcent", mount])?;
        let mut fields = df.lines().nth(1).context("df's line")?.split_ascii_whitespace();
        let (size, percent) = (fields.next().context("size")?, fields.next().context("percent")?);
        ensure!(row["size_bytes"] == number(size)?, "{mount}: {size} in df, {row}");
        let (percent, ours) = (percent.trim_end_matches('%').parse::<f64>()?, row["used_ratio"].as_f64());
        // df rounds up.
        ensure!(ours.is_some_and(|ours| (ours * 100.0 - percent).abs() < 3.0), "{mount}: {percent}% in df, {row}");
    }
    Ok(())
}

fn disks_are_the_kernels(lab: &Lab, host: &Value) -> Result<()> {
    let ours: Vec<&str> =
        host["disks"].as_array().context("disks")?.iter().filter_map(|d| d["device"].as_str()).collect();
    let listed = lab.exec("hosta", "lsblk", &["-dnro", "NAME,TYPE"])?;
    let disks = listed.lines().filter_map(|line| line.strip_suffix(" disk")).filter(|name| !name.starts_with("zram"));
    for disk in disks {
        ensure!(ours.contains(&disk), "{disk} of lsblk is not among {ours:?}");
    }
    ensure!(ours.iter().all(|name| !name.starts_with("loop") && !name.starts_with("ram")), "{ours:?}");
    let pressure = host["pressure"].as_array().context("pressure")?;
    let has_pressure = lab.exec("hosta", "cat", &["/proc/pressure/io"]).is_ok();
    let fits = |row: &Value| if has_pressure { row["some_ratio"].is_number() } else { row["missing"].is_string() };
    ensure!(pressure.len() == 3 && pressure.iter().all(fits), "{pressure:?}");
    Ok(())
}

fn the_page_is_readable(cluster: &Cluster<'_>) -> Result<()> {
    let page = cluster.succeed(&SHOW)?;
    for words in
        ["\nCPU\n", "\nMemory\n", "\nDisks\n", "\nNetworks\n", "\nFile systems\n", "\nStorage pools\n", "64 MiB"]
    {
        ensure!(page.contains(words), "{words:?} is not in\n{page}");
    }
    ensure!(
        page.lines().any(|line| line.starts_with("known") && line.contains("running") && line.contains("25.")),
        "{page}"
    );
    Ok(())
}

/// A pool that is stopped has a state and no size; without libvirtd the pools are missing and the host goes on.
fn what_goes_is_missing_with_its_reason(lab: &Lab, cluster: &Cluster<'_>) -> Result<()> {
    lab.virsh("hosta", &["pool-destroy", "known"])?;
    cluster.wait_json("the stopped pool", &SHOW, LONG, |host| {
        let known = pool(host, "known")?;
        (known["state"] == "inactive" && known["capacity_bytes"].is_null()).then_some(())
    })?;
    lab.stop_libvirtd("hosta")?;
    let host = cluster.wait_json("pools without a libvirtd", &SHOW, LONG, |host| {
        (pool(host, "known")?["missing"] == "libvirt_down").then(|| host.clone())
    })?;
    ensure!(host["state"] == "connected" && host["cpu"]["iowait_ratio"].is_number(), "{host}");
    // A libvirtd that starts finds the folder of a pool there and takes the pool for active.
    lab.start_libvirtd("hosta")?;
    cluster.wait_json("the pool again", &SHOW, LONG, |host| (pool(host, "known")?["state"] == "running").then_some(()))
}

fn pool<'a>(host: &'a Value, name: &str) -> Option<&'a Value> {
    host["pools"].as_array()?.iter().find(|pool| pool["name"] == name)
}

fn number(text: &str) -> Result<u64> {
    text.parse().with_context(|| format!("{text:?} is no number"))
}
