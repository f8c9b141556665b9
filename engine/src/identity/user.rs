//! Users: inviting, disabling and enabling, roles, deleting; `addition.rs` adds one.

pub(crate) mod addition;

use crate::{
    Conflict, Engine, EnrolmentCode, Error, Noun, RequestOrigin, Result, UncommittedSecret,
    database::Reads, identity, identity::cascade, identity::role::require_role, unit_of_work::Tx,
};
use latchkey_domain::{
    access::permission::{Authorizes, Denial, RolesWrite, UsersInvite, UsersRead, UsersWrite},
    event::{EnrolmentLinkRevoked, UserDisabled, UserInvited, UserRoleChanged},
    id::UserId,
    identity::email::Email,
    identity::user::{Role, User, UserView},
    pagination::{Batch, Cursor, ListQuery, Page},
};
use time::OffsetDateTime;

impl Engine {
    /// A batch of users; of one address, as typed, when asked.
    ///
    /// # Errors
    /// Bad input (`email`).
    pub async fn user_batch(
        &self,
        _proof: &dyn Authorizes<UsersRead>,
        cursor: Cursor<UserId>,
        email: Option<&str>,
    ) -> Result<Batch<UserView>> {
        let email = email.map(Email::parse).transpose();
        let email = email.map_err(Error::bad_input("email"))?;
        let email = email.as_ref().map(Email::as_str);
        identity::store::user::view::batch(&self.read(), cursor, email, self.now()).await
    }

    /// Makes a new enrolment link for a user; older ones become void. Unless the caller vouches (`is_vouched`) that it is the user
    /// who gets it, the link of a user who had a device before only recovers access, with a cooling-off period.
    ///
    /// # Errors
    /// Not found; conflict when the user is disabled; forbidden for a program that would vouch by itself, and for a user who may
    /// do more than the caller, as everywhere below.
    pub async fn invite_user(
        &self,
        proof: &dyn Authorizes<UsersInvite>,
        id: UserId,
        is_vouched: bool,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, EnrolmentCode>> {
        if is_vouched && !proof.caller().may_vouch() {
            return Err(Denial::Forbidden.into());
        }
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        if user.is_disabled() {
            return Err(Error::conflict("id", Conflict::Disabled));
        }
        let (link, shown) = self.new_invitation(id, is_vouched);
        tx.apply(UserInvited { user, link }).await?;
        Ok(UncommittedSecret::new(tx, shown))
    }

    /// Revokes a user's enrolment link that was not used yet; an enrolment that was begun with it cannot be completed.
    ///
    /// # Errors
    /// Not found; forbidden.
    pub async fn revoke_enrolment_link(
        &self,
        proof: &dyn Authorizes<UsersInvite>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        let shown = shown(&tx, id, self.now()).await?;
        if shown.enrolment_link_expires_at.is_none() {
            return Ok(());
        }
        let user = user.named();
        tx.apply(EnrolmentLinkRevoked { user }).await?;
        tx.commit().await
    }

    /// Users. Sort: `email` (default), `name`, `created`, `last_seen`; filter: `active`, `invited`, `disabled`,
    /// `open_link` (an enrolment link that can be used), the name of a role, empty for all.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_users(
        &self,
        _proof: &dyn Authorizes<UsersRead>,
        query: &ListQuery,
    ) -> Result<Page<UserView>> {
        identity::store::user::view::list(&self.read(), &query.clone().bounded(), self.now()).await
    }

    /// One user.
    ///
    /// # Errors
    /// Not found.
    pub async fn user(&self, _proof: &dyn Authorizes<UsersRead>, id: UserId) -> Result<UserView> {
        shown(&self.read(), id, self.now()).await
    }

