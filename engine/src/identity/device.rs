//! Devices: registering one with a code, looking after them, ending them.

use crate::{
    Engine, Error, KnownBrowser, Refusal, RequestOrigin, Result, Revocation, SignedIn,
    audit::log::{Actor, Change, Entry, Target},
    identity,
    identity::authentication::Proof,
    identity::cascade,
    identity::enrolment::optional_name,
    throttle::attempt::{Guess, uncancelled},
};
use latchkey_domain::{
    access::permission::{Administrator, CurrentUser, SelfManagement},
    audit::event::{Action, FieldChange},
    id::{DeviceId, PasskeyId, UserId},
    identity::device::{Device, Registration},
    identity::email::Email,
    identity::passkey::Passkey,
    identity::user::CodeUse,
    name::DisplayName,
    pagination::{ListQuery, Page},
};
use sea_orm::ConnectionTrait;

impl Engine {
    /// Registers this device with e-mail and TOTP code; an empty name takes one from the browser.
    /// When the browser is a device of the same person already, that device is signed in again.
    ///
    /// # Errors
    /// [`Refusal::InvalidCredentials`] whatever was wrong with the two, bad input (`device_name`), throttled.
    pub async fn register_device(
        &self,
        email: &str,
        code: &str,
        device_name: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let (engine, origin) = (self.clone(), origin.clone());
        let [email, code, name] = [email, code, device_name].map(str::to_owned);
        uncancelled(async move {
            engine
                .try_to_register(&email, &code, &name, browser, &origin)
                .await
        })
        .await
    }

    async fn try_to_register(
        &self,
        email: &str,
        code: &str,
        device_name: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let device_name = optional_name(device_name)?;
        // An address that cannot be one is counted too, under what it would be.
        let address = Email::parse(email);
        let counted = address.as_ref().map_or_else(
            |_| {
                email
                    .chars()
                    .take(latchkey_domain::identity::email::MAX_LENGTH)
                    .collect()
            },
            Email::to_string,
        );
        // From here on the same is done for accounts that do not exist, on rows that do not exist: the
        // time and the answer must not tell accounts apart.
        let user = match &address {
            Ok(address) => identity::store::user::find_by_email(self.db(), address).await?,
            Err(_) => None,
        };
        let user_id = user.as_ref().map(|user| UserId::from_uuid(user.id));
        let guess = Guess::Account {
            email: &counted,
            user: user_id,
            known_device: browser
                .filter(|browser| Some(browser.user) == user_id)
                .map(|browser| browser.device),
        };
        let attempt = self.reserve_attempt(guess, origin).await?;
        let step = self.totp_step_of(&attempt, user_id, code).await?;
        let owner = user
            .as_ref()
            .map(|user| (UserId::from_uuid(user.id), &*user.email));
        let live = user.as_ref().filter(|user| user.disabled_at.is_none());
        if let (Some(user), Some(step)) = (live, step) {
            let mut change = self.change(Actor::Anonymous, origin).await?;
            let id = UserId::from_uuid(user.id);
            // Disabled or deleted between the look and now: the transaction's view decides.
            let user = identity::store::user::find(change.db(), id)
                .await?
                .filter(|user| user.disabled_at.is_none());
            // One statement accepts the step: a code is good once, and never an older one after a newer.
            if let Some(user) = user
                && identity::store::totp::use_step(change.db(), id, step).await?
            {
                attempt.right(change.db()).await?;
                let worth = self.code_use(&user);
                if worth == CodeUse::Refused {
                    change.record(&Entry {
                        action: Action::SignInRefused,
                        target: Target::User(id),
                        name: &user.email,
                        subject: Some(id),
                        detail: "right code, but passkeys only",
                    });
                    change.commit().await?;
                    return Err(Refusal::PasskeyOnly.into());
                }
                let proof = Proof {
                    registration: Registration::Code,
                    device_name,
                    is_limited: worth == CodeUse::Limited,
                };
                self.refuse_more_devices(&change, id, browser).await?;
                let signed_in = self
                    .sign_in(&mut change, &user, browser, proof, origin)
                    .await?;
                change.commit().await?;
                return Ok(signed_in);
            }
        }
        let reason = match owner {
            Some(_) => "wrong code",
            None => "unknown account",
        };
        attempt.wrong(self, owner, reason, origin).await?;
        Err(Refusal::InvalidCredentials.into())
    }

