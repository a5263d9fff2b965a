//! A server's home on disk, made by a test, and the keys of what is written for it.

use std::io::Write as _;
use std::path::Path;

/// Writes files, named by their paths below `repository/conf`.
pub fn write_node(home: &Path, files: &[(String, String)]) {
    for (path, text) in files {
        let path = home.join("repository/conf").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
    }
}

/// The keys of a deployment.toml, entries of lists numbered.
pub fn keys_of(text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    walk(&toml::Value::Table(toml::from_str(text).unwrap()), "", &mut keys);
    keys
}

fn walk(value: &toml::Value, path: &str, keys: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                walk(value, &path, keys);
            }
        }
        toml::Value::Array(items) if items.iter().all(toml::Value::is_table) && !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{index}]"), keys);
            }
        }
        _ => keys.push(path.to_owned()),
    }
}
