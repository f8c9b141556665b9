//! Adding a user, and inviting one again.

use crate::cli::{Context, OPERATOR, failure::Failure, local_origin, table::minute};
use clap::Args;
use latchkey_app::enrolment_url::enrolment_url;
use latchkey_domain::{
    id::UserId,
    identity::user::{self, Role},
    secret::SecretText,
};
use latchkey_engine::{EnrolmentCode, NewUser};
use serde::Serialize;
use std::process::ExitCode;

/// The new user.
#[derive(Args)]
pub(in crate::cli) struct Add {
    /// Their e-mail address
    email: String,
    /// Their name [default: from the address]
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    /// Make them an administrator
    #[arg(long, conflicts_with = "role")]
    admin: bool,
    /// Their role [default: member]
    #[arg(long, value_parser = super::role)]
    role: Option<Role>,
    /// Set up an authenticator app now, and print its otpauth URI instead of a link
    #[arg(long, conflicts_with = "mail")]
    print_totp: bool,
    /// Send the enrolment link by mail instead of printing it
    #[arg(long)]
    mail: bool,
}

#[derive(Serialize)]
struct Added<'a> {
    id: UserId,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    otpauth_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mailed: Option<bool>,
}

impl Add {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let new = NewUser {
            email: self.email,
            name: self.name,
            role: match (self.admin, self.role) {
                (true, _) => Role::Admin,
                (false, role) => role.unwrap_or(Role::Member),
            },
        };
        match self.print_totp {
            true => add_with_totp(context, new).await,
            false => add_with_link(context, new, self.mail).await,
        }
    }
}

async fn add_with_totp(context: &Context, new: NewUser) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let added = engine
        .add_user_with_totp(&OPERATOR, new, &local_origin())
        .await?;
    let line = |(user, uri): &(user::UserView, SecretText)| {
        let (email, uri) = (user.email.as_str(), uri.expose_secret());
        let text = format!(
            "{email} was added. The secret of their authenticator app, shown only once:\n\n{uri}"
        );
        let added = Added {
            id: user.id,
            email,
            enrolment_url: None,
            otpauth_uri: Some(uri),
            mailed: None,
        };
        output.line(text, &added)
    };
    output.reveal(added, line).await
}

async fn add_with_link(
    context: &Context,
    new: NewUser,
    by_mail: bool,
) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let added = engine.add_user(&OPERATOR, new, &local_origin()).await?;
    if by_mail {
        let user = added.made().0.id;
        let (user, _) = added.commit_by_mail(user, |(_, code)| code).await?;
        let text = format!(
            "{} was added. `latchkey serve` sends them the link.",
            user.email
        );
        return output.print(text, &mailed(&user));
    }
    let line = |(user, code): &(user::UserView, EnrolmentCode)| {
        let link = enrolment_url(engine.public_url().as_str(), code);
        let text = format!("{} was added. {}", user.email, link_text(&link, code));
        output.line(text, &with_link(user, &link))
    };
    output.reveal(added, line).await
}

/// Makes a new enrolment link.
pub(super) async fn invite(
    context: &Context,
    email: &str,
    is_vouched: bool,
    by_mail: bool,
) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let user = engine.user_by_email(&OPERATOR, email).await?;
    let invited = engine
        .invite_user(&OPERATOR, user.id, is_vouched, &local_origin())
        .await?;
    if by_mail {
        invited.commit_by_mail(user.id, |code| code).await?;
        let text = format!("`latchkey serve` sends {} the link.", user.email);
        return output.print(text, &mailed(&user));
    }
    let line = |code: &EnrolmentCode| {
        let link = enrolment_url(engine.public_url().as_str(), code);
        output.line(link_text(&link, code), &with_link(&user, &link))
    };
    output.reveal(invited, line).await
}

/// Makes a link for a user who lost everything.
pub(super) async fn recover(
    context: &Context,
    email: &str,
    removes_passkeys: bool,
) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let user = engine.user_by_email(&OPERATOR, email).await?;
    let recovered = engine
        .recover_user(&OPERATOR, email, removes_passkeys, &local_origin())
        .await?;
    let line = |code: &EnrolmentCode| {
        let link = enrolment_url(engine.public_url().as_str(), code);
        let passkeys = match (removes_passkeys, user.passkeys) {
            (true, count) => format!("Passkeys removed: {count}.\n"),
            (false, 0) => String::new(),
            (false, count) => format!(
                "Passkeys that still sign in: {count}. If they cannot be used any more, run this again with --remove-passkeys.\n"
            ),
        };
        let text = format!(
            "{passkeys}The link registers a device of {} at once. The user is told, and the audit log says so.\n{}",
            user.email,
            link_text(&link, code)
        );
        output.line(text, &with_link(&user, &link))
    };
    output.reveal(recovered, line).await
}

fn with_link<'a>(user: &'a user::UserView, link: &'a SecretText) -> Added<'a> {
    Added {
        id: user.id,
        email: user.email.as_str(),
        enrolment_url: Some(link.expose_secret()),
        otpauth_uri: None,
        mailed: None,
    }
}

fn mailed(user: &user::UserView) -> Added<'_> {
    Added {
        id: user.id,
        email: user.email.as_str(),
        enrolment_url: None,
        otpauth_uri: None,
        mailed: Some(true),
    }
}

fn link_text(link: &SecretText, code: &EnrolmentCode) -> String {
    format!(
        "Give them this link; it works once, until {} UTC:\n\n{}",
        minute(code.expires_at),
        link.expose_secret()
    )
}
