//! Hands messages to a mail server, or writes them to files.

use crate::config::mail::{Delivery, Encryption, Mail, Smtp};
use latchkey_domain::mail::SendFailure;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        response::{Category, Severity},
    },
};
use std::{
    error::Error,
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::timeout;

/// How long a connection to the server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// How long a mail may take, of which lettre bounds only the connection. Less than another process waits before it sends the
/// mail.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Where mail goes.
pub(crate) struct Transport {
    from: Mailbox,
    route: Route,
}

enum Route {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Directory(PathBuf),
}

/// Why a mail was not sent.
#[derive(Debug)]
pub(crate) struct SendError {
    cause: Box<dyn Error + Send + Sync>,
    failure: SendFailure,
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl Error for SendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

/// The server did not respond in time.
#[derive(Debug, thiserror::Error)]
#[error("the server did not respond within {} seconds", TIMEOUT.as_secs())]
struct TimedOut;

impl SendError {
    /// One that another attempt would not change.
    pub(crate) fn permanent(cause: impl Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Box::new(cause),
            failure: SendFailure::Permanent,
        }
    }

    /// Whether another attempt may succeed.
    pub(crate) const fn failure(&self) -> SendFailure {
        self.failure
    }

    fn transient(cause: impl Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Box::new(cause),
            failure: SendFailure::Transient,
        }
    }
}

/// A refusal of the recipient or the message is permanent. One of our sign-in or of the connection is a mistake in the
/// settings, which an operator may correct within a day.
impl From<smtp::Error> for SendError {
    fn from(error: smtp::Error) -> Self {
        let is_about_mail = error.status().is_some_and(|code| {
            code.severity == Severity::PermanentNegativeCompletion
                && code.category == Category::MailSystem
        });
        match is_about_mail {
            true => Self::permanent(error),
            false => Self::transient(error),
        }
    }
}

impl Transport {
    /// Reads the certificate authorities and prepares connections; none is made yet.
    ///
    /// # Errors
    /// The file or directory that cannot be read, or a certificate that cannot be.
    pub(crate) fn new(mail: &Mail) -> Result<Self, SendError> {
        let route = match &mail.delivery {
            Delivery::Smtp(smtp) => Route::Smtp(Box::new(connect(smtp)?)),
            Delivery::Directory(path) => {
                fs::create_dir_all(path).map_err(|cause| about(path, &cause))?;
                Route::Directory(path.clone())
            }
        };
        Ok(Self {
            from: mail.from.clone(),
            route,
        })
    }

    /// The sender.
    pub(crate) const fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Hands a message over.
    ///
    /// # Errors
    /// [`SendError`].
    pub(crate) async fn send(&self, message: Message) -> Result<(), SendError> {
        match &self.route {
            Route::Smtp(transport) => {
                let sent = timeout(TIMEOUT, transport.send(message)).await;
                sent.map_err(|_| SendError::transient(TimedOut))??;
                Ok(())
            }
            Route::Directory(path) => write(path, message).await,
        }
    }
}

fn connect(server: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, SendError> {
    let tls = || -> Result<TlsParameters, SendError> {
        let mut tls = TlsParameters::builder(server.host.clone());
        if let Some(path) = &server.ca_file {
            let pem = fs::read(path).map_err(|cause| about(path, &cause))?;
            tls = tls.add_root_certificate(Certificate::from_pem(&pem)?);
        }
        Ok(tls.build_rustls()?)
    };
    let tls = match server.encryption {
        Encryption::Tls => Tls::Wrapper(tls()?),
        Encryption::StartTls => Tls::Required(tls()?),
        Encryption::None => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
        .port(server.port)
        .tls(tls)
        .timeout(Some(CONNECT_TIMEOUT));
    if let Some((user, password)) = &server.credentials {
        let password = password.expose_secret().to_owned();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    Ok(builder.build())
}

/// One file for each mail, complete when it is there.
async fn write(directory: &Path, message: Message) -> Result<(), SendError> {
    let id = message.headers().get_raw("Message-ID").unwrap_or_default();
    let name: String = id
        .chars()
        .take_while(|c| *c != '@')
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let (part, file) = (
        directory.join(format!(".{name}.part")),
        directory.join(format!("{name}.eml")),
    );
    let write = move || -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            // Links in mails are secrets.
            options.mode(0o600);
        }
        options.open(&part)?.write_all(&message.formatted())?;
        fs::rename(&part, &file)
    };
    let written = tokio::task::spawn_blocking(write).await;
    written
        .map_err(SendError::transient)?
        .map_err(|cause| about(directory, &cause))
}

fn about(path: &Path, cause: &io::Error) -> SendError {
    SendError::transient(io::Error::new(
        cause.kind(),
        format!("{}: {cause}", path.display()),
    ))
}
