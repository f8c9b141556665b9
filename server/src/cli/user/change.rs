//! Changing or deleting a user.

use crate::cli::{Context, OPERATOR, confirm, failure::Failure, local_origin};
use clap::ValueEnum;
use latchkey_domain::identity::user::{Role, UserView};
use latchkey_engine::Engine;
use std::process::ExitCode;

/// How a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Factors {
    /// With passkeys only
    Passkeys,
    /// With passkeys and codes
    All,
}

pub(super) async fn role(context: &Context, email: &str, role: Role) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    engine
        .set_role(&OPERATOR, user.id, role, &local_origin())
        .await?;
    let text = format!("The role of {} is now {role}.", user.email);
    context
        .output
        .print(text, &engine.user(&OPERATOR, user.id).await?)
}

pub(super) async fn sign_in(
    context: &Context,
    email: &str,
    factors: Factors,
) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    let passkey_only = factors == Factors::Passkeys;
    engine
        .set_passkey_only(&OPERATOR, user.id, passkey_only, &local_origin())
        .await?;
    let with = match factors {
        Factors::Passkeys => "passkeys only",
        Factors::All => "passkeys and codes",
    };
    let text = format!("{} now signs in with {with}.", user.email);
    context
        .output
        .print(text, &engine.user(&OPERATOR, user.id).await?)
}

pub(super) async fn lift_code_lockout(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    engine
        .lift_code_lockout(&OPERATOR, user.id, &local_origin())
        .await?;
    let text = format!(
        "Codes of {} are accepted from new devices again.",
        user.email
    );
    context.output.print(text, &user)
}

pub(super) async fn revoke_link(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    engine
        .revoke_enrolment_link(&OPERATOR, user.id, &local_origin())
        .await?;
    let text = match user.enrolment_link_expires_at {
        Some(_) => format!("The enrolment link of {} was revoked.", user.email),
        None => format!("{} has no enrolment link that can be used.", user.email),
    };
    context
        .output
        .print(text, &engine.user(&OPERATOR, user.id).await?)
}

pub(super) async fn disable(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    engine
        .disable_user(&OPERATOR, user.id, &local_origin())
        .await?;
    let text = format!("{} is disabled.", user.email);
    context
        .output
        .print(text, &engine.user(&OPERATOR, user.id).await?)
}

pub(super) async fn enable(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    engine
        .enable_user(&OPERATOR, user.id, &local_origin())
        .await?;
    let text = format!("{} is enabled.", user.email);
    context
        .output
        .print(text, &engine.user(&OPERATOR, user.id).await?)
}

pub(super) async fn delete(context: &Context, email: &str, yes: bool) -> Result<ExitCode, Failure> {
    let (engine, user) = find(context, email).await?;
    let question = format!(
        "Delete {} with {} devices and {} passkeys? This cannot be undone.",
        user.email, user.devices, user.passkeys
    );
    confirm::ask(yes, &question)?;
    engine
        .delete_user(&OPERATOR, user.id, &local_origin())
        .await?;
    context
        .output
        .print(format!("{} was deleted.", user.email), &user)
}

pub(super) async fn find(context: &Context, email: &str) -> Result<(Engine, UserView), Failure> {
    let engine = context.engine().await?;
    let user = engine.user_by_email(&OPERATOR, email).await?;
    Ok((engine, user))
}
