//! Authenticator apps: making secrets, showing them once, and checking codes (RFC 6238).

use crate::{Engine, Error, Result, keys, seal, store};
use latchkey_domain::{
    access::Account,
    email::Email,
    id::UserId,
    secret::SecretText,
    totp::{DIGITS, STEP_SECONDS, TotpCode},
};
use qrcode::{EcLevel, QrCode, render::svg};
use time::OffsetDateTime;
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Bytes in a secret: 160 bits, as RFC 4226 §4 recommends.
const SECRET_BYTES: usize = 20;

/// Where a person's authenticator app stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpState {
    /// When it was set up.
    pub confirmed_at: OffsetDateTime,
    /// Whether too many wrong codes switched it off.
    pub is_disabled: bool,
}

/// A secret as it is shown to its owner, once.
pub(crate) struct Shown {
    pub(crate) otpauth_uri: SecretText,
    pub(crate) secret: SecretText,
    pub(crate) qr_svg: String,
}

/// The row that a sealed secret belongs to.
fn place(user: UserId) -> Vec<u8> {
    [b"totp".as_slice(), user.uuid().as_bytes()].concat()
}

impl Engine {
    /// This person's authenticator app, if they have one.
    ///
    /// # Errors
    /// Internal only.
    pub async fn my_totp(&self, account: &Account) -> Result<Option<TotpState>> {
        let row = store::totp::find(self.db(), account.user_id).await?;
        Ok(row.map(|row| TotpState {
            confirmed_at: store::at(row.confirmed_at),
            is_disabled: row.disabled_at.is_some(),
        }))
    }

    pub(crate) fn new_totp_secret(&self) -> Vec<u8> {
        self.inner.settings.rng.bytes::<SECRET_BYTES>().to_vec()
    }

    pub(crate) fn seal_totp_secret(&self, user: UserId, secret: &[u8]) -> Result<Vec<u8>> {
        seal::seal(
            &self.inner.keys,
            &self.inner.settings.rng,
            &place(user),
            secret,
        )
    }

    pub(crate) fn open_totp_secret(&self, row: &store::totp::Model) -> Result<Vec<u8>> {
        seal::open(
            &self.inner.keys,
            &place(UserId::from_uuid(row.user_id)),
            &row.secret_sealed,
        )
    }

    /// A secret that nobody has, for accounts that do not exist: the check takes the same time.
    pub(crate) fn stand_in_secret(&self) -> Vec<u8> {
        keys::digest("no such account", &self.web_key())[..SECRET_BYTES].to_vec()
    }

    /// The time step that a code belongs to, if it is right for now or one step around it.
    pub(crate) fn totp_step(&self, secret: &[u8], code: &TotpCode) -> Result<Option<u64>> {
        let now = u64::try_from(self.now().unix_timestamp()).unwrap_or_default();
        Ok(self.totp(secret, "account")?.check(code.digits(), now))
    }

    /// How a secret is shown: as a URI, as text, and as a QR code.
    pub(crate) fn show_totp(&self, secret: &[u8], email: &Email) -> Result<Shown> {
        let uri = self
            .totp(secret, email.as_str())?
            .to_url()
            .map_err(Error::internal)?;
        let qr = QrCode::with_error_correction_level(uri.as_bytes(), EcLevel::M)
            .map_err(Error::internal)?;
        // The page's plate gives the light ground and the quiet zone, in the dark theme too.
        let (dark, light) = (svg::Color("currentColor"), svg::Color("none"));
        let qr_svg = qr
            .render()
            .dark_color(dark)
            .light_color(light)
            .quiet_zone(false)
            .min_dimensions(240, 240)
            .build();
        // Only the element: inside a page an XML declaration has no place.
        let start = qr_svg.find("<svg").unwrap_or_default();
        Ok(Shown {
            otpauth_uri: SecretText::new(uri),
            secret: SecretText::new(Secret::from(secret.to_vec()).to_base32()),
            qr_svg: qr_svg[start..].to_owned(),
        })
    }

    fn totp(&self, secret: &[u8], account: &str) -> Result<Totp> {
        // SHA-1, 6 digits and 30 seconds are what every authenticator app understands.
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(u8::try_from(DIGITS).unwrap_or(6))
            .with_step_duration(STEP_SECONDS)
            .with_skew(1)
            .with_secret(secret.to_vec())
            // The URI's label separates issuer and account with a colon.
            .with_issuer(Some(self.inner.settings.site_name.replace(':', " ")))
            .with_account_name(account.replace(':', " "))
            .build()
            .map_err(Error::internal)
    }
}
