//! `latchkey mail …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    local_origin,
    table::minute,
};
use crate::mail::{Transport, message};
use clap::Subcommand;
use latchkey_domain::id::MailId;
use lettre::{Address, message::Mailbox};
use serde::Serialize;
use std::{error::Error, process::ExitCode};

/// Mails to users.
#[derive(Subcommand)]
pub(super) enum Mail {
    /// Send a mail now, to see whether the settings are right
    Test {
        /// To this address
        to: Address,
    },
    /// List mails that were not sent yet (filter: waiting, failed)
    List(ListArgs),
    /// Try a mail again that was given up
    Retry {
        /// Its id, as `mail list` shows it
        id: MailId,
    },
    /// Delete a mail that was not sent
    Discard {
        /// Its id, as `mail list` shows it
        id: MailId,
    },
}

#[derive(Serialize)]
struct Tested<'a> {
    to: &'a str,
    sent: bool,
}

#[derive(Serialize)]
struct Changed {
    id: MailId,
    #[serde(skip_serializing_if = "Option::is_none")]
    retried: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    discarded: Option<bool>,
}

impl Mail {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Test { to } => test(context, to).await,
            Self::List(args) => list(context, args).await,
            Self::Retry { id } => {
                let engine = context.engine().await?;
                engine.retry_mail(&OPERATOR, id, &local_origin()).await?;
                let changed = Changed {
                    id,
                    retried: Some(true),
                    discarded: None,
                };
                let text = "`latchkey serve` sends it within a second.";
                context.output.print(text, &changed)
            }
            Self::Discard { id } => {
                let engine = context.engine().await?;
                engine.discard_mail(&OPERATOR, id, &local_origin()).await?;
                let changed = Changed {
                    id,
                    retried: None,
                    discarded: Some(true),
                };
                context.output.print("It was deleted.", &changed)
            }
        }
    }
}

async fn test(context: &Context, to: Address) -> Result<ExitCode, Failure> {
    let Some(mail) = &context.config.mail else {
        return Err(Failure::Usage(
            "error: no mail is sent: set mail.url and mail.from (`latchkey config help`)"
                .to_owned(),
        ));
    };
    let failed = |cause: &(dyn Error + 'static)| Failure::Mail {
        delivery: mail.delivery.to_string(),
        cause: crate::mail::chain(cause),
    };
    let transport = Transport::new(mail).map_err(|cause| failed(&cause))?;
    let shown = to.to_string();
    let text = context.site().test_mail();
    let message = message(transport.from(), Mailbox::new(None, to), None, &text);
    let message = message.map_err(|cause| failed(&cause))?;
    let sent = transport.send(message).await;
    sent.map_err(|cause| failed(&cause))?;
    let tested = Tested {
        to: &shown,
        sent: true,
    };
    let text = format!("{} accepted a mail to {shown}.", mail.delivery);
    context.output.print(text, &tested)
}

async fn list(context: &Context, args: ListArgs) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let query = args.query(&[], &["waiting", "failed"])?;
    let page = engine.list_mails(&OPERATOR, &query).await?;
    list::print(
        context.output,
        &page,
        [
            "id", "to", "about", "state", "written", "attempts", "next", "error",
        ],
        |mail| {
            [
                mail.id.to_string(),
                mail.email.to_string(),
                mail.kind.clone(),
                mail.state.as_str().to_owned(),
                minute(mail.created_at),
                mail.attempts.to_string(),
                mail.next_attempt_at.map(minute).unwrap_or_default(),
                mail.last_error.clone().unwrap_or_default(),
            ]
        },
    )
}
