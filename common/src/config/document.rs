//! A configuration file that explains itself.

use super::{Key, Schema};

/// A file of this schema with every key explained; those in `set` have the given TOML value, the others are commented
/// out at their default.
#[must_use]
pub fn document(schema: &Schema, title: &str, set: &[(&str, String)]) -> String {
    let mut text = format!("# {title}\n");
    // In TOML a key after a table's head belongs to that table, so those of the file itself come first.
    for table in tables(schema) {
        if !table.is_empty() {
            text += &format!("\n[{table}]\n");
        }
        for key in schema.keys {
            let (of, name) = split(key.path);
            if of == table {
                text += &entry(key, name, set);
            }
        }
    }
    for tables in schema.tables {
        text += &format!("\n# {} At most {}.\n# [{}.{}]\n", tables.help, tables.max, tables.path, tables.example);
        for key in tables.keys {
            text += &entry(key, key.path, &[]);
        }
    }
    text
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

fn tables(schema: &Schema) -> Vec<&'static str> {
    let mut tables = vec![""];
    for (table, _) in schema.keys.iter().map(|key| split(key.path)) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    tables
}

fn entry(key: &Key, name: &str, set: &[(&str, String)]) -> String {
    let value = set.iter().find(|(path, _)| *path == key.path).map(|(_, value)| value.as_str());
    let mark = if value.is_some() { "" } else { "# " };
    let shown = value.or(key.default).unwrap_or("\"\"");
    let without = if key.default.is_none() { "; no default" } else { "" };
    format!("\n# {}\n# Takes {}{without}.\n{mark}{name} = {shown}\n", key.help, key.kind.allowed())
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn every_key_is_explained_and_what_is_set_is_in_force() {
        let keys = &[
            Key { path: "queue.max", kind: Kind::Integer { min: 1, max: 9 }, default: Some("5"), help: "Length." },
            Key { path: "name", kind: Kind::Text, default: None, help: "Name of it." },
        ];
        let schema = Schema { file: "x.toml", drop_in: "conf.d", env_prefix: "", keys, tables: &[] };
        let text = document(&schema, "Title.", &[("name", "\"a\"".to_owned())]);
        assert_eq!(
            text,
            "# Title.\n\n# Name of it.\n# Takes a text in quotes; no default.\nname = \"a\"\n\n[queue]\n\n\
             # Length.\n# Takes a whole number from 1 to 9.\n# max = 5\n"
        );
    }
}
