//! Recovery: for users who lost everything with which they sign in.
//!
//! 1. A recovery code, or an enrolment link for which nobody vouched, makes this browser a device that is limited
//!    ([`DeviceLimit::Recovery`]). One conditional statement uses the code up, so of racing requests one makes a device.
//! 2. The user is told, and any device of theirs without a limit cancels it.
//! 3. Where the operator asks for it, the user also confirms by mail (`recovery/confirmation.rs`).
//! 4. When the cooling-off period has ended, the device may add a passkey, which lifts its limit.
//!
//! The operator can recover a user without waiting: with a link that is vouched for.

mod cancellation;
mod confirmation;
pub(crate) mod protection;

use crate::{
    Conflict, Engine, EnrolmentCode, Error, KnownBrowser, Noun, Refusal, RequestOrigin, Result,
    SignedIn, UncommittedSecret,
    identity::{self, cascade, enrolment::lookup_digest as link_digest, sign_in::Proof},
    keys::keyring,
    throttle::attempt::{Attempt, Guess, uncancelled},
    tokens::store::family::FamilyOwner,
    unit_of_work::Actor,
};
use latchkey_domain::{
    access::permission::{CurrentUser, Operator, SelfManagement},
    event::{Ended, RecoveryCodesMade, RecoveryStarted, UserRecovered},
    id::UserId,
    identity::device::{AuthMethod, DeviceLimit, MailConfirmation, Recovery},
    identity::email::Email,
    identity::one_time_code::{ENTROPY_BYTES, OneTimeCode},
    identity::recovery::{CODES, RecoveryBasis, RecoveryCodes, RecoveryCodesView},
    name::DisplayName,
    secret::SecretText,
};
use std::ops::ControlFlow;
use time::Duration;

/// What is typed is compared up to this.
const MAX_TYPED: usize = 256;

/// What an enrolment link recovers, for the page that asks before it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveringLink {
    /// Whose access.
    pub email: Email,
    /// Their name.
    pub name: DisplayName,
}

/// With what a user recovers access.
enum Means {
    Code([u8; 32]),
    Link([u8; 32]),
}

fn code_digest(code: &OneTimeCode) -> [u8; 32] {
    keyring::digest("recovery code", code.bytes())
}

impl Engine {
    /// How long a device in recovery waits before it may add a passkey.
    #[must_use]
    pub fn recovery_cooling_off(&self) -> Duration {
        self.inner.settings.recovery_cooling_off
    }

    /// Makes recovery codes for this user, which are shown this once; older ones are void.
    ///
    /// # Errors
    /// Internal only.
    pub async fn make_recovery_codes(
        &self,
        proof: &SelfManagement,
        origin: &RequestOrigin,
    ) -> Result<Vec<SecretText>> {
        let current_user = proof.current_user();
        let codes: [OneTimeCode; CODES] =
            std::array::from_fn(|_| OneTimeCode::from_entropy(self.inner.settings.rng.bytes()));
        let mut tx = self.begin(proof, origin).await?;
        let event = RecoveryCodesMade {
            user: current_user.named(),
            device: current_user.device_id,
            codes: RecoveryCodes {
                user: current_user.user_id,
                digests: codes
                    .iter()
                    .map(|code| code_digest(code).to_vec())
                    .collect(),
                made_at: self.now(),
            },
            replaced: identity::store::recovery::count_unused(&tx, current_user.user_id).await?,
        };
        tx.apply(event).await?;
        tx.commit().await?;
        let shown = codes.iter().map(OneTimeCode::expose_in_groups);
        Ok(shown.map(SecretText::new).collect())
    }

