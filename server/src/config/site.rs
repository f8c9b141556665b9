//! The site's name.

use super::{error::ConfigError, values::Values};
use latchkey_app::error::message::of_name;
use latchkey_domain::name::DisplayName;

/// The site's name.
#[derive(Debug, Clone)]
pub struct Site {
    /// Shown in authenticator apps and passkey dialogs.
    pub name: DisplayName,
}

impl Site {
    pub(super) fn read(values: &Values) -> Result<Self, ConfigError> {
        let text = values.text("site.name");
        let name = DisplayName::parse(text).map_err(|error| {
            values.refuse(
                "site.name",
                text,
                lower_case(&of_name(error).text()),
                "write it like Latchkey",
            )
        })?;
        // In `otpauth://totp/<issuer>:<account>`, a colon ends the issuer.
        if name.as_str().contains(':') {
            return Err(values.refuse(
                "site.name",
                text,
                "authenticator apps end the name at a colon",
                "leave the colon out",
            ));
        }
        Ok(Self { name })
    }
}

fn lower_case(sentence: &str) -> String {
    let mut chars = sentence.trim_end_matches('.').chars();
    chars
        .next()
        .map(|first| first.to_lowercase().chain(chars).collect())
        .unwrap_or_default()
}
