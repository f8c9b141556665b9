//! From what a mail says to a message in the form of RFC 5322.

use askama::Template;
use latchkey_app::mail::MailText;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, header},
};

/// A mail could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MessageError {
    /// An address that mail has no form for.
    #[error("the address cannot be written to: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The header or the body.
    #[error(transparent)]
    Message(#[from] lettre::error::Error),
    /// The template.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct PlainBody<'a> {
    mail: &'a MailText,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlBody<'a> {
    mail: &'a MailText,
}

/// The message. With an id, it is the same in each attempt, so that a mailbox can tell that it has the mail.
///
/// # Errors
/// [`MessageError`].
pub(crate) fn message(
    from: &Mailbox,
    to: Mailbox,
    id: Option<&str>,
    mail: &MailText,
) -> Result<Message, MessageError> {
    let (plain, html) = (PlainBody { mail }.render()?, HtmlBody { mail }.render()?);
    Ok(Message::builder()
        .from(from.clone())
        .to(to)
        .subject(mail.subject.as_str())
        .message_id(id.map(|id| format!("<{id}@{}>", from.email.domain())))
        .raw_header(automatic())
        .multipart(MultiPart::alternative_plain_html(plain, html))?)
}

/// No mailbox answers an automatic mail automatically (RFC 3834 §5).
fn automatic() -> header::HeaderValue {
    let name = header::HeaderName::new_from_ascii_str("Auto-Submitted");
    header::HeaderValue::new(name, "auto-generated".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text() -> MailText {
        MailText {
            subject: "[Latchkey] Héllo\r\nBcc: eve@example.com".to_owned(),
            greeting: "Hello <b>Ada</b>,".to_owned(),
            paragraphs: vec!["The device “<script>” was added.".to_owned()],
            facts: vec![("Time".to_owned(), "now".to_owned())],
            link_label: "Open Devices".to_owned(),
            link: "https://id.example.com/devices".to_owned(),
            footer: "Nobody reads replies.".to_owned(),
            language: "en",
        }
    }

    #[test]
    fn r12_a_text_can_add_neither_headers_nor_markup() {
        let from: Mailbox = "Latchkey <latchkey@example.com>".parse().unwrap();
        let to = "ada@example.com".parse().unwrap();
        let message = message(&from, Mailbox::new(None, to), Some("1"), &text()).unwrap();
        let formatted = String::from_utf8(message.formatted()).unwrap();
        let (head, body) = formatted.split_once("\r\n\r\n").unwrap();
        assert!(!head.contains("\nBcc:"), "{head}");
        assert!(head.contains("Message-ID: <1@example.com>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(body.contains("Content-Type: text/plain"), "{body}");
        assert!(!body.contains("<script>\u{201d}"), "{body}");
        let html = HtmlBody { mail: &text() }.render().unwrap();
        assert!(
            !html.contains("<script>") && !html.contains("<b>"),
            "{html}"
        );
        let plain = PlainBody { mail: &text() }.render().unwrap();
        assert!(plain.contains("Hello <b>Ada</b>,\n"), "{plain}");
        assert!(
            plain.contains("Open Devices:\nhttps://id.example.com/devices\n"),
            "{plain}"
        );
    }
}
