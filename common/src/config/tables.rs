//! Tables whose names the operator chooses, such as `[probes.web]`.

use std::path::Path;

use super::load::{parse_value, set, unknown};
use super::{Loaded, Origin, Problem, Setting, Tables};
use crate::limits::NAME_MAX_BYTES;

/// Reads all tables below `tables.path` of one file. A later file changes single keys of a table that an earlier one has.
pub(super) fn read(tables: &Tables, file: &Path, value: toml::Value, loaded: &mut Loaded, problems: &mut Vec<Problem>) {
    let origin = Origin::File(file.to_owned());
    let problem = |key: String, message| Problem { origin: origin.to_string(), key, message };
    let toml::Value::Table(all) = value else {
        let message = format!("is not a table; write [{}.NAME]", tables.path);
        return problems.push(problem(tables.path.to_owned(), message));
    };
    let named = loaded.tables.entry(tables.path).or_default();
    for (name, value) in all {
        let dotted = format!("{}.{name}", tables.path);
        if name.is_empty() || name.len() > NAME_MAX_BYTES {
            problems.push(problem(dotted, format!("the name is not allowed; give 1 to {NAME_MAX_BYTES} bytes")));
            continue;
        }
        let toml::Value::Table(keys) = value else {
            problems.push(problem(dotted.clone(), format!("is not a table; write [{dotted}]")));
            continue;
        };
        if !named.contains_key(&name) && named.len() >= tables.max {
            problems.push(problem(dotted, format!("there are more than {} of them", tables.max)));
            break;
        }
        let one = named.entry(name).or_insert_with(|| defaults(tables));
        for (key, value) in keys {
            let inside = format!("{dotted}.{key}");
            match tables.keys.iter().find(|known| known.path == key) {
                Some(known) => {
                    let before = problems.len();
                    set(known, value, origin.clone(), one, problems);
                    for problem in &mut problems[before..] {
                        problem.key.clone_from(&inside);
                    }
                }
                None => {
                    let known: Vec<&str> = tables.keys.iter().map(|known| known.path).collect();
                    problems.push(problem(inside, unknown(&known, &key)));
                }
            }
        }
    }
}

fn defaults(tables: &Tables) -> Loaded {
    let mut loaded = Loaded::default();
    for key in tables.keys {
        if let Some(value) = key.default.and_then(parse_value) {
            loaded.settings.insert(key.path, Setting { value, origin: Origin::Default });
        }
    }
    loaded
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{Key, Kind, Problems, Schema, load};
    use super::*;

    const SCHEMA: Schema = Schema {
        file: "x.toml",
        drop_in: "conf.d",
        env_prefix: "",
        keys: &[],
        tables: &[Tables {
            path: "probes",
            keys: &[
                Key { path: "port", kind: Kind::Integer { min: 1, max: 9 }, default: None, help: "" },
                Key { path: "path", kind: Kind::Text, default: Some("\"/\""), help: "" },
            ],
            max: 2,
            example: "web",
            help: "",
        }],
    };

    fn with(main: &str, drop_in: &str) -> Result<Loaded, Problems> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("x.toml"), main).unwrap();
        fs::create_dir(dir.path().join("conf.d")).unwrap();
        fs::write(dir.path().join("conf.d/1.toml"), drop_in).unwrap();
        load(&SCHEMA, dir.path(), |_| None)
    }

    #[test]
    fn each_table_has_its_keys_its_defaults_and_what_a_later_file_changes() {
        let loaded = with("[probes.a]\nport = 1\npath = '/a'\n[probes.b]\nport = 2", "[probes.a]\nport = 3").unwrap();
        let seen: Vec<_> =
            loaded.named("probes").map(|(name, one)| (name, one.integer("port"), one.text("path"))).collect();
        assert_eq!(seen, [("a", Some(3), Some("/a")), ("b", Some(2), Some("/"))]);
        let other = with("[probes.a]\nport = 3\npath = '/a'", "").unwrap();
        assert_eq!(loaded.changed(&other), ["probes.b.path", "probes.b.port"]);
    }

    #[test]
    fn says_all_that_is_wrong_with_them() {
        let text = with("probes.a = 3\n[probes.b]\nprot = 1\nport = 10\n[probes.c]\n[probes.d]", "probes = 4")
            .unwrap_err()
            .to_string();
        for words in [
            "probes.a: is not a table; write [probes.a]",
            "probes.b.prot: is not a known key; did you mean 'port'?",
            "probes.b.port: 10 is not allowed; give a whole number from 1 to 9",
            "probes.d: there are more than 2 of them",
            "probes: is not a table; write [probes.NAME]",
        ] {
            assert!(text.contains(words), "{words} in\n{text}");
        }
    }
}
