//! Enrolment: from a one-time link to a registered device.
//!
//! 1. The link carries a 112-bit code; its digest is stored, its time is short, it is used once.
//! 2. Opening it begins a ceremony in this browser: a TOTP secret of its own, shown once.
//!    Looking at a link uses nothing up, and two browsers that open it see different secrets.
//! 3. The first right code confirms: in one transaction the link is used up, the authenticator
//!    app is kept, and the device is registered. Of racing confirmations one wins.
//!
//! The first administrator's setup is the same with one more step in front: who they are.
//!
//! A link of a user who had a device before does this only if whoever made it vouches for it; otherwise it recovers access, as a
//! recovery code does (`recovery.rs`).

mod ceremony;
mod confirmation;

use crate::{
    CeremonyHandle, Engine, Error, RequestOrigin, Result, UncommittedSecret, identity,
    keys::keyring, unit_of_work::Actor,
};
use latchkey_domain::{
    event::SetupLinkMade,
    id::UserId,
    identity::email::Email,
    identity::enrolment_link::{EnrolmentLink, LinkPurpose},
    identity::one_time_code::OneTimeCode,
    name::DisplayName,
    secret::SecretText,
};
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

pub(crate) fn lookup_digest(code: &OneTimeCode) -> [u8; 32] {
    keyring::digest("one-time link", code.bytes())
}

impl Engine {
    /// Creates a setup code, if there is no administrator. It invalidates older ones.
    ///
    /// # Errors
    /// Internal only.
    pub async fn setup_code(&self) -> Result<Option<UncommittedSecret<'_, EnrolmentCode>>> {
        if identity::store::user::count_administrators(&self.read()).await? > 0 {
            return Ok(None);
        }
        let mut tx = (self.begin(Actor::System, &RequestOrigin::default())).await?;
        let (link, code) = self.new_enrolment_code(LinkPurpose::Setup, true);
        tx.apply(SetupLinkMade { link }).await?;
        Ok(Some(UncommittedSecret::new(tx, code)))
    }

    /// A link that is not written yet, and the code that it carries.
    fn new_enrolment_code(
        &self,
        link: LinkPurpose,
        is_vouched: bool,
    ) -> (EnrolmentLink, EnrolmentCode) {
        let purpose = match link {
            LinkPurpose::Setup => EnrolmentPurpose::Setup,
            LinkPurpose::Invitation(_) => EnrolmentPurpose::Invitation,
        };
        let code = OneTimeCode::from_entropy(self.inner.settings.rng.bytes());
        let expires_at = self.now() + purpose.lifetime();
        let link = EnrolmentLink {
            digest: lookup_digest(&code).to_vec(),
            purpose: link,
            expires_at,
            is_vouched,
        };
        let code = EnrolmentCode {
            purpose,
            code: SecretText::new(code.expose_secret()),
            expires_at,
        };
        (link, code)
    }

    /// A user's enrolment link that is not written yet, and the code that it carries.
    pub(crate) fn new_invitation(
        &self,
        user: UserId,
        is_vouched: bool,
    ) -> (EnrolmentLink, EnrolmentCode) {
        self.new_enrolment_code(LinkPurpose::Invitation(user), is_vouched)
    }

    /// Whether a setup code is live: known, unused, in time, and still no administrator.
    ///
    /// # Errors
    /// Internal only.
    pub async fn is_setup_open(&self, code: &str) -> Result<bool> {
        let link = self.live_link(code).await?;
        Ok(link.is_some_and(|link| link.purpose == LinkPurpose::Setup)
            && identity::store::user::count_administrators(&self.read()).await? == 0)
    }

    pub(crate) async fn live_link(&self, code: &str) -> Result<Option<EnrolmentLink>> {
        let Ok(code) = OneTimeCode::parse(code) else {
            return Ok(None);
        };
        identity::store::enrolment::find_live(&self.read(), &lookup_digest(&code), self.now()).await
    }
}

/// A device name as typed; empty means none.
pub(crate) fn optional_name(typed: &str) -> Result<Option<DisplayName>> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    DisplayName::parse(typed)
        .map(Some)
        .map_err(Error::bad_input("device_name"))
}
