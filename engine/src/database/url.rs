//! The address of the database, as the driver reads it.

use sea_orm::sqlx::sqlite::SqliteConnectOptions;
use std::path::{Path, PathBuf};

/// The database that the settings name, or else the embedded one.
pub(crate) fn of_settings(named: Option<&str>, data_dir: &Path) -> String {
    named.map_or_else(
        || format!("{}?mode=rwc", of_file(&data_dir.join("latchkey.db"))),
        str::to_owned,
    )
}

/// The address of a database file. Its name may have characters that mean something in a URL.
pub(super) fn of_file(path: &Path) -> String {
    let hex = |digit: u8| char::from(b"0123456789ABCDEF"[usize::from(digit)]);
    let mut url = "sqlite://".to_owned();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'\\' | b'.' | b'-' | b'_' => {
                url.push(char::from(byte));
            }
            _ => url.extend(['%', hex(byte >> 4), hex(byte & 0xf)]),
        }
    }
    url
}

/// Where an embedded database is, read as the driver reads it; `None` for one in memory or elsewhere.
pub(crate) fn path(url: &str) -> Option<PathBuf> {
    let is_file = url.starts_with("sqlite:") && !is_in_memory(url);
    let options: SqliteConnectOptions = is_file.then(|| url.parse().ok())??;
    Some(options.get_filename().to_owned())
}

/// Whether each connection would be a database of its own.
pub(super) fn is_in_memory(url: &str) -> bool {
    url.contains(":memory:") || url.contains("mode=memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_path_matches_the_file_that_the_driver_opens() {
        for (url, file) in [
            ("sqlite:///var/a.db?mode=rwc", Some("/var/a.db")),
            ("sqlite://data/a.db", Some("data/a.db")),
            ("sqlite:a.db", Some("a.db")),
            ("sqlite:///my%20keys/a.db?mode=rwc", Some("/my keys/a.db")),
            ("sqlite::memory:", None),
            ("sqlite://a.db?mode=memory", None),
            ("postgres://localhost/a.db", None),
        ] {
            assert_eq!(path(url).as_deref(), file.map(Path::new), "{url}");
        }
    }
}
