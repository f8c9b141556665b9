//! Indices for the dashboard of risk: sign-ins that were unusual, and devices that wait.
//!
//! Both have few of the rows of their tables, so that what is not unusual costs nothing. MySQL has no such indices, and reads by the
//! others.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Words of what was assessed: one that stands elsewhere in an entry makes the index longer, and hides nothing.
/// `engine/src/audit/store/assessed.rs` asks with the same words.
const UNUSUAL: &str = r#"changes LIKE '%"risk"%' AND (changes LIKE '% medium %' OR changes LIKE '% high %' OR changes LIKE '% held %')"#;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::MySql {
            return Ok(());
        }
        let db = manager.get_connection();
        for statement in [
            &*format!(
                "CREATE INDEX IF NOT EXISTS ix_audit_events_unusual ON audit_events (time) WHERE {UNUSUAL}"
            ),
            "CREATE INDEX IF NOT EXISTS ix_devices_limited ON devices (last_seen_at) WHERE is_limited",
        ] {
            db.execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
