//! Marks of use, each in one transaction with a read of the epoch. A mark is the random number of the first use.

use super::{
    epoch::{Epoch, Link, RedisFault, RedisServer},
    keeper::Keeper,
    url::RedisUrl,
};
use crate::{
    Clock, Error, Result, Rng,
    ephemeral::one_time::{OneTime, Use},
    keys::keyring::digest,
};
use redis::{FromRedisValue, Pipeline, RedisError};
use std::{sync::Arc, time::Duration};
use time::Duration as Span;
use tokio::time::timeout;

/// For marking one use, with the wait for the connection. Redis responds within a millisecond; a request waits for it no longer than
/// for the invalidations of other processes.
const DEADLINE: Duration = Duration::from_millis(250);

/// A mark outlives what it marks by this much: a clock that is set back must not make that valid again.
const GRACE: Span = Span::minutes(15);

/// Marks of use in a Redis or Valkey server.
#[derive(Debug, Clone)]
pub(crate) struct RedisMarks {
    keeper: Arc<Keeper>,
    rng: Rng,
    /// In front of each key. Several installations may share a server.
    prefix: String,
}

impl RedisMarks {
    /// `issuer` tells installations apart: everything that is marked is for one issuer.
    pub(crate) fn new(url: RedisUrl, issuer: &str, clock: Clock, rng: Rng) -> Self {
        let installation = hex::encode(&digest("redis", issuer.as_bytes())[..8]);
        let prefix = format!("latchkey:{installation}:");
        let keeper = Keeper::new(url, format!("{prefix}epoch"), clock);
        Self {
            keeper: Arc::new(keeper),
            rng,
            prefix,
        }
    }

    /// Connects as marking a use does.
    pub(super) async fn inspect(&self) -> Result<RedisServer, RedisFault> {
        Ok(self.keeper.connect().await?.server)
    }

    /// Begins to connect.
    pub(crate) fn begin(&self) {
        self.keeper.begin();
    }

    /// Marks a use; of uses at once, one is the first.
    pub(crate) async fn mark(&self, used: &OneTime) -> Result<Use> {
        let now = self.keeper.now();
        let left = used.usable_until - crate::database::at(now) + GRACE;
        let left = left.max(Span::SECOND).whole_milliseconds().to_string();
        // The first use is the one whose number is found, also if it was marked by an attempt whose response was lost.
        let (key, number) = (self.key(used), self.rng.bytes::<16>());
        let mark = |asked: &mut Pipeline| {
            let set = asked.cmd("SET").arg(&key).arg(&number);
            set.arg("NX").arg("PX").arg(left).ignore();
            asked.cmd("GET").arg(&key);
        };
        let (epoch, first): (Epoch, Option<Vec<u8>>) = self.run(mark).await?;
        Ok(match first.is_some_and(|first| first == number) {
            false => Use::Repeated,
            true if used.usable_from <= epoch.begins => Use::Unknown,
            true => Use::First,
        })
    }

    /// Whether it could be used now. Nothing is marked.
    pub(crate) async fn is_usable(&self, credential: &OneTime) -> Result<bool> {
        let look = |asked: &mut Pipeline| {
            asked.cmd("EXISTS").arg(self.key(credential));
        };
        let (epoch, is_marked): (Epoch, bool) = self.run(look).await?;
        Ok(!is_marked && credential.usable_from > epoch.begins)
    }

    fn key(&self, used: &OneTime) -> String {
        let Self { prefix, .. } = self;
        let (purpose, digest) = (used.purpose.as_str(), hex::encode(used.digest));
        format!("{prefix}{purpose}:{digest}")
    }

    /// Runs commands while the server has the marks of its epoch. A connection may have been lost while nothing was asked, so it is
    /// tried twice.
    async fn run<T: FromRedisValue>(
        &self,
        commands: impl FnOnce(&mut Pipeline),
    ) -> Result<(Epoch, T)> {
        let mut asked = redis::pipe();
        asked.atomic().cmd("GET").arg(self.keeper.epoch_key());
        commands(&mut asked);
        let (mut current, mut cause) = (None, "timed out".to_owned());
        let attempts = async {
            for _ in 0..2 {
                let link = &*current.insert(self.keeper.link().await?);
                match ask(link, &asked).await {
                    Ok(Some(response)) => return Some((link.epoch.clone(), response)),
                    Ok(None) => "the marks were deleted".clone_into(&mut cause),
                    Err(error) => cause = error.to_string(),
                }
                self.keeper.give_up(link);
            }
            None
        };
        if let Ok(Some(response)) = timeout(DEADLINE, attempts).await {
            return Ok(response);
        }
        if let Some(link) = &current {
            self.keeper.give_up(link);
        }
        self.keeper.report(&cause);
        Err(Error::UsesUnknown)
    }
}

/// The response; `None` if the server has another epoch by now.
async fn ask<T: FromRedisValue>(link: &Link, asked: &Pipeline) -> Result<Option<T>, RedisError> {
    let mut connection = link.connection.clone();
    let (epoch, response): (Option<String>, T) = asked.query_async(&mut connection).await?;
    Ok((epoch.as_ref() == Some(&link.epoch.text)).then_some(response))
}
