//! Authenticator apps: making secrets, showing them once, and checking codes (RFC 6238).

use crate::{
    Conflict, Engine, Error, RequestOrigin, Result, identity, identity::store::totp::MatchedStep,
    keys::keyring, keys::seal, throttle::attempt::Attempt,
};
use latchkey_domain::{
    access::permission::{CurrentUser, SelfManagement},
    event::TotpRemoved,
    id::UserId,
    identity::email::Email,
    identity::totp::{DIGITS, STEP_SECONDS, TotpCode, TotpSecret},
    identity::user::CodeUse,
    secret::SecretText,
};
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use uuid::Uuid;

/// Bytes in a secret: 160 bits, as RFC 4226 §4 recommends.
const SECRET_BYTES: usize = 20;

/// The state of a user's authenticator app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpState {
    /// When it was set up.
    pub confirmed_at: OffsetDateTime,
    /// What a code of it is good for.
    pub code_use: CodeUse,
}

/// A secret as it is shown to its owner, once.
pub(crate) struct Shown {
    pub(crate) otpauth_uri: SecretText,
    pub(crate) secret: SecretText,
}

/// The associated data of a sealed secret: whose it is.
pub(crate) fn aad(user: UserId) -> Vec<u8> {
    [b"totp".as_slice(), user.uuid().as_bytes()].concat()
}

