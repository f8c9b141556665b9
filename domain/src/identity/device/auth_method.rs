//! How a user last authenticated on a device, and how services are told (RFC 8176).

use super::Registration;

/// How a user authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// E-mail address and TOTP code.
    Code,
    /// An enrolment link and a TOTP code.
    LinkAndCode,
    /// A passkey that can be on several devices (WebAuthn L3 §6.1.3, backup eligible), with user verification.
    PasskeySynced,
    /// A passkey that cannot leave its authenticator, with user verification.
    PasskeyDeviceBound,
    /// A passkey that was removed since: what it proved counts no more.
    PasskeyRemoved,
    /// A passkey on another device of the user, which approved this one: no assertion of a passkey on this device.
    Approval,
    /// A recovery code, or an enrolment link for which nobody vouched.
    Recovery,
    /// Nothing: the operator's proxy doctor made the device.
    Diagnostic,
}

impl AuthMethod {
    /// Every method.
    pub const ALL: [Self; 8] = [
        Self::Code,
        Self::LinkAndCode,
        Self::PasskeySynced,
        Self::PasskeyDeviceBound,
        Self::PasskeyRemoved,
        Self::Approval,
        Self::Recovery,
        Self::Diagnostic,
    ];

    /// A passkey assertion; `is_backup_eligible` is the credential's BE flag.
    #[must_use]
    pub const fn passkey(is_backup_eligible: bool) -> Self {
        match is_backup_eligible {
            true => Self::PasskeySynced,
            false => Self::PasskeyDeviceBound,
        }
    }

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::LinkAndCode => "link_code",
            Self::PasskeySynced => "passkey_synced",
            Self::PasskeyDeviceBound => "passkey_bound",
            Self::PasskeyRemoved => "passkey_removed",
            Self::Approval => "approval",
            Self::Recovery => "recovery",
            Self::Diagnostic => "diagnostic",
        }
    }

    /// Reads a stored word; unknown ones prove nothing.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == word)
            .unwrap_or(Self::Diagnostic)
    }

    /// Authentication method references (RFC 8176 §2): `otp` for a code; `hwk` or `swk` for a passkey, with `user` for user
    /// verification; `mca` for an approval on another device; nothing where nothing was proven, or nothing that counts for a
    /// service.
    #[must_use]
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Code | Self::LinkAndCode => &["otp"],
            Self::PasskeySynced => &["swk", "user"],
            Self::PasskeyDeviceBound => &["hwk", "user"],
            Self::Approval => &["mca"],
            Self::PasskeyRemoved | Self::Recovery | Self::Diagnostic => &[],
        }
    }

    /// How a device is registered by it.
    #[must_use]
    pub const fn registration(self) -> Registration {
        match self {
            Self::Code => Registration::Code,
            Self::LinkAndCode => Registration::Link,
            Self::PasskeySynced | Self::PasskeyDeviceBound | Self::PasskeyRemoved => {
                Registration::Passkey
            }
            Self::Approval => Registration::Approval,
            Self::Recovery => Registration::Recovery,
            Self::Diagnostic => Registration::DiagnosticDevice,
        }
    }

    /// Whether it is a passkey assertion.
    #[must_use]
    pub const fn is_passkey(self) -> bool {
        matches!(self, Self::PasskeySynced | Self::PasskeyDeviceBound)
    }

    /// Whether its user proved more with it than a recovery code, and what they proved still counts.
    #[must_use]
    pub const fn authenticates(self) -> bool {
        !matches!(
            self,
            Self::PasskeyRemoved | Self::Recovery | Self::Diagnostic
        )
    }

    /// Whether it lifts the limit of a device: a passkey does, on this device or on the one that approved it, and so does whoever
    /// vouched for an enrolment link. (A link for which nobody vouched leads to [`AuthMethod::Recovery`].)
    #[must_use]
    pub const fn vouches(self) -> bool {
        !matches!(self, Self::Code | Self::PasskeyRemoved | Self::Recovery)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_reads_back_from_its_word_and_an_unknown_one_proves_nothing() {
        for method in AuthMethod::ALL {
            assert_eq!(AuthMethod::from_word(method.as_str()), method);
        }
        assert!(AuthMethod::from_word("tomorrow").amr().is_empty());
    }

    #[test]
    fn hwk_is_said_of_device_bound_passkeys_alone() {
        for method in AuthMethod::ALL {
            let is_hardware = method.amr().contains(&"hwk");
            assert_eq!(is_hardware, method == AuthMethod::PasskeyDeviceBound);
        }
        assert_eq!(AuthMethod::passkey(true).amr(), ["swk", "user"]);
        assert_eq!(AuthMethod::passkey(false).amr(), ["hwk", "user"]);
    }

    #[test]
    fn r14_an_approval_vouches_for_a_device_and_is_no_passkey_on_it() {
        let approval = AuthMethod::Approval;
        assert!(approval.vouches() && !approval.is_passkey());
        assert_eq!(approval.amr(), ["mca"]);
    }
}
