//! The page of `host show`: facts, then what it reads now, then its VMs and events.

use super::host_fields;
use crate::cli::activity::activity_table;
use crate::cli::table::{Cell, Table, Tabular};
use crate::cli::vm::missing_table;
use crate::view::host::{HostCpu, HostDetail, HostMemory, HostNow};

impl Tabular for HostDetail {
    fn table(&self) -> Table {
        let mut fields = host_fields(&self.summary);
        fields.extend([
            ("enrolled_at", Cell::Time(self.enrolled_at.0)),
            ("interval_s", Cell::maybe(self.interval_s, Cell::Number)),
            ("os", text(self.os.as_ref())),
            ("kernel", text(self.kernel.as_ref())),
            ("machine_vendor", text(self.machine_vendor.as_ref())),
            ("machine_model", text(self.machine_model.as_ref())),
            ("cpu_model", text(self.cpu_model.as_ref())),
            ("cpus", Cell::maybe(self.cpus, Cell::count)),
            ("sockets", Cell::maybe(self.sockets, Cell::count)),
            ("cores", Cell::maybe(self.cores, Cell::count)),
            ("numa_nodes", Cell::maybe(self.numa_nodes, Cell::count)),
            ("kvm", text(self.kvm.as_ref())),
            ("kvm_nested", yes(self.kvm_nested)),
            ("memory_bytes", Cell::maybe(self.memory_bytes, Cell::Bytes)),
            ("cpu_busy_ratio", Cell::maybe(self.cpu_busy_ratio, Cell::Ratio)),
            ("memory_available_bytes", Cell::maybe(self.memory_available_bytes, Cell::Bytes)),
            ("missing", text(self.now.missing.as_ref())),
        ]);
        Table::object(fields)
    }

    fn more(&self) -> Vec<(&'static str, Table)> {
        let vms = self.vms.iter().map(|vm| vec![Cell::text(&vm.name), Cell::text(&vm.uuid), Cell::text(&vm.state)]);
        let mut tables = vec![("Missing readings", missing_table(&self.missing_readings))];
        if self.now.missing.is_none() {
            tables.extend(sections(&self.now));
        }
        tables.extend([
            ("VMs", Table::new(&[("name", "NAME"), ("uuid", "UUID"), ("state", "STATE")], vms)),
            ("Events", activity_table(&self.events)),
        ]);
        tables
    }
}

fn sections(now: &HostNow) -> Vec<(&'static str, Table)> {
    vec![
        ("CPU", cpu(&now.cpu)),
        ("Memory", memory(&now.memory)),
        ("Pressure of the last 10 s", pressure(now)),
        ("Disks", disks(now)),
        ("Networks", networks(now)),
        ("File systems", filesystems(now)),
        ("Storage pools", pools(now)),
        ("KSM", ksm(now)),
        ("Huge pages", hugepages(now)),
        ("NUMA nodes", nodes(now)),
    ]
}

fn cpu(cpu: &HostCpu) -> Table {
    Table::object([
        ("user_ratio", ratio(cpu.user_ratio)),
        ("guest_ratio", ratio(cpu.guest_ratio)),
        ("system_ratio", ratio(cpu.system_ratio)),
        ("interrupt_ratio", ratio(cpu.interrupt_ratio)),
        ("iowait_ratio", ratio(cpu.iowait_ratio)),
        ("steal_ratio", ratio(cpu.steal_ratio)),
        ("load_1m", Cell::maybe(cpu.load_1m, Cell::Number)),
        ("load_5m", Cell::maybe(cpu.load_5m, Cell::Number)),
        ("load_15m", Cell::maybe(cpu.load_15m, Cell::Number)),
        ("context_switches_per_s", Cell::maybe(cpu.context_switches_per_s, Cell::Number)),
        ("processes_running", Cell::maybe(cpu.processes_running, Cell::count)),
        ("processes_blocked", Cell::maybe(cpu.processes_blocked, Cell::count)),
    ])
}

fn memory(memory: &HostMemory) -> Table {
    Table::object([
        ("total_bytes", bytes(memory.total_bytes)),
        ("used_bytes", bytes(memory.used_bytes)),
        ("available_bytes", bytes(memory.available_bytes)),
        ("cached_bytes", bytes(memory.cached_bytes)),
        ("dirty_bytes", bytes(memory.dirty_bytes)),
        ("slab_bytes", bytes(memory.slab_bytes)),
        ("hugetlb_bytes", bytes(memory.hugetlb_bytes)),
        ("swap_total_bytes", bytes(memory.swap_total_bytes)),
        ("swap_used_bytes", bytes(memory.swap_used_bytes)),
        ("swap_in_bytes_per_s", byte_rate(memory.swap_in_bytes_per_s)),
        ("swap_out_bytes_per_s", byte_rate(memory.swap_out_bytes_per_s)),
    ])
}

fn pressure(now: &HostNow) -> Table {
    let columns = [("resource", "RESOURCE"), ("some_ratio", "SOME"), ("full_ratio", "FULL"), ("missing", "MISSING")];
    let rows = now.pressure.iter().map(|row| {
        vec![Cell::text(&row.resource), ratio(row.some_ratio), ratio(row.full_ratio), text(row.missing.as_ref())]
    });
    Table::new(&columns, rows)
}

