//! Devices: registering one with a code, looking after them, ending them.

use crate::{
    Client, Engine, Error, Refusal, Result, SignedIn,
    audit::{Actor, Entry, Target},
    enrolment::optional_name,
    identify::Proof,
    store,
    throttle::FACTOR_LIMIT,
};
use latchkey_domain::{
    access::{Account, AccountChange, Administrator},
    device::{Device, Registration},
    email::Email,
    event::Action,
    id::{DeviceId, UserId},
    list::{ListQuery, Page},
    name::DisplayName,
    totp::TotpCode,
};
use uuid::Uuid;

/// What wrong codes are counted under.
const CODES: &str = "code";

impl Engine {
    /// Registers this device with e-mail and TOTP code; an empty name takes one from the browser.
    /// When the browser already is a device of the same person, that device is signed in again.
    ///
    /// # Errors
    /// [`Refusal::InvalidCredentials`] whatever was wrong with the two, bad input (`device_name`), throttled.
    pub async fn register_device(
        &self,
        email: &str,
        code: &str,
        device_name: &str,
        current: Option<&Account>,
        client: &Client,
    ) -> Result<SignedIn> {
        let device_name = optional_name(device_name)?;
        // An address that cannot be one is counted too, under what it would be.
        let address = Email::parse(email);
        let counted = address.as_ref().map_or_else(
            |_| {
                email
                    .chars()
                    .take(latchkey_domain::email::MAX_LENGTH)
                    .collect()
            },
            Email::to_string,
        );
        self.check_throttle(CODES, &counted).await?;
        let user = match &address {
            Ok(address) => store::user::find_by_email(self.db(), address).await?,
            Err(_) => None,
        };
        // Everything below is done for unknown accounts too, on rows that do not exist: the time
        // and the answer must not tell accounts apart.
        let user_id = UserId::from_uuid(user.as_ref().map_or(Uuid::nil(), |user| user.id));
        let factor = store::totp::find(self.db(), user_id).await?;
        let secret = match &factor {
            Some(factor) => self.open_totp_secret(factor)?,
            None => self.stand_in_secret(),
        };
        let typed = TotpCode::parse(code)
            .or_else(|_| TotpCode::parse("000000"))
            .ok();
        let step = match &typed {
            Some(typed) => self.totp_step(&secret, typed)?,
            None => None,
        };
        let is_right = TotpCode::parse(code).is_ok()
            && factor
                .as_ref()
                .is_some_and(|factor| factor.disabled_at.is_none());
        let step = step
            .filter(|_| is_right)
            .and_then(|step| i64::try_from(step).ok());
        let live = user.filter(|user| user.disabled_at.is_none());
        if let (Some(user), Some(step)) = (&live, step) {
            let mut change = self.change(Actor::Anonymous, client).await?;
            // One statement accepts the step: a code is good once, and never an older one after a newer.
            if store::totp::use_step(change.db(), user_id, step).await? {
                let signed_in = self
                    .sign_in(
                        &mut change,
                        user,
                        current,
                        Proof {
                            registration: Registration::Code,
                            device_name,
                        },
                        client,
                    )
                    .await?;
                change.commit().await?;
                self.reset_throttle(CODES, &counted).await?;
                return Ok(signed_in);
            }
        }
        self.count_failure(CODES, &counted).await?;
        store::totp::failed(
            self.db(),
            user_id,
            self.now().unix_timestamp(),
            FACTOR_LIMIT,
        )
        .await?;
        let subject = Some(user_id).filter(|id| !id.uuid().is_nil());
        self.record_refusal(
            subject,
            if subject.is_some() {
                "wrong code"
            } else {
                "unknown account"
            },
            client,
        )
        .await?;
        Err(Refusal::InvalidCredentials.into())
    }

    /// The devices of this person, this one first, then by last use. Not the revoked ones.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_devices(&self, account: &Account) -> Result<Vec<Device>> {
        let mut devices = store::device::of(self.db(), account.user_id, false).await?;
        devices.sort_by_key(|device| device.id != account.device_id);
        Ok(devices)
    }

    /// Renames one of this person's devices.
    ///
    /// # Errors
    /// Bad input (`name`), not found.
    pub async fn rename_device(
        &self,
        change: &AccountChange,
        id: DeviceId,
        name: &str,
        client: &Client,
    ) -> Result<()> {
        let name = DisplayName::parse(name)
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let account = change.account();
        let mut change = self.change(account, client).await?;
        let device = store::device::find(change.db(), id).await?;
        // Somebody else's device does not exist for this person.
        let Some(device) = device.filter(|device| {
            device.user_id == account.user_id.uuid() && device.revoked_at.is_none()
        }) else {
            return Err(Error::NotFound("device"));
        };
        store::device::rename(change.db(), id, name.as_str()).await?;
        change.record(&Entry {
            action: Action::DeviceRenamed,
            target: Target::Device(id),
            name: name.as_str(),
            subject: Some(account.user_id),
            detail: &format!("was {}", device.name),
        });
        change.commit().await
    }

    /// Revokes one of this person's devices, with its passkeys and sessions.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke_my_device(
        &self,
        change: &AccountChange,
        id: DeviceId,
        client: &Client,
    ) -> Result<()> {
        let account = change.account();
        self.revoke(account.into(), id, Some(account.user_id), client)
            .await
    }

    /// All devices. Sort: `name`, `email`, `last_seen` (default), `created`; filter: `active` (default), `revoked`, `all`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_devices(
        &self,
        _administrator: &Administrator,
        query: &ListQuery,
    ) -> Result<Page<Device>> {
        store::device::list(self.db(), &query.clone().bounded()).await
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
        store::device::of(self.db(), user, true).await
    }

    /// Revokes anybody's device, with its passkeys and sessions.
    ///
    /// # Errors
    /// Not found.
    pub async fn revoke_device(
        &self,
        administrator: &Administrator,
        id: DeviceId,
        client: &Client,
    ) -> Result<()> {
        self.revoke(administrator.into(), id, None, client).await
    }

    /// One revoke ends all that the device joins: cookie, passkeys, sessions.
    async fn revoke(
        &self,
        actor: Actor,
        id: DeviceId,
        owner: Option<UserId>,
        client: &Client,
    ) -> Result<()> {
        let mut change = self.change(actor, client).await?;
        let device = store::device::find(change.db(), id)
            .await?
            .filter(|device| owner.is_none_or(|owner| owner.uuid() == device.user_id));
        let Some(device) = device else {
            return Err(Error::NotFound("device"));
        };
        if !store::device::revoke(change.db(), id, self.now().unix_timestamp()).await? {
            // Ended before; what was wanted is so.
            return Ok(());
        }
        let passkeys = store::passkey::delete_of_device(change.db(), id).await?;
        store::session::delete_of_device(change.db(), id).await?;
        let detail = if passkeys == 0 {
            String::new()
        } else {
            format!("with {passkeys} passkey(s)")
        };
        change.record(&Entry {
            action: Action::DeviceRevoked,
            target: Target::Device(id),
            name: &device.name,
            subject: Some(UserId::from_uuid(device.user_id)),
            detail: &detail,
        });
        change.commit().await
    }
}
