//! The catalogue's lines, by the groups of virConnectGetAllDomainStats and then the host. The numbers are on disks and on
//! the wire: a new line takes a free number of its group, none is ever given twice.

use super::Better::{Higher, Lower};
use super::{Better, Kind, Metric, MetricId};
use crate::units::Unit;

/// Stored nanoseconds, shown as seconds.
const NS: f64 = 1e9;
/// Stored microseconds, shown as seconds.
const US: f64 = 1e6;
/// Stored milliseconds, shown as seconds.
const MS: f64 = 1e3;
/// Stored clock ticks of /proc/stat (USER_HZ is 100 on every Linux that runs KVM), shown as seconds.
const USER_HZ: f64 = 100.0;

const fn counter(id: u16, name: &'static str, unit: Unit, stored_per_unit: f64, help: &'static str) -> Metric {
    Metric {
        id: MetricId(id),
        name,
        kind: Kind::Counter,
        unit,
        stored_per_unit,
        better: None,
        distribution: false,
        help,
    }
}

const fn gauge(id: u16, name: &'static str, unit: Unit, stored_per_unit: f64, help: &'static str) -> Metric {
    Metric { id: MetricId(id), name, kind: Kind::Gauge, unit, stored_per_unit, better: None, distribution: false, help }
}

impl Metric {
    const fn better(mut self, better: Better) -> Self {
        self.better = Some(better);
        self
    }

    const fn distribution(mut self) -> Self {
        self.distribution = true;
        self
    }
}

