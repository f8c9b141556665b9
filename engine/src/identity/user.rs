//! Users: adding, inviting, disabling and enabling, roles, deleting.

use crate::{
    Engine, EnrolmentCode, Error, RequestOrigin, Result, UncommittedSecret, database::Reads,
    identity, identity::cascade, unit_of_work::Tx,
};
use latchkey_domain::{
    access::permission::Administrator,
    event::{TotpProvisioned, UserAdded, UserDisabled, UserInvited, UserRoleChanged},
    id::UserId,
    identity::email::Email,
    identity::totp::TotpSecret,
    identity::user::{Role, User, UserView},
    name::DisplayName,
    pagination::{ListQuery, Page},
    secret::SecretText,
};

/// A user to add.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their address, as typed.
    pub email: String,
    /// Their name; empty takes it from the address.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl NewUser {
    fn parse(&self) -> Result<(Email, DisplayName)> {
        let email = Email::parse(&self.email)
            .map_err(|wrong| Error::bad_input("email")(wrong.to_string()))?;
        let local = email
            .as_str()
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        let name = if self.name.trim().is_empty() {
            &local
        } else {
            &self.name
        };
        let name = DisplayName::parse(name)
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        Ok((email, name))
    }
}

impl Engine {
    /// Adds a user and makes their enrolment link.
    ///
    /// # Errors
    /// Bad input (`email`, `name`), conflict (`email`).
    pub async fn add_user(
        &self,
        administrator: &Administrator,
        new: NewUser,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (UserView, EnrolmentCode)>> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = self.new_user(&tx, &new).await?;
        let id = user.id;
        let (link, shown) = self.new_invitation(id);
        let event = UserAdded {
            user,
            invitation: Some(link),
            is_setup: false,
        };
        tx.apply(event).await?;
        let user = self::shown(&tx, id).await?;
        Ok(UncommittedSecret::new(tx, (user, shown)))
    }

    /// Adds a user with a TOTP secret made here; its `otpauth://` URI is shown once.
    ///
    /// # Errors
    /// As [`Engine::add_user`].
    pub async fn add_user_with_totp(
        &self,
        administrator: &Administrator,
        new: NewUser,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (UserView, SecretText)>> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = self.add_new(&mut tx, &new).await?;
        let secret = self.new_totp_secret();
        let event = TotpProvisioned {
            user: user.named(),
            secret: TotpSecret {
                user_id: user.id,
                sealed: self.seal_totp_secret(user.id, &secret)?,
                confirmed_at: self.now(),
                last_step: None,
            },
        };
        tx.apply(event).await?;
        let shown = self.show_totp(&secret, &user.email)?;
        let user = self::shown(&tx, user.id).await?;
        Ok(UncommittedSecret::new(tx, (user, shown.otpauth_uri)))
    }

    /// Adds a user without an enrolment link, within a change.
    pub(crate) async fn add_new(&self, tx: &mut Tx<'_>, new: &NewUser) -> Result<User> {
        let user = self.new_user(tx, new).await?;
        let event = UserAdded {
            user: user.clone(),
            invitation: None,
            is_setup: false,
        };
        tx.apply(event).await?;
        Ok(user)
    }

    async fn new_user(&self, tx: &Tx<'_>, new: &NewUser) -> Result<User> {
        let (email, name) = new.parse()?;
        self.invited_user(tx, email, name, new.role).await
    }

    /// A user who is not written yet.
    pub(crate) async fn invited_user(
        &self,
        tx: &Tx<'_>,
        email: Email,
        name: DisplayName,
        role: Role,
    ) -> Result<User> {
        if (identity::store::user::find_by_email(tx, &email).await?).is_some() {
            return Err(Error::Conflict {
                field: "email",
                message: format!("{email} has an account already."),
            });
        }
        let now = self.now();
        let id = UserId::from_uuid(self.inner.settings.rng.uuid(now));
        Ok(User::invite(id, email, name, role, now))
    }

