//! The write-ahead log of the embedded database, `latchkey.db-wal`: what is committed is there first, and in `latchkey.db` after a
//! checkpoint (SQLite, "Write-Ahead Logging").
//!
//! SQLite by itself leaves up to a thousand pages in it, which for most installations is everything: whoever copies the
//! database without its log then has nothing. So it is emptied every ten seconds in which something was written, and when the
//! process ends. That takes the turn to write for as long as the disk takes and 20 ms at most; while somebody reads
//! an older state for longer than that, the next round does it.

use crate::{Engine, Result, store};

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
        let turn = self.write_turn().await?;
        Ok(store::checkpoint(turn.db()).await?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{VerifyDecision, world::World};
    use sea_orm::{ConnectionTrait, Statement, TransactionTrait};

    fn log_of(world: &World) -> u64 {
        let file = world.engine.inner.database_file.as_ref().unwrap();
        std::fs::metadata(file.log()).map_or(0, |log| log.len())
    }

    #[tokio::test]
    async fn field_1_housekeeping_empties_the_log_and_waits_for_nobody_who_reads_for_long() {
        let world = World::in_file().await;
        let reader = world.engine.inner.pools.known.begin().await.unwrap();
        store::audit::head(&reader).await.unwrap();
        let [cookie] = world.people(["guest@example.com"]).await;
        world.engine.tidy().await;
        assert!(log_of(&world) > 0, "the reader may need it");
        assert!(!world.engine.checkpoint_database().await.unwrap());
        // Meanwhile all goes on, and writers wait for each other as long as before.
        world.people(["another@example.com"]).await;
        assert!(matches!(
            world.ask(&cookie).await,
            VerifyDecision::Granted(_)
        ));
        let write = &world.engine.inner.pools.write;
        let pragma = Statement::from_string(write.get_database_backend(), "PRAGMA busy_timeout");
        let row = write.query_one_raw(pragma).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i32>(0).unwrap(), 5000);

        reader.rollback().await.unwrap();
        world.engine.tidy().await;
        assert_eq!(log_of(&world), 0);
    }

    #[tokio::test]
    async fn field_1_whoever_closes_beside_another_process_leaves_everything_in_the_file() {
        let world = World::in_file().await;
        let other = Engine::open(world.engine.inner.settings.clone())
            .await
            .unwrap();
        world.people(["guest@example.com"]).await;
        assert!(log_of(&world) > 0);
        world.engine.close().await;
        assert_eq!(log_of(&world), 0);
        assert!(other.is_cache_fresh().await, "the other goes on");
        // Once more does nothing.
        world.engine.close().await;
    }
}
