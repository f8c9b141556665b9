//! What the doctor learns of the server.

use super::epoch::{RedisFault, RedisServer};
use crate::Engine;

impl Engine {
    /// Connects to the Redis server as marks of use are written there; `None` if the settings have none.
    pub async fn inspect_redis(&self) -> Option<Result<RedisServer, RedisFault>> {
        let marks = self.inner.ephemeral.redis()?;
        Some(marks.inspect().await)
    }

    /// Connects to the Redis server, if the settings have one, so that the first request does not wait for it and the log tells what
    /// is wrong. Call once in a process that answers `verify`.
    pub fn connect_redis(&self) {
        if let Some(marks) = self.inner.ephemeral.redis() {
            marks.begin();
        }
    }
}