    /// Makes a new enrolment link for a user; older ones become void.
    ///
    /// # Errors
    /// Not found; conflict when the user is disabled.
    pub async fn invite_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, EnrolmentCode>> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = require_user(&tx, id).await?;
        if user.is_disabled() {
            return Err(Error::Conflict {
                field: "id",
                message: "This account is disabled. Enable it first.".to_owned(),
            });
        }
        let (link, shown) = self.new_invitation(id);
        tx.apply(UserInvited { user, link }).await?;
        Ok(UncommittedSecret::new(tx, shown))
    }

    /// Users. Sort: `email` (default), `name`, `created`, `last_seen`; filter: `active`, `invited`, `disabled`, `admin`, empty for all.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_users(
        &self,
        _administrator: &Administrator,
        query: &ListQuery,
    ) -> Result<Page<UserView>> {
        identity::store::user::list(&self.read(), &query.clone().bounded()).await
    }

    /// One user.
    ///
    /// # Errors
    /// Not found.
    pub async fn user(&self, _administrator: &Administrator, id: UserId) -> Result<UserView> {
        shown(&self.read(), id).await
    }

    /// One user, by address as typed.
    ///
    /// # Errors
    /// Bad input (`email`), not found.
    pub async fn user_by_email(
        &self,
        administrator: &Administrator,
        email: &str,
    ) -> Result<UserView> {
        let email =
            Email::parse(email).map_err(|wrong| Error::bad_input("email")(wrong.to_string()))?;
        let user = identity::store::user::find_by_email(&self.read(), &email)
            .await?
            .ok_or(Error::NotFound("person"))?;
        self.user(administrator, user.id).await
    }

    /// Disables a user: verify denies their devices with the next request, their sessions end.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator.
    pub async fn disable_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = require_user(&tx, id).await?;
        let Ok((_, event)) = user.clone().disable(self.now()) else {
            return Ok(());
        };
        keep_an_administrator(&tx, &user).await?;
        let ended = cascade::suspend_user(&tx, id).await?;
        tx.apply(UserDisabled { ended, ..event }).await?;
        tx.commit().await
    }

    /// Enables a user again.
    ///
    /// # Errors
    /// Not found.
    pub async fn enable_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(administrator, origin).await?;
        let Ok((_, event)) = require_user(&tx, id).await?.enable() else {
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
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = require_user(&tx, id).await?;
        keep_an_administrator(&tx, &user).await?;
        cascade::end_user(&mut tx, user).await?;
        tx.commit().await
    }

    /// Changes a role. The user is signed out everywhere: a copy of a cookie that was worth little must
    /// not be worth more from now on.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator.
    pub async fn set_role(
        &self,
        administrator: &Administrator,
        id: UserId,
        role: Role,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = require_user(&tx, id).await?;
        let Ok((_, event)) = user.clone().set_role(role) else {
            return Ok(());
        };
        if role == Role::User {
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
        administrator: &Administrator,
        id: UserId,
        passkey_only: bool,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(administrator, origin).await?;
        let user = require_user(&tx, id).await?;
        let Ok((_, event)) = user.set_passkey_only(passkey_only) else {
            return Ok(());
        };
        tx.apply(event).await?;
        tx.commit().await
    }
}

async fn shown(db: &impl Reads, id: UserId) -> Result<UserView> {
    identity::store::user::show(db, id)
        .await?
        .ok_or(Error::NotFound("person"))
}

/// A user, or that there is none.
pub(crate) async fn require_user(db: &impl Reads, id: UserId) -> Result<User> {
    identity::store::user::find(db, id)
        .await?
        .ok_or(Error::NotFound("person"))
}

/// Refuses to take away the last administrator who can come in.
async fn keep_an_administrator(db: &impl Reads, user: &User) -> Result<()> {
    if user.is_active_administrator()
        && identity::store::user::count_able_administrators(db, user.id).await? == 0
    {
        let message = format!(
            "{} is the only administrator. Make somebody else one first.",
            user.email
        );
        return Err(Error::Conflict {
            field: "id",
            message,
        });
    }
    Ok(())
}
