//! Enrolment links: the URL of the page that accepts a code.

use latchkey_domain::secret::SecretText;
use latchkey_engine::{EnrolmentCode, EnrolmentPurpose};

/// The link with this code, for an installation at `public_url`.
#[must_use]
pub fn enrolment_url(public_url: &str, code: &EnrolmentCode) -> SecretText {
    let page = match code.purpose {
        EnrolmentPurpose::Setup => "setup",
        EnrolmentPurpose::Invitation => "enrol",
    };
    SecretText::new(format!(
        "{}/{page}/{}",
        public_url.trim_end_matches('/'),
        code.code.expose_secret()
    ))
}
