//! What mails say. The server puts it into a message.

use crate::{
    enrolment_url::enrolment_url,
    format,
    messages::{Key, Language, Message, m},
    notification,
    pages::recovery_mail,
};
use latchkey_domain::{identity::recovery_mail::ConfirmationCode, name::DisplayName};
use latchkey_engine::{DueMail, EnrolmentCode, EnrolmentPurpose, MailContent};

/// What the texts of mails depend on.
#[derive(Debug, Clone)]
pub struct Site {
    /// Where users reach Latchkey.
    pub public_url: String,
    /// What it is called.
    pub name: DisplayName,
}

/// What a mail says. It may have a secret: a link.
#[derive(Clone)]
pub struct MailText {
    /// The subject.
    pub subject: String,
    /// The first line.
    pub greeting: String,
    /// What happened, and what to do about it.
    pub paragraphs: Vec<String>,
    /// Labels and values.
    pub facts: Vec<(String, String)>,
    /// What the link does.
    pub link_label: String,
    /// The link.
    pub link: String,
    /// The last line.
    pub footer: String,
    /// Its language, as a tag (RFC 5646).
    pub language: &'static str,
}

impl Site {
    fn page(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.trim_end_matches('/'))
    }

    /// What a mail to a user says.
    #[must_use]
    pub fn mail(&self, due: &DueMail) -> MailText {
        let site = self.name.as_str();
        let language = Language::default();
        let footer = m::mail_footer(self.page("/notifications"), site);
        let words = match &due.content {
            MailContent::Notification {
                kind,
                subject,
                ip,
                at,
            } => {
                let sentence = notification::sentence(*kind, subject);
                let (path, label) = notification::page(*kind);
                let time = (m::MAIL_TIME, format::exact(*at).text_in(language));
                let address = ip.clone().map(|ip| (m::MAIL_ADDRESS, ip));
                Words {
                    subject: sentence.clone(),
                    paragraphs: vec![sentence, notification::advice(*kind).into()],
                    facts: [Some(time), address].into_iter().flatten().collect(),
                    link_label: m::mail_open(label),
                    link: self.page(path),
                }
            }
            MailContent::RecoveryConfirmation {
                code,
                device,
                ip,
                expires_at,
            } => {
                let end = (m::MAIL_ENDS, format::exact(*expires_at).text_in(language));
                let device = (m::MAIL_DEVICE, device.clone());
                let address = ip.clone().map(|ip| (m::MAIL_ADDRESS, ip));
                let typed = (m::MAIL_CODE, in_groups(code.expose_secret()));
                let facts = [Some(typed), Some(device), address, Some(end)];
                Words {
                    subject: m::MAIL_RECOVERY_SUBJECT.into(),
                    paragraphs: vec![m::mail_recovery(site), m::MAIL_RECOVERY_ADVICE.into()],
                    facts: facts.into_iter().flatten().collect(),
                    link_label: m::MAIL_RECOVERY_OPEN.into(),
                    link: self.page(&recovery_mail::link(code.expose_secret())),
                }
            }
            MailContent::EnrolmentLink { code, expires_at } => {
                let code = EnrolmentCode {
                    purpose: EnrolmentPurpose::Invitation,
                    code: code.clone(),
                    expires_at: *expires_at,
                };
                let link = enrolment_url(&self.public_url, &code);
                Words {
                    subject: m::mail_enrolment_subject(site),
                    paragraphs: vec![m::mail_enrolment(site), m::MAIL_ENROLMENT_ADVICE.into()],
                    facts: vec![(m::MAIL_ENDS, format::exact(*expires_at).text_in(language))],
                    link_label: m::MAIL_ENROLMENT_OPEN.into(),
                    link: link.expose_secret().to_owned(),
                }
            }
        };
        words.in_language(site, m::mail_greeting(due.name.as_str()), Some(footer))
    }

    /// What a mail says with which an operator tries the settings.
    #[must_use]
    pub fn test_mail(&self) -> MailText {
        let site = self.name.as_str();
        let words = Words {
            subject: m::MAIL_TEST_SUBJECT.into(),
            paragraphs: vec![m::MAIL_TEST.into()],
            facts: Vec::new(),
            link_label: m::mail_open(site),
            link: self.public_url.clone(),
        };
        words.in_language(site, m::MAIL_TEST_GREETING.into(), None)
    }
}

/// A code as the mail shows it, in two groups.
fn in_groups(code: &str) -> String {
    ConfirmationCode::parse_typed(code)
        .map_or_else(|_| String::new(), |code| code.expose_in_groups())
}

struct Words {
    subject: Message,
    paragraphs: Vec<Message>,
    facts: Vec<(Key, String)>,
    link_label: Message,
    link: String,
}

impl Words {
    fn in_language(self, site: &str, greeting: Message, footer: Option<Message>) -> MailText {
        // Which language its user reads is not known outside of their requests.
        let language = Language::default();
        let text = |message: &Message| message.text_in(language);
        MailText {
            subject: format!("[{site}] {}", text(&self.subject)),
            greeting: text(&greeting),
            paragraphs: self.paragraphs.iter().map(text).collect(),
            facts: (self.facts.into_iter())
                .map(|(label, value)| (label.text_in(language), value))
                .collect(),
            link_label: text(&self.link_label),
            link: self.link,
            footer: footer.as_ref().map(text).unwrap_or_default(),
            language: language.tag(),
        }
    }
}
