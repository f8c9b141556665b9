//! Native devices: programs with a key of their own that a user approved, and the client of the command line.

use crate::repeatable::{Repeatable, cascade, index};
use sea_orm_migration::{prelude::*, schema::*, sea_orm::prelude::Uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The client of `latchkey login`, which every installation has.
const COMMAND_LINE: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_6c61_7463_686b);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        crate::IN_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let native = boolean("token_native").default(false).to_owned();
        manager
            .add_column("services", "token_native", native)
            .await?;
        manager
            .add_column(
                "device_authorizations",
                "public_key",
                text_null("public_key"),
            )
            .await?;
        let mut table = Table::create();
        table
            .table("device_keys")
            .col(string_len("thumbprint", 64).primary_key())
            .col(uuid("device_id").unique_key())
            .col(text("public_key"))
            .col(uuid("approved_on"))
            .foreign_key(&mut cascade("device_keys", "device_id", "devices"))
            .foreign_key(&mut cascade("device_keys", "approved_on", "devices"));
        manager.make_table(table).await?;
        manager
            .make_index(
                "ix_device_keys_approved_on",
                "device_keys",
                index(&["approved_on"]),
            )
            .await?;
        add_client(manager).await
    }
}

async fn add_client(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let find = Query::select()
        .column("id")
        .from("clients")
        .and_where(Expr::col("id").eq(COMMAND_LINE))
        .to_owned();
    if db.query_one(&find).await?.is_some() {
        return Ok(());
    }
    let grant_types =
        "urn:ietf:params:oauth:grant-type:device_code urn:ietf:params:oauth:grant-type:jwt-bearer";
    let insert = Query::insert()
        .into_table("clients")
        .columns([
            "id",
            "name",
            "kind",
            "grant_types",
            "scopes",
            "redirect_uris",
            "algorithm",
            "token_seconds",
            "requires_dpop",
            "created_at",
        ])
        .values_panic([
            COMMAND_LINE.into(),
            "Latchkey command line".into(),
            "public".into(),
            grant_types.into(),
            "".into(),
            "".into(),
            "EdDSA".into(),
            120.into(),
            true.into(),
            0_i64.into(),
        ])
        .to_owned();
    db.execute(&insert).await?;
    Ok(())
}
