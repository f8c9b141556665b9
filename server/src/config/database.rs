//! The database, Redis and the master key.

use super::{error::ConfigError, values::Values};
use latchkey_engine::RedisUrl;
use std::{fmt, path::PathBuf};

/// The database, Redis and the master key.
#[derive(Clone)]
pub struct Database {
    /// Another database than `latchkey.db` in the data directory.
    pub url: Option<String>,
    /// A Redis server that marks used tokens.
    pub redis_url: Option<RedisUrl>,
    /// Another master key file than `master.key` in the data directory.
    pub master_key_file: Option<PathBuf>,
}

impl fmt::Debug for Database {
    // The URL may carry a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.url.as_deref().map(without_password))
            .field("redis_url", &self.redis_url)
            .field("master_key_file", &self.master_key_file)
            .finish()
    }
}

impl Database {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let redis_url = values.optional("redis_url").map(str::parse).transpose();
        Ok(Self {
            url: values.optional("database_url").map(str::to_owned),
            redis_url: redis_url.map_err(|_| {
                // It may have a password, and cannot be read.
                values.refuse(
                    "redis_url",
                    "…",
                    "that is not the address of a Redis server",
                    "write it like redis://127.0.0.1:6379, rediss://user:password@cache.example.com or unix:///run/redis/redis.sock",
                )
            })?,
            master_key_file: values.path("master_key_file"),
        })
    }

    pub(super) fn validate(&self, values: &Values) -> Result<(), ConfigError> {
        let Some(url) = &self.url else {
            return Ok(());
        };
        let problem = match url.split(':').next() {
            Some("sqlite") => return Ok(()),
            Some("postgres" | "postgresql" | "mysql") => "this version supports SQLite only",
            _ => "that is not the address of a database",
        };
        Err(values.refuse(
            "database_url",
            &without_password(url),
            problem,
            "write it like sqlite:///var/lib/latchkey/latchkey.db, or leave it out for latchkey.db in the data directory",
        ))
    }
}

/// The URL without its password, for messages.
pub(super) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{host}")
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
            redis_url: None,
            master_key_file: None,
        };
        assert!(!format!("{database:?}").contains("secret"));
    }
}
