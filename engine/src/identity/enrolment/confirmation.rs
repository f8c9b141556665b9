//! The ceremony behind a link: the authenticator app is shown its secret, and the first right code
//! confirms it.

use super::{EnrolmentPurpose, PendingEnrolment, optional_name};
use crate::{
    CeremonyHandle, Engine, Error, KnownBrowser, Refusal, RequestOrigin, Result, SignedIn,
    audit::log::{Actor, Entry, Target},
    database,
    ephemeral::ceremony::Ceremony,
    identity,
    identity::authentication::Proof,
    identity::user::added_user,
    throttle::attempt::{Attempt, Guess, uncancelled},
};
use latchkey_domain::{
    audit::event::{Action, FieldChange},
    id::UserId,
    identity::device::Registration,
    identity::email::Email,
    identity::user::Role,
    name::DisplayName,
    secret::SecretText,
};

impl Engine {
    /// The first administrator's details; the link stays alive until a code is confirmed. Where this browser
    /// has a setup of this link under way (`handles`), its authenticator app stays the same.
    ///
    /// # Errors
    /// Bad input (`email`, `name`), [`Refusal::LinkNotValid`].
    pub async fn begin_setup(
        &self,
        code: &str,
        email: &str,
        name: &str,
        handles: &[String],
    ) -> Result<CeremonyHandle> {
        let Some(link) = self.live_link(code, EnrolmentPurpose::Setup).await? else {
            return Err(Refusal::LinkNotValid.into());
        };
        let email =
            Email::parse(email).map_err(|wrong| Error::bad_input("email")(wrong.to_string()))?;
        let name = DisplayName::parse(name)
            .map_err(|wrong| Error::bad_input("name")(wrong.to_string()))?;
        let ends = database::at(link.expires_at);
        let secret = match self.under_way(&link, handles)? {
            Some((_, Ceremony::Setup { secret, .. })) => secret,
            _ => self.new_totp_secret(),
        };
        let ceremony = Ceremony::Setup {
            link: link.digest,
            email,
            name,
            secret,
        };
        self.begin_sealed_ceremony(ceremony, ends)
    }

    /// The setup of this link that is under way in this browser, if one of `handles` is it.
    ///
    /// # Errors
    /// Internal only.
    pub async fn pending_setup(
        &self,
        code: &str,
        handles: &[String],
    ) -> Result<Option<PendingEnrolment>> {
        let Some(live) = self.live_link(code, EnrolmentPurpose::Setup).await? else {
            return Ok(None);
        };
        match self.under_way(&live, handles)? {
            Some((
                handle,
                Ceremony::Setup {
                    email,
                    name,
                    secret,
                    ..
                },
            )) => self.pending(handle, false, email, name, &secret).map(Some),
            _ => Ok(None),
        }
    }

    /// Opens an enrolment link: goes on with the ceremony of this link among the browser's `handles`, or begins
    /// one. `None`: the link is not valid.
    ///
    /// # Errors
    /// Internal only.
    pub async fn begin_enrolment(
        &self,
        code: &str,
        handles: &[String],
    ) -> Result<Option<PendingEnrolment>> {
        let Some(live) = self.live_link(code, EnrolmentPurpose::Invitation).await? else {
            return Ok(None);
        };
        let Some(user) = self.invited(&live).await? else {
            return Ok(None);
        };
        let (email, name) = (
            database::parsed(&user.email)?,
            database::parsed(&user.name)?,
        );
        if let Some((handle, Ceremony::Enrolment { secret, .. })) =
            self.under_way(&live, handles)?
        {
            return self.pending(handle, false, email, name, &secret).map(Some);
        }
        let secret = self.new_totp_secret();
        let ends = database::at(live.expires_at);
        let ceremony = Ceremony::Enrolment {
            link: live.digest,
            user: UserId::from_uuid(user.id),
            secret: secret.clone(),
        };
        let handle = self.begin_sealed_ceremony(ceremony, ends)?;
        self.pending(handle, true, email, name, &secret).map(Some)
    }

    /// The ceremony of a link among those that a browser keeps.
    fn under_way(
        &self,
        live: &identity::store::enrolment::Model,
        handles: &[String],
    ) -> Result<Option<(CeremonyHandle, Ceremony)>> {
        for text in handles {
            match self.peek_ceremony(Some(text))? {
                Some(ceremony) if ceremony.link() == Some(&live.digest) => {
                    let handle = CeremonyHandle {
                        text: SecretText::new(text),
                        expires_at: database::at(live.expires_at),
                    };
                    return Ok(Some((handle, ceremony)));
                }
                Some(_) | None => {}
            }
        }
        Ok(None)
    }

    /// The account behind a link, unless it was switched off meanwhile.
    async fn invited(
        &self,
        link: &identity::store::enrolment::Model,
    ) -> Result<Option<identity::store::user::Model>> {
        let Some(user) = link.user_id else {
            return Ok(None);
        };
        Ok(
            identity::store::user::find(self.db(), UserId::from_uuid(user))
                .await?
                .filter(|user| user.disabled_at.is_none()),
        )
    }

