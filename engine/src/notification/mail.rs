//! Mails that are to be sent. They are written with the change that they are about; a serving process sends them later, so no
//! request waits for a mail server, and none is lost with one.

use super::store::mail::{self, NewMail};
use crate::{
    Conflict, Engine, EnrolmentCode, Error, Lane, Result, UncommittedSecret, identity, keys::seal,
};
use latchkey_domain::{
    id::{MailId, UserId},
    identity::email::Email,
    mail::{SendFailure, next_attempt},
    name::DisplayName,
    notification::{self, NotificationKind},
    secret::SecretText,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use zeroize::{Zeroize, Zeroizing};

/// How long a process may take to send a mail before another one tries.
const LEASE: Duration = Duration::minutes(2);

/// The longest stored error, in characters: servers decide what they say.
const MAX_ERROR_CHARS: usize = 200;

/// The kind of a mail with an enrolment link.
pub(crate) const ENROLMENT_LINK: &str = "enrolment_link";

/// The kind of a mail that confirms a recovery.
pub const RECOVERY_CONFIRMATION: &str = "recovery_confirmation";

/// What a mail says, without its words. It is stored sealed, because a link in it is a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "mail", rename_all = "snake_case")]
pub enum MailContent {
    /// Something that a user should look at.
    Notification {
        /// What it is about.
        kind: NotificationKind,
        /// The name of what it is about.
        subject: String,
        /// The address from which it was done, if it came from one.
        ip: Option<String>,
        /// When it happened.
        #[serde(with = "time::serde::timestamp")]
        at: OffsetDateTime,
    },
    /// An enrolment link.
    EnrolmentLink {
        /// The code that the link carries.
        #[serde(with = "secret_text")]
        code: SecretText,
        /// When it ends unless it is used.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
    },
    /// A code that confirms a recovery on a device.
    RecoveryConfirmation {
        /// The code, also for the link.
        #[serde(with = "secret_text")]
        code: SecretText,
        /// The name of the device.
        device: String,
        /// The address from which it was asked for.
        ip: Option<String>,
        /// When it ends unless it is used.
        #[serde(with = "time::serde::timestamp")]
        expires_at: OffsetDateTime,
    },
}

mod secret_text {
    use latchkey_domain::secret::SecretText;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &SecretText, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SecretText, D::Error> {
        String::deserialize(from).map(SecretText::new)
    }
}

impl MailContent {
    /// What it is about, in a word that is no secret.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Notification { kind, .. } => kind.as_str(),
            Self::EnrolmentLink { .. } => ENROLMENT_LINK,
            Self::RecoveryConfirmation { .. } => RECOVERY_CONFIRMATION,
        }
    }

    fn expires_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Self::Notification { .. } => now + notification::LIFETIME,
            Self::EnrolmentLink { expires_at, .. }
            | Self::RecoveryConfirmation { expires_at, .. } => *expires_at,
        }
    }
}

/// A mail to send now.
#[derive(Debug, Clone)]
pub struct DueMail {
    /// The mail.
    pub id: MailId,
    /// To whom.
    pub email: Email,
    /// What to call them.
    pub name: DisplayName,
    /// What it says.
    pub content: MailContent,
    attempts: u32,
}

impl Engine {
    /// Whether users get mails.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.inner.settings.sends_mail
    }

    /// A mail to a user, sealed for its row.
    pub(crate) fn new_mail(&self, user: UserId, content: &MailContent) -> Result<NewMail> {
        let now = self.now();
        let rng = &self.inner.settings.rng;
        let id = MailId::from_uuid(rng.uuid(now));
        let plain = Zeroizing::new(serde_json::to_vec(content).map_err(Error::internal)?);
        Ok(NewMail {
            id,
            user,
            kind: content.kind(),
            content_sealed: seal::seal(&self.inner.keys, rng, &aad(id), &plain)?,
            created_at: now,
            expires_at: content.expires_at(now),
        })
    }

    /// The mail that has been due longest, for this process to send within two minutes. Mails to disabled users are dropped.
    ///
    /// # Errors
    /// Internal only.
    pub async fn take_due_mail(&self) -> Result<Option<DueMail>> {
        let engine = self.in_lane(Lane::Known);
        loop {
            let now = engine.now();
            if !mail::is_any_due(&engine.read(), now).await? {
                return Ok(None);
            }
            let permit = engine.acquire_write_permit().await?;
            let Some(due) = mail::take_due(&permit, now, now + LEASE).await? else {
                continue;
            };
            let user = identity::store::user::find(&engine.read(), due.user).await?;
            let Some(user) = user.filter(|user| !user.is_disabled()) else {
                mail::delete(&permit, due.id).await?;
                continue;
            };
            drop(permit);
            match engine.open_mail(due.id, &due.content_sealed) {
                Ok(content) => {
                    return Ok(Some(DueMail {
                        id: due.id,
                        email: user.email,
                        name: user.name,
                        content,
                        attempts: due.attempts,
                    }));
                }
                // Its master key is not in the file, or a newer version wrote it.
                Err(cause) => {
                    let error = cause.to_string();
                    engine.give_up(due.id, &error).await?;
                }
            }
        }
    }

    fn open_mail(&self, id: MailId, sealed: &[u8]) -> Result<MailContent> {
        let mut plain = seal::open(&self.inner.keys, &aad(id), sealed)?;
        let content = serde_json::from_slice(&plain).map_err(Error::internal);
        plain.zeroize();
        content
    }

    async fn give_up(&self, id: MailId, error: &str) -> Result<()> {
        let permit = self.acquire_write_permit().await?;
        mail::record_failure(&permit, id, error, None, self.now()).await
    }

    /// The mail was accepted by the server.
    ///
    /// # Errors
    /// Internal only.
    pub async fn mail_sent(&self, mail: &DueMail) -> Result<()> {
        let engine = self.in_lane(Lane::Known);
        let permit = engine.acquire_write_permit().await?;
        // It may have been discarded meanwhile.
        mail::delete(&permit, mail.id).await
    }

    /// The mail was not accepted: it is tried again later, or given up. Returns when it is tried again.
    ///
    /// # Errors
    /// Internal only.
    pub async fn mail_failed(
        &self,
        mail: &DueMail,
        failure: SendFailure,
        error: &str,
    ) -> Result<Option<OffsetDateTime>> {
        let engine = self.in_lane(Lane::Known);
        let now = engine.now();
        let next = next_attempt(mail.attempts, failure, now);
        let error: String = error.chars().take(MAX_ERROR_CHARS).collect();
        let permit = engine.acquire_write_permit().await?;
        mail::record_failure(&permit, mail.id, &error, next, now).await?;
        Ok(next)
    }
}

impl<T> UncommittedSecret<'_, T> {
    /// Sends an enrolment link to its user, and makes it valid: whoever made it does not see it.
    ///
    /// # Errors
    /// Conflict (`delivery`) when this installation sends no mail.
    pub async fn commit_by_mail(
        self,
        user: UserId,
        code: impl Fn(&T) -> &EnrolmentCode,
    ) -> Result<T> {
        let engine = self.change().engine();
        if !engine.sends_mail() {
            return Err(Error::conflict("delivery", Conflict::NoMail));
        }
        let code = code(self.made());
        let content = MailContent::EnrolmentLink {
            code: code.code.clone(),
            expires_at: code.expires_at,
        };
        mail::insert(self.change(), engine.new_mail(user, &content)?).await?;
        self.commit().await
    }
}

/// Names the row of a sealed content.
pub(crate) fn aad(id: MailId) -> Vec<u8> {
    [b"mail:".as_slice(), id.uuid().as_bytes()].concat()
}