/// Every metric evenkeel gathers itself.
pub const CATALOGUE: &[Metric] = &[
    // state
    gauge(1, "vm_state", Unit::None, 1.0, "virDomainState of the domain, 1 is running."),
    gauge(2, "vm_state_reason", Unit::None, 1.0, "libvirt's reason code of the state."),
    // cpu
    counter(3, "vm_cpu_seconds_total", Unit::Seconds, NS, "CPU time used by the QEMU process.").distribution(),
    counter(4, "vm_cpu_user_seconds_total", Unit::Seconds, NS, "CPU time of the QEMU process in user mode."),
    counter(5, "vm_cpu_system_seconds_total", Unit::Seconds, NS, "CPU time of the QEMU process in the kernel."),
    counter(
        12,
        "vm_cpu_haltpoll_success_seconds_total",
        Unit::Seconds,
        NS,
        "Time that halt polling spent until it saw a wake-up.",
    ),
    counter(13, "vm_cpu_haltpoll_fail_seconds_total", Unit::Seconds, NS, "Time that halt polling spent in vain.")
        .better(Lower),
    gauge(14, "vm_cpu_cache_monitors", Unit::None, 1.0, "Cache monitors (resctrl) of the domain."),
    gauge(15, "vm_cpu_cache_monitor_banks", Unit::None, 1.0, "Cache banks of a cache monitor."),
    gauge(
        16,
        "vm_cpu_cache_occupancy_bytes",
        Unit::Bytes,
        1.0,
        "Last-level cache that the domain uses on a cache bank.",
    ),
    // balloon: libvirt's KiB are stored as bytes
    gauge(6, "vm_memory_rss_bytes", Unit::Bytes, 1.0, "Host memory resident for the QEMU process.").distribution(),
    gauge(20, "vm_memory_current_bytes", Unit::Bytes, 1.0, "Memory that the balloon leaves to the guest now."),
    gauge(21, "vm_memory_maximum_bytes", Unit::Bytes, 1.0, "Most memory that the guest may have."),
    counter(22, "vm_memory_swap_in_bytes_total", Unit::Bytes, 1.0, "Bytes that the guest read from its swap.")
        .better(Lower),
    counter(23, "vm_memory_swap_out_bytes_total", Unit::Bytes, 1.0, "Bytes that the guest wrote to its swap.")
        .better(Lower),
    counter(24, "vm_memory_major_faults_total", Unit::None, 1.0, "Page faults in the guest that needed the disk.")
        .better(Lower),
    counter(25, "vm_memory_minor_faults_total", Unit::None, 1.0, "Other page faults in the guest."),
    gauge(26, "vm_memory_unused_bytes", Unit::Bytes, 1.0, "Memory that the guest leaves wholly unused."),
    gauge(27, "vm_memory_available_bytes", Unit::Bytes, 1.0, "Memory that the guest's kernel can use in all."),
    gauge(
        28,
        "vm_memory_usable_bytes",
        Unit::Bytes,
        1.0,
        "Memory that the balloon could take without making the guest swap.",
    )
    .better(Higher),
    gauge(
        29,
        "vm_memory_stats_timestamp_seconds",
        Unit::Seconds,
        1.0,
        "When the guest last reported its memory, seconds since 1970.",
    ),
    gauge(
        30,
        "vm_memory_disk_caches_bytes",
        Unit::Bytes,
        1.0,
        "Guest memory that can be reclaimed without I/O, mostly disk caches.",
    ),
    counter(31, "vm_memory_hugetlb_allocations_total", Unit::None, 1.0, "Huge pages that the guest allocated."),
    counter(32, "vm_memory_hugetlb_failures_total", Unit::None, 1.0, "Huge pages that the guest could not allocate.")
        .better(Lower),
    // vcpu
    gauge(40, "vm_vcpus", Unit::None, 1.0, "Virtual CPUs that are online."),
    gauge(41, "vm_vcpus_maximum", Unit::None, 1.0, "Virtual CPUs that can be online."),
    gauge(42, "vm_vcpu_state", Unit::None, 1.0, "virVcpuState: 0 offline, 1 running, 2 blocked."),
    counter(43, "vm_vcpu_seconds_total", Unit::Seconds, NS, "Host CPU time of a vCPU's thread."),
    counter(44, "vm_vcpu_wait_seconds_total", Unit::Seconds, NS, "Time a vCPU's thread waited for I/O.").better(Lower),
    gauge(45, "vm_vcpu_halted", Unit::None, 1.0, "1 while a vCPU is halted (idle or disabled)."),
    counter(
        7,
        "vm_vcpu_delay_seconds_total",
        Unit::Seconds,
        NS,
        "Time a vCPU was runnable but waited for a host CPU (steal).",
    )
    .better(Lower),
    // interface
    gauge(50, "vm_network_interfaces", Unit::None, 1.0, "Network interfaces of the domain."),
    counter(
        10,
        "vm_network_receive_bytes_total",
        Unit::Bytes,
        1.0,
        "Bytes that libvirt counts as received on an interface.",
    )
    .distribution(),
    counter(
        11,
        "vm_network_transmit_bytes_total",
        Unit::Bytes,
        1.0,
        "Bytes that libvirt counts as sent on an interface.",
    )
    .distribution(),
    counter(
        51,
        "vm_network_receive_packets_total",
        Unit::None,
        1.0,
        "Packets that libvirt counts as received on an interface.",
    ),
    counter(52, "vm_network_receive_errors_total", Unit::None, 1.0, "Packets with errors among those to be received.")
        .better(Lower),
    counter(53, "vm_network_receive_drops_total", Unit::None, 1.0, "Packets dropped among those to be received.")
        .better(Lower),
    counter(
        54,
        "vm_network_transmit_packets_total",
        Unit::None,
        1.0,
        "Packets that libvirt counts as sent on an interface.",
    ),
    counter(55, "vm_network_transmit_errors_total", Unit::None, 1.0, "Packets with errors among those to be sent.")
        .better(Lower),
    counter(56, "vm_network_transmit_drops_total", Unit::None, 1.0, "Packets dropped among those to be sent.")
        .better(Lower),
    // block
    gauge(60, "vm_block_devices", Unit::None, 1.0, "Disks of the domain."),
    counter(8, "vm_block_read_bytes_total", Unit::Bytes, 1.0, "Bytes read from a disk."),
    counter(9, "vm_block_written_bytes_total", Unit::Bytes, 1.0, "Bytes written to a disk."),
    counter(61, "vm_block_reads_total", Unit::None, 1.0, "Read requests to a disk."),
    counter(
        62,
        "vm_block_read_seconds_total",
        Unit::Seconds,
        NS,
        "Time that read requests took, summed over requests.",
    ),
    counter(63, "vm_block_writes_total", Unit::None, 1.0, "Write requests to a disk."),
    counter(
        64,
        "vm_block_write_seconds_total",
        Unit::Seconds,
        NS,
        "Time that write requests took, summed over requests.",
    ),
    counter(65, "vm_block_flushes_total", Unit::None, 1.0, "Flush requests to a disk."),
    counter(
        66,
        "vm_block_flush_seconds_total",
        Unit::Seconds,
        NS,
        "Time that flush requests took, summed over requests.",
    ),
    counter(67, "vm_block_errors_total", Unit::None, 1.0, "Requests that could not be queued (Xen only).")
        .better(Lower),
    gauge(68, "vm_block_allocation_bytes", Unit::Bytes, 1.0, "Offset of the highest written sector of a disk."),
    gauge(69, "vm_block_capacity_bytes", Unit::Bytes, 1.0, "Size of a disk as the guest sees it."),
    gauge(70, "vm_block_physical_bytes", Unit::Bytes, 1.0, "Size of a disk's file or device on the host."),
    gauge(71, "vm_block_threshold_bytes", Unit::Bytes, 1.0, "Offset of writing at which libvirt raises an event."),
    // perf: only events that are switched on for the domain
    gauge(80, "vm_perf_cache_occupancy_bytes", Unit::Bytes, 1.0, "Last-level cache in use (cmt)."),
    counter(81, "vm_perf_memory_bandwidth_bytes_total", Unit::Bytes, 1.0, "Memory traffic of all controllers (mbmt)."),
    counter(
        82,
        "vm_perf_memory_bandwidth_local_bytes_total",
        Unit::Bytes,
        1.0,
        "Memory traffic of the local controller (mbml).",
    ),
    counter(83, "vm_perf_cpu_cycles_total", Unit::None, 1.0, "CPU cycles."),
    counter(84, "vm_perf_instructions_total", Unit::None, 1.0, "Instructions executed."),
    counter(85, "vm_perf_cache_references_total", Unit::None, 1.0, "Cache accesses."),
    counter(86, "vm_perf_cache_misses_total", Unit::None, 1.0, "Cache misses.").better(Lower),
    counter(87, "vm_perf_branch_instructions_total", Unit::None, 1.0, "Branches executed."),
    counter(88, "vm_perf_branch_misses_total", Unit::None, 1.0, "Branches mispredicted.").better(Lower),
    counter(89, "vm_perf_bus_cycles_total", Unit::None, 1.0, "Bus cycles."),
    counter(
        90,
        "vm_perf_stalled_cycles_frontend_total",
        Unit::None,
        1.0,
        "Cycles stalled while fetching instructions.",
    )
    .better(Lower),
    counter(91, "vm_perf_stalled_cycles_backend_total", Unit::None, 1.0, "Cycles stalled while waiting for resources.")
        .better(Lower),
    counter(92, "vm_perf_ref_cpu_cycles_total", Unit::None, 1.0, "CPU cycles at the reference frequency."),
    counter(93, "vm_perf_cpu_clock_seconds_total", Unit::Seconds, NS, "Time by the CPU clock event."),
    counter(94, "vm_perf_task_clock_seconds_total", Unit::Seconds, NS, "Time by the task clock event."),
    counter(95, "vm_perf_page_faults_total", Unit::None, 1.0, "Page faults of the QEMU process."),
    counter(96, "vm_perf_context_switches_total", Unit::None, 1.0, "Context switches of the QEMU process."),
    counter(97, "vm_perf_cpu_migrations_total", Unit::None, 1.0, "Moves of the QEMU process between host CPUs.")
        .better(Lower),
    counter(98, "vm_perf_page_faults_minor_total", Unit::None, 1.0, "Page faults of the QEMU process without I/O."),
    counter(99, "vm_perf_page_faults_major_total", Unit::None, 1.0, "Page faults of the QEMU process with I/O.")
        .better(Lower),
    counter(
        100,
        "vm_perf_alignment_faults_total",
        Unit::None,
        1.0,
        "Unaligned accesses that the kernel had to handle.",
    )
    .better(Lower),
    counter(101, "vm_perf_emulation_faults_total", Unit::None, 1.0, "Instructions that the kernel had to emulate.")
        .better(Lower),
    // iothread
    gauge(110, "vm_iothreads", Unit::None, 1.0, "I/O threads of the domain."),
    gauge(111, "vm_iothread_poll_max_seconds", Unit::Seconds, NS, "Longest time an I/O thread polls; 0 is no polling."),
    gauge(112, "vm_iothread_poll_grow", Unit::None, 1.0, "Factor by which polling grows; 0 leaves it to QEMU."),
    gauge(113, "vm_iothread_poll_shrink", Unit::None, 1.0, "Divisor by which polling shrinks; 0 leaves it to QEMU."),
    // memory (resctrl)
    gauge(120, "vm_memory_bandwidth_monitors", Unit::None, 1.0, "Memory bandwidth monitors (resctrl) of the domain."),
    gauge(121, "vm_memory_bandwidth_monitor_nodes", Unit::None, 1.0, "Memory controllers of a bandwidth monitor."),
    counter(
        122,
        "vm_memory_bandwidth_local_bytes_total",
        Unit::Bytes,
        1.0,
        "Bytes through the memory controller of the CPU's own socket.",
    ),
    counter(123, "vm_memory_bandwidth_bytes_total", Unit::Bytes, 1.0, "Bytes through all memory controllers."),
    // dirtyrate: the last measurement that somebody asked libvirt for
    gauge(
        130,
        "vm_dirtyrate_calc_status",
        Unit::None,
        1.0,
        "virDomainDirtyRateStatus: 0 not started, 1 measuring, 2 measured.",
    ),
    gauge(
        131,
        "vm_dirtyrate_calc_start_seconds",
        Unit::Seconds,
        1.0,
        "Start of the measurement, seconds since the host's boot.",
    ),
    gauge(132, "vm_dirtyrate_calc_period_seconds", Unit::Seconds, 1.0, "Length of the measurement."),
    gauge(
        133,
        "vm_dirtyrate_calc_mode",
        Unit::None,
        1.0,
        "How it was measured: 0 page-sampling, 1 dirty-bitmap, 2 dirty-ring.",
    ),
    gauge(134, "vm_dirtyrate_bytes_per_second", Unit::BytesPerSecond, 1.0, "Memory that the guest dirtied per second."),
    gauge(
        135,
        "vm_vcpu_dirtyrate_bytes_per_second",
        Unit::BytesPerSecond,
        1.0,
        "Memory that a vCPU dirtied per second (dirty-ring only).",
    ),
    // vm: KVM's own statistics of the virtual machine
    counter(150, "vm_kvm_mmu_shadow_zapped_total", Unit::None, 1.0, "Shadow page tables dropped (KVM)."),
    counter(151, "vm_kvm_mmu_pte_write_total", Unit::None, 1.0, "Writes to shadowed page table entries (KVM)."),
    counter(152, "vm_kvm_mmu_pde_zapped_total", Unit::None, 1.0, "Page directory entries dropped (KVM)."),
    counter(153, "vm_kvm_mmu_flooded_total", Unit::None, 1.0, "Shadow pages dropped for too many writes (KVM)."),
    counter(154, "vm_kvm_mmu_recycled_total", Unit::None, 1.0, "Shadow pages reused for lack of room (KVM)."),
    counter(155, "vm_kvm_mmu_cache_miss_total", Unit::None, 1.0, "Misses of the shadow page cache (KVM)."),
    gauge(156, "vm_kvm_mmu_unsync", Unit::None, 1.0, "Shadow pages that are not in step with the guest's (KVM)."),
    gauge(157, "vm_kvm_pages_4k", Unit::None, 1.0, "Guest memory mapped by 4 KiB pages (KVM)."),
    gauge(158, "vm_kvm_pages_2m", Unit::None, 1.0, "Guest memory mapped by 2 MiB pages (KVM)."),
    gauge(159, "vm_kvm_pages_1g", Unit::None, 1.0, "Guest memory mapped by 1 GiB pages (KVM)."),
    gauge(160, "vm_kvm_nx_lpage_splits", Unit::None, 1.0, "Huge pages split against the iTLB multihit erratum (KVM)."),
    gauge(
        161,
        "vm_kvm_max_mmu_page_hash_collisions",
        Unit::None,
        1.0,
        "Most collisions seen in the shadow page hash (KVM).",
    ),
    gauge(162, "vm_kvm_max_mmu_rmap_size", Unit::None, 1.0, "Longest reverse mapping seen (KVM)."),
    counter(163, "vm_kvm_remote_tlb_flush_total", Unit::None, 1.0, "TLB flushes on other CPUs that were sent (KVM)."),
    counter(
        164,
        "vm_kvm_remote_tlb_flush_requests_total",
        Unit::None,
        1.0,
        "TLB flushes on other CPUs that were asked for (KVM).",
    ),
    // vcpu: KVM's own statistics of a vCPU
    counter(180, "vm_vcpu_kvm_pf_taken_total", Unit::None, 1.0, "Page faults taken (KVM)."),
    counter(181, "vm_vcpu_kvm_pf_fixed_total", Unit::None, 1.0, "Page faults mended (KVM)."),
    counter(182, "vm_vcpu_kvm_pf_emulate_total", Unit::None, 1.0, "Page faults that led to emulation (KVM)."),
    counter(183, "vm_vcpu_kvm_pf_spurious_total", Unit::None, 1.0, "Page faults that were none (KVM)."),
    counter(184, "vm_vcpu_kvm_pf_fast_total", Unit::None, 1.0, "Page faults mended without a lock (KVM)."),
    counter(
        185,
        "vm_vcpu_kvm_pf_mmio_spte_created_total",
        Unit::None,
        1.0,
        "Page faults that made a device memory entry (KVM).",
    ),
    counter(186, "vm_vcpu_kvm_pf_guest_total", Unit::None, 1.0, "Page faults passed on to the guest (KVM)."),
    counter(187, "vm_vcpu_kvm_tlb_flush_total", Unit::None, 1.0, "TLB flushes (KVM)."),
    counter(188, "vm_vcpu_kvm_invlpg_total", Unit::None, 1.0, "Single-page invalidations (KVM)."),
    counter(189, "vm_vcpu_kvm_exits_total", Unit::None, 1.0, "Exits from the guest (KVM)."),
    counter(190, "vm_vcpu_kvm_io_exits_total", Unit::None, 1.0, "Exits for port I/O (KVM)."),
    counter(191, "vm_vcpu_kvm_mmio_exits_total", Unit::None, 1.0, "Exits for device memory (KVM)."),
    counter(192, "vm_vcpu_kvm_signal_exits_total", Unit::None, 1.0, "Exits for a pending signal (KVM)."),
    counter(193, "vm_vcpu_kvm_irq_window_exits_total", Unit::None, 1.0, "Exits to inject an interrupt (KVM)."),
    counter(194, "vm_vcpu_kvm_nmi_window_exits_total", Unit::None, 1.0, "Exits to inject an NMI (KVM)."),
    counter(195, "vm_vcpu_kvm_l1d_flush_total", Unit::None, 1.0, "Flushes of the L1 data cache (KVM)."),
    counter(196, "vm_vcpu_kvm_halt_exits_total", Unit::None, 1.0, "Exits because the vCPU halted (KVM)."),
    counter(197, "vm_vcpu_kvm_request_irq_exits_total", Unit::None, 1.0, "Exits that user space asked for (KVM)."),
    counter(198, "vm_vcpu_kvm_irq_exits_total", Unit::None, 1.0, "Exits for a host interrupt (KVM)."),
    counter(199, "vm_vcpu_kvm_host_state_reload_total", Unit::None, 1.0, "Reloads of the host's state (KVM)."),
    counter(200, "vm_vcpu_kvm_fpu_reload_total", Unit::None, 1.0, "Reloads of the FPU's state (KVM)."),
    counter(201, "vm_vcpu_kvm_insn_emulation_total", Unit::None, 1.0, "Instructions emulated (KVM)."),
    counter(
        202,
        "vm_vcpu_kvm_insn_emulation_fail_total",
        Unit::None,
        1.0,
        "Instructions that could not be emulated (KVM).",
    ),
    counter(203, "vm_vcpu_kvm_hypercalls_total", Unit::None, 1.0, "Calls from the guest to the hypervisor (KVM)."),
    counter(204, "vm_vcpu_kvm_irq_injections_total", Unit::None, 1.0, "Interrupts injected (KVM)."),
    counter(205, "vm_vcpu_kvm_nmi_injections_total", Unit::None, 1.0, "NMIs injected (KVM)."),
    counter(206, "vm_vcpu_kvm_req_event_total", Unit::None, 1.0, "Checks for pending events (KVM)."),
    counter(207, "vm_vcpu_kvm_nested_run_total", Unit::None, 1.0, "Entries into a nested guest (KVM)."),
    counter(208, "vm_vcpu_kvm_directed_yield_attempted_total", Unit::None, 1.0, "Directed yields tried (KVM)."),
    counter(209, "vm_vcpu_kvm_directed_yield_successful_total", Unit::None, 1.0, "Directed yields that worked (KVM)."),
    counter(210, "vm_vcpu_kvm_preemption_reported_total", Unit::None, 1.0, "Preemptions reported to the guest (KVM)."),
    counter(211, "vm_vcpu_kvm_preemption_other_total", Unit::None, 1.0, "Other preemptions (KVM)."),
    counter(
        212,
        "vm_vcpu_kvm_notify_window_exits_total",
        Unit::None,
        1.0,
        "Exits because the guest blocked events for too long (KVM).",
    ),
    counter(213, "vm_vcpu_kvm_halt_successful_poll_total", Unit::None, 1.0, "Halts that polling cut short (KVM)."),
    counter(214, "vm_vcpu_kvm_halt_attempted_poll_total", Unit::None, 1.0, "Halts that began with polling (KVM)."),
    counter(215, "vm_vcpu_kvm_halt_poll_invalid_total", Unit::None, 1.0, "Halts whose polling was cut off (KVM)."),
    counter(216, "vm_vcpu_kvm_halt_wakeup_total", Unit::None, 1.0, "Wake-ups from a halt (KVM)."),
    counter(
        230,
        "vm_vcpu_kvm_halt_poll_success_seconds_total",
        Unit::Seconds,
        NS,
        "Time of halt polling until a wake-up (KVM).",
    ),
    counter(231, "vm_vcpu_kvm_halt_poll_fail_seconds_total", Unit::Seconds, NS, "Time of halt polling in vain (KVM)."),
    counter(232, "vm_vcpu_kvm_halt_wait_seconds_total", Unit::Seconds, NS, "Time halted (KVM)."),
    gauge(233, "vm_vcpu_kvm_guest_mode", Unit::None, 1.0, "1 while a nested guest runs (KVM)."),
    gauge(234, "vm_vcpu_kvm_blocking", Unit::None, 1.0, "1 while the vCPU waits for an event (KVM)."),
    // host
    gauge(400, "host_cpu_busy_ratio", Unit::Ratio, 1.0, "Share of all host CPU time that was not idle.").better(Lower),
    gauge(401, "host_memory_available_bytes", Unit::Bytes, 1.0, "Memory that can be given out without swapping.")
        .better(Higher),
    counter(
        402,
        "host_cpu_user_seconds_total",
        Unit::Seconds,
        USER_HZ,
        "CPU time in user mode, guests included, summed over CPUs.",
    ),
    counter(
        403,
        "host_cpu_guest_seconds_total",
        Unit::Seconds,
        USER_HZ,
        "CPU time in guests; part of user, summed over CPUs.",
    ),
    counter(404, "host_cpu_system_seconds_total", Unit::Seconds, USER_HZ, "CPU time in the kernel, summed over CPUs."),
    counter(
        405,
        "host_cpu_interrupt_seconds_total",
        Unit::Seconds,
        USER_HZ,
        "CPU time in interrupts, summed over CPUs.",
    ),
    counter(
        406,
        "host_cpu_iowait_seconds_total",
        Unit::Seconds,
        USER_HZ,
        "CPU time idle while I/O was under way, summed over CPUs.",
    )
    .better(Lower),
    counter(
        407,
        "host_cpu_steal_seconds_total",
        Unit::Seconds,
        USER_HZ,
        "CPU time taken by the hypervisor below this host, summed over CPUs.",
    )
    .better(Lower),
    counter(408, "host_cpu_idle_seconds_total", Unit::Seconds, USER_HZ, "CPU time idle, summed over CPUs."),
    gauge(409, "host_cpus", Unit::None, 1.0, "Logical CPUs that are online."),
    gauge(410, "host_load_1m", Unit::None, 1.0, "Load average over 1 minute.").better(Lower),
    gauge(411, "host_load_5m", Unit::None, 1.0, "Load average over 5 minutes.").better(Lower),
    gauge(412, "host_load_15m", Unit::None, 1.0, "Load average over 15 minutes.").better(Lower),
    gauge(415, "host_memory_total_bytes", Unit::Bytes, 1.0, "Physical memory."),
    gauge(416, "host_memory_used_bytes", Unit::Bytes, 1.0, "Memory in use: total less available."),
    gauge(417, "host_memory_free_bytes", Unit::Bytes, 1.0, "Memory that nothing uses, not even caches."),
    gauge(418, "host_swap_total_bytes", Unit::Bytes, 1.0, "Swap space."),
    gauge(419, "host_swap_used_bytes", Unit::Bytes, 1.0, "Swap space in use.").better(Lower),
    gauge(425, "host_filesystem_size_bytes", Unit::Bytes, 1.0, "Size of a file system, by mount point."),
    gauge(426, "host_filesystem_available_bytes", Unit::Bytes, 1.0, "Room in a file system, by mount point.")
        .better(Higher),
    counter(430, "host_network_receive_bytes_total", Unit::Bytes, 1.0, "Bytes received on a host interface."),
    counter(431, "host_network_receive_packets_total", Unit::None, 1.0, "Packets received on a host interface."),
    counter(
        432,
        "host_network_receive_errors_total",
        Unit::None,
        1.0,
        "Packets with errors among those to be received.",
    )
    .better(Lower),
    counter(433, "host_network_receive_drops_total", Unit::None, 1.0, "Packets dropped among those to be received.")
        .better(Lower),
    counter(434, "host_network_transmit_bytes_total", Unit::Bytes, 1.0, "Bytes sent on a host interface."),
    counter(435, "host_network_transmit_packets_total", Unit::None, 1.0, "Packets sent on a host interface."),
    counter(436, "host_network_transmit_errors_total", Unit::None, 1.0, "Packets with errors among those to be sent.")
        .better(Lower),
    counter(437, "host_network_transmit_drops_total", Unit::None, 1.0, "Packets dropped among those to be sent.")
        .better(Lower),
    // the agent itself
    gauge(445, "host_agent_scrape_seconds", Unit::Seconds, NS, "How long libvirt took to answer at this tick.")
        .better(Lower),
    counter(
        446,
        "host_agent_ticks_skipped_total",
        Unit::None,
        1.0,
        "Ticks left out because the one before still ran, since the agent's start.",
    )
    .better(Lower),
    gauge(
        447,
        "host_agent_unmapped_parameters",
        Unit::None,
        1.0,
        "Parameters of libvirt at this tick that the catalogue does not know.",
    ),
    // host: disks; the kernel's milliseconds
    counter(450, "host_disk_reads_total", Unit::None, 1.0, "Reads that a disk completed."),
    counter(451, "host_disk_read_bytes_total", Unit::Bytes, 1.0, "Bytes read from a disk."),
    counter(452, "host_disk_read_seconds_total", Unit::Seconds, MS, "Time that reads took, waiting included, summed over reads."),
    counter(453, "host_disk_writes_total", Unit::None, 1.0, "Writes that a disk completed."),
    counter(454, "host_disk_written_bytes_total", Unit::Bytes, 1.0, "Bytes written to a disk."),
    counter(455, "host_disk_write_seconds_total", Unit::Seconds, MS, "Time that writes took, waiting included, summed over writes."),
    gauge(456, "host_disk_in_flight", Unit::None, 1.0, "Requests that a disk has not completed yet.").better(Lower),
    counter(457, "host_disk_io_seconds_total", Unit::Seconds, MS, "Time that a disk had something to do: its rate is the utilisation.").better(Lower),
    counter(458, "host_disk_io_weighted_seconds_total", Unit::Seconds, MS, "That time multiplied by the requests under way: its rate is the mean queue length.").better(Lower),
    // host: processes
    counter(460, "host_context_switches_total", Unit::None, 1.0, "Context switches, summed over CPUs."),
    counter(461, "host_forks_total", Unit::None, 1.0, "Processes and threads that were made."),
    gauge(462, "host_processes_running", Unit::None, 1.0, "Tasks that run or wait for a CPU.").better(Lower),
    gauge(463, "host_processes_blocked", Unit::None, 1.0, "Tasks that wait for a disk.").better(Lower),
    // host: memory in detail
    gauge(465, "host_memory_buffers_bytes", Unit::Bytes, 1.0, "Memory that buffers raw block devices."),
    gauge(466, "host_memory_cached_bytes", Unit::Bytes, 1.0, "Page cache."),
    gauge(467, "host_memory_dirty_bytes", Unit::Bytes, 1.0, "Memory that waits to be written to disks."),
    gauge(468, "host_memory_writeback_bytes", Unit::Bytes, 1.0, "Memory that is being written to disks."),
    gauge(469, "host_memory_anonymous_bytes", Unit::Bytes, 1.0, "Memory of processes without a file behind it; guests mostly."),
    gauge(470, "host_memory_shared_bytes", Unit::Bytes, 1.0, "Shared memory and tmpfs."),
    gauge(471, "host_memory_slab_bytes", Unit::Bytes, 1.0, "The kernel's own structures."),
    gauge(472, "host_memory_slab_reclaimable_bytes", Unit::Bytes, 1.0, "The part of the kernel's own structures that it can give back."),
    gauge(473, "host_memory_page_tables_bytes", Unit::Bytes, 1.0, "Page tables."),
    gauge(474, "host_memory_committed_bytes", Unit::Bytes, 1.0, "Memory that processes were promised, used or not."),
    gauge(475, "host_memory_hugetlb_bytes", Unit::Bytes, 1.0, "Memory set aside as huge pages of every size."),
    counter(476, "host_swap_in_bytes_total", Unit::Bytes, 1.0, "Bytes read from swap.").better(Lower),
    counter(477, "host_swap_out_bytes_total", Unit::Bytes, 1.0, "Bytes written to swap.").better(Lower),
    counter(478, "host_memory_major_faults_total", Unit::None, 1.0, "Page faults that needed a disk.").better(Lower),
    counter(479, "host_memory_oom_kills_total", Unit::None, 1.0, "Processes that the kernel killed for lack of memory.").better(Lower),
    // host: pressure stall information; the kernel's microseconds
    gauge(480, "host_pressure_cpu_some_ratio", Unit::Ratio, 1.0, "Share of the last 10 s in which at least one task waited for a CPU.").better(Lower),
    counter(481, "host_pressure_cpu_some_seconds_total", Unit::Seconds, US, "Time in which at least one task waited for a CPU.").better(Lower),
    gauge(482, "host_pressure_cpu_full_ratio", Unit::Ratio, 1.0, "Share of the last 10 s in which every task that was not idle waited for a CPU. The kernel leaves it 0 for the host as a whole.").better(Lower),
    counter(483, "host_pressure_cpu_full_seconds_total", Unit::Seconds, US, "Time in which every task that was not idle waited for a CPU. The kernel leaves it 0 for the host as a whole.").better(Lower),
    gauge(484, "host_pressure_memory_some_ratio", Unit::Ratio, 1.0, "Share of the last 10 s in which at least one task waited for memory.").better(Lower),
    counter(485, "host_pressure_memory_some_seconds_total", Unit::Seconds, US, "Time in which at least one task waited for memory.").better(Lower),
    gauge(486, "host_pressure_memory_full_ratio", Unit::Ratio, 1.0, "Share of the last 10 s in which every task that was not idle waited for memory.").better(Lower),
    counter(487, "host_pressure_memory_full_seconds_total", Unit::Seconds, US, "Time in which every task that was not idle waited for memory.").better(Lower),
    gauge(488, "host_pressure_io_some_ratio", Unit::Ratio, 1.0, "Share of the last 10 s in which at least one task waited for I/O.").better(Lower),
    counter(489, "host_pressure_io_some_seconds_total", Unit::Seconds, US, "Time in which at least one task waited for I/O.").better(Lower),
    gauge(490, "host_pressure_io_full_ratio", Unit::Ratio, 1.0, "Share of the last 10 s in which every task that was not idle waited for I/O.").better(Lower),
    counter(491, "host_pressure_io_full_seconds_total", Unit::Seconds, US, "Time in which every task that was not idle waited for I/O.").better(Lower),
    // host: interfaces
    gauge(495, "host_network_up", Unit::None, 1.0, "1 while a host interface is up, else 0.").better(Higher),
    gauge(496, "host_network_speed_bytes_per_second", Unit::BytesPerSecond, 1.0, "Speed of the link, as negotiated."),
    // host: file systems by mount point
    gauge(500, "host_filesystem_used_bytes", Unit::Bytes, 1.0, "Used part of a file system; the rest is available or kept for root."),
    gauge(501, "host_filesystem_inodes", Unit::None, 1.0, "Inodes that a file system has; those that make them as needed say none."),
    gauge(502, "host_filesystem_inodes_free", Unit::None, 1.0, "Inodes that a file system has free.").better(Higher),
    gauge(503, "host_filesystem_read_only", Unit::None, 1.0, "1 when a file system cannot be written to, as after an error.").better(Lower),
    // host: storage pools of libvirt by name; libvirt updates the sizes when a volume changes and at a refresh
    gauge(510, "host_pools", Unit::None, 1.0, "Storage pools, active or not."),
    gauge(511, "host_pool_state", Unit::None, 1.0, "virStoragePoolState: 0 inactive, 1 building, 2 running, 3 degraded, 4 inaccessible."),
    gauge(512, "host_pool_capacity_bytes", Unit::Bytes, 1.0, "Size of a storage pool."),
    gauge(513, "host_pool_allocation_bytes", Unit::Bytes, 1.0, "Used part of a storage pool."),
    gauge(514, "host_pool_available_bytes", Unit::Bytes, 1.0, "Room in a storage pool.").better(Higher),
    // host: KSM
    gauge(520, "host_ksm_run", Unit::None, 1.0, "0 KSM is stopped, 1 it runs, 2 it was stopped and everything unmerged."),
    gauge(521, "host_ksm_shared_bytes", Unit::Bytes, 1.0, "Memory that holds merged pages."),
    gauge(522, "host_ksm_saved_bytes", Unit::Bytes, 1.0, "Memory that merging saves.").better(Higher),
    gauge(523, "host_ksm_unshared_bytes", Unit::Bytes, 1.0, "Memory that was compared and is like no other."),
    gauge(524, "host_ksm_volatile_bytes", Unit::Bytes, 1.0, "Memory that changes too fast to be merged."),
    counter(525, "host_ksm_full_scans_total", Unit::None, 1.0, "Times that all mergeable memory was scanned."),
    // host: huge pages by size
    gauge(530, "host_hugepages", Unit::None, 1.0, "Huge pages in the pool."),
    gauge(531, "host_hugepages_free", Unit::None, 1.0, "Huge pages that nobody uses."),
    gauge(532, "host_hugepages_reserved", Unit::None, 1.0, "Free huge pages that are promised to somebody."),
    gauge(533, "host_hugepages_surplus", Unit::None, 1.0, "Huge pages above the size of the pool."),
    // host: NUMA nodes
    gauge(540, "host_numa_memory_total_bytes", Unit::Bytes, 1.0, "Memory of a NUMA node."),
    gauge(541, "host_numa_memory_free_bytes", Unit::Bytes, 1.0, "Memory of a NUMA node that nothing uses."),
    gauge(542, "host_numa_memory_used_bytes", Unit::Bytes, 1.0, "Memory of a NUMA node in use, caches included."),
    counter(543, "host_numa_hits_total", Unit::None, 1.0, "Pages that were allocated on the node that was asked for."),
    counter(544, "host_numa_misses_total", Unit::None, 1.0, "Pages that were allocated here because the node that was asked for had none.").better(Lower),
    // the agent itself: its processes, by what each does
    counter(600, "host_agent_cpu_seconds_total", Unit::Seconds, USER_HZ, "CPU time of the agent's processes, user and system, by process.").better(Lower),
    gauge(601, "host_agent_memory_pss_bytes", Unit::Bytes, 1.0, "Memory of the agent's processes, shared pages divided by their users, by process; measured once a minute.").better(Lower),
    gauge(602, "host_agent_memory_rss_bytes", Unit::Bytes, 1.0, "Memory resident for the agent's processes, by process; measured once a minute.").better(Lower),
    gauge(603, "host_agent_processes", Unit::None, 1.0, "Processes of the agent, itself included, by what each does."),
    // the agent itself: asking libvirt
    counter(605, "host_agent_call_seconds_total", Unit::Seconds, NS, "Time that calls of libvirt took, by the groups that they asked for.").better(Lower),
    counter(606, "host_agent_calls_total", Unit::None, 1.0, "Calls of libvirt, by the groups that they asked for."),
    counter(607, "host_agent_deadlines_missed_total", Unit::None, 1.0, "Calls of libvirt that did not answer in time.").better(Lower),
    counter(608, "host_agent_workers_started_total", Unit::None, 1.0, "Processes that the agent started to ask libvirt."),
    counter(609, "host_agent_workers_killed_total", Unit::None, 1.0, "Processes that the agent killed because their call hung.").better(Lower),
    gauge(610, "host_agent_domains_quarantined", Unit::None, 1.0, "Domains whose monitor is not asked because it hung.").better(Lower),
    gauge(611, "host_agent_domains_filtered", Unit::None, 1.0, "Domains that the host's filter keeps from being measured."),
    gauge(612, "host_agent_domains", Unit::None, 1.0, "Domains that were read at this tick."),
    // the agent itself: its ticks
    counter(615, "host_agent_ticks_total", Unit::None, 1.0, "Ticks since the agent's start."),
    gauge(616, "host_agent_tick_seconds", Unit::Seconds, NS, "How long the tick before took, from its begin until its readings were handed on.").better(Lower),
    gauge(617, "host_agent_readings", Unit::None, 1.0, "Readings of the tick before, of host and domains."),
    counter(618, "host_agent_events_total", Unit::None, 1.0, "Events that the agent told."),
    counter(619, "host_agent_configs_taken_total", Unit::None, 1.0, "Configurations that were read again and taken."),
    counter(620, "host_agent_configs_refused_total", Unit::None, 1.0, "Configurations that were read again and refused.").better(Lower),
    // the agent itself: the line to the collector
    gauge(625, "host_agent_queue_batches", Unit::None, 1.0, "Batches that wait for the collector's acknowledgement.").better(Lower),
    gauge(626, "host_agent_queue_bytes", Unit::Bytes, 1.0, "Bytes of those batches as they are kept.").better(Lower),
    counter(627, "host_agent_batches_sent_total", Unit::None, 1.0, "Batches sent, those that were sent again included."),
    counter(628, "host_agent_acknowledgements_total", Unit::None, 1.0, "Acknowledgements that came from the collector."),
    counter(629, "host_agent_sessions_total", Unit::None, 1.0, "Sessions with the collector since the agent's start.").better(Lower),
    counter(630, "host_agent_sent_bytes_total", Unit::Bytes, 1.0, "Bytes sent to the collector, QUIC's own included, without those of UDP and IP.").better(Lower),
    counter(631, "host_agent_received_bytes_total", Unit::Bytes, 1.0, "Bytes received from the collector, QUIC's own included, without those of UDP and IP."),
    // probes by name
    gauge(
        700,
        "vm_probe_response_seconds",
        Unit::Seconds,
        US,
        "Time from the beginning of a probe's newest attempt to its answer.",
    )
    .distribution()
    .better(Lower),
    gauge(701, "vm_probe_up", Unit::None, 1.0, "1 when the VM answers a probe, 0 when retries confirmed that it does not.")
        .better(Higher),
    gauge(
        702,
        "vm_probe_outcome",
        Unit::None,
        1.0,
        "A probe's newest attempt: 0 ok, 1 refused, 2 timeout, 3 unreachable, 4 wrong status, 5 wrong body, 6 TLS, 7 resolve, 8 path, 9 broken answer.",
    ),
    gauge(703, "vm_probe_certificate_seconds", Unit::Seconds, 1.0, "Time until the server's certificate ends.").better(Higher),
    counter(704, "vm_probe_attempts_total", Unit::None, 1.0, "Attempts of a probe."),
    counter(705, "vm_probe_failures_total", Unit::None, 1.0, "Attempts of a probe that failed on the VM's side.").better(Lower),
    // the paths that probes take
    gauge(1100, "host_path_gateway_up", Unit::None, 1.0, "1 when a router on the way of probes answers.").better(Higher),
    gauge(1101, "host_path_gateway_response_seconds", Unit::Seconds, US, "Time that it took to answer an ICMP echo.").better(Lower),
    gauge(1102, "host_path_interface_up", Unit::None, 1.0, "1 when an interface or bridge on the way of probes is up and has a carrier.")
        .better(Higher),
    gauge(1103, "host_path_probes", Unit::None, 1.0, "Probes that this host makes."),
    counter(1104, "host_path_turns_skipped_total", Unit::None, 1.0, "Turns of probes left out because too many attempts were under way.")
        .better(Lower),
];
