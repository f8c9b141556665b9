//! Registering a device with an e-mail address and a TOTP code.

use crate::{
    Engine, Error, KnownBrowser, Refusal, RequestOrigin, Result, SignedIn, identity,
    identity::enrolment::optional_name,
    identity::sign_in::{Proof, SignsIn},
    throttle::attempt::{Guess, uncancelled},
    unit_of_work::{Accepts, Tx},
};
use latchkey_domain::{
    event::SignInRefused,
    identity::device::{AuthMethod, DeviceLimit},
    identity::email::Email,
    identity::user::{CodeUse, User},
    name::DisplayName,
};

impl Engine {
    /// Registers this device with e-mail and TOTP code; an empty name takes one from the browser.
    /// When the browser is a device of the same user already, that device is signed in again.
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
        // From here on the same is done for users who do not exist, on rows that do not exist: the time and the answer
        // must not tell whether there is such a user.
        let user = match &address {
            Ok(address) => {
                identity::store::user::find_by_email_evenly(&self.read(), address).await?
            }
            Err(_) => None,
        };
        let user_id = user.as_ref().map(|user| user.id);
        let guess = Guess::Account {
            email: &counted,
            user: user_id,
            known_device: browser
                .filter(|browser| Some(browser.user) == user_id)
                .map(|browser| browser.device),
        };
        let attempt = self.reserve_attempt(guess, origin).await?;
        let step = self.totp_step_of(&attempt, user_id, code).await?;
        let enabled = user.as_ref().filter(|user| !user.is_disabled());
        if let (Some(user), Some(step)) = (enabled, step) {
            let mut tx = self.begin_sign_in(user.id, origin).await?;
            // Disabled or deleted between the look-up and now: the transaction's view decides.
            let user = identity::store::user::find(&tx, user.id)
                .await?
                .filter(|user| !user.is_disabled());
            // One statement accepts the step: a code is good once, and never an older one after a newer.
            if let Some(user) = user
                && identity::store::totp::use_step(&tx, user.id, step).await?
            {
                attempt.right(tx.db()).await?;
                let signed_in = self
                    .sign_in_by_code(&mut tx, user, device_name, browser, origin)
                    .await;
                if matches!(signed_in, Ok(_) | Err(Error::Refused(Refusal::PasskeyOnly))) {
                    tx.commit().await?;
                }
                return signed_in;
            }
        }
        let reason = match user {
            Some(_) => "wrong code",
            None => "unknown account",
        };
        let user = user.as_ref().map(User::named);
        attempt.wrong(self, user, reason, origin).await?;
        Err(Refusal::InvalidCredentials.into())
    }

    /// What a right code is worth, within the change that accepted it.
    async fn sign_in_by_code<O: SignsIn + Accepts<SignInRefused>>(
        &self,
        tx: &mut Tx<'_, O>,
        user: User,
        device_name: Option<DisplayName>,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let worth = user.code_use(self.inner.settings.passkey_only);
        if worth == CodeUse::Refused {
            let event = SignInRefused {
                user: Some(user.named()),
                reason: "right code, but passkeys only",
                copied: None,
            };
            tx.apply(event).await?;
            return Err(Refusal::PasskeyOnly.into());
        }
        let proof = Proof {
            method: AuthMethod::Code,
            device_name,
            limit: match worth {
                CodeUse::Limited => DeviceLimit::Unapproved,
                CodeUse::Full | CodeUse::Refused => DeviceLimit::None,
            },
            is_enrolment: false,
        };
        self.refuse_more_devices(tx, user.id, browser).await?;
        self.sign_in(tx, user, browser, proof, origin).await
    }
}