    fn pending(
        &self,
        handle: CeremonyHandle,
        is_new: bool,
        email: Email,
        name: DisplayName,
        secret: &[u8],
    ) -> Result<PendingEnrolment> {
        let shown = self.show_totp(secret, &email)?;
        Ok(PendingEnrolment {
            handle,
            is_new,
            email,
            name,
            otpauth_uri: shown.otpauth_uri,
            secret: shown.secret,
        })
    }

    /// Confirms the authenticator app (setup and enrolment alike): uses the link up, makes the factor and the device.
    ///
    /// # Errors
    /// [`Refusal::WrongCode`] (the ceremony goes on), [`Refusal::CeremonyExpired`],
    /// [`Refusal::LinkNotValid`], bad input (`device_name`).
    pub async fn finish_enrolment(
        &self,
        handle: Option<&str>,
        totp: &str,
        device_name: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let (engine, origin) = (self.clone(), origin.clone());
        let handle = handle.map(str::to_owned);
        let [totp, name] = [totp, device_name].map(str::to_owned);
        uncancelled(async move {
            let handle = handle.as_deref();
            engine
                .try_to_enrol(handle, &totp, &name, browser, &origin)
                .await
        })
        .await
    }

    async fn try_to_enrol(
        &self,
        handle: Option<&str>,
        totp: &str,
        device_name: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let device_name = optional_name(device_name)?;
        // Not used up here but with its link, in the transaction: of parallel confirmations one wins.
        let Some(ceremony) = self.peek_ceremony(handle)? else {
            return Err(Refusal::CeremonyExpired.into());
        };
        let (link, secret) = match &ceremony {
            Ceremony::Setup { link, secret, .. } | Ceremony::Enrolment { link, secret, .. } => {
                (link, secret)
            }
            Ceremony::PasskeyRegistration { .. } | Ceremony::PasskeyLogin { .. } => {
                return Err(Refusal::CeremonyExpired.into());
            }
        };
        let attempt = self.reserve_attempt(Guess::Link(link), origin).await?;
        match self.totp_step(&attempt, secret, totp)? {
            Some(step) => {
                self.enrol(ceremony, attempt, step, device_name, browser, origin)
                    .await
            }
            None => {
                attempt
                    .wrong(self, None, "wrong code at enrolment", origin)
                    .await?;
                Err(Refusal::WrongCode.into())
            }
        }
    }

    async fn enrol(
        &self,
        ceremony: Ceremony,
        attempt: Attempt,
        step: i64,
        device_name: Option<DisplayName>,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let now = self.now().unix_timestamp();
        let mut change = self.change(Actor::Anonymous, origin).await?;
        let (user, secret) = match ceremony {
            Ceremony::Setup {
                link,
                email,
                name,
                secret,
                ..
            } => {
                // The head of the log is taken: nobody else can become the first administrator meanwhile.
                if !identity::store::enrolment::take(change.db(), &link, now).await?
                    || identity::store::user::count_administrators(change.db(), None).await? > 0
                {
                    return Err(Refusal::LinkNotValid.into());
                }
                let user = self
                    .insert_user(change.db(), &email, &name, Role::Admin)
                    .await?;
                let entry = Entry {
                    action: Action::UserAdded,
                    target: Target::User(UserId::from_uuid(user.id)),
                    name: email.as_str(),
                    subject: Some(UserId::from_uuid(user.id)),
                    detail: "first administrator",
                };
                change.record_with(&entry, added_user(&user));
                (user, secret)
            }
            Ceremony::Enrolment {
                link, user, secret, ..
            } => {
                let row = identity::store::user::find(change.db(), user)
                    .await?
                    .filter(|row| row.disabled_at.is_none());
                match row {
                    Some(row)
                        if identity::store::enrolment::take(change.db(), &link, now).await? =>
                    {
                        (row, secret)
                    }
                    _ => return Err(Refusal::LinkNotValid.into()),
                }
            }
            Ceremony::PasskeyRegistration { .. } | Ceremony::PasskeyLogin { .. } => {
                return Err(Refusal::CeremonyExpired.into());
            }
        };
        let user_id = UserId::from_uuid(user.id);
        let sealed = self.seal_totp_secret(user_id, &secret)?;
        let before = identity::store::totp::find(change.db(), user_id)
            .await?
            .map(|_| "an older one".to_owned());
        // The confirming code is spent too: it cannot sign anybody in afterwards.
        identity::store::totp::set(change.db(), user_id, sealed, now, Some(step)).await?;
        attempt.right(change.db()).await?;
        change.act_as(Actor::User(user_id, user.email.clone()));
        change.record_with(
            &Entry {
                action: Action::TotpConfirmed,
                target: Target::User(user_id),
                name: &user.email,
                subject: Some(user_id),
                detail: "",
            },
            [FieldChange::new(
                "authenticator app",
                before,
                "a new one".to_owned(),
            )],
        );
        let signed_in = self
            .sign_in(
                &mut change,
                &user,
                browser,
                Proof {
                    registration: Registration::Link,
                    device_name,
                    // Whoever made the link vouches for it.
                    is_limited: false,
                },
                origin,
            )
            .await?;
        change.commit().await?;
        Ok(signed_in)
    }
}
