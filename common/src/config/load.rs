//! Reading the layers of a configuration, with every error at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Key, Schema};
use crate::time::DurationMs;
use crate::units::parse_duration;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The built-in default.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
        }
    }
}

/// A value and where it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The value, already checked against the schema.
    pub value: toml::Value,
    /// Its origin.
    pub origin: Origin,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// File or environment variable.
    pub origin: String,
    /// The key; empty when the whole file is meant.
    pub key: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.origin, self.message),
            key => write!(f, "{}: {key}: {}", self.origin, self.message),
        }
    }
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// A configuration that passed.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// Every key that has a value, with its origin.
    pub settings: BTreeMap<&'static str, Setting>,
    /// The tables that the operator named: by path, then by name; each has the settings of its own keys.
    pub tables: BTreeMap<&'static str, BTreeMap<String, Loaded>>,
}

impl Loaded {
    /// The tables at `path`, by name.
    pub fn named(&self, path: &str) -> impl Iterator<Item = (&str, &Self)> {
        self.tables.get(path).into_iter().flatten().map(|(name, loaded)| (name.as_str(), loaded))
    }

    /// Keys whose values differ between the two, wherever the values came from.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<String> {
        let differs = |key: &&&'static str| {
            self.settings.get(**key).map(|setting| &setting.value)
                != other.settings.get(**key).map(|setting| &setting.value)
        };
        let keys: BTreeSet<&&'static str> = self.settings.keys().chain(other.settings.keys()).collect();
        let mut changed: Vec<String> = keys.iter().filter(|key| differs(key)).map(|key| (**key).to_string()).collect();
        let paths: BTreeSet<&&'static str> = self.tables.keys().chain(other.tables.keys()).collect();
        for path in paths {
            let names: BTreeSet<&str> = self.named(path).chain(other.named(path)).map(|(name, _)| name).collect();
            let of = |loaded: &Self, name: &str| loaded.tables.get(*path)?.get(name).cloned();
            for name in names {
                let (before, after) = (of(self, name).unwrap_or_default(), of(other, name).unwrap_or_default());
                changed.extend(before.changed(&after).into_iter().map(|key| format!("{path}.{name}.{key}")));
            }
        }
        changed
    }

    /// A text, `None` when the key has no value.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.settings.get(path)?.value.as_str()
    }

    /// A duration.
    #[must_use]
    pub fn duration(&self, path: &str) -> Option<DurationMs> {
        parse_duration(self.text(path)?).ok()
    }

    /// A whole number.
    #[must_use]
    pub fn integer(&self, path: &str) -> Option<i64> {
        self.settings.get(path)?.value.as_integer()
    }

    /// A truth value.
    #[must_use]
    pub fn bool(&self, path: &str) -> Option<bool> {
        self.settings.get(path)?.value.as_bool()
    }

    /// A list of words; empty when the key has no value.
    #[must_use]
    pub fn words(&self, path: &str) -> Vec<String> {
        let items = self.settings.get(path).and_then(|setting| setting.value.as_array());
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    }
}

/// Loads `dir/schema.file`, `dir/schema.drop_in/*.toml` and the environment. A missing main file is an empty one.
///
/// `env` looks a variable up (`std::env::var`'s `ok` in programs, a table in tests).
///
/// # Errors
/// All problems of all layers at once.
pub fn load(schema: &Schema, dir: &Path, env: impl Fn(&str) -> Option<String>) -> Result<Loaded, Problems> {
    let mut problems = Vec::new();
    let mut loaded = defaults(schema);
    for file in files(schema, dir, &mut problems) {
        read_file(schema, &file, &mut loaded, &mut problems);
    }
    for key in schema.keys {
        let name = key.env_name(schema);
        if let Some(text) = env(&name) {
            set(key, key.kind.from_text(&text), Origin::Environment(name), &mut loaded, &mut problems);
        }
    }
    if problems.is_empty() { Ok(loaded) } else { Err(Problems(problems)) }
}

/// Checks one file's text against a schema, without the file system, drop-ins and environment.
///
/// # Errors
/// All problems of the file at once.
pub fn parse(schema: &Schema, path: &Path, text: &str) -> Result<Loaded, Problems> {
    let mut problems = Vec::new();
    let mut loaded = defaults(schema);
    read_text(schema, path, text, &mut loaded, &mut problems);
    if problems.is_empty() { Ok(loaded) } else { Err(Problems(problems)) }
}

fn defaults(schema: &Schema) -> Loaded {
    let mut loaded = Loaded::default();
    for key in schema.keys {
        if let Some(value) = key.default.and_then(parse_value) {
            loaded.settings.insert(key.path, Setting { value, origin: Origin::Default });
        }
    }
    loaded
}

pub(super) fn parse_value(text: &str) -> Option<toml::Value> {
    let table: toml::Table = format!("v = {text}").parse().ok()?;
    table.get("v").cloned()
}

