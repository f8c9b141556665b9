//! Confirming an enrolment: the first right code of the authenticator app that was shown its secret.

use super::optional_name;
use crate::{
    Engine, Error, KnownBrowser, Refusal, RequestOrigin, Result, SignedIn,
    ephemeral::ceremony::Ceremony,
    identity,
    identity::sign_in::Proof,
    throttle::attempt::{Attempt, Guess, uncancelled},
    throttle::refusal_log::Reason,
    unit_of_work::{Actor, Tx},
};
use latchkey_domain::{
    event::{TotpConfirmed, UserAdded},
    identity::device::{AuthMethod, DeviceLimit},
    identity::totp::TotpSecret,
    identity::user::{Role, User},
    name::DisplayName,
};

impl Engine {
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
            Ceremony::PasskeyRegistration { .. }
            | Ceremony::DeviceApproval { .. }
            | Ceremony::PasskeyLogin { .. } => {
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
        let now = self.now();
        let mut tx = self.begin(Actor::Anonymous, origin).await?;
        let (user, secret) = self.use_link(&mut tx, ceremony).await?;
        let has_replaced = (identity::store::totp::find(&tx, user.id).await?).is_some();
        attempt.right(tx.db()).await?;
        tx.act_as(Actor::User(user.id, user.email.clone()));
        let event = TotpConfirmed {
            user: user.named(),
            secret: TotpSecret {
                user_id: user.id,
                sealed: self.seal_totp_secret(user.id, &secret)?,
                confirmed_at: now,
                // The confirming code is spent too: it cannot sign anybody in afterwards.
                last_step: Some(step),
            },
            has_replaced,
        };
        tx.apply(event).await?;
        let proof = Proof {
            method: AuthMethod::LinkAndCode,
            device_name,
            // Whoever made the link vouches for it, or it is the user's first.
            limit: DeviceLimit::None,
            is_enrolment: true,
        };
        let id = user.id;
        let named = user.named();
        let signed_in = match self.sign_in(&mut tx, user, browser, proof, origin).await {
            Ok(signed_in) => signed_in,
            Err(cause) => {
                drop(tx);
                // The link stays, for another place or for when an administrator has looked.
                let reason = Reason::Code("enrolment held");
                return Err(self.note_held(cause, named, reason, origin).await);
            }
        };
        tx.end_other_sessions(id, signed_in.current_user.device_id)
            .await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Uses up the link of a ceremony. Returns its user, who is added now where it is the first administrator's setup, and
    /// the secret of the authenticator app.
    async fn use_link(&self, tx: &mut Tx<'_>, ceremony: Ceremony) -> Result<(User, Vec<u8>)> {
        let refused = || Error::from(Refusal::LinkNotValid);
        match ceremony {
            Ceremony::Setup {
                link,
                email,
                name,
                secret,
            } => {
                // The head of the log is taken: nobody else can become the first administrator meanwhile.
                if !identity::store::enrolment::take(tx, &link, self.now()).await?
                    || identity::store::user::count_administrators(tx).await? > 0
                {
                    return Err(refused());
                }
                let user = self.invited_user(tx, email, name, Role::Admin).await?;
                let event = UserAdded {
                    user: user.clone(),
                    invitation: None,
                    is_setup: true,
                };
                tx.apply(event).await?;
                Ok((user, secret))
            }
            Ceremony::Enrolment { link, user, secret } => {
                let user = identity::store::user::find(tx, user)
                    .await?
                    .filter(|user| !user.is_disabled())
                    .ok_or_else(refused)?;
                // Since the ceremony began, the user may have got another device: then this link recovers, and must not enrol.
                let live = identity::store::enrolment::find_live(tx, &link, self.now()).await?;
                if !live.is_some_and(|live| live.enrols(&user))
                    || !identity::store::enrolment::take(tx, &link, self.now()).await?
                {
                    return Err(refused());
                }
                Ok((user, secret))
            }
            Ceremony::PasskeyRegistration { .. }
            | Ceremony::DeviceApproval { .. }
            | Ceremony::PasskeyLogin { .. } => Err(Refusal::CeremonyExpired.into()),
        }
    }
}
