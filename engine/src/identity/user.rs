//! People: adding, inviting, switching off and on, roles, deleting.

use crate::{
    Engine, EnrolmentCode, Error, RequestOrigin, Result, UncommittedSecret,
    audit::log::{Change, Entry, Target},
    identity,
    identity::cascade,
};
use latchkey_domain::{
    access::permission::Administrator,
    audit::event::{Action, FieldChange},
    id::UserId,
    identity::email::Email,
    identity::user::{Role, User},
    name::DisplayName,
    pagination::{ListQuery, Page},
    secret::SecretText,
};
use sea_orm::ConnectionTrait;

/// A person to add.
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
    /// Adds a person and makes their enrolment link.
    ///
    /// # Errors
    /// Bad input (`email`, `name`), conflict (`email`).
    pub async fn add_user(
        &self,
        administrator: &Administrator,
        new: NewUser,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (User, EnrolmentCode)>> {
        let mut change = self.change(administrator, origin).await?;
        let id = UserId::from_uuid(self.insert_new(&mut change, &new).await?.id);
        let link = self.new_invitation(change.db(), id).await?;
        let user = shown(change.db(), id).await?;
        Ok(UncommittedSecret::new(change, (user, link)))
    }

    /// Adds a person with a TOTP secret made here; its `otpauth://` URI is shown once.
    ///
    /// # Errors
    /// As [`Engine::add_user`].
    pub async fn add_user_with_totp(
        &self,
        administrator: &Administrator,
        new: NewUser,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (User, SecretText)>> {
        let mut change = self.change(administrator, origin).await?;
        let id = UserId::from_uuid(self.insert_new(&mut change, &new).await?.id);
        let (email, _) = new.parse()?;
        let secret = self.new_totp_secret();
        let sealed = self.seal_totp_secret(id, &secret)?;
        identity::store::totp::set(change.db(), id, sealed, self.now().unix_timestamp(), None)
            .await?;
        change.record_with(
            &Entry {
                action: Action::TotpProvisioned,
                target: Target::User(id),
                name: email.as_str(),
                subject: Some(id),
                detail: "",
            },
            [FieldChange::added(
                "authenticator app",
                "provisioned".to_owned(),
            )],
        );
        let shown = self.show_totp(&secret, &email)?;
        let user = self::shown(change.db(), id).await?;
        Ok(UncommittedSecret::new(change, (user, shown.otpauth_uri)))
    }

    pub(crate) async fn insert_new(
        &self,
        change: &mut Change<'_>,
        new: &NewUser,
    ) -> Result<identity::store::user::Model> {
        let (email, name) = new.parse()?;
        let row = self
            .insert_user(change.db(), &email, &name, new.role)
            .await?;
        let id = UserId::from_uuid(row.id);
        change.record_with(
            &Entry {
                action: Action::UserAdded,
                target: Target::User(id),
                name: email.as_str(),
                subject: Some(id),
                detail: "",
            },
            added_user(&row),
        );
        Ok(row)
    }

    /// A new row, within a change.
    pub(crate) async fn insert_user(
        &self,
        db: &impl ConnectionTrait,
        email: &Email,
        name: &DisplayName,
        role: Role,
    ) -> Result<identity::store::user::Model> {
        if identity::store::user::find_by_email(db, email)
            .await?
            .is_some()
        {
            return Err(Error::Conflict {
                field: "email",
                message: format!("{email} has an account already."),
            });
        }
        let now = self.now();
        let row = identity::store::user::Model {
            id: self.inner.settings.rng.uuid(now),
            email: email.to_string(),
            name: name.to_string(),
            role: role.as_str().to_owned(),
            created_at: now.unix_timestamp(),
            activated_at: None,
            disabled_at: None,
            passkey_since: None,
            passkey_only: false,
        };
        identity::store::user::insert(db, row.clone()).await?;
        Ok(row)
    }

    /// Makes a new enrolment link for somebody; older ones become void.
    ///
    /// # Errors
    /// Not found; conflict when the account is disabled.
    pub async fn invite_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, EnrolmentCode>> {
        let mut change = self.change(administrator, origin).await?;
        let user = existing(change.db(), id).await?;
        if user.disabled_at.is_some() {
            return Err(Error::Conflict {
                field: "id",
                message: "This account is disabled. Enable it first.".to_owned(),
            });
        }
        let link = self.new_invitation(change.db(), id).await?;
        change.record(&Entry {
            action: Action::UserInvited,
            target: Target::User(id),
            name: &user.email,
            subject: Some(id),
            detail: "",
        });
        Ok(UncommittedSecret::new(change, link))
    }

    /// People. Sort: `email` (default), `name`, `created`, `last_seen`; filter: `active`, `invited`, `disabled`, `admin`, empty for all.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_users(
        &self,
        _administrator: &Administrator,
        query: &ListQuery,
    ) -> Result<Page<User>> {
        identity::store::user::list(self.db(), &query.clone().bounded()).await
    }

    /// One person.
    ///
    /// # Errors
    /// Not found.
    pub async fn user(&self, _administrator: &Administrator, id: UserId) -> Result<User> {
        shown(self.db(), id).await
    }

    /// One person, by address as typed.
    ///
    /// # Errors
    /// Bad input (`email`), not found.
    pub async fn user_by_email(&self, administrator: &Administrator, email: &str) -> Result<User> {
        let email =
            Email::parse(email).map_err(|wrong| Error::bad_input("email")(wrong.to_string()))?;
        let row = identity::store::user::find_by_email(self.db(), &email)
            .await?
            .ok_or(Error::NotFound("person"))?;
        self.user(administrator, UserId::from_uuid(row.id)).await
    }

    /// Switches an account off: verify refuses its devices with the next request, its sessions end.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator.
    pub async fn disable_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut change = self.change(administrator, origin).await?;
        let user = existing(change.db(), id).await?;
        if user.disabled_at.is_some() {
            return Ok(());
        }
        keep_an_administrator(change.db(), &user).await?;
        identity::store::user::set_disabled(change.db(), id, Some(self.now().unix_timestamp()))
            .await?;
        let ended = cascade::suspend_user(&mut change, id).await?;
        let entry = Entry {
            action: Action::UserDisabled,
            target: Target::User(id),
            name: &user.email,
            subject: Some(id),
            detail: &ended,
        };
        change.record_with(
            &entry,
            [FieldChange::new(
                "state",
                "enabled".to_owned(),
                "disabled".to_owned(),
            )],
        );
        change.commit().await
    }

    /// Switches an account on again.
    ///
    /// # Errors
    /// Not found.
    pub async fn enable_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut change = self.change(administrator, origin).await?;
        let user = existing(change.db(), id).await?;
        if user.disabled_at.is_none() {
            return Ok(());
        }
        identity::store::user::set_disabled(change.db(), id, None).await?;
        change.record_with(
            &Entry {
                action: Action::UserEnabled,
                target: Target::User(id),
                name: &user.email,
                subject: Some(id),
                detail: "",
            },
            [FieldChange::new(
                "state",
                "disabled".to_owned(),
                "enabled".to_owned(),
            )],
        );
        change.commit().await
    }

    /// Deletes an account with its devices, passkeys, grants and sessions; the audit log keeps what happened.
    ///
    /// # Errors
    /// Not found; conflict for the last administrator.
    pub async fn delete_user(
        &self,
        administrator: &Administrator,
        id: UserId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut change = self.change(administrator, origin).await?;
        let user = existing(change.db(), id).await?;
        keep_an_administrator(change.db(), &user).await?;
        let ended = cascade::end_user(&mut change, id).await?;
        change.record_with(
            &Entry {
                action: Action::UserDeleted,
                target: Target::User(id),
                name: &user.email,
                subject: Some(id),
                detail: &ended,
            },
            facts_of(&user).map(|(field, value)| FieldChange::removed(field, value)),
        );
        change.commit().await
    }

    /// Changes a role. The person is signed out everywhere: a copy of a cookie that was worth little must
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
        let mut change = self.change(administrator, origin).await?;
        let user = existing(change.db(), id).await?;
        if user.role() == role {
            return Ok(());
        }
        if role == Role::User {
            keep_an_administrator(change.db(), &user).await?;
        }
        identity::store::user::set_role(change.db(), id, role).await?;
        let now = self.now().unix_timestamp();
        let ended = cascade::end_authority(&mut change, id, "role changed", now).await?;
        change.record_with(
            &Entry {
                action: Action::UserRoleChanged,
                target: Target::User(id),
                name: &user.email,
                subject: Some(id),
                detail: &ended,
            },
            [FieldChange::new(
                "role",
                user.role().to_string(),
                role.to_string(),
            )],
        );
        change.commit().await
    }

    /// Sets whether a person signs in with passkeys only. (Administrators do from their first passkey on,
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
        let mut change = self.change(administrator, origin).await?;
        let user = existing(change.db(), id).await?;
        if user.passkey_only == passkey_only {
            return Ok(());
        }
        identity::store::user::set_passkey_only(change.db(), id, passkey_only).await?;
        let words = |passkey_only| match passkey_only {
            true => "passkeys only".to_owned(),
            false => "passkeys and codes".to_owned(),
        };
        change.record_with(
            &Entry {
                action: Action::UserSignInChanged,
                target: Target::User(id),
                name: &user.email,
                subject: Some(id),
                detail: "",
            },
            [FieldChange::new(
                "sign-in",
                words(user.passkey_only),
                words(passkey_only),
            )],
        );
        change.commit().await
    }
}

