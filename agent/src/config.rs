//! `agent.toml`: its keys, and the settings that the program runs with.

mod filter;
mod probes;
pub mod reload;
mod schema;

use std::path::{Path, PathBuf};

use evenkeel_common::config::{Loaded, Problem, Problems, load};
use evenkeel_common::metric::{RARE_APART_MAX, RARE_TICKS};
use evenkeel_common::time::DurationMs;

pub use schema::SCHEMA;

use crate::filter::Filter;
use crate::groups::{GroupIntervals, StatsGroup};
use crate::probe::settings::ProbeSettings;

/// How often what is slow of the host is read.
const HOST_DEFAULT: DurationMs = DurationMs::from_s(60);

/// The directories of an agent.
#[derive(Clone, Debug)]
pub struct Dirs {
    /// Where `agent.toml` is.
    pub config: PathBuf,
    /// Where its identity is.
    pub data: PathBuf,
    /// Where its sockets are.
    pub runtime: PathBuf,
}

/// The settings of an agent.
#[derive(Clone, Debug)]
pub struct Config {
    /// Directories.
    pub dirs: Dirs,
    /// The collector, when the configuration names one.
    pub collector: Option<String>,
    /// Name of this host.
    pub name: String,
    /// The libvirt to read.
    pub libvirt_uri: String,
    /// The helper, when the configuration names one.
    pub libvirt_helper: Option<PathBuf>,
    /// Time between readings.
    pub interval: DurationMs,
    /// How long libvirt may take.
    pub scrape_deadline: DurationMs,
    /// Whether the kernel's numbers take the place of libvirt's where they agree.
    pub fast_path: bool,
    /// How often what is slow of the host is read.
    pub host_intervals: HostIntervals,
    /// How often libvirt is asked for each group, where that is set.
    pub group_intervals: GroupIntervals,
    /// Which domains are measured.
    pub filter: Filter,
    /// Where batches are kept, when not in the data directory.
    pub spool_dir: Option<PathBuf>,
    /// Bytes kept on disk while the collector is away.
    pub spool_max_bytes: u64,
    /// Log level.
    pub log: String,
    /// Probes.
    pub probes: ProbeSettings,
}

/// How often what is slow of the host is read; what is shorter than the interval happens at every tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostIntervals {
    /// Sizes of file systems.
    pub filesystem: DurationMs,
    /// Storage pools of libvirt.
    pub pool: DurationMs,
    /// Links, huge pages, KSM, NUMA nodes.
    pub hardware: DurationMs,
}

/// Loads and checks the configuration.
///
/// # Errors
/// All problems at once.
pub fn config(dirs: &Dirs) -> Result<(Config, Loaded), Problems> {
    let loaded = load(&SCHEMA, &dirs.config, |name| std::env::var(name).ok())?;
    let name = loaded.text("name").map_or_else(hostname, str::to_owned);
    if !is_name(&name) {
        let message = format!("the machine's host name {name:?} cannot be used; give a name of 1 to 255 bytes");
        return Err(Problems(vec![Problem { origin: "default".to_owned(), key: "name".to_owned(), message }]));
    }
    let mut problems = rare_intervals(&loaded);
    let probes = probes::settings(&loaded, &mut problems);
    if !problems.is_empty() {
        return Err(Problems(problems));
    }
    let config = Config {
        dirs: dirs.clone(),
        collector: loaded.text("collector").map(str::to_owned),
        name,
        libvirt_uri: loaded.text("libvirt_uri").unwrap_or_default().to_owned(),
        libvirt_helper: loaded.text("libvirt_helper").map(PathBuf::from),
        interval: loaded.duration("interval").unwrap_or(evenkeel_common::limits::INTERVAL_DEFAULT),
        scrape_deadline: loaded.duration("scrape_deadline").unwrap_or(DurationMs::from_s(5)),
        fast_path: loaded.bool("fast_path").unwrap_or(true),
        host_intervals: HostIntervals {
            filesystem: loaded.duration("intervals.filesystem").unwrap_or(HOST_DEFAULT),
            pool: loaded.duration("intervals.pool").unwrap_or(HOST_DEFAULT),
            hardware: loaded.duration("intervals.hardware").unwrap_or(HOST_DEFAULT),
        },
        group_intervals: StatsGroup::ALL.into_iter().fold(GroupIntervals::default(), |set, group| {
            set.with(group, loaded.duration(&format!("intervals.{}", group.word())))
        }),
        filter: filter::filter(&loaded),
        spool_dir: loaded.text("spool.directory").map(PathBuf::from),
        spool_max_bytes: loaded
            .integer("spool.max_bytes")
            .and_then(|number| u64::try_from(number).ok())
            .unwrap_or(evenkeel_common::limits::SPOOL_MAX_BYTES),
        log: loaded.text("log").unwrap_or("info").to_owned(),
        probes,
    };
    Ok((config, loaded))
}

