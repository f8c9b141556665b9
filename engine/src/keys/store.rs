//! Keys' rows.

use sea_orm::{Set, entity::prelude::*, sea_query::OnConflict};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "keys")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) purpose: String,
    pub(crate) algorithm: String,
    pub(crate) state: String,
    pub(crate) sealed: Vec<u8>,
    pub(crate) last_entry: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) changed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All keys, the oldest first.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
    use sea_orm::QueryOrder;
    Entity::find()
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await
}

/// Inserts a key, or replaces the one of that id.
pub(crate) async fn put(db: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        id: Set(row.id),
        purpose: Set(row.purpose),
        algorithm: Set(row.algorithm),
        state: Set(row.state),
        sealed: Set(row.sealed),
        last_entry: Set(row.last_entry),
        created_at: Set(row.created_at),
        changed_at: Set(row.changed_at),
    };
    let replaced = OnConflict::column(Column::Id)
        .update_columns([
            Column::State,
            Column::Sealed,
            Column::LastEntry,
            Column::ChangedAt,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(replaced)
        .exec_without_returning(db)
        .await
        .map(drop)
}

/// Deletes a key.
pub(crate) async fn delete(db: &impl ConnectionTrait, id: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(id.to_owned()).exec(db).await.map(drop)
}

/// Deletes keys of a purpose that have been in a state since before a time.
pub(crate) async fn delete_before(
    db: &impl ConnectionTrait,
    purpose: &str,
    state: &str,
    before: i64,
) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::Purpose.eq(purpose))
        .filter(Column::State.eq(state))
        .filter(Column::ChangedAt.lt(before))
        .exec(db)
        .await
        .map(drop)
}