    /// The devices of this person, this one first, then by last use. Not the revoked ones.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_devices(&self, current_user: &CurrentUser) -> Result<Vec<Device>> {
        let mut devices =
            identity::store::device::of(self.db(), current_user.user_id, false).await?;
        devices.sort_by_key(|device| device.id != current_user.device_id);
        Ok(devices)
    }

    /// Renames one of this person's devices.
    ///
    /// # Errors
    /// Bad input (`name`), not found.
    pub async fn rename_device(
        &self,
        change: &SelfManagement,
        id: DeviceId,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let name = DisplayName::parse(name)
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let current_user = change.current_user();
        let mut change = self.change(change, origin).await?;
        let device = identity::store::device::find(change.db(), id).await?;
        // Somebody else's device does not exist for this person.
        let Some(device) = device.filter(|device| {
            device.user_id == current_user.user_id.uuid() && device.revoked_at.is_none()
        }) else {
            return Err(Error::NotFound("device"));
        };
        identity::store::device::rename(change.db(), id, name.as_str()).await?;
        change.record_with(
            &Entry {
                action: Action::DeviceRenamed,
                target: Target::Device(id),
                name: name.as_str(),
                subject: Some(current_user.user_id),
                detail: "",
            },
            [FieldChange::new("name", device.name, name.to_string())],
        );
        change.commit().await
    }

    /// Approves one of this person's devices that was registered with a code: it is limited no more.
    ///
    /// # Errors
    /// Not found. A limited device approves nothing, itself included: it may make no change.
    pub async fn approve_device(
        &self,
        change: &SelfManagement,
        id: DeviceId,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let current_user = change.current_user();
        let mut change = self.change(change, origin).await?;
        let device = identity::store::device::find(change.db(), id)
            .await?
            .filter(|device| device.user_id == current_user.user_id.uuid())
            .filter(|device| device.revoked_at.is_none())
            .ok_or(Error::NotFound("device"))?;
        if !identity::store::device::approve(change.db(), id).await? {
            return Ok(());
        }
        change.record_with(
            &Entry {
                action: Action::DeviceApproved,
                target: Target::Device(id),
                name: &device.name,
                subject: Some(current_user.user_id),
                detail: "from another device",
            },
            [FieldChange::removed("limited", "yes".to_owned())],
        );
        change.commit().await
    }

    /// Revokes one of this person's devices, signed in or out, with its sessions, the passkeys that are at
    /// home on it, and those of `also` that were used on it.
    ///
    /// # Errors
    /// Not found; conflict when the account's last passkey would end with another device than this one: without
    /// any, nobody but an administrator could help.
    pub async fn revoke_my_device(
        &self,
        change: &SelfManagement,
        id: DeviceId,
        also: &[PasskeyId],
        origin: &RequestOrigin,
    ) -> Result<Revocation> {
        let (owner, here) = (
            change.current_user().user_id,
            change.current_user().device_id,
        );
        let change = self.change(change, origin).await?;
        if id != here && ends_the_last_passkey(change.db(), owner, id, also).await? {
            return Err(Error::Conflict {
                field: "id",
                message: "Your last passkey would end with that device. Add one on this device first, under Security, then revoke the other device."
                    .to_owned(),
            });
        }
        self.revoke(change, id, Some(owner), also).await
    }

    /// The passkeys that were used on a device and are at home elsewhere: revoking it may end them too.
    ///
    /// # Errors
    /// Internal only.
    pub async fn passkeys_used_on(
        &self,
        current_user: &CurrentUser,
        device: DeviceId,
    ) -> Result<Vec<Passkey>> {
        let all = self.used_on(device).await?;
        let own = identity::store::passkey::rows_of(self.db(), current_user.user_id).await?;
        Ok(all
            .into_iter()
            .filter(|passkey| own.iter().any(|row| row.id == passkey.id.uuid()))
            .collect())
    }

    /// The same for anybody's device.
    ///
    /// # Errors
    /// Internal only.
    pub async fn passkeys_used_on_any(
        &self,
        _administrator: &Administrator,
        device: DeviceId,
    ) -> Result<Vec<Passkey>> {
        self.used_on(device).await
    }

    async fn used_on(&self, device: DeviceId) -> Result<Vec<Passkey>> {
        identity::store::passkey::used_on(self.db(), device)
            .await?
            .into_iter()
            .map(Passkey::try_from)
            .filter(|passkey| {
                passkey
                    .as_ref()
                    .map_or(true, |passkey| passkey.device_id != device)
            })
            .collect()
    }

    /// All devices. Sort: `name`, `email`, `last_seen` (default), `created`; filter: `active` (default), `signed_out`, `revoked`, `all`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_devices(
        &self,
        _administrator: &Administrator,
        query: &ListQuery,
    ) -> Result<Page<Device>> {
        identity::store::device::list(self.db(), &query.clone().bounded()).await
    }

    /// All devices of one person, revoked ones last.
    ///
    /// # Errors
    /// Internal only.
    pub async fn devices_of(
        &self,
        _administrator: &Administrator,
        user: UserId,
    ) -> Result<Vec<Device>> {
        identity::store::device::of(self.db(), user, true).await
    }

    /// Revokes anybody's device, signed in or out, with its sessions, the passkeys that are at home on it,
    /// and those of `also` that were used on it.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke_device(
        &self,
        administrator: &Administrator,
        id: DeviceId,
        also: &[PasskeyId],
        origin: &RequestOrigin,
    ) -> Result<Revocation> {
        let change = self.change(administrator, origin).await?;
        self.revoke(change, id, None, also).await
    }

    async fn revoke(
        &self,
        mut change: Change<'_>,
        id: DeviceId,
        owner: Option<UserId>,
        also: &[PasskeyId],
    ) -> Result<Revocation> {
        let device = identity::store::device::find(change.db(), id)
            .await?
            .filter(|device| owner.is_none_or(|owner| owner.uuid() == device.user_id))
            .ok_or(Error::NotFound("device"))?;
        let now = self.now().unix_timestamp();
        let ended = cascade::end_device(&mut change, &device, also, now).await?;
        change.commit().await?;
        Ok(ended)
    }
}

/// Whether no passkey would be left of this person's.
async fn ends_the_last_passkey(
    db: &impl ConnectionTrait,
    owner: UserId,
    device: DeviceId,
    also: &[PasskeyId],
) -> Result<bool> {
    let ends = |row: &identity::store::passkey::Model| {
        row.device_id == device.uuid() || also.contains(&PasskeyId::from_uuid(row.id))
    };
    let all = identity::store::passkey::rows_of(db, owner).await?;
    Ok(!all.is_empty() && all.iter().all(ends))
}
