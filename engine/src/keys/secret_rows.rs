//! Rows of rotating secrets: the same columns in one table for each kind of owner, whose end ends them by a foreign key.

/// The rows of the secrets of one kind of owner, as the content of a module.
macro_rules! secret_rows {
    ($table:literal, $owner:ident: $Id:ident, $Owner:ident) => {
        use crate::{
            Result,
            database::{Reads, Writes, at},
        };
        use latchkey_domain::{
            id::$Id,
            rotating_secret::{RotatingSecret, RotatingSecretView, RotationState},
        };
        use sea_orm::{Condition, QueryOrder, Set, entity::prelude::*, sea_query::Expr};
        use std::collections::HashMap;
        use time::OffsetDateTime;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            label: String,
            $owner: Uuid,
            salt: Vec<u8>,
            digest: Vec<u8>,
            created_at: i64,
            expires_at: Option<i64>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        impl From<Model> for RotatingSecret<$Id> {
            fn from(row: Model) -> Self {
                Self {
                    label: row.label,
                    owner: $Id::from_uuid(row.$owner),
                    salt: row.salt,
                    digest: row.digest,
                    created_at: at(row.created_at),
                    state: RotationState::of(row.expires_at.map(at)),
                }
            }
        }

        pub(crate) async fn insert(db: &impl Writes, secret: &RotatingSecret<$Id>) -> Result<()> {
            let row = ActiveModel {
                label: Set(secret.label.clone()),
                $owner: Set(secret.owner.uuid()),
                salt: Set(secret.salt.clone()),
                digest: Set(secret.digest.clone()),
                created_at: Set(secret.created_at.unix_timestamp()),
                expires_at: Set(secret.state.until().map(OffsetDateTime::unix_timestamp)),
            };
            Entity::insert(row)
                .exec_without_returning(db.connection())
                .await?;
            Ok(())
        }

        /// Rotation: the current secret is retiring until `until`; one that was retiring already ends now.
        pub(crate) async fn retire(
            db: &impl Writes,
            owner: $Id,
            until: OffsetDateTime,
        ) -> Result<()> {
            Entity::delete_many()
                .filter(Column::$Owner.eq(owner.uuid()))
                .filter(Column::ExpiresAt.is_not_null())
                .exec(db.connection())
                .await?;
            Entity::update_many()
                .col_expr(Column::ExpiresAt, Expr::value(until.unix_timestamp()))
                .filter(Column::$Owner.eq(owner.uuid()))
                .exec(db.connection())
                .await?;
            Ok(())
        }

        /// All secrets.
        pub(crate) async fn all(db: &impl Reads) -> Result<Vec<RotatingSecret<$Id>>> {
            let rows = Entity::find().all(db.connection()).await?;
            Ok(rows.into_iter().map(RotatingSecret::from).collect())
        }

        /// Secrets of these owners that are accepted at `now`, the newest first, as pages show them.
        pub(crate) async fn views(
            db: &impl Reads,
            owners: impl IntoIterator<Item = Uuid>,
            now: OffsetDateTime,
        ) -> Result<HashMap<Uuid, Vec<RotatingSecretView>>> {
            let found = Entity::find()
                .filter(Column::$Owner.is_in(owners))
                .filter(
                    Condition::any()
                        .add(Column::ExpiresAt.is_null())
                        .add(Column::ExpiresAt.gt(now.unix_timestamp())),
                )
                .order_by_desc(Column::CreatedAt)
                .all(db.connection())
                .await?;
            let mut views: HashMap<Uuid, Vec<RotatingSecretView>> = HashMap::new();
            for row in found {
                let view = RotatingSecretView {
                    label: row.label,
                    created_at: at(row.created_at),
                    expires_at: row.expires_at.map(at),
                };
                views.entry(row.$owner).or_default().push(view);
            }
            Ok(views)
        }
    };
}

pub(crate) use secret_rows;
