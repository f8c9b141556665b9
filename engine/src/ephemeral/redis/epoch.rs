//! What a connection begins with: who the server is, and since when it has all marks.

use crate::error::chain;
use redis::{AsyncConnectionConfig, RedisError, aio::MultiplexedConnection};
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;

use super::url::RedisUrl;

/// For connecting, with TLS and password, and for the first commands. Requests wait less; the next attempt is theirs.
const DEADLINE: Duration = Duration::from_secs(2);

/// Why the server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RedisFault {
    /// It does not respond in time.
    #[error("timed out")]
    TimedOut,
    /// It cannot be reached, or refuses a command.
    #[error("{}", chain(.0))]
    Refused(RedisError),
    /// It does not say which process it is.
    #[error("no run_id")]
    Unidentified,
}

impl From<RedisError> for RedisFault {
    fn from(error: RedisError) -> Self {
        match error.is_timeout() {
            true => Self::TimedOut,
            false => Self::Refused(error),
        }
    }
}

/// What a server says of itself (`INFO`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisServer {
    /// Its version; Valkey's own, if it is one.
    pub version: String,
    /// What it does when its memory is full: with anything but `noeviction`, marks of use can be lost.
    pub maxmemory_policy: Option<String>,
    /// Its run id and its replication id: the one changes with each start, the other when a replica takes over.
    pub(super) identity: String,
}

impl RedisServer {
    /// Whether it may delete marks of use before their time.
    #[must_use]
    pub fn evicts(&self) -> bool {
        let policy = self.maxmemory_policy.as_deref();
        policy.is_some_and(|policy| policy != "noeviction")
    }

    fn read(info: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut lines = info.lines().filter_map(|line| line.split_once(':'));
            let (_, value) = lines.find(|(field, _)| *field == name)?;
            Some(value.to_owned()).filter(|value| !value.is_empty())
        };
        Some(Self {
            version: field("valkey_version").or_else(|| field("redis_version"))?,
            maxmemory_policy: field("maxmemory_policy"),
            identity: format!(
                "{}/{}",
                field("run_id")?,
                field("master_replid").unwrap_or_default()
            ),
        })
    }
}

/// Since when a server has all marks, as it is stored there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Epoch {
    /// The server's identity, and the second.
    pub(super) text: String,
    /// In seconds since the Unix epoch.
    pub(super) begins: i64,
}

impl Epoch {
    fn new(identity: &str, begins: i64) -> Self {
        let text = format!("{identity} {begins}");
        Self { text, begins }
    }

    /// The stored one, if this process of the server began it: from its disk, or as a replica of another, it could have it without
    /// the last marks.
    fn stored(text: &str, identity: &str) -> Option<Self> {
        let begins = text.strip_prefix(identity)?.strip_prefix(' ')?;
        Some(Self::new(identity, begins.parse().ok()?))
    }
}

/// A connection to one process of a server.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) connection: MultiplexedConnection,
    pub(super) server: RedisServer,
    pub(super) epoch: Epoch,
}

/// Connects; the epoch under `key` begins now, if the server's process has none.
pub(super) async fn connect(url: &RedisUrl, key: &str, now: i64) -> Result<Link, RedisFault> {
    let connecting = async {
        let (mut connection, server) = meet(url).await?;
        let stored: Option<String> = redis::cmd("GET")
            .arg(key)
            .query_async(&mut connection)
            .await?;
        let stored = stored.and_then(|text| Epoch::stored(&text, &server.identity));
        // Of processes that do this at once, the last one's is kept; the others notice with their next mark.
        let epoch = stored.unwrap_or_else(|| Epoch::new(&server.identity, now));
        // Also if nothing changes: a replica, or a server without free memory, must not count as usable.
        let mut write = redis::pipe();
        write.atomic().cmd("SET").arg(key).arg(&epoch.text).ignore();
        write.query_async::<()>(&mut connection).await?;
        Ok(Link {
            connection,
            server,
            epoch,
        })
    };
    let connected = timeout(DEADLINE, connecting).await;
    connected.unwrap_or(Err(RedisFault::TimedOut))
}

/// Connects and asks the server who it is. Nothing is written.
pub(super) async fn meet(
    url: &RedisUrl,
) -> Result<(MultiplexedConnection, RedisServer), RedisFault> {
    // The process's own, if it has one already.
    let _ = ring::default_provider().install_default();
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(DEADLINE))
        .set_response_timeout(Some(DEADLINE));
    let mut connection = (url.client)
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    let info: String = redis::cmd("INFO").query_async(&mut connection).await?;
    let server = RedisServer::read(&info).ok_or(RedisFault::Unidentified)?;
    Ok((connection, server))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_which_process_it_is_and_whether_it_evicts() {
        let info = |policy: &str| {
            format!(
                "# Server\r\nredis_version:7.2.4\r\nvalkey_version:9.1.2\r\nrun_id:4f2a\r\nmaster_replid:b1\r\n# Memory\r\nmaxmemory_policy:{policy}\r\n"
            )
        };
        let server = RedisServer::read(&info("noeviction")).unwrap();
        assert_eq!((&*server.version, &*server.identity), ("9.1.2", "4f2a/b1"));
        assert!(!server.evicts());
        assert!(RedisServer::read(&info("volatile-lru")).unwrap().evicts());
        assert_eq!(
            RedisServer::read("redis_version:7.0.15\r\nrun_id:\r\n"),
            None
        );
    }

    #[test]
    fn an_epoch_is_that_of_the_process_that_began_it() {
        let epoch = Epoch::new("4f2a", 1_795_262_400);
        assert_eq!(Epoch::stored(&epoch.text, "4f2a"), Some(epoch.clone()));
        for other in ["4f2", "4f2a1", ""] {
            assert_eq!(Epoch::stored(&epoch.text, other), None, "{other}");
        }
    }
}
