//! What devices call themselves, how unusual they were last, and what services make of that.

use crate::repeatable::Repeatable;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let browsers = string_len_null("browsers", 255);
        manager.add_column("devices", "browsers", browsers).await?;
        let level = string_len_null("risk_level", 16);
        manager.add_column("devices", "risk_level", level).await?;
        let at = big_integer_null("risk_at");
        manager.add_column("devices", "risk_at", at).await?;
        let tells = boolean("tells_risk").default(false).to_owned();
        manager.add_column("services", "tells_risk", tells).await?;
        for name in ["passkey_from", "device_bound_from"] {
            let from = string_len_null(name, 16);
            manager.add_column("services", name, from).await?;
        }
        Ok(())
    }
}
