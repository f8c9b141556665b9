//! `latchkey grant …`

use super::{
    Context, OPERATOR,
    expiry::Expiry,
    failure::Failure,
    list::{self, ListArgs},
    local_origin,
    table::minute_or_dash,
};
use clap::{Args, Subcommand};
use latchkey_domain::access::access_grant::Scope;
use latchkey_engine::AccessGrantFilter;
use serde::Serialize;
use std::process::ExitCode;

/// Grants.
#[derive(Subcommand)]
pub(super) enum AccessGrant {
    /// Grant a user access to a service, or change the scopes
    Add(Add),
    /// List grants (sort: email, service, created)
    List {
        #[command(flatten)]
        args: ListArgs,
        /// Only this user's
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        /// Only to this service
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
    },
    /// Remove a grant
    Remove {
        /// The user's e-mail address
        email: String,
        /// The service's name
        service: String,
    },
}

/// The new grant.
#[derive(Args)]
pub(super) struct Add {
    /// The user's e-mail address
    email: String,
    /// The service's name
    service: String,
    /// What the service gets to know: read:username, read:email, read:user-role; can be repeated
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', value_parser = scope)]
    scopes: Vec<Scope>,
    /// When it expires: 30d, 2026-12-31 or 2026-12-31T18:00:00Z
    #[arg(long, value_name = "WHEN")]
    expires: Option<Expiry>,
}

#[derive(Serialize)]
struct Removed {
    email: String,
    service: String,
    removed: bool,
}

impl AccessGrant {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Add(add) => add.run(context).await,
            Self::List {
                args,
                user,
                service,
            } => list(context, args, user, service).await,
            Self::Remove { email, service } => remove(context, email, service).await,
        }
    }
}

impl Add {
    async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let grant = engine
            .add_grant(
                &OPERATOR,
                &self.email,
                &self.service,
                self.scopes.into_iter().collect(),
                self.expires.map(|expiry| expiry.from(engine.now())),
                &local_origin(),
            )
            .await?;
        let text = format!("{} now has access to {}.", grant.email, grant.service);
        context.output.print(text, &grant)
    }
}

async fn list(
    context: &Context,
    args: ListArgs,
    user: Option<String>,
    service: Option<String>,
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let user = match user {
        Some(email) => Some(engine.user_by_email(&OPERATOR, &email).await?.id),
        None => None,
    };
    let query = args.query(&["email", "service", "created"], &[])?;
    let page = engine
        .list_grants(&OPERATOR, &AccessGrantFilter { user, service }, &query)
        .await?;
    list::print(
        context.output,
        &page,
        ["user", "service", "scopes", "origin", "until"],
        |grant| {
            [
                grant.email.to_string(),
                grant.service.to_string(),
                grant.scopes.to_string(),
                grant.origin.as_str().to_owned(),
                minute_or_dash(grant.expires_at),
            ]
        },
    )
}

async fn remove(context: &Context, email: String, service: String) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    engine
        .remove_grant(&OPERATOR, &email, &service, &local_origin())
        .await?;
    let text = format!("{email} no longer has access to {service}.");
    let removed = Removed {
        email,
        service,
        removed: true,
    };
    context.output.print(text, &removed)
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse::<Scope>().map_err(|error| {
        format!("{error}; scopes are read:username, read:email and read:user-role")
    })
}
