//! Rules of findings: the shipped ones, and those of `rules.d/*.toml`. A set with an error changes nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use evenkeel_common::config::{Problem, Problems};
use evenkeel_common::time::UnixMs;

use super::Control;
use crate::csi::s6_inform::{Rule, parse_rules, rules};
use crate::store::activity::Category;

/// Folder of the configuration directory.
const FOLDER: &str = "rules.d";
/// Largest file.
const FILE_MAX_BYTES: u64 = 1 << 20;

/// Reads and checks `rules.d/*.toml`: all rules in force, and everything that is wrong. A rule of a later file takes the
/// place of an earlier one's.
#[must_use]
pub fn read_rules(config_dir: &Path) -> (Vec<Rule>, Vec<Problem>) {
    let dir = config_dir.join(FOLDER);
    let mut problems = Vec::new();
    let whole =
        |path: &Path, message: String| Problem { origin: path.display().to_string(), key: String::new(), message };
    let mut files: Vec<_> = match fs::read_dir(&dir) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            problems.push(whole(&dir, format!("cannot be listed: {error}")));
            Vec::new()
        }
    };
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut own = BTreeMap::new();
    for path in files {
        if fs::metadata(&path).is_ok_and(|meta| meta.len() > FILE_MAX_BYTES) {
            problems.push(whole(&path, "is larger than 1 MiB".to_owned()));
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(text) => match parse_rules(&path, &text) {
                Ok(found) => own.extend(found),
                Err(found) => problems.extend(found),
            },
            Err(error) => problems.push(whole(&path, format!("cannot be read: {error}"))),
        }
    }
    (rules(&own), problems)
}

impl Control {
    /// The rules in force.
    pub(super) fn rules(&self) -> Arc<Vec<Rule>> {
        Arc::clone(&self.0.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the rules, at the start and again later: with an error they stay as they were.
    pub async fn load_rules(&self, config_dir: &Path, now: UnixMs) {
        let dir = config_dir.to_owned();
        let read = tokio::task::spawn_blocking(move || read_rules(&dir)).await;
        let (found, problems) = read.unwrap_or_else(|error| {
            let message = format!("reading the rules ended early: {error}");
            (Vec::new(), vec![Problem { origin: FOLDER.to_owned(), key: String::new(), message }])
        });
        if problems.is_empty() {
            *self.0.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(found);
        } else {
            let message = format!("the rules of findings stay as they were:\n{}", Problems(problems));
            self.note(now, Category::Exception, "rules_not_loaded", String::new(), message).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_add_to_the_shipped_rules_and_an_error_names_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let shipped = read_rules(dir.path()).0.len();
        fs::create_dir(dir.path().join(FOLDER)).unwrap();
        let rule =
            "[rules.x]\nscope = 'service'\nwhen = ['outages > 1']\nwhat = 'w'\nimplication = 'i'\naction = 'a'\n";
        fs::write(dir.path().join("rules.d/a.toml"), rule).unwrap();
        fs::write(dir.path().join("rules.d/b.toml"), "[rules.level-missed]\nenabled = false\n").unwrap();
        let (rules, problems) = read_rules(dir.path());
        assert!(problems.is_empty() && rules.len() == shipped, "one more and one less");
        fs::write(dir.path().join("rules.d/c.toml"), "[rules.x]\nscope = 'fleet'\n").unwrap();
        let problems = read_rules(dir.path()).1;
        assert!(problems[0].origin.ends_with("c.toml") && problems[0].key == "rules.x.scope", "{problems:?}");
    }
}
