//! The database and the master key.

use super::{error::ConfigError, values::Values};
use std::{fmt, path::PathBuf};

/// The database, if it is not the embedded one, and the master key file.
#[derive(Clone)]
pub struct Database {
    /// A database other than SQLite in the data directory.
    pub url: Option<String>,
    /// A master key file other than the one in the data directory.
    pub master_key_file: Option<PathBuf>,
}

impl fmt::Debug for Database {
    // The URL may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.url.as_deref().map(without_password))
            .field("master_key_file", &self.master_key_file)
            .finish()
    }
}

impl Database {
    pub(super) fn read(values: &Values) -> Self {
        Self {
            url: values.optional("database_url").map(str::to_owned),
            master_key_file: values.path("master_key_file"),
        }
    }

    /// Whether the database is SQLite, in a file of ours.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        let is_sqlite = |url: &String| url.starts_with("sqlite:");
        self.url.as_ref().is_none_or(is_sqlite)
    }

    pub(super) fn validate(&self, values: &Values) -> Result<(), ConfigError> {
        let schemes = ["sqlite:", "postgres:", "postgresql:", "mysql:"];
        match &self.url {
            Some(url) if !schemes.iter().any(|scheme| url.starts_with(scheme)) => Err(values.refuse(
                "database_url",
                &without_password(url),
                "that is not a database's address",
                "write it like sqlite:///var/lib/latchkey/latchkey.db, or leave it out for SQLite in the data directory",
            )),
            _ => Ok(()),
        }
    }
}

/// The address without its password: for messages and reports.
pub(super) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match rest.rsplit_once('@') {
        Some((user, place)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{place}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(
            without_password("postgres://ada:p@ss@db.example/latchkey"),
            "postgres://ada:***@db.example/latchkey"
        );
        assert_eq!(
            without_password("sqlite://data/latchkey.db"),
            "sqlite://data/latchkey.db"
        );
        let database = Database {
            url: Some("postgres://ada:secret@db/x".to_owned()),
            master_key_file: None,
        };
        assert!(!format!("{database:?}").contains("secret"));
    }
}
