//! Enrolment: from a one-time link to a registered device.
//!
//! 1. The link carries a 112-bit code; its digest is stored, its time is short, it is used once.
//! 2. Opening it begins a ceremony in this browser: a TOTP secret of its own, shown as a QR code.
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

/// How long a setup link lives.
const SETUP_LIFETIME: Duration = Duration::minutes(30);
/// How long an invitation lives.
const INVITATION_LIFETIME: Duration = Duration::hours(24);

const SETUP: &str = "setup";
const INVITATION: &str = "invitation";

/// A one-time link, to be shown once.
#[derive(Debug, Clone)]
pub struct EnrolmentLink {
    /// The whole URL.
    pub url: SecretText,
    /// When it dies unused.
    pub expires_at: OffsetDateTime,
}

/// An enrolment under way, for the page that shows the QR code.
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
    /// The URI as a QR code: an `<svg>` element.
    pub qr_svg: String,
}

fn row_of(code: &OneTimeCode) -> [u8; 32] {
    keyring::digest("one-time link", code.bytes())
}

impl Engine {
    /// Makes the setup link, if no administrator exists. A new one makes older ones void.
    ///
    /// # Errors
    /// Internal only.
    pub async fn setup_link(&self) -> Result<Option<UncommittedSecret<'_, EnrolmentLink>>> {
        if identity::store::user::count_administrators(self.db(), None).await? > 0 {
            return Ok(None);
        }
        let mut change = self
            .change(Actor::System, &RequestOrigin::default())
            .await?;
        let link = self
            .new_link(change.db(), SETUP, None, SETUP_LIFETIME)
            .await?;
        change.record(&Entry {
            action: Action::SetupLinked,
            target: Target::Nothing,
            name: "",
            subject: None,
            detail: "",
        });
        Ok(Some(UncommittedSecret::new(change, link)))
    }

    /// Makes a link; older ones of the same purpose and person become void.
    async fn new_link(
        &self,
        db: &impl ConnectionTrait,
        purpose: &str,
        user: Option<UserId>,
        lifetime: Duration,
    ) -> Result<EnrolmentLink> {
        let code = OneTimeCode::from_entropy(self.inner.settings.rng.bytes());
        let expires_at = self.now() + lifetime;
        identity::store::enrolment::void(db, purpose, user).await?;
        identity::store::enrolment::insert(
            db,
            &row_of(&code),
            purpose,
            user,
            expires_at.unix_timestamp(),
        )
        .await?;
        let path = if purpose == SETUP { "setup" } else { "enrol" };
        Ok(EnrolmentLink {
            url: SecretText::new(self.page_url(&format!("/{path}/{}", code.expose_secret()))),
            expires_at,
        })
    }

    /// Makes somebody's enrolment link, within a change.
    pub(crate) async fn new_invitation(
        &self,
        db: &impl ConnectionTrait,
        user: UserId,
    ) -> Result<EnrolmentLink> {
        self.new_link(db, INVITATION, Some(user), INVITATION_LIFETIME)
            .await
    }

    /// Whether a setup code is live: known, unused, in time, and still no administrator.
    ///
    /// # Errors
    /// Internal only.
    pub async fn is_setup_open(&self, code: &str) -> Result<bool> {
        Ok(self.live_link(code, SETUP).await?.is_some()
            && identity::store::user::count_administrators(self.db(), None).await? == 0)
    }

    async fn live_link(
        &self,
        code: &str,
        purpose: &str,
    ) -> Result<Option<identity::store::enrolment::Model>> {
        let Ok(code) = OneTimeCode::parse(code) else {
            return Ok(None);
        };
        Ok(identity::store::enrolment::find_live(
            self.db(),
            &row_of(&code),
            purpose,
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
