//! What still needs which line of the master key file.

use super::{keyring::KeyId, reseal::key_id, store};
use crate::{Engine, Result, access, audit, ephemeral::sql, identity, notification, risk};
use latchkey_domain::access::permission::Operator;
use sea_orm::{QuerySelect, entity::prelude::*};
use std::collections::BTreeMap;

/// What is sealed or tagged under one master key, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeyUse {
    /// Secrets of authenticator apps. Sealed again by `latchkey serve`.
    pub totp_secrets: u64,
    /// Pseudonymous subjects of grants. Sealed again by `latchkey serve`.
    pub subjects: u64,
    /// Stored keys. Sealed again when Latchkey starts.
    pub keys: u64,
    /// Ceremonies and saved requests. They end within an hour.
    pub saved_requests: u64,
    /// What is usual for users. Sealed again by `latchkey serve`.
    pub baselines: u64,
    /// How users type. Sealed again by `latchkey serve`.
    pub behaviour_templates: u64,
    /// Mails that are to be sent. Sealed again by `latchkey serve`.
    pub mails: u64,
    /// Signed-in devices whose cookie was not renewed yet. They are tagged again when the cookie comes back.
    pub device_cookies: u64,
    /// Audit events without a place in the chain yet. `latchkey serve` seals them within seconds.
    pub unsealed_events: u64,
    /// Whether the newest audit log entry is under it: a process may still write with it.
    pub newest_entry: bool,
}

impl KeyUse {
    /// Whether nothing is.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// A line of the master key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MasterKeyLine {
    /// Its number, from 1.
    pub line: usize,
    /// Whether it is the active one.
    pub is_active: bool,
    /// What needs it.
    pub needed_by: KeyUse,
}

/// What needs the master keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeyUsage {
    /// Each line of the file, the active one first.
    pub lines: Vec<MasterKeyLine>,
    /// What is under keys that are not in the file: nobody can read it until their lines are put back.
    pub unreadable: KeyUse,
}

impl Engine {
    /// What needs which line of the master key file. Audit log entries need none: the keys that check them are stored.
    ///
    /// # Errors
    /// Internal only.
    pub async fn master_key_usage(&self, _operator: &Operator) -> Result<MasterKeyUsage> {
        let db = self.db();
        let now = self.now().unix_timestamp();
        let mut uses: BTreeMap<Option<KeyId>, KeyUse> = BTreeMap::new();
        let mut add = |counted: Vec<(Vec<u8>, i64)>, field: fn(&mut KeyUse) -> &mut u64| {
            for (id, count) in counted {
                let id = id.first_chunk().copied();
                let id = id.filter(|id| self.inner.keys.knows(id));
                *field(uses.entry(id).or_default()) += u64::try_from(count).unwrap_or_default();
            }
        };
        let column = identity::store::totp::Column::SecretSealed;
        let all = identity::store::totp::Entity::find();
        add(count(db, all, column).await?, |uses| &mut uses.totp_secrets);
        let column = access::store::access_grant::Column::SubjectSealed;
        let all = access::store::access_grant::Entity::find();
        add(count(db, all, column).await?, |uses| &mut uses.subjects);
        {
            use notification::store::mail::{Column, Entity};
            let counted = count(db, Entity::find(), Column::ContentSealed).await?;
            add(counted, |uses| &mut uses.mails);
        }
        {
            use risk::store::baseline::{Column, Entity};
            let counted = count(db, Entity::find(), Column::Sealed).await?;
            add(counted, |uses| &mut uses.baselines);
        }
        {
            use risk::store::behaviour_template::{Column, Entity};
            let counted = count(db, Entity::find(), Column::Sealed).await?;
            add(counted, |uses| &mut uses.behaviour_templates);
        }
        let all = store::Entity::find();
        let column = store::Column::Sealed;
        add(count(db, all, column).await?, |uses| &mut uses.keys);
        let (all, column) = (
            sql::value::sealed(self.now()),
            sql::value::Column::StateSealed,
        );
        add(count(db, all, column).await?, |uses| {
            &mut uses.saved_requests
        });
        {
            use identity::store::device::{Column, Entity};
            let signed_in = Entity::find()
                .filter(Column::RevokedAt.is_null())
                .filter(Column::SignedOutAt.is_null())
                .filter(Column::ExpiresAt.gt(now));
            let counted = count(db, signed_in, Column::SecretTag).await?;
            add(counted, |uses| &mut uses.device_cookies);
        }
        let (all, column) = (
            audit::store::unsealed::Entity::find(),
            audit::store::unsealed::Column::Tag,
        );
        add(count(db, all, column).await?, |uses| {
            &mut uses.unsealed_events
        });
        let head = audit::store::head(db).await?;
        if let Some(id) = head
            .hash
            .first_chunk()
            .filter(|id| self.inner.keys.knows(*id))
        {
            uses.entry(Some(*id)).or_default().newest_entry = true;
        }
        let lines = self.inner.keys.generations().iter().enumerate();
        Ok(MasterKeyUsage {
            lines: lines
                .map(|(index, key)| MasterKeyLine {
                    line: key.line,
                    is_active: index == 0,
                    needed_by: uses.get(&Some(key.id)).copied().unwrap_or_default(),
                })
                .collect(),
            unreadable: uses.get(&None).copied().unwrap_or_default(),
        })
    }
}

/// How many rows are under which key.
async fn count<E: EntityTrait>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    column: E::Column,
) -> Result<Vec<(Vec<u8>, i64)>> {
    Ok(rows
        .select_only()
        .column_as(key_id(column), "key_id")
        .column_as(column.count(), "rows")
        .group_by(key_id(column))
        .into_tuple()
        .all(db)
        .await?)
}
