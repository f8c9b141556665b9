//! How users sign in.

use super::{error::ConfigError, values::Values};
use latchkey_domain::identity::user::PasskeyOnly;

/// How users sign in.
#[derive(Debug, Clone, Copy)]
pub struct SignIn {
    /// Who can sign in with passkeys only.
    pub passkey_only: PasskeyOnly,
}

impl SignIn {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let text = values.text("sign_in.passkey_only");
        let passkey_only = match text {
            "administrators" => PasskeyOnly::Administrators,
            "everyone" => PasskeyOnly::Everyone,
            _ => {
                return Err(values.refuse(
                    "sign_in.passkey_only",
                    text,
                    "it is neither administrators nor everyone",
                    "write administrators or everyone",
                ));
            }
        };
        Ok(Self { passkey_only })
    }
}
