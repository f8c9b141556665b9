//! After a rotation of the master key: what earlier lines sealed is sealed again under the active one, so that those lines can
//! be taken out of the file.
//!
//! 1. Each round of maintenance takes a batch of each table, in the order of ids. A value is replaced only if it is still the
//!    one that was read, so several processes may work at once, and one that is killed loses nothing: the next begins
//!    anew and finds only what is left.
//! 2. A value that does not open is left as it is, and logged once; it does not keep the others from their turn.
//! 3. At the end of a pass that did something, an entry under the active key is written into the audit log.
//!
//! Keys are sealed again when an engine is opened (`provision.rs`), and device secrets are tagged again when their cookies
//! come back (`identity/authentication.rs`): only the cookie has the secret. Ceremonies and saved requests are left to end:
//! stored ones within an hour, and enrolments, which browsers keep and nobody can count, with their link, within a day.

#[cfg(test)]
mod tests;

use super::{keyring::KeyId, seal};
use crate::{
    Engine, Lane, RequestOrigin, Result, access, audit, error::chain, identity, notification, risk,
    unit_of_work::Actor,
};
use latchkey_domain::{
    access::access_grant::AccessGrant, event::MasterKeyRotated, id::MailId, id::UserId,
    identity::totp::TotpSecret,
};
use sea_orm::{
    QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, Func, SimpleExpr},
};
use std::{
    collections::BTreeSet,
    sync::PoisonError,
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// Values of a table that are sealed again at once.
const BATCH: u64 = 500;

/// Between two passes through the tables. While only device cookies need an old line, there is nothing to do.
const PAUSE: Duration = Duration::from_secs(600);

/// How far a pass has come.
#[derive(Default, Clone)]
pub(crate) struct Progress {
    totp_secrets: Cursor,
    subjects: Cursor,
    mails: Cursor,
    baselines: Cursor,
    behaviour_templates: Cursor,
    resealed: u64,
    pause_until: Option<Instant>,
    /// Values that do not open, of all passes: each is logged once.
    unreadable: BTreeSet<Uuid>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    #[default]
    Start,
    After(Uuid),
    End,
}

/// A table with a sealed column.
struct Table<E: EntityTrait> {
    id: E::Column,
    sealed: E::Column,
    value: fn(E::Model) -> SealedValue,
}

struct SealedValue {
    id: Uuid,
    aad: Vec<u8>,
    sealed: Vec<u8>,
}

/// A value that is sealed under the active key, in the place of one that is not.
struct Resealed {
    id: Uuid,
    before: Vec<u8>,
    after: Vec<u8>,
}

const fn totp_secrets() -> Table<identity::store::totp::Entity> {
    use identity::{store::totp::Column, totp::aad};
    Table {
        id: Column::UserId,
        sealed: Column::SecretSealed,
        value: |row| {
            let secret = TotpSecret::from(row);
            SealedValue {
                id: secret.user_id.uuid(),
                aad: aad(secret.user_id),
                sealed: secret.sealed,
            }
        },
    }
}

const fn subjects() -> Table<access::store::access_grant::Entity> {
    use access::{access_grant::aad, store::access_grant::Column};
    Table {
        id: Column::Id,
        sealed: Column::SubjectSealed,
        value: |row| {
            let grant = AccessGrant::from(row);
            SealedValue {
                id: grant.id.uuid(),
                aad: aad(grant.user_id, grant.service_id),
                sealed: grant.subject_sealed,
            }
        },
    }
}

const fn mails() -> Table<notification::store::mail::Entity> {
    use notification::{mail::aad, store::mail::Column};
    Table {
        id: Column::Id,
        sealed: Column::ContentSealed,
        value: |row| SealedValue {
            id: row.id,
            aad: aad(MailId::from_uuid(row.id)),
            sealed: row.content_sealed,
        },
    }
}

const fn baselines() -> Table<risk::store::baseline::Entity> {
    use risk::{aad, store::baseline::Column};
    Table {
        id: Column::UserId,
        sealed: Column::Sealed,
        value: |row| SealedValue {
            id: row.user_id,
            aad: aad(UserId::from_uuid(row.user_id)),
            sealed: row.sealed,
        },
    }
}

const fn behaviour_templates() -> Table<risk::store::behaviour_template::Entity> {
    use risk::{behaviour::aad, store::behaviour_template::Column};
    Table {
        id: Column::Id,
        sealed: Column::Sealed,
        value: |row| SealedValue {
            id: row.id,
            aad: aad(UserId::from_uuid(row.user_id), &row.field),
            sealed: row.sealed,
        },
    }
}

/// The key id in front of a sealed or tagged value.
pub(super) fn key_id(column: impl ColumnTrait) -> SimpleExpr {
    Func::cust("SUBSTR")
        .arg(Expr::col(column.as_column_ref()))
        .arg(1)
        .arg(i32::try_from(super::keyring::KEY_ID_BYTES).unwrap_or(4))
        .into()
}

impl Engine {
    /// The key ids of the lines below the active one.
    fn lines_below(&self) -> Vec<KeyId> {
        let lines = &self.inner.keys.generations()[1..];
        lines.iter().map(|line| line.id).collect()
    }

    /// Seals the next batch of each table again.
    pub(crate) async fn reseal(&self) -> Result<()> {
        if self.lines_below().is_empty() {
            return Ok(());
        }
        let lock = || {
            let progress = self.inner.reseal.lock();
            progress.unwrap_or_else(PoisonError::into_inner)
        };
        let mut progress = lock().clone();
        if progress.pause_until.is_some_and(|end| Instant::now() < end) {
            return Ok(());
        }
        let engine = self.in_lane(Lane::Known);
        let (cursor, unreadable) = (&mut progress.totp_secrets, &mut progress.unreadable);
        let table = totp_secrets();
        progress.resealed += engine.reseal_batch(&table, cursor, unreadable).await?;
        let (cursor, table) = (&mut progress.subjects, subjects());
        progress.resealed += engine.reseal_batch(&table, cursor, unreadable).await?;
        let (cursor, table) = (&mut progress.mails, mails());
        progress.resealed += engine.reseal_batch(&table, cursor, unreadable).await?;
        let (cursor, table) = (&mut progress.baselines, baselines());
        progress.resealed += engine.reseal_batch(&table, cursor, unreadable).await?;
        let (cursor, table) = (&mut progress.behaviour_templates, behaviour_templates());
        progress.resealed += engine.reseal_batch(&table, cursor, unreadable).await?;
        let cursors = [
            progress.totp_secrets,
            progress.subjects,
            progress.mails,
            progress.baselines,
            progress.behaviour_templates,
        ];
        if cursors == [Cursor::End; 5] {
            engine.finish_pass(progress.resealed).await?;
            progress = Progress {
                pause_until: Some(Instant::now() + PAUSE),
                unreadable: progress.unreadable,
                ..Progress::default()
            };
        }
        *lock() = progress;
        Ok(())
    }

    async fn reseal_batch<E: EntityTrait>(
        &self,
        table: &Table<E>,
        cursor: &mut Cursor,
        unreadable: &mut BTreeSet<Uuid>,
    ) -> Result<u64> {
        let mut select = E::find();
        select = match *cursor {
            Cursor::Start => select,
            Cursor::After(id) => select.filter(table.id.gt(id)),
            Cursor::End => return Ok(0),
        };
        let ids = self.lines_below().into_iter().map(Vec::from);
        let rows = select
            .filter(key_id(table.sealed).is_in(ids))
            .order_by_asc(table.id)
            .limit(BATCH)
            .all(self.db())
            .await?;
        let is_last = u64::try_from(rows.len()).is_ok_and(|rows| rows < BATCH);
        let (mut next, mut values) = (*cursor, Vec::new());
        for row in rows {
            let SealedValue { id, aad, sealed } = (table.value)(row);
            next = Cursor::After(id);
            match self.sealed_again(&aad, &sealed) {
                Ok(after) => values.push(Resealed {
                    id,
                    before: sealed,
                    after,
                }),
                Err(cause) => {
                    if !unreadable.insert(id) {
                        continue;
                    }
                    tracing::error!(table = E::default().table_name(), %id, error = %chain(&cause), "a sealed value was changed and does not open; it stays under the old master key");
                }
            }
        }
        let resealed = self.replace(table, values).await?;
        if resealed > 0 {
            tracing::info!(
                table = E::default().table_name(),
                resealed,
                "sealed again under the active master key"
            );
        }
        *cursor = if is_last { Cursor::End } else { next };
        Ok(resealed)
    }

    fn sealed_again(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
        let keys = &self.inner.keys;
        let plain = Zeroizing::new(seal::open(keys, aad, sealed)?);
        seal::seal(keys, &self.inner.settings.rng, aad, &plain)
    }

    /// Replaces values that are still what they were; returns how many.
    async fn replace<E: EntityTrait>(
        &self,
        table: &Table<E>,
        values: Vec<Resealed>,
    ) -> Result<u64> {
        if values.is_empty() {
            return Ok(0);
        }
        let permit = self.acquire_write_permit().await?;
        let tx = permit.begin().await?;
        let mut replaced = 0;
        for Resealed { id, before, after } in values {
            let update = E::update_many()
                .col_expr(table.sealed, Expr::value(after))
                .filter(table.id.eq(id))
                .filter(table.sealed.eq(before));
            replaced += update.exec(&tx).await?.rows_affected;
        }
        tx.commit().await?;
        Ok(replaced)
    }

    /// From here on the audit log's head is under the active key, too.
    async fn finish_pass(&self, resealed: u64) -> Result<()> {
        let head = audit::store::head(&self.read()).await?;
        if resealed == 0 && self.inner.keys.is_active(&head.hash) {
            return Ok(());
        }
        let nobody = RequestOrigin::default();
        let mut tx = self.begin(Actor::System, &nobody).await?;
        tx.apply(MasterKeyRotated { resealed }).await?;
        tx.commit().await
    }
}