fn files(schema: &Schema, dir: &Path, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let mut files = vec![dir.join(schema.file)];
    let drop_in = dir.join(schema.drop_in);
    match fs::read_dir(&drop_in) {
        Ok(entries) => {
            let mut more: Vec<PathBuf> = entries
                .flatten()
                .map(|entry| entry.path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
                .collect();
            more.sort();
            files.extend(more);
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => problems.push(whole_file(&drop_in, format!("cannot be listed: {error}"))),
    }
    files
}

fn whole_file(path: &Path, message: String) -> Problem {
    Problem { origin: path.display().to_string(), key: String::new(), message }
}

fn read_file(schema: &Schema, path: &Path, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => return problems.push(whole_file(path, format!("cannot be read: {error}"))),
    };
    read_text(schema, path, &text, loaded, problems);
}

fn read_text(schema: &Schema, path: &Path, text: &str, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    match text.parse::<toml::Table>() {
        Ok(mut table) => {
            for tables in schema.tables {
                if let Some(value) = table.remove(tables.path) {
                    super::tables::read(tables, path, value, loaded, problems);
                }
            }
            walk(schema, path, "", &table, loaded, problems);
        }
        Err(error) => problems.push(whole_file(path, format!("is not TOML: {}", error.to_string().trim_end()))),
    }
}

fn walk(
    schema: &Schema,
    path: &Path,
    prefix: &str,
    table: &toml::Table,
    loaded: &mut Loaded,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in table {
        let dotted = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let inside = format!("{dotted}.");
        if let Some(key) = schema.keys.iter().find(|key| key.path == dotted) {
            set(key, value.clone(), Origin::File(path.to_owned()), loaded, problems);
        } else if let (Some(inner), true) =
            (value.as_table(), schema.keys.iter().any(|key| key.path.starts_with(&inside)))
        {
            walk(schema, path, &dotted, inner, loaded, problems);
        } else {
            problems.push(Problem {
                origin: path.display().to_string(),
                message: unknown_key(schema, &dotted),
                key: dotted,
            });
        }
    }
}

fn unknown_key(schema: &Schema, dotted: &str) -> String {
    let tables = schema.tables.iter().map(|tables| tables.path);
    unknown(&schema.keys.iter().map(|key| key.path).chain(tables).collect::<Vec<_>>(), dotted)
}

/// What to say of a key that is none of `known`.
pub(super) fn unknown(known: &[&str], given: &str) -> String {
    format!("is not a known key; {}", suggestion(known, given))
}

/// What could have been meant by a word that is none of `known`.
#[must_use]
pub fn suggestion(known: &[&str], given: &str) -> String {
    let near = known
        .iter()
        .map(|path| (strsim::jaro_winkler(path, given), path))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match near {
        Some((_, path)) => format!("did you mean '{path}'?"),
        None => format!("known are {}", known.join(", ")),
    }
}

pub(super) fn set(key: &Key, value: toml::Value, origin: Origin, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    if key.kind.accepts(&value) {
        loaded.settings.insert(key.path, Setting { value, origin });
    } else {
        problems.push(Problem {
            origin: origin.to_string(),
            key: key.path.to_owned(),
            message: format!("{value} is not allowed; give {}", key.kind.allowed()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    const SCHEMA: Schema = Schema {
        file: "x.toml",
        drop_in: "conf.d",
        env_prefix: "EVENKEEL_",
        keys: &[
            Key {
                path: "interval",
                kind: Kind::Duration { min: DurationMs(1_000), max: DurationMs(3_600_000) },
                default: Some("\"10s\""),
                help: "",
            },
            Key { path: "name", kind: Kind::Text, default: None, help: "" },
            Key { path: "queue.max_batches", kind: Kind::Integer { min: 1, max: 9 }, default: Some("5"), help: "" },
            Key { path: "allow", kind: Kind::Choices(&["snapshot", "restart"]), default: Some("[]"), help: "" },
        ],
        tables: &[],
    };

    fn with(main: &str, drop_in: &str, env: &[(&str, &str)]) -> Result<Loaded, Problems> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x.toml"), main).unwrap();
        fs::create_dir(dir.path().join("conf.d")).unwrap();
        fs::write(dir.path().join("conf.d/1.toml"), drop_in).unwrap();
        load(&SCHEMA, dir.path(), |name| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn later_layers_win_and_origins_are_kept() {
        let loaded =
            with("interval = '20s'\nname = 'a'", "name = 'b'", &[("EVENKEEL_QUEUE_MAX_BATCHES", "7")]).unwrap();
        assert_eq!(loaded.duration("interval"), Some(DurationMs(20_000)));
        assert_eq!(loaded.text("name"), Some("b"));
        assert!(matches!(&loaded.settings["name"].origin, Origin::File(path) if path.ends_with("conf.d/1.toml")));
        assert_eq!(loaded.integer("queue.max_batches"), Some(7));
        assert_eq!(loaded.settings["allow"].origin, Origin::Default);
    }

    #[test]
    fn what_differs_is_named_wherever_it_came_from() {
        let a = with("interval = '20s'", "name = 'b'", &[]).unwrap();
        let b = with("interval = '10s'", "", &[("EVENKEEL_NAME", "b"), ("EVENKEEL_QUEUE_MAX_BATCHES", "7")]).unwrap();
        assert_eq!(a.changed(&b), ["interval", "queue.max_batches"]);
        assert!(a.changed(&a).is_empty());
    }

    #[test]
    fn reports_everything_at_once() {
        let problems = with(
            "intervall = '20s'\nqueue = { max_batches = 10 }\nallow = ['dance']",
            "name = 3",
            &[("EVENKEEL_INTERVAL", "fast")],
        )
        .unwrap_err();
        let text = problems.to_string();
        assert_eq!(problems.0.len(), 5, "{text}");
        assert!(text.contains("intervall: is not a known key; did you mean 'interval'?"), "{text}");
        assert!(text.contains("give a whole number from 1 to 9"), "{text}");
        assert!(text.contains("environment EVENKEEL_INTERVAL: interval: \"fast\" is not allowed"), "{text}");
    }

    #[test]
    fn a_missing_file_is_all_defaults_and_a_broken_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(&SCHEMA, dir.path(), |_| None).unwrap().integer("queue.max_batches"), Some(5));
        assert!(with("interval = ", "", &[]).unwrap_err().to_string().contains("x.toml: is not TOML"));
    }
}