    /// One user, by address as typed.
    ///
    /// # Errors
    /// Bad input (`email`), not found.
    pub async fn user_by_email(
        &self,
        proof: &dyn Authorizes<UsersRead>,
        email: &str,
    ) -> Result<UserView> {
        let email = Email::parse(email).map_err(Error::bad_input("email"))?;
        let user = identity::store::user::find_by_email(&self.read(), &email)
            .await?
            .ok_or(Error::NotFound(Noun::User))?;
        self.user(proof, user.id).await
    }

    /// Disables a user: verify denies their devices with the next request, their sessions end.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator.
    pub async fn disable_user(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        let Ok((_, event)) = user.clone().disable(self.now()) else {
            return Ok(());
        };
        keep_an_administrator(&tx, &user).await?;
        let ended = cascade::suspend_user(&mut tx, id, self.now()).await?;
        tx.apply(UserDisabled { ended, ..event }).await?;
        tx.commit().await
    }

    /// Enables a user again.
    ///
    /// # Errors
    /// Not found.
    pub async fn enable_user(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        let Ok((_, event)) = user.enable() else {
            return Ok(());
        };
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Deletes a user with their devices, passkeys, grants and sessions; the audit log keeps what happened.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator.
    pub async fn delete_user(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        keep_an_administrator(&tx, &user).await?;
        cascade::end_user(&mut tx, user).await?;
        tx.commit().await
    }

    /// Changes a role. The user is signed out everywhere: a copy of a cookie that was worth little must
    /// not be worth more from now on.
    ///
    /// # Errors
    /// Not found, bad input (`role`); conflict for the last administrator.
    pub async fn set_role(
        &self,
        proof: &dyn Authorizes<RolesWrite>,
        id: UserId,
        role: Role,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        require_role(&tx, role).await?;
        tx.require_authority_over(role).await?;
        let Ok((_, event)) = user.clone().set_role(role) else {
            return Ok(());
        };
        if role != Role::Admin {
            keep_an_administrator(&tx, &user).await?;
        }
        let ended = cascade::end_authority(&mut tx, id, "role changed", self.now()).await?;
        tx.apply(UserRoleChanged { ended, ..event }).await?;
        tx.commit().await
    }

    /// Sets whether a user signs in with passkeys only. (Administrators do from their first passkey on,
    /// whatever is set here.)
    ///
    /// # Errors
    /// Not found.
    pub async fn set_passkey_only(
        &self,
        proof: &dyn Authorizes<UsersWrite>,
        id: UserId,
        passkey_only: bool,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let user = require_user_under_authority(&tx, id).await?;
        let Ok((_, event)) = user.set_passkey_only(passkey_only) else {
            return Ok(());
        };
        tx.apply(event).await?;
        tx.commit().await
    }
}

pub(crate) async fn shown(db: &impl Reads, id: UserId, now: OffsetDateTime) -> Result<UserView> {
    identity::store::user::view::show(db, id, now)
        .await?
        .ok_or(Error::NotFound(Noun::User))
}

/// A user, or that there is none.
pub(crate) async fn require_user(db: &impl Reads, id: UserId) -> Result<User> {
    identity::store::user::find(db, id)
        .await?
        .ok_or(Error::NotFound(Noun::User))
}

/// A user of whom the caller may do all that they may do themselves, or that there is none: everything that changes another user begins with it.
///
/// # Errors
/// Not found; as [`Tx::require_authority_over`].
pub(crate) async fn require_user_under_authority<O: Sync>(
    tx: &Tx<'_, O>,
    id: UserId,
) -> Result<User> {
    let user = require_user(tx, id).await?;
    tx.require_authority_over(user.role).await?;
    Ok(user)
}

/// Refuses to take away the last administrator who can come in.
pub(crate) async fn keep_an_administrator(db: &impl Reads, user: &User) -> Result<()> {
    if user.is_active_administrator()
        && identity::store::user::count_able_administrators(db, user.id).await? == 0
    {
        let reason = Conflict::LastAdministrator(user.email.clone());
        return Err(Error::conflict("id", reason));
    }
    Ok(())
}
