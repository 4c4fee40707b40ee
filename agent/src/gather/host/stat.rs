//! `/proc/stat` and the load: CPU time by kind of use, switches, tasks.

use evenkeel_common::metric::known;
use evenkeel_common::sample::Missing;

use super::out::Out;
use super::source::Source;

/// What is taken from `/proc/stat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    /// Clock ticks by kind of use, summed over CPUs.
    pub cpu: CpuTicks,
    /// CPUs that are online.
    pub cpus: u32,
    /// Seconds since 1970 at which the host booted.
    pub boot_s: Option<u64>,
    switches: Option<u64>,
    forks: Option<u64>,
    running: Option<u64>,
    blocked: Option<u64>,
}

/// Clock ticks by kind of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTicks {
    user: u64,
    guest: u64,
    system: u64,
    interrupt: u64,
    iowait: u64,
    steal: u64,
    idle: u64,
}

impl Stat {
    /// From the file's text; `None` when it is another file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut stat = Self::default();
        let mut found = false;
        for line in text.lines() {
            let Some((word, rest)) = line.split_once(' ') else { continue };
            let number = || rest.trim().parse().ok();
            match word {
                "cpu" => (stat.cpu, found) = (CpuTicks::parse(rest), true),
                "btime" => stat.boot_s = number(),
                "ctxt" => stat.switches = number(),
                "processes" => stat.forks = number(),
                "procs_running" => stat.running = number(),
                "procs_blocked" => stat.blocked = number(),
                _ if is_cpu(word) => stat.cpus = stat.cpus.saturating_add(1),
                _ => {}
            }
        }
        found.then_some(stat)
    }

    /// The life of the host's counters: its boot in ms since 1970.
    #[must_use]
    pub fn counter_epoch(&self) -> u64 {
        self.boot_s.map_or(0, |seconds| seconds.saturating_mul(1000))
    }
}

/// Seconds since 1970 at which the host booted, from `/proc/stat`.
#[must_use]
pub fn boot_time_s(stat: &str) -> Option<u64> {
    Stat::parse(stat)?.boot_s
}

fn is_cpu(word: &str) -> bool {
    word.strip_prefix("cpu").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

impl CpuTicks {
    fn parse(fields: &str) -> Self {
        let mut fields = fields.split_ascii_whitespace().map(|field| field.parse::<u64>().unwrap_or(0));
        let mut next = || fields.next().unwrap_or(0);
        let (user, nice, system, idle, iowait) = (next(), next(), next(), next(), next());
        let (irq, softirq, steal, guest, guest_nice) = (next(), next(), next(), next(), next());
        Self {
            user: user.saturating_add(nice),
            guest: guest.saturating_add(guest_nice),
            system,
            interrupt: irq.saturating_add(softirq),
            iowait,
            steal,
            idle,
        }
    }

    /// The share of time since `before` that was not idle; `None` when no time has passed.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "clock ticks stay far below 2^53")]
    pub fn busy_since(self, before: Self) -> Option<f64> {
        let idle = (self.idle.saturating_add(self.iowait)).checked_sub(before.idle.saturating_add(before.iowait))?;
        let total = self.total().checked_sub(before.total())?;
        (total > 0).then(|| 1.0 - idle.min(total) as f64 / total as f64)
    }

    /// Guests' time is a part of user's.
    fn total(self) -> u64 {
        [self.system, self.interrupt, self.iowait, self.steal, self.idle]
            .into_iter()
            .fold(self.user, u64::saturating_add)
    }
}

/// The readings; `before` is the CPU use at the last tick, without which there is no busy share yet.
pub(super) fn read(out: &mut Out, stat: Option<&Stat>, source: &Source, before: Option<CpuTicks>) {
    let Some(stat) = stat else {
        out.missing(const { known("host_cpu_busy_ratio") }, "", source.why());
        return;
    };
    let cpu = stat.cpu;
    let busy = before.and_then(|before| cpu.busy_since(before));
    out.float(const { known("host_cpu_busy_ratio") }, "", busy, Missing::NoData);
    out.whole(const { known("host_cpu_user_seconds_total") }, "", cpu.user);
    out.whole(const { known("host_cpu_guest_seconds_total") }, "", cpu.guest);
    out.whole(const { known("host_cpu_system_seconds_total") }, "", cpu.system);
    out.whole(const { known("host_cpu_interrupt_seconds_total") }, "", cpu.interrupt);
    out.whole(const { known("host_cpu_iowait_seconds_total") }, "", cpu.iowait);
    out.whole(const { known("host_cpu_steal_seconds_total") }, "", cpu.steal);
    out.whole(const { known("host_cpu_idle_seconds_total") }, "", cpu.idle);
    out.whole(const { known("host_cpus") }, "", stat.cpus.into());
    out.maybe(const { known("host_context_switches_total") }, stat.switches);
    out.maybe(const { known("host_forks_total") }, stat.forks);
    out.maybe(const { known("host_processes_running") }, stat.running);
    out.maybe(const { known("host_processes_blocked") }, stat.blocked);
}

/// `/proc/loadavg`.
pub(super) fn load(out: &mut Out, source: &Source) {
    const LOADS: [&evenkeel_common::metric::Metric; 3] =
        [known("host_load_1m"), known("host_load_5m"), known("host_load_15m")];
    let mut fields = source.text().split_ascii_whitespace();
    for metric in LOADS {
        let load = fields.next().and_then(|field| field.parse().ok());
        out.float(metric, "", load, source.why());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with 96 CPUs has a line of each and one of interrupts that is far longer than all others.
    #[test]
    fn reads_many_cpus() {
        let cpus: String = (0..96).map(|n| format!("cpu{n} 1 0 1 10 0 0 0 0 0 0\n")).collect();
        let interrupts = " 0".repeat(5_000);
        let text = format!(
            "cpu  96 0 96 960 0 0 0 5 0 0\n{cpus}intr 7{interrupts}\nctxt 5\nbtime 1700000000\nprocesses 9\n\
             procs_running 3\nprocs_blocked 1\nsoftirq 1 2\n"
        );
        let stat = Stat::parse(&text).unwrap();
        assert_eq!((stat.cpus, stat.switches, stat.forks), (96, Some(5), Some(9)));
        assert_eq!((stat.running, stat.blocked, stat.counter_epoch()), (Some(3), Some(1), 1_700_000_000_000));
        assert_eq!((stat.cpu.steal, stat.cpu.idle), (5, 960));
        assert_eq!(Stat::parse("nothing of it\n"), None);
    }

    #[test]
    fn busy_is_what_is_neither_idle_nor_waiting() {
        let before = CpuTicks::default();
        let now = CpuTicks::parse("30 0 10 50 5 0 0 5 20 0");
        assert!((now.busy_since(before).unwrap() - 0.45).abs() < 1e-9);
        assert_eq!(before.busy_since(before), None);
        assert_eq!(before.busy_since(now), None);
    }
}