/// A group that comes more rarely than the collector expects would have no rates.
fn rare_intervals(loaded: &Loaded) -> Vec<Problem> {
    let interval = loaded.duration("interval").unwrap_or(evenkeel_common::limits::INTERVAL_DEFAULT);
    let most = DurationMs(interval.0.saturating_mul(RARE_TICKS)).max(RARE_APART_MAX);
    let keys = StatsGroup::ALL.into_iter().map(|group| format!("intervals.{}", group.word()));
    let too_long = keys.filter(|key| loaded.duration(key).is_some_and(|every| every > most));
    let problem = |key: String| Problem {
        origin: SCHEMA.file.to_owned(),
        key,
        message: format!(
            "is longer than {:.0} s: give at most six times the interval, or a minute, so that rates stay known",
            most.as_s()
        ),
    };
    too_long.map(problem).collect()
}

fn is_name(text: &str) -> bool {
    (1..=evenkeel_common::limits::NAME_MAX_BYTES).contains(&text.len())
}

/// The machine's name; a UTS namespace has its own.
fn hostname() -> String {
    std::fs::read_to_string(Path::new("/proc/sys/kernel/hostname")).unwrap_or_default().trim().to_owned()
}

/// An `agent.toml` with every key explained and those in `set` in force.
#[must_use]
pub fn document(set: &[(&str, String)]) -> String {
    const TITLE: &str = "evenkeel agent. `evenkeel-agent check-config --origin` shows what is in force.";
    evenkeel_common::config::document(&SCHEMA, TITLE, set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<(Config, Loaded), Problems> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("agent.toml"), text).unwrap();
        let path = dir.path().to_owned();
        config(&Dirs { config: path.clone(), data: path.clone(), runtime: path })
    }

    #[test]
    fn defaults_and_what_the_file_says() {
        let (config, _) = with("name = 'hosta'\ncollector = '[::1]:7443'\ninterval = '1s'").unwrap();
        assert_eq!((config.name.as_str(), config.interval), ("hosta", DurationMs(1000)));
        assert_eq!(config.libvirt_uri, "qemu:///system");
        assert!(!with("").unwrap().0.name.is_empty());
    }

    #[test]
    fn says_all_that_is_wrong_with_what_is_allowed() {
        let text = with("collector = 'here'\nname = ''\nlog = 'loud'").unwrap_err().to_string();
        assert!(text.contains("agent.toml: collector: \"here\" is not allowed; give HOST:PORT"), "{text}");
        assert!(text.contains("name: \"\" is not allowed") && text.contains("log: \"loud\""), "{text}");
        let text = with("intervall = '1s'\ninterval = '2h'").unwrap_err().to_string();
        assert!(text.contains("did you mean 'interval'?") && text.contains("from \"1s\" to \"1h\""), "{text}");
    }

    #[test]
    fn probes_are_read_and_what_is_wrong_with_them_is_said_at_once() {
        let text = "[probes.web]\nkind = 'http'\nvms = ['web-*']\nport = 8080\nverify = false\ninterval = '5s'";
        let probes = with(text).unwrap().0.probes;
        assert_eq!((probes.probes.len(), probes.from_metadata, probes.networks.len()), (1, true, 0));
        let web = &probes.probes[0].definition;
        assert_eq!((web.name.as_str(), web.interval, web.http.verify), ("web", DurationMs(5_000), false));
        let text = with(
            "probe_networks = ['10.0.0.0/40']\n[probes.web]\nkind = 'tcp'\nvms = [\"a\"]\nprot = 1\n[probes.'a b']\nkind = 'ftp'",
        )
        .unwrap_err()
        .to_string();
        for words in ["probe_networks: ", "did you mean 'port'?", "probes.a b.kind: \"ftp\" is not allowed"] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
        let text = with(
            "[probes.web]\nkind = 'tcp'\ninterval = '1s'\ntimeout = '2s'\n[probes.'a b']\nkind = 'icmp'\nvms = ['*']",
        )
        .unwrap_err()
        .to_string();
        for words in [
            "agent.toml: probes.web.port: is missing",
            "probes.web.vms: is missing",
            "probes.web.timeout: ",
            "probes.a b: the name \"a b\" is not allowed",
        ] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
    }

    #[test]
    fn a_group_comes_often_enough_for_its_rates() {
        assert!(with("interval = '1s'\n[intervals]\nblock = '60s'").is_ok());
        assert!(with("interval = '1m'\n[intervals]\nblock = '6m'\nballoon = '5m'").is_ok());
        let text = with("[intervals]\nblock = '61s'").unwrap_err().to_string();
        assert!(text.contains("intervals.block: is longer than 60 s"), "{text}");
    }

    #[test]
    fn the_document_it_writes_is_one_it_reads() {
        let text = document(&[("name", "\"hosta\"".to_owned())]);
        assert_eq!(with(&text).unwrap().0.name, "hosta", "{text}");
    }
}