    /// The recovery codes of this user, if they made any.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_recovery_codes(
        &self,
        current_user: &CurrentUser,
    ) -> Result<Option<RecoveryCodesView>> {
        identity::store::recovery::show(&self.read(), current_user.user_id).await
    }

    /// Whose access an enrolment link recovers; `None` if it is not valid, or enrols.
    ///
    /// # Errors
    /// Internal only.
    pub async fn recovering_link(&self, code: &str) -> Result<Option<RecoveringLink>> {
        let Some(link) = self.live_link(code).await? else {
            return Ok(None);
        };
        let user = self.invited(&link).await?.filter(|user| !link.enrols(user));
        Ok(user.map(|user| RecoveringLink {
            email: user.email,
            name: user.name,
        }))
    }

    /// Makes this browser a device in recovery, with a recovery code or the code of an enrolment link for which nobody vouched.
    ///
    /// # Errors
    /// [`Refusal::InvalidRecoveryCode`] whatever was wrong, throttled.
    pub async fn recover(
        &self,
        typed: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let (engine, origin) = (self.clone(), origin.clone());
        let typed: String = typed.chars().take(MAX_TYPED).collect();
        uncancelled(async move { engine.try_to_recover(&typed, browser, &origin).await }).await
    }

    async fn try_to_recover(
        &self,
        typed: &str,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<SignedIn> {
        let parsed = OneTimeCode::parse_typed(typed);
        let is_code = parsed.is_ok();
        // What cannot be a code is counted and looked up too, so that it takes as long.
        let code = parsed.unwrap_or_else(|_| OneTimeCode::from_entropy([0; ENTROPY_BYTES]));
        let guessed = match is_code {
            true => code_digest(&code),
            false => keyring::digest("not a recovery code", typed.as_bytes()),
        };
        let attempt = self
            .reserve_attempt(Guess::Recovery(&guessed), origin)
            .await?;
        let (code_digest, link_digest) = (code_digest(&code), link_digest(&code));
        let db = self.read();
        let owner = identity::store::recovery::owner_of_unused(&db, &code_digest).await?;
        let link = identity::store::enrolment::find_live(&db, &link_digest, self.now()).await?;
        let found = match (owner, link.and_then(|link| link.purpose.user())) {
            (Some(owner), _) => Some((owner, Means::Code(code_digest))),
            (None, Some(user)) => Some((user, Means::Link(link_digest))),
            (None, None) => None,
        };
        let nobody = UserId::from_uuid(uuid::Uuid::nil());
        let user = found.as_ref().map_or(nobody, |(user, _)| *user);
        let user = identity::store::user::find(&db, user).await?;
        let is_enabled = user.is_some_and(|user| !user.is_disabled());
        let attempt = match found.filter(|_| is_code && is_enabled) {
            Some((user, means)) => {
                let used = self.use_means(attempt, user, &means, browser, origin);
                match used.await? {
                    ControlFlow::Break(signed_in) => return Ok(*signed_in),
                    ControlFlow::Continue(attempt) => attempt,
                }
            }
            None => attempt,
        };
        let reason = "wrong recovery code";
        attempt.wrong(self, None, reason, origin).await?;
        Err(Refusal::InvalidRecoveryCode.into())
    }

    /// Uses up the code or link, and signs its user in on a device in recovery. If it ended meanwhile, the attempt goes on.
    async fn use_means(
        &self,
        attempt: Attempt,
        user: UserId,
        means: &Means,
        browser: Option<KnownBrowser>,
        origin: &RequestOrigin,
    ) -> Result<ControlFlow<Box<SignedIn>, Attempt>> {
        let now = self.now();
        let mut tx = self.begin(Actor::Anonymous, origin).await?;
        // Disabled or deleted between the look-up and now: the transaction's view decides.
        let user = identity::store::user::find(&tx, user).await?;
        let Some(user) = user.filter(|user| !user.is_disabled()) else {
            return Ok(ControlFlow::Continue(attempt));
        };
        let is_used = match means {
            Means::Code(digest) => {
                identity::store::recovery::take(&tx, digest, user.id, now).await?
            }
            Means::Link(digest) => {
                let live = identity::store::enrolment::find_live(&tx, digest, now).await?;
                live.is_some_and(|live| !live.enrols(&user))
                    && identity::store::enrolment::take(&tx, digest, now).await?
            }
        };
        if !is_used {
            return Ok(ControlFlow::Continue(attempt));
        }
        attempt.right(tx.db()).await?;
        let basis = match means {
            Means::Code(_) => RecoveryBasis::Code {
                left: identity::store::recovery::count_unused(&tx, user.id).await?,
            },
            Means::Link(_) => RecoveryBasis::Link,
        };
        let proof = Proof {
            method: AuthMethod::Recovery,
            device_name: None,
            limit: DeviceLimit::Recovery(Recovery {
                since: now,
                passkey_after: now + self.inner.settings.recovery_cooling_off,
                mail: match self.inner.settings.recovery_confirms_by_mail {
                    true => MailConfirmation::Required,
                    false => MailConfirmation::NotRequired,
                },
            }),
            is_enrolment: false,
        };
        // Not limited in number: there are as many as codes, and who lost everything can revoke no other device first.
        let signed_in = self.sign_in(&mut tx, user, browser, proof, origin).await?;
        let id = signed_in.current_user.device_id;
        // A device that was in use before opens nothing any more, and nor do its programs.
        tx.end_token_families(FamilyOwner::Device(id)).await?;
        let device = identity::store::device::find(&tx, id).await?;
        let device = device.ok_or(Error::NotFound(Noun::Device))?;
        tx.apply(RecoveryStarted { device, basis }).await?;
        tx.commit().await?;
        Ok(ControlFlow::Break(Box::new(signed_in)))
    }

    /// Makes a link for a user who lost everything, which enrols without a cooling-off period; also removes their passkeys if
    /// asked, and resets the count of wrong codes. For whoever reads the master key, and for the last administrator.
    ///
    /// # Errors
    /// Bad input (`email`), not found; conflict when the user is disabled.
    pub async fn recover_user(
        &self,
        operator: &Operator,
        email: &str,
        removes_passkeys: bool,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, EnrolmentCode>> {
        let email = Email::parse(email).map_err(Error::bad_input("email"))?;
        let mut tx = self.begin(operator, origin).await?;
        let user = identity::store::user::find_by_email(&tx, &email).await?;
        let user = user.ok_or(Error::NotFound(Noun::User))?;
        if user.is_disabled() {
            return Err(Error::conflict("email", Conflict::Disabled));
        }
        let passkeys = match removes_passkeys {
            true => identity::store::passkey::list_by_user(&tx, user.id).await?,
            false => Vec::new(),
        };
        let ended = Ended::new([(passkeys.len() as u64, "passkey")]);
        for passkey in passkeys {
            cascade::end_passkey(&mut tx, passkey, self.now()).await?;
        }
        self.reset_wrong_codes(&mut tx, &user).await?;
        let (link, shown) = self.new_invitation(user.id, true);
        tx.apply(UserRecovered { user, link, ended }).await?;
        Ok(UncommittedSecret::new(tx, shown))
    }
}
