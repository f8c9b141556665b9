//! Sends the mails that changes wrote, a few at once; a request never waits for a mail server.

mod message;
mod transport;

pub(crate) use message::message;
pub(crate) use transport::{SendError, Transport};

use crate::config::mail::Mail;
use latchkey_app::mail::Site;
use latchkey_engine::{DueMail, Engine};
use lettre::message::Mailbox;
use message::MessageError;
use std::{error::Error, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// Between two looks at what is due.
const POLL: Duration = Duration::from_secs(1);

/// How many mails are sent at once: one recipient whose server is slow does not delay the others.
const AT_ONCE: usize = 4;

/// Sends mails until it is aborted. Several processes may do so: each mail is taken by one of them.
pub(crate) async fn run(engine: Engine, mail: Mail, site: Site) {
    let transport = match Transport::new(&mail) {
        Ok(transport) => Arc::new(transport),
        Err(cause) => {
            tracing::error!(target: "mail", error = chain(&cause), "no mail is sent; correct the settings and restart");
            return;
        }
    };
    let mut sending = JoinSet::new();
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        loop {
            while sending.try_join_next().is_some() {}
            if sending.len() >= AT_ONCE {
                sending.join_next().await;
            }
            match engine.take_due_mail().await {
                Ok(Some(due)) => {
                    let (engine, transport, site) =
                        (engine.clone(), transport.clone(), site.clone());
                    sending.spawn(async move { deliver(&engine, &transport, &site, &due).await });
                }
                Ok(None) => break,
                Err(cause) => {
                    tracing::warn!(target: "mail", error = chain(&cause), "mails that are due could not be read; it is tried again");
                    break;
                }
            }
        }
    }
}

async fn deliver(engine: &Engine, transport: &Transport, site: &Site, due: &DueMail) {
    let sent = match compose(transport, site, due) {
        Ok(message) => transport.send(message).await,
        Err(cause) => Err(SendError::permanent(cause)),
    };
    let recorded = match sent {
        Ok(()) => {
            tracing::info!(target: "mail", id = %due.id, kind = due.content.kind(), "sent");
            engine.mail_sent(due).await
        }
        Err(error) => fail(engine, due, &error).await,
    };
    if let Err(cause) = recorded {
        // It is sent again when the lease of this attempt ends: twice is better than never.
        tracing::warn!(target: "mail", id = %due.id, error = chain(&cause), "the result could not be written");
    }
}

fn compose(
    transport: &Transport,
    site: &Site,
    due: &DueMail,
) -> Result<lettre::Message, MessageError> {
    let to = Mailbox::new(Some(due.name.to_string()), due.email.as_str().parse()?);
    let id = due.id.to_string();
    message(transport.from(), to, Some(&id), &site.mail(due))
}

async fn fail(engine: &Engine, due: &DueMail, error: &SendError) -> latchkey_engine::Result<()> {
    let text = chain(error);
    match engine.mail_failed(due, error.failure(), &text).await? {
        Some(next) => {
            tracing::warn!(target: "mail", id = %due.id, error = text, next = next.unix_timestamp(), "not sent; it is tried again");
        }
        None => {
            tracing::error!(target: "mail", id = %due.id, error = text, "not sent, and given up; see latchkey mail list");
        }
    }
    Ok(())
}

/// An error with its causes, on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    // What a server says goes into logs and lists.
    text.replace(char::is_control, " ")
}
