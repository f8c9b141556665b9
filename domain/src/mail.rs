//! Mails that are to be sent: when one is tried again, and when it is given up.

use crate::{
    id::{MailId, UserId},
    identity::email::Email,
};
use serde::Serialize;
use strum::IntoStaticStr;
use time::{Duration, OffsetDateTime};

/// How long a mail that was given up is kept, so that an administrator can send it after all.
pub const KEPT_AFTER_FAILURE: Duration = Duration::days(30);

/// After each failed attempt, until the next one. After the last, the mail is given up: within a day most servers are back.
const PAUSES: [Duration; 7] = [
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::hours(1),
    Duration::hours(3),
    Duration::hours(8),
    Duration::hours(12),
];

/// How the attempt to send a mail failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendFailure {
    /// The server may accept it later (RFC 5321 §4.2.1, 4yz), or could not be reached.
    Transient,
    /// The server will never accept it (5yz).
    Permanent,
}

/// When to try again after `attempts` that failed; `None` to give up.
#[must_use]
pub fn next_attempt(
    attempts: u32,
    failure: SendFailure,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    let pause = match failure {
        SendFailure::Transient => *PAUSES.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?,
        SendFailure::Permanent => return None,
    };
    Some(now + pause)
}

/// Whether a mail is still tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum MailState {
    /// It is sent soon, or tried again.
    Waiting,
    /// It was given up.
    Failed,
}

impl MailState {
    /// The word in addresses and the command line's output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A mail that was not sent yet, as administrators see it: not what it says, because that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MailView {
    /// The mail.
    pub id: MailId,
    /// To whom it goes.
    pub user_id: UserId,
    /// Their address.
    pub email: Email,
    /// What it is about.
    pub kind: String,
    /// Whether it is still tried.
    pub state: MailState,
    /// When it was written.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it is.
    #[serde(with = "time::serde::rfc3339::option")]
    pub next_attempt_at: Option<OffsetDateTime>,
    /// What the last attempt ended with.
    pub last_error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_a_day_and_then_given_up() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let mut at = start;
        for attempts in 1..=7 {
            let next = next_attempt(attempts, SendFailure::Transient, at).unwrap();
            assert!(next > at, "attempt {attempts}");
            at = next;
        }
        assert!(at - start > Duration::DAY && at - start < Duration::days(2));
        assert_eq!(next_attempt(8, SendFailure::Transient, at), None);
        assert_eq!(next_attempt(u32::MAX, SendFailure::Transient, at), None);
        assert_eq!(next_attempt(0, SendFailure::Transient, at), None);
    }

    #[test]
    fn a_mail_that_the_server_will_never_accept_is_not_tried_again() {
        let now = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(next_attempt(1, SendFailure::Permanent, now), None);
    }
}