/// What the log says of an account, besides what happens to it.
fn facts_of(user: &identity::store::user::Model) -> [(&'static str, String); 3] {
    [
        ("email", user.email.clone()),
        ("name", user.name.clone()),
        ("role", user.role().to_string()),
    ]
}

/// What adding an account changes.
pub(crate) fn added_user(user: &identity::store::user::Model) -> impl Iterator<Item = FieldChange> {
    facts_of(user)
        .into_iter()
        .map(|(field, value)| FieldChange::added(field, value))
}

async fn shown(db: &impl ConnectionTrait, id: UserId) -> Result<User> {
    identity::store::user::show(db, id)
        .await?
        .ok_or(Error::NotFound("person"))
}

async fn existing(db: &impl ConnectionTrait, id: UserId) -> Result<identity::store::user::Model> {
    identity::store::user::find(db, id)
        .await?
        .ok_or(Error::NotFound("person"))
}

/// Refuses to take away the last administrator who can come in.
async fn keep_an_administrator(
    db: &impl ConnectionTrait,
    user: &identity::store::user::Model,
) -> Result<()> {
    let counts =
        user.role() == Role::Admin && user.activated_at.is_some() && user.disabled_at.is_none();
    if counts
        && identity::store::user::count_able_administrators(db, UserId::from_uuid(user.id)).await?
            == 0
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
