//! What is usual for a user, as a row.
//!
//! It is sealed: it says where its user was and when, and whoever writes the database must not make themselves usual. It is
//! compact (CBOR, some hundred bytes to four kilobytes), bounded, and goes with its user.

use super::store;
use crate::{
    Engine, Error, RequestOrigin, Result,
    database::{Reads, Writes},
    error::chain,
    identity::user::require_user_under_authority,
    keys::seal,
};
use latchkey_domain::{
    access::permission::{Authorizes, RiskWrite, SelfManagement},
    event::BaselineErased,
    id::UserId,
    risk::Baseline,
};

/// The row of a baseline, for its seal.
pub(crate) fn aad(user: UserId) -> Vec<u8> {
    [&b"risk baseline"[..], user.uuid().as_bytes()].concat()
}

impl Engine {
    /// What is usual for a user. One that cannot be read is none: nothing is unusual then, and nobody is locked out.
    pub(super) async fn baseline_of(&self, db: &impl Reads, user: UserId) -> Result<Baseline> {
        let Some(sealed) = store::baseline::find(db, user).await? else {
            return Ok(Baseline::default());
        };
        let opened = seal::open(&self.inner.keys, &aad(user), &sealed).and_then(|bytes| {
            serde_cbor_2::from_slice::<Baseline>(&bytes).map_err(Error::internal)
        });
        match opened {
            Ok(baseline) if baseline.is_sound() => Ok(baseline),
            Ok(_) => {
                tracing::error!(user = %user.uuid(), "what is usual for a user is out of its bounds; it is learnt again");
                Ok(Baseline::default())
            }
            Err(cause) => {
                tracing::error!(user = %user.uuid(), error = %chain(&cause), "what is usual for a user cannot be read; it is learnt again");
                Ok(Baseline::default())
            }
        }
    }

    pub(super) async fn save_baseline(
        &self,
        db: &impl Writes,
        user: UserId,
        baseline: &Baseline,
    ) -> Result<()> {
        let bytes = serde_cbor_2::to_vec(baseline).map_err(Error::internal)?;
        let sealed = seal::seal(
            &self.inner.keys,
            &self.inner.settings.rng,
            &aad(user),
            &bytes,
        )?;
        store::baseline::save(db, user, sealed, self.now()).await
    }

    /// Erases what was learnt about this user: nothing is unusual for them until it was learnt again.
    ///
    /// # Errors
    /// Internal only.
    pub async fn erase_my_baseline(
        &self,
        proof: &SelfManagement,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = proof.current_user().named();
        tx.apply(BaselineErased { user }).await?;
        tx.commit().await
    }

    /// The same for any user.
    ///
    /// # Errors
    /// Not found; forbidden for a user who may do more than the caller.
    pub async fn erase_baseline(
        &self,
        proof: &dyn Authorizes<RiskWrite>,
        user: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, user).await?;
        tx.apply(BaselineErased { user: user.named() }).await?;
        tx.commit().await
    }
}