impl Engine {
    /// This user's authenticator app, if they have one.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_totp(&self, current_user: &CurrentUser) -> Result<Option<TotpState>> {
        let secret = identity::store::totp::find(&self.read(), current_user.user_id).await?;
        let user = identity::store::user::find(&self.read(), current_user.user_id).await?;
        Ok(secret.zip(user).map(|(secret, user)| TotpState {
            confirmed_at: secret.confirmed_at,
            code_use: user.code_use(self.inner.settings.passkey_only),
        }))
    }

    /// Removes this user's authenticator app: from then on they sign in with passkeys only.
    ///
    /// # Errors
    /// Conflict with fewer than two passkeys: a single one is lost with its device.
    pub async fn remove_totp(&self, proof: &SelfManagement, origin: &RequestOrigin) -> Result<()> {
        let user = proof.current_user().named();
        let mut tx = self.begin(proof, origin).await?;
        if identity::store::passkey::count_by_user(&tx, user.id).await? < 2 {
            return Err(Error::conflict("id", Conflict::FewPasskeys));
        }
        if identity::store::totp::find(&tx, user.id).await?.is_none() {
            return Ok(());
        }
        let (id, here) = (user.id, proof.current_user().device_id);
        tx.apply(TotpRemoved { user }).await?;
        tx.end_other_sessions(id, here).await?;
        tx.commit().await
    }

    pub(crate) fn new_totp_secret(&self) -> Vec<u8> {
        self.inner.settings.rng.bytes::<SECRET_BYTES>().to_vec()
    }

    pub(crate) fn seal_totp_secret(&self, user: UserId, secret: &[u8]) -> Result<Vec<u8>> {
        seal::seal(
            &self.inner.keys,
            &self.inner.settings.rng,
            &aad(user),
            secret,
        )
    }

    pub(crate) fn open_totp_secret(&self, secret: &TotpSecret) -> Result<Vec<u8>> {
        seal::open(&self.inner.keys, &aad(secret.user_id), &secret.sealed)
    }

    /// The time step that a typed code belongs to, if it is right for now or one step around it. Takes
    /// an [`Attempt`]: a code that was not counted is not looked at.
    pub(crate) fn totp_step(
        &self,
        _counted: &Attempt,
        secret: &[u8],
        typed: &str,
    ) -> Result<Option<i64>> {
        let now = u64::try_from(self.now().unix_timestamp()).unwrap_or_default();
        let parsed = TotpCode::parse(typed);
        // What cannot be a code is compared too, so that it takes as long.
        let digits = parsed.as_ref().map_or("000000", TotpCode::digits);
        let step = self.totp(secret, "account")?.check(digits, now);
        Ok(step
            .filter(|_| parsed.is_ok())
            .and_then(|step| i64::try_from(step).ok()))
    }

    /// The same for the authenticator app of an account; one that there is not has a secret of its own
    /// that nobody knows, and costs the same work.
    pub(crate) async fn totp_step_of(
        &self,
        counted: &Attempt,
        user: Option<UserId>,
        typed: &str,
    ) -> Result<Option<MatchedStep>> {
        let nobody = UserId::from_uuid(Uuid::nil());
        let factor =
            identity::store::totp::find_evenly(&self.read(), user.unwrap_or(nobody)).await?;
        let secret = match &factor {
            Some(factor) => self.open_totp_secret(factor)?,
            None => {
                let secret = &keyring::digest("no such account", &self.web_key())[..SECRET_BYTES];
                let sealed = self.seal_totp_secret(nobody, secret)?;
                seal::open(&self.inner.keys, &aad(nobody), &sealed)?
            }
        };
        let step = self.totp_step(counted, &secret, typed)?;
        Ok(step.zip(factor).map(|(step, factor)| MatchedStep {
            step,
            confirmed_at: factor.confirmed_at,
        }))
    }

    /// How a secret is shown: as a URI, and in base 32.
    pub(crate) fn show_totp(&self, secret: &[u8], email: &Email) -> Result<Shown> {
        let uri = self
            .totp(secret, email.as_str())?
            .to_url()
            .map_err(Error::internal)?;
        Ok(Shown {
            otpauth_uri: SecretText::new(uri),
            secret: SecretText::new(Secret::from(secret.to_vec()).to_base32()),
        })
    }

    fn totp(&self, secret: &[u8], current_user: &str) -> Result<Totp> {
        // SHA-1, 6 digits and 30 seconds are what every authenticator app understands.
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(u8::try_from(DIGITS).unwrap_or(6))
            .with_step_duration(STEP_SECONDS)
            .with_skew(1)
            .with_secret(secret.to_vec())
            // The URI's label separates issuer and account with a colon.
            .with_issuer(Some(self.inner.settings.site_name.replace(':', " ")))
            .with_account_name(current_user.replace(':', " "))
            .build()
            .map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{test_engine::TestEngine, throttle::attempt::Guess, unit_of_work::Actor};
    use latchkey_domain::event::TotpConfirmed;
    use time::Duration;

    #[tokio::test]
    async fn audit_21_a_code_is_not_accepted_for_a_secret_that_replaced_the_one_it_was_checked_against()
     {
        let test = TestEngine::new().await;
        test.users(["ada@example.com"]).await;
        let (engine, nobody) = (&test.engine, RequestOrigin::default());
        let id = test.id_of("ada@example.com").await;
        let user = identity::store::user::find(&engine.read(), id).await;
        let user = user.unwrap().unwrap();
        let confirm = async |secret: &[u8]| {
            let mut tx = engine.begin(Actor::System, &nobody).await.unwrap();
            let event = TotpConfirmed {
                user: user.named(),
                secret: TotpSecret {
                    user_id: id,
                    sealed: engine.seal_totp_secret(id, secret).unwrap(),
                    confirmed_at: engine.now(),
                    last_step: None,
                },
                has_replaced: false,
            };
            tx.apply(event).await.unwrap();
            tx.commit().await.unwrap();
        };
        let use_step = async |step| {
            let permit = engine.acquire_write_permit().await.unwrap();
            identity::store::totp::use_step(&permit, id, step)
                .await
                .unwrap()
        };
        let (stolen, replacement) = ([1; SECRET_BYTES], [2; SECRET_BYTES]);
        confirm(&stolen).await;
        let guess = Guess::Account {
            email: "ada@example.com",
            user: Some(id),
            known_device: None,
        };
        let attempt = engine.reserve_attempt(guess, &nobody).await.unwrap();
        let now = u64::try_from(engine.now().unix_timestamp()).unwrap();
        let code = engine
            .totp(&stolen, "account")
            .unwrap()
            .generate(now)
            .to_string();
        let step = engine.totp_step_of(&attempt, Some(id), &code);
        let step = step.await.unwrap().unwrap();

        test.clock.advance(Duration::SECOND);
        confirm(&replacement).await;
        assert!(!use_step(step).await);
        let secret = identity::store::totp::find(&engine.read(), id).await;
        assert_eq!(secret.unwrap().unwrap().last_step, None);
        let confirmed_at = engine.now();
        assert!(
            use_step(MatchedStep {
                confirmed_at,
                ..step
            })
            .await
        );
        assert!(
            !use_step(MatchedStep {
                confirmed_at,
                ..step
            })
            .await
        );
    }
}
