//! How users type, and who is exempt from having it compared.

use crate::repeatable::{Repeatable, cascade, index};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut templates = Table::create();
        templates
            .table("behaviour_templates")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(string_len("field", 16))
            .col(blob("sealed"))
            .col(big_integer("created_at"))
            .col(big_integer("updated_at"))
            .foreign_key(&mut cascade("behaviour_templates", "user_id", "users"));
        manager.make_table(templates).await?;
        let one_each = index(&["user_id", "field"]).unique().to_owned();
        manager
            .make_index(
                "ux_behaviour_templates_user_field",
                "behaviour_templates",
                one_each,
            )
            .await?;
        let mut exemptions = Table::create();
        exemptions
            .table("behaviour_exemptions")
            .col(uuid("user_id").primary_key())
            .col(big_integer("created_at"))
            .foreign_key(&mut cascade("behaviour_exemptions", "user_id", "users"));
        manager.make_table(exemptions).await
    }
}