fn disks(now: &HostNow) -> Table {
    let columns = [
        ("device", "DISK"),
        ("utilisation_ratio", "BUSY"),
        ("reads_per_s", "READS/s"),
        ("writes_per_s", "WRITES/s"),
        ("read_bytes_per_s", "READ/s"),
        ("written_bytes_per_s", "WRITTEN/s"),
        ("queue_length", "QUEUE"),
        ("missing", "MISSING"),
    ];
    let rows = now.disks.iter().map(|disk| {
        vec![
            Cell::text(&disk.device),
            ratio(disk.utilisation_ratio),
            Cell::maybe(disk.reads_per_s, Cell::Number),
            Cell::maybe(disk.writes_per_s, Cell::Number),
            byte_rate(disk.read_bytes_per_s),
            byte_rate(disk.written_bytes_per_s),
            Cell::maybe(disk.queue_length, Cell::Number),
            text(disk.missing.as_ref()),
        ]
    });
    Table::new(&columns, rows)
}

fn networks(now: &HostNow) -> Table {
    let columns = [
        ("device", "INTERFACE"),
        ("up", "UP"),
        ("speed_bytes_per_s", "SPEED/s"),
        ("receive_bytes_per_s", "RECEIVED/s"),
        ("transmit_bytes_per_s", "SENT/s"),
        ("errors_per_s", "ERRORS/s"),
        ("drops_per_s", "DROPS/s"),
        ("missing", "MISSING"),
    ];
    let rows = now.networks.iter().map(|network| {
        vec![
            Cell::text(&network.device),
            yes(network.up),
            bytes(network.speed_bytes_per_s),
            byte_rate(network.receive_bytes_per_s),
            byte_rate(network.transmit_bytes_per_s),
            Cell::maybe(network.errors_per_s, Cell::Number),
            Cell::maybe(network.drops_per_s, Cell::Number),
            text(network.missing.as_ref()),
        ]
    });
    Table::new(&columns, rows)
}

fn filesystems(now: &HostNow) -> Table {
    let columns = [
        ("mount", "MOUNT"),
        ("size_bytes", "SIZE"),
        ("used_bytes", "USED"),
        ("available_bytes", "AVAILABLE"),
        ("used_ratio", "USE"),
        ("inodes_used_ratio", "INODES"),
        ("read_only", "READ_ONLY"),
        ("missing", "MISSING"),
    ];
    let rows = now.filesystems.iter().map(|row| {
        vec![
            Cell::text(&row.mount),
            bytes(row.size_bytes),
            bytes(row.used_bytes),
            bytes(row.available_bytes),
            ratio(row.used_ratio),
            ratio(row.inodes_used_ratio),
            yes(row.read_only),
            text(row.missing.as_ref()),
        ]
    });
    Table::new(&columns, rows)
}

fn pools(now: &HostNow) -> Table {
    let columns = [
        ("name", "POOL"),
        ("state", "STATE"),
        ("capacity_bytes", "CAPACITY"),
        ("allocation_bytes", "ALLOCATED"),
        ("available_bytes", "AVAILABLE"),
        ("used_ratio", "USE"),
        ("missing", "MISSING"),
    ];
    let rows = now.pools.iter().map(|pool| {
        vec![
            Cell::text(&pool.name),
            text(pool.state.as_ref()),
            bytes(pool.capacity_bytes),
            bytes(pool.allocation_bytes),
            bytes(pool.available_bytes),
            ratio(pool.used_ratio),
            text(pool.missing.as_ref()),
        ]
    });
    Table::new(&columns, rows)
}

fn ksm(now: &HostNow) -> Table {
    let columns = [("running", "RUNNING"), ("shared_bytes", "SHARED"), ("saved_bytes", "SAVED")];
    let rows = now.ksm.iter().map(|ksm| vec![yes(Some(ksm.running)), bytes(ksm.shared_bytes), bytes(ksm.saved_bytes)]);
    Table::new(&columns, rows)
}

fn hugepages(now: &HostNow) -> Table {
    let columns = [("size", "SIZE"), ("pages", "PAGES"), ("free", "FREE")];
    let rows = now.hugepages.iter().map(|pool| {
        vec![Cell::text(&pool.size), Cell::maybe(pool.pages, Cell::count), Cell::maybe(pool.free, Cell::count)]
    });
    Table::new(&columns, rows)
}

fn nodes(now: &HostNow) -> Table {
    let columns = [("node", "NODE"), ("total_bytes", "MEMORY"), ("used_bytes", "USED"), ("free_bytes", "FREE")];
    let rows = now.nodes.iter().map(|node| {
        vec![Cell::text(&node.node), bytes(node.total_bytes), bytes(node.used_bytes), bytes(node.free_bytes)]
    });
    Table::new(&columns, rows)
}

fn text(text: Option<&String>) -> Cell {
    Cell::maybe(text, Cell::text)
}

fn yes(yes: Option<bool>) -> Cell {
    Cell::maybe(yes, |yes| Cell::text(if yes { "yes" } else { "no" }))
}

fn bytes(bytes: Option<u64>) -> Cell {
    Cell::maybe(bytes, Cell::Bytes)
}

fn ratio(share: Option<f64>) -> Cell {
    Cell::maybe(share, Cell::Ratio)
}

fn byte_rate(rate: Option<f64>) -> Cell {
    Cell::maybe(rate, Cell::ByteRate)
}
