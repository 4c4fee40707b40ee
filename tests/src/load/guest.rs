//! A guest that nobody has to run: its numbers move as those of real ones do. 45 % are idle, 35 % moderately busy with
//! bursts and a daily wave, 15 % busy, 5 % stand still; vCPU time comes in steps of 10 ms and CPU time in 1 µs, as libvirt
//! counts them.

use evenkeel_common::metric::known;
use evenkeel_common::sample::{Counter, CounterEpoch, Gauge, Missing, Reading, Value};

use crate::random::SplitMix;

/// Readings of a guest at a tick; 22 more are missing as they are not enabled.
pub const READINGS: usize = 30;
/// Metrics that are not enabled.
const DISABLED: u16 = 22;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Habit {
    Idle,
    Moderate,
    Busy,
    Still,
}

/// See the module.
#[derive(Debug)]
pub struct Guest {
    random: SplitMix,
    habit: Habit,
    phase: f64,
    wander: f64,
    burst: f64,
    burst_left: u32,
    hours: f64,
    /// Exact amounts behind the counters.
    amounts: [f64; READINGS],
    network: [f64; 2],
    memory_kib: f64,
    device: String,
    epoch: u64,
    with_disabled: bool,
}

const COUNTERS: [(usize, &str, &str); 21] = [
    (0, "vm_cpu_seconds_total", ""),
    (1, "vm_cpu_user_seconds_total", ""),
    (2, "vm_cpu_system_seconds_total", ""),
    (3, "vm_vcpu_seconds_total", "0"),
    (4, "vm_vcpu_delay_seconds_total", "0"),
    (5, "vm_vcpu_seconds_total", "1"),
    (6, "vm_vcpu_delay_seconds_total", "1"),
    (12, "vm_memory_major_faults_total", ""),
    (13, "vm_memory_minor_faults_total", ""),
    (14, "vm_memory_swap_in_bytes_total", ""),
    (15, "vm_network_receive_bytes_total", "vnet"),
    (16, "vm_network_receive_packets_total", "vnet"),
    (17, "vm_network_receive_drops_total", "vnet"),
    (18, "vm_network_transmit_bytes_total", "vnet"),
    (19, "vm_network_transmit_packets_total", "vnet"),
    (20, "vm_network_transmit_errors_total", "vnet"),
    (21, "vm_block_reads_total", "vda"),
    (22, "vm_block_read_bytes_total", "vda"),
    (24, "vm_block_writes_total", "vda"),
    (25, "vm_block_written_bytes_total", "vda"),
    (27, "vm_block_flushes_total", "vda"),
];
const TIMES: [(usize, &str); 2] = [(23, "vm_block_read_seconds_total"), (26, "vm_block_write_seconds_total")];
const GAUGES: [(usize, &str, &str); 7] = [
    (7, "vm_vcpu_state", "0"),
    (8, "vm_memory_current_bytes", ""),
    (9, "vm_memory_rss_bytes", ""),
    (10, "vm_memory_unused_bytes", ""),
    (11, "vm_memory_available_bytes", ""),
    (28, "vm_block_allocation_bytes", "vda"),
    (29, "vm_block_physical_bytes", "vda"),
];

impl Guest {
    /// The guest of a seed.
    #[must_use]
    pub fn new(seed: u64, number: usize, epoch: u64, with_disabled: bool) -> Self {
        let mut random = SplitMix(seed);
        let habit = match random.below(100) {
            0..45 => Habit::Idle,
            45..80 => Habit::Moderate,
            80..95 => Habit::Busy,
            _ => Habit::Still,
        };
        let mut amounts = [0.0; READINGS];
        for amount in &mut amounts {
            *amount = 1e4 + random.unit() * 1e9;
        }
        for index in [0, 1, 2, 3, 5] {
            amounts[index] = 1e12 + random.unit() * 1e14;
        }
        let memory_kib = f64::from(1_u32 << (20 + random.below(5)));
        amounts[9] = (memory_kib * (0.3 + 0.6 * random.unit())).floor();
        amounts[10] = (memory_kib * 0.3).floor();
        amounts[28] = ((1.0 + random.unit() * 39.0) * f64::from(1 << 14)).floor() * 65_536.0;
        amounts[29] = amounts[28];
        let network = [58.0 + 600.0 * random.unit(), 58.0 + 800.0 * random.unit()];
        let phase = random.unit();
        let device = format!("vnet{number}");
        Self {
            random,
            habit,
            phase,
            wander: 0.0,
            burst: 0.0,
            burst_left: 0,
            hours: 0.0,
            amounts,
            network,
            memory_kib,
            device,
            epoch,
            with_disabled,
        }
    }

    fn normal(&mut self) -> f64 {
        let (a, b) = (self.random.unit().max(1e-12), self.random.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    fn exponential(&mut self) -> f64 {
        -self.random.unit().max(1e-12).ln()
    }

    /// About as a Poisson count is.
    fn count(&mut self, mean: f64) -> f64 {
        if mean > 20.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0);
        }
        let (mut left, mut count) = (self.exponential(), 0.0);
        while left < mean {
            left += self.exponential();
            count += 1.0;
        }
        count
    }

