//! Confirming a recovery by mail.
//!
//! 1. The user of a device in recovery asks for a mail ([`Engine::send_recovery_mail`]). Nobody else can cause one, and they get a
//!    few a day. It has a code, and a link with the same code. An earlier mail is void.
//! 2. They enter the code on that device, or open the link in its browser and press a button ([`Engine::confirm_recovery`]). The
//!    code is tagged with its device and its mail, so it is worth nothing elsewhere. A try is counted before the code is compared.
//! 3. The device may add a passkey when its cooling-off period ends too. Neither alone is enough.

use crate::{
    Conflict, Engine, Error, FailedAttempt, Noun, Refusal, RequestOrigin, Result, identity,
    identity::store::recovery_mail,
    keys::keyring::Purpose,
    notification::{mail::MailContent, store::mail},
    throttle::{attempt::uncancelled, refusal_log::Reason},
};
use latchkey_domain::{
    access::permission::{CurrentUser, RecoveryConfirmation},
    event::RecoveryMailRequested,
    id::{DeviceId, MailId},
    identity::recovery_mail::{ConfirmationCode, LIFETIME, RecoveryMail},
    secret::SecretText,
};
use time::OffsetDateTime;

/// What a code is tagged with.
fn tagged(mail: MailId, device: DeviceId, code: &ConfirmationCode) -> Vec<u8> {
    let (mail, device) = (mail.uuid(), device.uuid());
    [mail.as_bytes(), device.as_bytes(), code.bytes().as_slice()].concat()
}

impl Engine {
    /// Until when the last mail of this device can be answered; `None` if there is none, or all tries were used.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_recovery_mail(
        &self,
        current_user: &CurrentUser,
    ) -> Result<Option<OffsetDateTime>> {
        let device = current_user.device_id;
        let found = recovery_mail::find(&self.read(), device, self.now()).await?;
        Ok(found.map(|mail| mail.expires_at))
    }

    /// Sends a mail with which the recovery on this device is confirmed; the one before is void.
    ///
    /// # Errors
    /// Conflict (`mail`) when this installation sends no mail; throttled.
    pub async fn send_recovery_mail(
        &self,
        proof: &RecoveryConfirmation,
        origin: &RequestOrigin,
    ) -> Result<()> {
        if !self.sends_mail() {
            return Err(Error::conflict("mail", Conflict::NoMail));
        }
        let (user, id) = (proof.current_user().user_id, proof.current_user().device_id);
        let mut tx = self.begin(proof, origin).await?;
        self.reserve_recovery_mail(&tx, user).await?;
        let device = identity::store::device::find(&tx, id).await?;
        let device = device.ok_or(Error::NotFound(Noun::Device))?;
        let code = ConfirmationCode::from_entropy(self.inner.settings.rng.bytes());
        let expires_at = self.now() + LIFETIME;
        let content = MailContent::RecoveryConfirmation {
            code: SecretText::new(code.expose_secret()),
            device: device.name.to_string(),
            ip: origin.ip.map(|ip| ip.to_string()),
            expires_at,
        };
        let new = self.new_mail(user, &content)?;
        let tag = tagged(new.id, id, &code);
        let confirmation = RecoveryMail {
            id: new.id,
            user,
            device: id,
            code_tag: self.inner.keys.tag(Purpose::RecoveryMail, &tag).to_vec(),
            expires_at,
        };
        let event = RecoveryMailRequested {
            device,
            confirmation,
        };
        tx.apply(event).await?;
        mail::insert(&tx, new).await?;
        tx.commit().await
    }

    /// Confirms the recovery on this device with the code of its last mail.
    ///
    /// # Errors
    /// [`Refusal::InvalidConfirmationCode`] whatever was wrong.
    pub async fn confirm_recovery(
        &self,
        proof: &RecoveryConfirmation,
        typed: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let code = ConfirmationCode::parse_typed(typed).ok();
        let (engine, proof, origin) = (self.clone(), proof.clone(), origin.clone());
        uncancelled(async move { engine.try_to_confirm(&proof, code, &origin).await }).await
    }

    async fn try_to_confirm(
        &self,
        proof: &RecoveryConfirmation,
        code: Option<ConfirmationCode>,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let device = proof.current_user().device_id;
        if let Some(found) = recovery_mail::find(&self.read(), device, self.now()).await?
            && self.count_try(found.id).await?
            && code.is_some_and(|code| self.is_code_of(&found, &code))
            && self.use_code(proof, &found, origin).await?
        {
            return Ok(());
        }
        FailedAttempt::Code.log(origin);
        let (user, reason) = (proof.current_user().named(), "wrong confirmation code");
        self.record_refusal(Some(user), Reason::Code(reason), origin)
            .await?;
        Err(Refusal::InvalidConfirmationCode.into())
    }

    async fn count_try(&self, mail: MailId) -> Result<bool> {
        let permit = self.acquire_write_permit().await?;
        recovery_mail::count_try(&permit, mail, self.now()).await
    }

    fn is_code_of(&self, mail: &RecoveryMail, code: &ConfirmationCode) -> bool {
        let tag = tagged(mail.id, mail.device, code);
        let keys = &self.inner.keys;
        keys.is_tag_of(Purpose::RecoveryMail, &tag, &mail.code_tag)
    }

    /// Uses the code up, if its mail has not ended since.
    async fn use_code(
        &self,
        proof: &RecoveryConfirmation,
        mail: &RecoveryMail,
        origin: &RequestOrigin,
    ) -> Result<bool> {
        let now = self.now();
        let mut tx = self.begin(proof, origin).await?;
        if !recovery_mail::take(&tx, mail.id, now).await? {
            return Ok(false);
        }
        let device = identity::store::device::find(&tx, mail.device).await?;
        let Some(Ok((_, event))) = device.map(|device| device.confirm_by_mail(now)) else {
            return Ok(false);
        };
        tx.apply(event).await?;
        tx.commit().await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
