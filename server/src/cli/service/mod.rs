//! `latchkey service …`

mod change;
mod risk;
mod show;

use super::{Context, failure::Failure, list::ListArgs};
use crate::config::duration;
use clap::Subcommand;
use latchkey_engine::NewAccessTokens;
use std::process::ExitCode;
use time::Duration;

/// Services.
#[derive(Subcommand)]
pub(super) enum Service {
    /// Add a service; prints its token once
    Add(change::Add),
    /// Replace the rules for paths; without --rule there are none
    Rules {
        /// The service's name
        name: String,
        /// A rule, like "admins /settings/*"; can be repeated, the first match decides
        #[arg(long = "rule", value_name = "RULE")]
        rules: Vec<String>,
    },
    /// Say what is asked of devices whose last sign-in or use was unusual; without an option, nothing more than everywhere
    Risk(risk::Risk),
    /// Say which scopes access tokens can have, and how often one is accepted
    Tokens {
        /// The service's name
        name: String,
        /// A scope that tokens can have; can be repeated, without one there are none
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// How often a token is accepted
        #[arg(long, value_name = "POLICY", default_value = "reusable")]
        policy: change::TokenPolicy,
        /// Let users with access get tokens with `latchkey login`
        #[arg(long)]
        native: bool,
        /// Demand a nonce in proofs of possession, so that none can be made ahead (RFC 9449)
        #[arg(long)]
        dpop_nonce: bool,
    },
    /// List services (sort: name, created, grants)
    List(ListArgs),
    /// Show a service
    Show {
        /// The service's name
        name: String,
    },
    /// Make a new token; prints it once
    RotateToken {
        /// The service's name
        name: String,
        /// How long the old token is still accepted
        #[arg(long, default_value = "24h", value_name = "DURATION", value_parser = duration::parse)]
        overlap: Duration,
    },
    /// Delete a service with its grants and tokens
    Delete {
        /// The service's name
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

impl Service {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Add(add) => add.run(context).await,
            Self::Rules { name, rules } => change::rules(context, &name, &rules).await,
            Self::Risk(risk) => risk.run(context).await,
            Self::Tokens {
                name,
                scopes,
                policy,
                native,
                dpop_nonce,
            } => {
                let scopes = scopes.join(" ");
                let new = NewAccessTokens {
                    native,
                    dpop_nonce,
                    ..NewAccessTokens::new(&scopes, policy.into())
                };
                change::access_tokens(context, &name, new).await
            }
            Self::List(args) => show::list(context, args).await,
            Self::Show { name } => show::show(context, &name).await,
            Self::RotateToken { name, overlap } => {
                change::rotate_token(context, &name, overlap).await
            }
            Self::Delete { name, yes } => change::delete(context, &name, yes).await,
        }
    }
}
