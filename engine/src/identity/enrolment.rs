//! Enrolment: from a one-time link to a registered device.
//!
//! 1. The link carries a 112-bit code; its digest is stored, its time is short, it is used once.
//! 2. Opening it begins a ceremony in this browser, with a TOTP secret of its own.
//!    Looking at a link uses nothing up, and two people who open it see different secrets.
//! 3. The first right code confirms: in one transaction the link is used up, the authenticator
//!    app is kept, and the device is registered. Of racing confirmations one wins.
//!
//! The first administrator's setup is the same with one more step in front: who they are.

mod confirmation;

use crate::{
    CeremonyHandle, Engine, Error, RequestOrigin, Result, UncommittedSecret,
    audit::log::{Actor, Entry, Target},
    identity,
    keys::keyring,
};
use latchkey_domain::{
    audit::event::Action, id::UserId, identity::email::Email, identity::one_time_code::OneTimeCode,
    name::DisplayName, secret::SecretText,
};
use sea_orm::ConnectionTrait;
use time::{Duration, OffsetDateTime};

/// What an enrolment code is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentPurpose {
    /// The first administrator's setup.
    Setup,
    /// An invited user's first device, or another one.
    Invitation,
}

impl EnrolmentPurpose {
    const fn stored(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Invitation => "invitation",
        }
    }

    const fn lifetime(self) -> Duration {
        match self {
            Self::Setup => Duration::minutes(30),
            Self::Invitation => Duration::hours(24),
        }
    }
}

/// A one-time code, shown once as part of a link.
#[derive(Debug, Clone)]
pub struct EnrolmentCode {
    /// What it is for.
    pub purpose: EnrolmentPurpose,
    /// The code.
    pub code: SecretText,
    /// When it expires unless it is used.
    pub expires_at: OffsetDateTime,
}

/// A pending enrolment, for the page that shows its secret.
#[derive(Debug, Clone)]
pub struct PendingEnrolment {
    /// What the page sends along with the code, and the browser keeps for a reload.
    pub handle: CeremonyHandle,
    /// Whether this call began it.
    pub is_new: bool,
    /// Whose.
    pub email: Email,
    /// Their name.
    pub name: DisplayName,
    /// `otpauth://totp/…`
    pub otpauth_uri: SecretText,
    /// The secret in base 32, to type by hand.
    pub secret: SecretText,
}

fn row_of(code: &OneTimeCode) -> [u8; 32] {
    keyring::digest("one-time link", code.bytes())
}

impl Engine {
    /// Creates a setup code, if there is no administrator. It invalidates older ones.
    ///
    /// # Errors
    /// Internal only.
    pub async fn setup_code(&self) -> Result<Option<UncommittedSecret<'_, EnrolmentCode>>> {
        if identity::store::user::count_administrators(self.db(), None).await? > 0 {
            return Ok(None);
        }
        let mut change = self
            .change(Actor::System, &RequestOrigin::default())
            .await?;
        let code = self
            .new_enrolment_code(change.db(), EnrolmentPurpose::Setup, None)
            .await?;
        change.record(&Entry {
            action: Action::SetupLinked,
            target: Target::Nothing,
            name: "",
            subject: None,
            detail: "",
        });
        Ok(Some(UncommittedSecret::new(change, code)))
    }

    /// Creates a code, which invalidates the user's older ones for the same purpose.
    async fn new_enrolment_code(
        &self,
        db: &impl ConnectionTrait,
        purpose: EnrolmentPurpose,
        user: Option<UserId>,
    ) -> Result<EnrolmentCode> {
        let code = OneTimeCode::from_entropy(self.inner.settings.rng.bytes());
        let expires_at = self.now() + purpose.lifetime();
        identity::store::enrolment::void(db, purpose.stored(), user).await?;
        identity::store::enrolment::insert(
            db,
            &row_of(&code),
            purpose.stored(),
            user,
            expires_at.unix_timestamp(),
        )
        .await?;
        Ok(EnrolmentCode {
            purpose,
            code: SecretText::new(code.expose_secret()),
            expires_at,
        })
    }

    /// Creates a user's enrolment code, within a change.
    pub(crate) async fn new_invitation(
        &self,
        db: &impl ConnectionTrait,
        user: UserId,
    ) -> Result<EnrolmentCode> {
        self.new_enrolment_code(db, EnrolmentPurpose::Invitation, Some(user))
            .await
    }

    /// Whether a setup code is live: known, unused, in time, and still no administrator.
    ///
    /// # Errors
    /// Internal only.
    pub async fn is_setup_open(&self, code: &str) -> Result<bool> {
        Ok(self
            .live_link(code, EnrolmentPurpose::Setup)
            .await?
            .is_some()
            && identity::store::user::count_administrators(self.db(), None).await? == 0)
    }

    async fn live_link(
        &self,
        code: &str,
        purpose: EnrolmentPurpose,
    ) -> Result<Option<identity::store::enrolment::Model>> {
        let Ok(code) = OneTimeCode::parse(code) else {
            return Ok(None);
        };
        Ok(identity::store::enrolment::find_live(
            self.db(),
            &row_of(&code),
            purpose.stored(),
            self.now().unix_timestamp(),
        )
        .await?)
    }
}

/// A device name as typed; empty means none.
pub(crate) fn optional_name(typed: &str) -> Result<Option<DisplayName>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    DisplayName::parse(typed)
        .map(Some)
        .map_err(|wrong| Error::bad_input("device_name")(wrong.to_string()))
}
