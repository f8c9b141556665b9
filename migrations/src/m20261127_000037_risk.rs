//! What is usual for users, what is said of networks, what devices owe, and since when risk is assessed.

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
        let mut baselines = Table::create();
        baselines
            .table("risk_baselines")
            .col(uuid("user_id").primary_key())
            .col(blob("sealed"))
            .col(big_integer("updated_at"))
            .foreign_key(&mut cascade("risk_baselines", "user_id", "users"));
        manager.make_table(baselines).await?;
        let mut networks = Table::create();
        networks
            .table("risk_networks")
            .col(uuid("id").primary_key())
            .col(string_len("network", 64))
            .col(string_len("verdict", 16))
            .col(big_integer("created_at"))
            .col(big_integer_null("expires_at"));
        manager.make_table(networks).await?;
        let networks = index(&["network"]).unique().to_owned();
        manager
            .make_index("ux_risk_networks_network", "risk_networks", networks)
            .await?;
        let mut start = Table::create();
        start
            .table("risk_start")
            .col(integer("id").primary_key())
            .col(big_integer("started_at"));
        manager.make_table(start).await?;
        manager
            .add_column(
                "devices",
                "challenged_at",
                big_integer_null("challenged_at"),
            )
            .await?;
        let challenge = string_len_null("challenge", 16);
        manager.add_column("devices", "challenge", challenge).await
    }
}