    fn load(&mut self) -> f64 {
        let (base, wave) = match self.habit {
            Habit::Still => return 0.0,
            Habit::Idle => {
                let spike = if self.random.below(250) == 0 { 0.2 * self.exponential() } else { 0.0 };
                return (0.008 + 0.0015 * self.normal()).abs() + spike;
            }
            Habit::Moderate => (0.15, 0.02),
            Habit::Busy => (0.75, 0.06),
        };
        self.wander = 0.9 * self.wander + wave * self.normal();
        if self.burst_left == 0 {
            self.burst_left = 30;
            let begins = self.habit == Habit::Moderate && self.random.below(10) < 3;
            self.burst = if begins { 0.3 * self.exponential() } else { 0.0 };
        }
        self.burst_left -= 1;
        let daily = 1.0 + 0.4 * (std::f64::consts::TAU * (self.hours / 24.0 + self.phase)).sin();
        (base * daily + self.burst + self.wander).clamp(0.005, 2.0)
    }

    /// Ten seconds pass.
    pub fn pass(&mut self) {
        const STEP_S: f64 = 10.0;
        let load = self.load();
        self.hours += STEP_S / 3_600.0;
        if self.habit == Habit::Still {
            return;
        }
        let busy = self.habit != Habit::Idle;
        let cpu = load * 1e9 * STEP_S * (1.0 + 0.01 * self.normal());
        let overhead = cpu * 0.03 + 2e6 * STEP_S;
        self.amounts[3] += cpu * 0.55;
        self.amounts[5] += cpu * 0.42;
        self.amounts[1] += cpu * 0.97 + overhead * 0.3;
        self.amounts[2] += overhead * 0.7;
        self.amounts[0] = (self.amounts[1] / 1e3).floor() * 1e3 + (self.amounts[2] / 1e3).floor() * 1e3;
        self.amounts[4] += cpu * 0.002 * self.random.unit();
        self.amounts[6] += cpu * 0.002 * self.random.unit();
        if self.random.below(100) < if busy { 15 } else { 1 } {
            self.amounts[9] += 4.0 * (self.random.unit() * 120.0 - 58.0).round();
        }
        if busy || self.random.below(5) == 0 {
            let spread = if busy { 2_500.0 } else { 200.0 };
            self.amounts[10] = (self.memory_kib * 0.3 + (spread * self.normal() / 4.0).floor() * 4.0).floor();
        }
        self.amounts[12] += if self.random.below(100) == 0 { (load * 20.0).floor() } else { 0.0 };
        self.amounts[13] += self.count(load * 900.0 * STEP_S);
        let active = load * 1.2 * self.exponential() * if busy { 600.0 } else { 20.0 } * STEP_S;
        let (received, sent) = (self.count(active * 0.9) + self.count(0.6 * STEP_S), self.count(active));
        self.amounts[16] += received;
        self.amounts[15] += (received * self.network[0]).floor();
        self.amounts[19] += sent;
        self.amounts[18] += (sent * self.network[1]).floor();
        let reads = self.count(load * STEP_S * if busy { 2.0 } else { 0.02 });
        let mut writes = self.count(load * STEP_S * if busy { 40.0 } else { 8.0 });
        if !busy && self.random.below(4) != 0 {
            writes = 0.0;
        }
        self.amounts[21] += reads;
        self.amounts[22] += reads * (1.0 + self.random.unit() * 31.0).floor() * 4_096.0;
        self.amounts[23] += (reads * 2e5 * self.exponential()).floor();
        self.amounts[24] += writes;
        self.amounts[25] += writes * (1.0 + self.random.unit() * 15.0).floor() * 4_096.0;
        self.amounts[26] += (writes * 6e5 * self.exponential()).floor();
        self.amounts[27] += (writes * 0.2).floor();
        if self.random.below(1_000) < if busy { 30 } else { 1 } {
            self.amounts[28] += 65_536.0;
            self.amounts[29] = self.amounts[28];
        }
    }

    /// What libvirt would say now.
    #[must_use]
    pub fn readings(&self) -> Vec<Reading> {
        let device = |name: &str| if name == "vnet" { self.device.clone() } else { name.to_owned() };
        let counter = |index: usize, name: &str, at: &str| {
            let step = match index {
                0..=2 => 1_000,
                3 | 5 => 10_000_000,
                _ => 1,
            };
            let value = whole(self.amounts[index]) / step * step;
            let value = Value::Counter(Counter { epoch: CounterEpoch(self.epoch), value });
            Reading { metric: known(name).id, device: device(at), value }
        };
        let gauge = |index: usize, name: &str, at: &str| {
            let value = match index {
                7 => 1,
                8 => whole(self.memory_kib) * 1_024,
                9 | 10 => whole(self.amounts[index]) * 1_024,
                11 => (whole(self.memory_kib) - 65_536) * 1_024,
                _ => whole(self.amounts[index]),
            };
            let value = Value::Gauge(Gauge::Int(value.cast_signed()));
            Reading { metric: known(name).id, device: device(at), value }
        };
        let mut readings: Vec<Reading> = COUNTERS.iter().map(|(index, name, at)| counter(*index, name, at)).collect();
        readings.extend(TIMES.iter().map(|(index, name)| counter(*index, name, "vda")));
        readings.extend(GAUGES.iter().map(|(index, name, at)| gauge(*index, name, at)));
        if self.with_disabled {
            let first = known("vm_vcpu_kvm_pf_taken_total").id.0;
            let missing = |offset| Reading {
                metric: evenkeel_common::metric::MetricId(first + offset),
                device: String::new(),
                value: Value::Missing(Missing::NotEnabled),
            };
            readings.extend((0..DISABLED).map(missing));
        }
        readings
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "amounts are positive and below 2^53")]
fn whole(amount: f64) -> u64 {
    amount.max(0.0) as u64
}
