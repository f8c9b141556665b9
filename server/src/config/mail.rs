//! Mail.

use super::{error::ConfigError, values::Values};
use latchkey_domain::secret::SecretText;
use lettre::message::Mailbox;
use std::{fmt, path::PathBuf};
use url::Url;

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Where to.
    pub delivery: Delivery,
    /// The sender.
    pub from: Mailbox,
}

/// Where mail goes.
#[derive(Debug, Clone)]
pub enum Delivery {
    /// To a server.
    Smtp(Smtp),
    /// Into files of a directory, for development.
    Directory(PathBuf),
}

/// A mail server.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// User name and password.
    pub credentials: Option<(String, SecretText)>,
    /// Certificate authorities that are trusted besides those of the machine.
    pub ca_file: Option<PathBuf>,
}

/// How a connection to a mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte (RFC 8314).
    Tls,
    /// After `STARTTLS`, which the server must offer (RFC 3207).
    StartTls,
    /// Not at all.
    None,
}

const EXAMPLE: &str = "write it like smtp://user:password@mail.example.com, smtps://user:password@mail.example.com or file:///var/lib/latchkey/outbox";

impl Mail {
    pub(super) fn read(values: &Values) -> Result<Option<Self>, ConfigError> {
        let Some(text) = values.optional("mail.url") else {
            return Ok(None);
        };
        // It may have a password.
        let refuse = |problem| values.refuse("mail.url", "…", problem, EXAMPLE);
        let url = Url::parse(text).map_err(|_| refuse("that is not a URL"))?;
        let delivery = match url.scheme() {
            "file" => Delivery::Directory(
                url.to_file_path()
                    .map_err(|()| refuse("that is not an absolute path"))?,
            ),
            "smtp" | "smtps" => {
                Delivery::Smtp(smtp(&url, values.path("mail.ca_file")).map_err(refuse)?)
            }
            _ => return Err(refuse("only smtp, smtps and file are supported")),
        };
        let from = values.text("mail.from");
        let from = from.parse().map_err(|_| {
            values.refuse(
                "mail.from",
                from,
                "mail needs a sender",
                "write it like Latchkey <latchkey@example.com>",
            )
        })?;
        Ok(Some(Self { delivery, from }))
    }
}

fn smtp(url: &Url, ca_file: Option<PathBuf>) -> Result<Smtp, &'static str> {
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or("it names no host")?.to_owned();
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err("it has a path");
    }
    let encryption = match (url.scheme(), url.query()) {
        ("smtps", None) => Encryption::Tls,
        ("smtp", None) => Encryption::StartTls,
        ("smtp", Some("tls=off")) => Encryption::None,
        _ => return Err("it has a query other than tls=off"),
    };
    let decode = |text: &str| {
        let bytes = percent_encoding::percent_decode_str(text).decode_utf8();
        bytes.map(|text| text.into_owned())
    };
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (_, Some(_)) if encryption == Encryption::None => {
            return Err("a password is never sent without encryption");
        }
        (user, Some(password)) if !user.is_empty() => {
            let [user, password] = [user, password].map(decode);
            let (Ok(user), Ok(password)) = (user, password) else {
                return Err("its user or password is not UTF-8");
            };
            Some((user, SecretText::new(password)))
        }
        _ => return Err("a user needs a password, and a password a user"),
    };
    let port = url.port().unwrap_or(match encryption {
        Encryption::Tls => 465,
        Encryption::StartTls => 587,
        Encryption::None => 25,
    });
    Ok(Smtp {
        host,
        port,
        encryption,
        credentials,
        ca_file,
    })
}

impl fmt::Display for Delivery {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "file://{}", path.display()),
            Self::Smtp(smtp) => {
                let scheme = match smtp.encryption {
                    Encryption::Tls => "smtps",
                    Encryption::StartTls | Encryption::None => "smtp",
                };
                write!(f, "{scheme}://")?;
                if let Some((user, _)) = &smtp.credentials {
                    write!(f, "{user}:***@")?;
                }
                write!(f, "{}:{}", smtp.host, smtp.port)?;
                match smtp.encryption {
                    Encryption::None => f.write_str("?tls=off"),
                    Encryption::Tls | Encryption::StartTls => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, from: &str) -> Result<Option<Mail>, ConfigError> {
        let mut values = Values::defaults();
        values.put_flag("mail.url", "--mail-url", url);
        values.put_flag("mail.from", "--mail-from", from);
        Mail::read(&values)
    }

    const FROM: &str = "Latchkey <latchkey@example.com>";

    #[test]
    fn mail_is_off_by_default() {
        assert!(Mail::read(&Values::defaults()).unwrap().is_none());
    }

    #[test]
    fn an_address_says_where_mail_goes_and_how_it_is_encrypted() {
        for (url, shown) in [
            ("smtp://mail.example.com", "smtp://mail.example.com:587"),
            ("smtps://mail.example.com", "smtps://mail.example.com:465"),
            (
                "smtps://mail.example.com:2465/",
                "smtps://mail.example.com:2465",
            ),
            (
                "smtp://ada%40example.com:s%2Fcret@mail.example.com:25",
                "smtp://ada@example.com:***@mail.example.com:25",
            ),
            ("smtp://127.0.0.1?tls=off", "smtp://127.0.0.1:25?tls=off"),
            ("file:///var/outbox", "file:///var/outbox"),
        ] {
            let mail = read(url, FROM).unwrap().unwrap();
            assert_eq!(mail.delivery.to_string(), shown, "{url}");
            assert!(!format!("{mail:?}").contains("s/cret"), "{url}");
        }
    }

    #[test]
    fn an_address_with_a_mistake_is_refused_without_its_password() {
        for url in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://mail.example.com/inbox",
            "smtp://mail.example.com?tls=opportunistic",
            "smtps://mail.example.com?tls=off",
            "smtp://ada@mail.example.com",
            "smtp://:secret@mail.example.com",
            "smtp://ada:secret@mail.example.com?tls=off",
            "smtp://ada:%ff@mail.example.com",
        ] {
            let error = read(url, FROM).map(drop).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(read("smtp://mail.example.com", "").is_err());
        assert!(read("smtp://mail.example.com", "a\r\nBcc: eve@example.com").is_err());
    }
}
