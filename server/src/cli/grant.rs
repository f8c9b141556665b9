//! `latchkey grant …`

use super::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    moment::Moment,
    nobody,
    table::minute_or_dash,
};
use clap::Subcommand;
use latchkey_domain::access::access_grant::Scope;
use latchkey_engine::AccessGrantFilter;
use serde::Serialize;
use std::process::ExitCode;

/// Grants.
#[derive(Subcommand)]
pub(super) enum AccessGrant {
    /// Let a person into a service, or change what the service learns of them
    Add {
        /// The person's address
        email: String,
        /// The service's name
        service: String,
        /// What the service may learn: read:username, read:email, read:user-role; may be given several times
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// When it ends by itself: 30d, 2026-12-31 or 2026-12-31T18:00:00Z
        #[arg(long, value_name = "WHEN")]
        expires: Option<Moment>,
    },
    /// List grants (sort: email, service, created)
    List {
        #[command(flatten)]
        args: ListArgs,
        /// Only this person's
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
        /// Only to this service
        #[arg(long, value_name = "NAME")]
        service: Option<String>,
    },
    /// Take a grant away
    Remove {
        /// The person's address
        email: String,
        /// The service's name
        service: String,
    },
}

#[derive(Serialize)]
struct Removed {
    email: String,
    service: String,
    removed: bool,
}

impl AccessGrant {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let output = context.output;
        match self {
            Self::Add {
                email,
                service,
                scopes,
                expires,
            } => {
                let expires_at = expires.map(|moment| moment.from(engine.now()));
                let grant = engine
                    .add_grant(
                        &OPERATOR,
                        &email,
                        &service,
                        scopes.into_iter().collect(),
                        expires_at,
                        &nobody(),
                    )
                    .await?;
                output.say(
                    format!("{} may enter {}.", grant.email, grant.service),
                    &grant,
                )
            }
            Self::List {
                args,
                user,
                service,
            } => {
                let user = match user {
                    Some(email) => Some(engine.user_by_email(&OPERATOR, &email).await?.id),
                    None => None,
                };
                let query = args.query(&["email", "service", "created"], &[])?;
                let page = engine
                    .list_grants(&OPERATOR, &AccessGrantFilter { user, service }, &query)
                    .await?;
                list::print(
                    output,
                    &page,
                    ["person", "service", "scopes", "origin", "until"],
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
            Self::Remove { email, service } => {
                engine
                    .remove_grant(&OPERATOR, &email, &service, &nobody())
                    .await?;
                output.say(
                    format!("{email} may not enter {service} any more."),
                    &Removed {
                        email,
                        service,
                        removed: true,
                    },
                )
            }
        }
    }
}
