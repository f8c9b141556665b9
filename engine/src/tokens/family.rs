//! The programs that act for a user: who sees them, and how one ends.

use super::store;
use crate::identity::user::require_user_under_authority;
use crate::{
    Engine, Error, Noun, RequestOrigin, Result, identity,
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    access::permission::{Authorizes, CurrentUser, DevicesRead, DevicesRevoke, SelfManagement},
    id::{TokenFamilyId, UserId},
    pagination::{Batch, Cursor, ListQuery, Page},
    tokens::family::{FamilyEnd, TokenFamilyView},
};

impl Engine {
    /// The programs that act for this user, the newest first.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_token_families(
        &self,
        current_user: &CurrentUser,
    ) -> Result<Vec<TokenFamilyView>> {
        store::family::view::list_by_user(&self.read(), current_user.user_id, self.now()).await
    }

    /// The programs that act for a user, the newest first.
    ///
    /// # Errors
    /// Internal only.
    pub async fn token_families_of(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        user: UserId,
    ) -> Result<Vec<TokenFamilyView>> {
        store::family::view::list_by_user(&self.read(), user, self.now()).await
    }

    /// A batch of the programs that act for users; of one user when asked.
    ///
    /// # Errors
    /// Internal only.
    pub async fn token_family_batch(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        cursor: Cursor<TokenFamilyId>,
        user: Option<UserId>,
    ) -> Result<Batch<TokenFamilyView>> {
        store::family::view::batch(&self.read(), cursor, user, self.now()).await
    }

    /// The programs that act for any user. Sort: `refreshed` (default), `created`, `client`, `email`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_token_families(
        &self,
        _proof: &dyn Authorizes<DevicesRead>,
        query: &ListQuery,
    ) -> Result<Page<TokenFamilyView>> {
        store::family::view::list(&self.read(), &query.clone().bounded(), self.now()).await
    }

    /// Ends the access of a program of this user: its tokens are accepted no more.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke_my_token_family(
        &self,
        proof: &SelfManagement,
        id: TokenFamilyId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let owner = proof.current_user().user_id;
        let tx = self.begin(proof, origin).await?;
        self.revoke_family(tx, id, Some(owner)).await
    }

    /// Ends the access of a program of any user.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke_token_family(
        &self,
        proof: &dyn Authorizes<DevicesRevoke>,
        id: TokenFamilyId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let tx = self.begin(proof, origin).await?;
        self.revoke_family(tx, id, None).await
    }

    async fn revoke_family(
        &self,
        tx: Tx<'_>,
        id: TokenFamilyId,
        owner: Option<UserId>,
    ) -> Result<()> {
        let family = store::family::find(&tx, id)
            .await?
            .filter(|family| owner.is_none_or(|owner| owner == family.user_id))
            .filter(|family| family.expires_at > self.now())
            .ok_or(Error::NotFound(Noun::TokenFamily))?;
        if owner.is_none() {
            require_user_under_authority(&tx, family.user_id).await?;
        }
        self.end_in(tx, id, FamilyEnd::Revoked).await
    }

    /// Ends a family with all its tokens. One that has ended meanwhile is fine.
    pub(super) async fn end_family(
        &self,
        id: TokenFamilyId,
        reason: FamilyEnd,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let tx = self.begin(Actor::System, origin).await?;
        self.end_in(tx, id, reason).await
    }

    async fn end_in(&self, mut tx: Tx<'_>, id: TokenFamilyId, reason: FamilyEnd) -> Result<()> {
        let Some(family) = store::family::find(&tx, id).await? else {
            return Ok(());
        };
        let client = store::client::find(&tx, &family.client_id.to_string()).await?;
        let user = identity::store::user::find(&tx, family.user_id).await?;
        let (Some(client), Some(user)) = (client, user) else {
            return Ok(());
        };
        let event = family.end(client, user.named(), reason, self.now());
        tx.apply(event).await?;
        tx.commit().await
    }
}
