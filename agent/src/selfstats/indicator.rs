//! [P] Everything that the agent says of itself; the only place that names these metrics.

use evenkeel_common::metric::{Metric, known};

/// One of the agent's own metrics. Its device is empty unless the line says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indicator {
    /// How long libvirt took, in nanoseconds.
    ScrapeTime,
    /// Ticks left out.
    TicksSkipped,
    /// Parameters without a metric.
    Unmapped,
    /// CPU time in clock ticks, by process.
    Cpu,
    /// Proportional memory, by process.
    Pss,
    /// Resident memory, by process.
    Rss,
    /// How many there are, by process.
    Processes,
    /// Time of calls in nanoseconds, by groups.
    CallTime,
    /// Calls, by groups.
    Calls,
    /// Calls that did not answer in time.
    DeadlinesMissed,
    /// Worker processes started.
    WorkersStarted,
    /// Worker processes killed.
    WorkersKilled,
    /// Domains that hang.
    DomainsQuarantined,
    /// Domains that the filter leaves out.
    DomainsFiltered,
    /// Domains that were read.
    Domains,
    /// Ticks.
    Ticks,
    /// Length of a tick in nanoseconds.
    TickTime,
    /// Readings of a tick.
    Readings,
    /// Events.
    Events,
    /// Configurations taken.
    ConfigsTaken,
    /// Configurations refused.
    ConfigsRefused,
    /// Batches that wait.
    QueueBatches,
    /// Their bytes.
    QueueBytes,
    /// Batches sent.
    BatchesSent,
    /// Acknowledgements.
    Acknowledgements,
    /// Sessions.
    Sessions,
    /// Bytes sent.
    SentBytes,
    /// Bytes received.
    ReceivedBytes,
}

impl Indicator {
    /// Its line of the catalogue.
    #[must_use]
    pub const fn metric(self) -> &'static Metric {
        match self {
            Self::ScrapeTime => const { known("host_agent_scrape_seconds") },
            Self::TicksSkipped => const { known("host_agent_ticks_skipped_total") },
            Self::Unmapped => const { known("host_agent_unmapped_parameters") },
            Self::Cpu => const { known("host_agent_cpu_seconds_total") },
            Self::Pss => const { known("host_agent_memory_pss_bytes") },
            Self::Rss => const { known("host_agent_memory_rss_bytes") },
            Self::Processes => const { known("host_agent_processes") },
            Self::CallTime => const { known("host_agent_call_seconds_total") },
            Self::Calls => const { known("host_agent_calls_total") },
            Self::DeadlinesMissed => const { known("host_agent_deadlines_missed_total") },
            Self::WorkersStarted => const { known("host_agent_workers_started_total") },
            Self::WorkersKilled => const { known("host_agent_workers_killed_total") },
            Self::DomainsQuarantined => const { known("host_agent_domains_quarantined") },
            Self::DomainsFiltered => const { known("host_agent_domains_filtered") },
            Self::Domains => const { known("host_agent_domains") },
            Self::Ticks => const { known("host_agent_ticks_total") },
            Self::TickTime => const { known("host_agent_tick_seconds") },
            Self::Readings => const { known("host_agent_readings") },
            Self::Events => const { known("host_agent_events_total") },
            Self::ConfigsTaken => const { known("host_agent_configs_taken_total") },
            Self::ConfigsRefused => const { known("host_agent_configs_refused_total") },
            Self::QueueBatches => const { known("host_agent_queue_batches") },
            Self::QueueBytes => const { known("host_agent_queue_bytes") },
            Self::BatchesSent => const { known("host_agent_batches_sent_total") },
            Self::Acknowledgements => const { known("host_agent_acknowledgements_total") },
            Self::Sessions => const { known("host_agent_sessions_total") },
            Self::SentBytes => const { known("host_agent_sent_bytes_total") },
            Self::ReceivedBytes => const { known("host_agent_received_bytes_total") },
        }
    }
}
