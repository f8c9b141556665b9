//! Adding users.

use crate::{
    Conflict, Engine, EnrolmentCode, Error, RequestOrigin, Result, UncommittedSecret, identity,
    identity::role::require_role, unit_of_work::Tx,
};
use latchkey_domain::{
    access::permission::{Authorizes, Permission, PermissionSet, UsersInvite},
    event::{TotpProvisioned, UserAdded},
    id::UserId,
    identity::email::Email,
    identity::totp::TotpSecret,
    identity::user::{Role, User, UserView},
    name::DisplayName,
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
        let email = Email::parse(&self.email).map_err(Error::bad_input("email"))?;
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
        let name = DisplayName::parse(name).map_err(Error::bad_input("name"))?;
        Ok((email, name))
    }
}

impl Engine {
    /// Adds a user and makes their enrolment link.
    ///
    /// # Errors
    /// Bad input (`email`, `name`), conflict (`email`); forbidden for a role that the caller may not give.
    pub async fn add_user(
        &self,
        proof: &dyn Authorizes<UsersInvite>,
        new: NewUser,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (UserView, EnrolmentCode)>> {
        let mut tx = self.begin(proof, origin).await?;
        let user = self.new_user(&tx, &new).await?;
        let id = user.id;
        let (link, shown) = self.new_invitation(id, false);
        let event = UserAdded {
            user,
            invitation: Some(link),
            is_setup: false,
        };
        tx.apply(event).await?;
        let user = super::shown(&tx, id, self.now()).await?;
        Ok(UncommittedSecret::new(tx, (user, shown)))
    }

    /// Adds a user with a TOTP secret made here; its `otpauth://` URI is shown once.
    ///
    /// # Errors
    /// As [`Engine::add_user`].
    pub async fn add_user_with_totp(
        &self,
        proof: &dyn Authorizes<UsersInvite>,
        new: NewUser,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (UserView, SecretText)>> {
        let mut tx = self.begin(proof, origin).await?;
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
        let user = super::shown(&tx, user.id, self.now()).await?;
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
        if new.role.is_privileged() {
            tx.require_permissions(PermissionSet::of(&[Permission::RolesWrite]))?;
            require_role(tx, new.role).await?;
            tx.require_authority_over(new.role).await?;
        }
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
            return Err(Error::conflict("email", Conflict::Email(email)));
        }
        let now = self.now();
        let id = UserId::from_uuid(self.inner.settings.rng.uuid(now));
        Ok(User::invite(id, email, name, role, now))
    }
}
