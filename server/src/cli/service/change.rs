//! Adding, changing and deleting services.

use super::show::hosts;
use crate::{
    cli::{Context, OPERATOR, confirm, failure::Failure, local_origin},
    config::duration,
};
use clap::{Args, ValueEnum};
use latchkey_domain::{
    access::service::{Policy, Requirement, ServiceView},
    secret::SecretText,
    tokens::policy::TokenUse,
};
use latchkey_engine::{NewAccessTokens, NewService};
use serde::Serialize;
use std::process::ExitCode;
use time::Duration;

/// The new service.
#[derive(Args)]
pub(in crate::cli) struct Add {
    /// Its name: lower-case letters, digits and hyphens
    name: String,
    /// One of its hosts; can be repeated
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Require a passkey used on the device within this time, like 12h
    #[arg(long, value_name = "AGE", value_parser = duration::parse)]
    passkey: Option<Duration>,
    /// Let administrators in only with a grant
    #[arg(long)]
    no_admins: bool,
    /// A rule for paths, like "public GET /assets/*"; can be repeated, the first match decides
    #[arg(long = "rule", value_name = "RULE")]
    rules: Vec<String>,
}

#[derive(Serialize)]
struct Token<'a> {
    name: &'a str,
    token: &'a str,
}

impl Add {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let (engine, output) = (context.engine().await?, context.output);
        let new = NewService {
            hosts: self.hosts.join(" "),
            policy: Policy {
                requirement: requirement(self.passkey)?,
                admins_enter: !self.no_admins,
            },
            rules: self.rules.join("\n"),
        };
        let added = engine
            .add_service(&OPERATOR, &self.name, new, &local_origin())
            .await?;
        let line = |(service, token): &(ServiceView, SecretText)| {
            let (name, token) = (service.name.as_str(), token.expose_secret());
            let text = format!("{name} was added. Its token, shown only once:\n\n{token}");
            output.line(text, &Token { name, token })
        };
        output.reveal(added, line).await
    }
}

fn requirement(passkey: Option<Duration>) -> Result<Requirement, Failure> {
    let Some(age) = passkey else {
        return Ok(Requirement::Device);
    };
    match u32::try_from(age.whole_seconds()) {
        Ok(max_age_seconds) if max_age_seconds > 0 => Ok(Requirement::Passkey { max_age_seconds }),
        _ => Err(Failure::Usage(
            "error: --passkey takes an age above zero, like 12h".to_owned(),
        )),
    }
}

/// Replaces the rules for paths.
pub(super) async fn rules(
    context: &Context,
    name: &str,
    rules: &[String],
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let service = engine.service(&OPERATOR, name).await?;
    let new = NewService {
        hosts: hosts(&service),
        policy: service.policy,
        rules: rules.join("\n"),
    };
    engine
        .change_service(&OPERATOR, name, new, &local_origin())
        .await?;
    let service = engine.service(&OPERATOR, name).await?;
    let text = match service.rules.is_empty() {
        true => format!("{name} has no rules: access depends on the grant alone."),
        false => format!("The rules of {name} are now:\n\n{}", service.rules),
    };
    context.output.print(text, &service)
}

/// How often an access token is accepted.
#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(in crate::cli) enum TokenPolicy {
    /// Until it expires
    Reusable,
    /// Once
    OneShot,
    /// Until the same user or client gets a newer one
    SingleActive,
}

impl From<TokenPolicy> for TokenUse {
    fn from(policy: TokenPolicy) -> Self {
        match policy {
            TokenPolicy::Reusable => Self::Reusable,
            TokenPolicy::OneShot => Self::OneShot,
            TokenPolicy::SingleActive => Self::SingleActive,
        }
    }
}

/// Replaces how a service uses access tokens.
pub(super) async fn access_tokens(
    context: &Context,
    name: &str,
    new: NewAccessTokens<'_>,
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    engine
        .change_access_tokens(&OPERATOR, name, new, &local_origin())
        .await?;
    let service = engine.service(&OPERATOR, name).await?;
    let scopes = match service.access_tokens.scopes.is_empty() {
        true => "no scopes".to_owned(),
        false => format!("these scopes: {}", service.access_tokens.scopes),
    };
    let use_of = service.access_tokens.token_use.as_str();
    let native = match service.access_tokens.native {
        true => "\nUsers get tokens for it with `latchkey login`.",
        false => "",
    };
    let nonce = match service.access_tokens.dpop_nonce {
        true => "\nProofs of possession need a nonce.",
        false => "",
    };
    let text =
        format!("Access tokens for {name} can have {scopes}; they are {use_of}.{native}{nonce}");
    context.output.print(text, &service)
}

/// Makes a new token.
pub(super) async fn rotate_token(
    context: &Context,
    name: &str,
    overlap: Duration,
) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let rotated = engine
        .rotate_service_token(&OPERATOR, name, overlap, &local_origin())
        .await?;
    let line = |token: &SecretText| {
        let token = token.expose_secret();
        let text = format!("The new token of {name}, shown only once:\n\n{token}");
        output.line(text, &Token { name, token })
    };
    output.reveal(rotated, line).await
}

pub(super) async fn delete(context: &Context, name: &str, yes: bool) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let service = engine.service(&OPERATOR, name).await?;
    let question = format!(
        "Delete {name} with {} grants? All requests to it are denied from then on.",
        service.grants
    );
    confirm::ask(yes, &question)?;
    engine
        .delete_service(&OPERATOR, name, &local_origin())
        .await?;
    context
        .output
        .print(format!("{name} was deleted."), &service)
}
