//! The write-ahead log of the embedded database, `latchkey.db-wal`: what is committed is there first, and in `latchkey.db` after a
//! checkpoint (SQLite, "Write-Ahead Logging").
//!
//! SQLite by itself leaves up to a thousand pages in it, which for most installations is everything: whoever copies the
//! database without its log then has nothing. So it is emptied every ten seconds in which something was written, and when the
//! process ends. That takes the write permit for as long as the disk takes and 20 ms at most; while somebody reads
//! an older state for longer than that, the next round does it.

use super::connection::BUSY_TIMEOUT;
use crate::{Engine, Result};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement};
use std::time::Duration;

/// How long emptying the write-ahead log waits for others. All writes wait as long: a revocation must not notice.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(20);

impl Engine {
    /// Moves what was committed into the database's file and empties the write-ahead log, unless it is empty. Returns whether
    /// it is now.
    pub(crate) async fn checkpoint_database(&self) -> Result<bool> {
        let Some(file) = &self.inner.database_file else {
            return Ok(true);
        };
        let log = tokio::fs::metadata(file.log()).await;
        if log.map_or(0, |log| log.len()) == 0 {
            return Ok(true);
        }
        let permit = self.acquire_write_permit().await?;
        Ok(checkpoint(permit.db()).await?)
    }

    /// Closes all connections: those that read first, so that none is in the checkpoint's way, and the one that writes last. The
    /// last connection of all processes takes the empty log away.
    pub(crate) async fn close_database(&self) -> Result<()> {
        let pools = &self.inner.pools;
        if self.inner.database_file.is_some() {
            pools.close_readers().await?;
            self.checkpoint_database().await?;
        }
        Ok(pools.write.close_by_ref().await?)
    }
}

/// Moves what was committed from the write-ahead log into the database's file, and empties the log. Whether all of it was:
/// somebody who reads an older state, or writes, is waited for no longer than [`CHECKPOINT_TIMEOUT`]. Within the turn to
/// write, and on its connection.
async fn checkpoint(write: &DatabaseConnection) -> Result<bool, DbErr> {
    let wait = async |time: Duration| {
        let pragma = format!("PRAGMA busy_timeout = {}", time.as_millis());
        write.execute_unprepared(&pragma).await
    };
    wait(CHECKPOINT_TIMEOUT).await?;
    let checkpoint = Statement::from_string(
        write.get_database_backend(),
        "PRAGMA wal_checkpoint(TRUNCATE)",
    );
    let done = write.query_one_raw(checkpoint).await;
    wait(BUSY_TIMEOUT).await?;
    match done? {
        Some(row) => Ok(row.try_get_by_index::<i32>(0)? == 0),
        None => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{VerifyDecision, test_engine::TestEngine};
    use sea_orm::TransactionTrait;

    fn log_of(test: &TestEngine) -> u64 {
        let file = test.engine.inner.database_file.as_ref().unwrap();
        std::fs::metadata(file.log()).map_or(0, |log| log.len())
    }

    #[tokio::test]
    async fn field_1_maintenance_empties_the_write_ahead_log_without_waiting_for_readers() {
        let test = TestEngine::in_file().await;
        let reader = test.engine.inner.pools.known.begin().await.unwrap();
        crate::audit::store::head(&reader).await.unwrap();
        let [cookie] = test.users(["guest@example.com"]).await;
        test.engine.tidy().await;
        assert!(log_of(&test) > 0, "the reader may need it");
        assert!(!test.engine.checkpoint_database().await.unwrap());
        // Meanwhile all goes on, and writers wait for each other as long as before.
        test.users(["another@example.com"]).await;
        assert!(matches!(
            test.ask(&cookie).await,
            VerifyDecision::Granted(_)
        ));
        let write = &test.engine.inner.pools.write;
        let pragma = Statement::from_string(write.get_database_backend(), "PRAGMA busy_timeout");
        let row = write.query_one_raw(pragma).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i32>(0).unwrap(), 5000);

        reader.rollback().await.unwrap();
        test.engine.tidy().await;
        assert_eq!(log_of(&test), 0);
    }

    #[tokio::test]
    async fn field_1_closing_beside_another_process_moves_everything_into_the_database_file() {
        let test = TestEngine::in_file().await;
        let other = Engine::open(test.engine.inner.settings.clone())
            .await
            .unwrap();
        test.users(["guest@example.com"]).await;
        assert!(log_of(&test) > 0);
        test.engine.close().await;
        assert_eq!(log_of(&test), 0);
        assert!(other.is_cache_fresh().await, "the other goes on");
        // Once more does nothing.
        test.engine.close().await;
    }
}
