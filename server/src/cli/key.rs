//! `latchkey key …`

use super::{Context, OPERATOR, failure::Failure, list, local_origin, table::minute};
use clap::{Subcommand, ValueEnum};
use latchkey_engine::{KeyPurpose, KeyView};
use serde::Serialize;
use std::process::ExitCode;
use time::OffsetDateTime;

/// Signing keys.
#[derive(Subcommand)]
pub(super) enum Key {
    /// List the signing keys
    List,
    /// Replace the current signing key by the next one
    Rotate {
        /// What the key is for
        purpose: Purpose,
        /// Replace the current and the next key by new ones: when they are in the wrong hands. Services refuse tokens
        /// until they fetch the new keys, five minutes at most
        #[arg(long)]
        at_once: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum Purpose {
    /// Signs what services are told about users
    IdentityToken,
    /// Signs access tokens with EdDSA
    AccessToken,
    /// Signs access tokens of clients that need ES256
    #[value(name = "access_token_es256")]
    AccessTokenEs256,
    /// Signs access tokens of clients that need RS256; made when the first of them is added
    #[value(name = "access_token_rs256")]
    AccessTokenRs256,
    /// Signs checkpoints of the audit log
    AuditCheckpoint,
}

impl From<Purpose> for KeyPurpose {
    fn from(purpose: Purpose) -> Self {
        match purpose {
            Purpose::IdentityToken => Self::IdentityToken,
            Purpose::AccessToken => Self::AccessToken,
            Purpose::AccessTokenEs256 => Self::AccessTokenEs256,
            Purpose::AccessTokenRs256 => Self::AccessTokenRs256,
            Purpose::AuditCheckpoint => Self::AuditCheckpoint,
        }
    }
}

#[derive(Serialize)]
struct Item {
    id: String,
    purpose: &'static str,
    state: &'static str,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    changed_at: OffsetDateTime,
}

impl From<KeyView> for Item {
    fn from(key: KeyView) -> Self {
        Self {
            id: key.id,
            purpose: key.purpose.as_str(),
            state: key.state.as_str(),
            created_at: key.created_at,
            changed_at: key.changed_at,
        }
    }
}

impl Key {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        match self {
            Self::List => {
                let keys = engine.list_keys(&OPERATOR).into_iter().map(Item::from);
                list::print(
                    context.output,
                    &list::whole(keys.collect()),
                    ["purpose", "state", "since", "id"],
                    |key| {
                        [
                            key.purpose.to_owned(),
                            key.state.to_owned(),
                            minute(key.changed_at),
                            key.id.clone(),
                        ]
                    },
                )
            }
            Self::Rotate { purpose, at_once } => {
                let key = engine
                    .rotate_key(&OPERATOR, purpose.into(), at_once, &local_origin())
                    .await?;
                context.output.print(
                    format!(
                        "{} signs as {} from now on, in a running server within ten seconds.",
                        key.id, key.purpose
                    ),
                    &Item::from(key),
                )
            }
        }
    }
}
