//! [P] What a configuration that was read again changes in a running agent.

use evenkeel_common::config::Loaded;

use super::Config;

/// A configuration that was read again.
#[derive(Clone, Debug)]
pub struct Reload {
    /// What is in force from now on: the new one, except for what only a restart can change.
    pub config: Config,
    /// Keys that hold now and had another value before.
    pub changed: Vec<String>,
    /// Keys that have another value, which holds only after a restart.
    pub at_restart: Vec<&'static str>,
}

impl Reload {
    /// In words, for the log and the collector.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = match self.changed.as_slice() {
            [] => "nothing changed".to_owned(),
            keys => format!("changed: {}", keys.join(", ")),
        };
        if !self.at_restart.is_empty() {
            words += &format!("; only after a restart: {}", self.at_restart.join(", "));
        }
        words
    }
}

/// What `config` means for an agent that runs with `running`. `loaded` and `before` are what the two were made of.
#[must_use]
pub fn reload(running: &Config, before: &Loaded, config: Config, loaded: &Loaded) -> Reload {
    let mut at_restart = Vec::new();
    let mut keep = |key: &'static str, differs: bool| {
        if differs {
            at_restart.push(key);
        }
    };
    // A token of the first start may have named the collector without a file.
    keep("collector", config.collector.is_some() && config.collector != running.collector);
    keep("name", config.name != running.name);
    keep("libvirt_uri", config.libvirt_uri != running.libvirt_uri);
    keep("libvirt_helper", config.libvirt_helper != running.libvirt_helper);
    keep("fast_path", config.fast_path != running.fast_path);
    keep("spool.directory", config.spool_dir != running.spool_dir);
    keep("spool.max_bytes", config.spool_max_bytes != running.spool_max_bytes);
    const RESTART: [&str; 7] =
        ["collector", "name", "libvirt_uri", "libvirt_helper", "fast_path", "spool.directory", "spool.max_bytes"];
    let changed = before.changed(loaded).into_iter().filter(|key| !RESTART.contains(&key.as_str())).collect();
    let config = Config {
        dirs: running.dirs.clone(),
        collector: running.collector.clone(),
        name: running.name.clone(),
        libvirt_uri: running.libvirt_uri.clone(),
        libvirt_helper: running.libvirt_helper.clone(),
        fast_path: running.fast_path,
        spool_dir: running.spool_dir.clone(),
        spool_max_bytes: running.spool_max_bytes,
        ..config
    };
    Reload { config, changed, at_restart }
}

#[cfg(test)]
mod tests {
    use evenkeel_common::time::DurationMs;

    use super::super::{Dirs, config};
    use super::*;

    fn with(text: &str) -> (Config, Loaded) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("agent.toml"), text).unwrap();
        let path = dir.path().to_owned();
        config(&Dirs { config: path.clone(), data: path.clone(), runtime: path }).unwrap()
    }

    fn between(before: &str, after: &str) -> Reload {
        let ((running, before), (config, after)) = (with(before), with(after));
        let reload = reload(&running, &before, config, &after);
        assert_eq!(reload.config.dirs.data, running.dirs.data);
        reload
    }

    #[test]
    fn what_changed_holds_and_what_needs_a_restart_stays() {
        let before = "name = 'a'\ncollector = 'c:1'";
        let reload = between(before, "name = 'b'\ncollector = 'c:1'\ninterval = '2s'\nlog = 'debug'");
        assert_eq!(
            (reload.changed.as_slice(), reload.at_restart.as_slice()),
            (["interval".to_owned(), "log".to_owned()].as_slice(), ["name"].as_slice())
        );
        assert_eq!((reload.config.name.as_str(), reload.config.interval), ("a", DurationMs(2_000)));
        assert_eq!(reload.words(), "changed: interval, log; only after a restart: name");
        assert_eq!(between(before, before).words(), "nothing changed");
    }

    #[test]
    fn every_key_that_needs_a_restart_is_named() {
        let reload = between(
            "name = 'a'",
            "name = 'b'\ncollector = 'c:1'\nlibvirt_uri = 'test:///default'\nlibvirt_helper = '/x'\nfast_path = false\n[spool]\nmax_bytes = 2000000",
        );
        assert_eq!(
            reload.at_restart,
            ["collector", "name", "libvirt_uri", "libvirt_helper", "fast_path", "spool.max_bytes"]
        );
        assert!(reload.changed.is_empty());
        assert_eq!((reload.config.spool_max_bytes, reload.config.collector), (256 << 20, None));
    }

    #[test]
    fn a_collector_that_only_the_first_start_knows_is_not_missed() {
        let (mut running, before) = with("name = 'a'");
        running.collector = Some("c:1".to_owned());
        let (config, after) = with("name = 'a'");
        let reload = reload(&running, &before, config, &after);
        assert_eq!((reload.config.collector.as_deref(), reload.at_restart.len()), (Some("c:1"), 0));
    }

    #[test]
    fn a_filter_holds_without_a_restart() {
        let reload = between("name = 'a'", "name = 'a'\n[filter]\ndeny = ['ci-*', 'label:role=test']");
        assert_eq!((reload.changed.as_slice(), reload.at_restart.len()), (["filter.deny".to_owned()].as_slice(), 0));
        assert_eq!((reload.config.filter.allow.len(), reload.config.filter.deny.len()), (0, 2));
    }
}
