//! Adding and deleting clients, and their secrets.

use crate::{
    cli::{Context, OPERATOR, confirm, failure::Failure, local_origin},
    config::duration,
};
use clap::{Args, ValueEnum};
use latchkey_domain::{
    id::ClientId,
    secret::SecretText,
    tokens::{
        access_token::TokenAlgorithm,
        client::{ClientKind, ClientView, GrantType},
    },
};
use latchkey_engine::NewClient;
use serde::Serialize;
use std::{fs, path::PathBuf, process::ExitCode};
use time::Duration;

/// The new client.
#[derive(Args)]
pub(in crate::cli) struct Add {
    /// Its name, for whoever approves or revokes it
    name: String,
    /// It cannot keep a secret: a program on somebody's device
    #[arg(long)]
    public: bool,
    /// How it gets tokens; can be repeated [default: client_credentials, or device_code and refresh_token with --public]
    #[arg(long = "grant", value_name = "TYPE")]
    grants: Vec<Grant>,
    /// A service that it gets tokens for; can be repeated
    #[arg(long = "audience", value_name = "SERVICE", required = true)]
    audiences: Vec<String>,
    /// A scope that it may ask for; can be repeated
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Where a browser returns to it; can be repeated
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// With what its access tokens are signed
    #[arg(long, default_value = "EdDSA", value_name = "ALGORITHM")]
    algorithm: Algorithm,
    /// How long its access tokens live, 15m at most
    #[arg(long, default_value = "2m", value_name = "DURATION", value_parser = duration::parse)]
    lifetime: Duration,
    /// A file with the JWK set of its public keys: it authenticates with private_key_jwt and gets no secret
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Bind its tokens to a key (RFC 9449)
    #[arg(long)]
    dpop: bool,
}

#[derive(Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Grant {
    /// For itself, with its secret (RFC 6749)
    ClientCredentials,
    /// For a user who approves on another device (RFC 8628)
    DeviceCode,
    /// For the user of a device whose key signs the request (RFC 7523)
    JwtBearer,
    /// With a refresh token
    RefreshToken,
}

impl From<Grant> for GrantType {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::ClientCredentials => Self::ClientCredentials,
            Grant::DeviceCode => Self::DeviceCode,
            Grant::JwtBearer => Self::JwtBearer,
            Grant::RefreshToken => Self::RefreshToken,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Algorithm {
    /// Ed25519
    #[value(name = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256
    #[value(name = "ES256")]
    Es256,
    /// RSA with PKCS #1 v1.5, for libraries that know nothing newer
    #[value(name = "RS256")]
    Rs256,
}

#[derive(Serialize)]
struct Secret<'a> {
    client_id: ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
}

impl Add {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let (engine, output) = (context.engine().await?, context.output);
        let keys = match self.jwks {
            Some(path) => Some(fs::read_to_string(&path).map_err(|cause| {
                Failure::Usage(format!("error: --jwks {}: {cause}", path.display()))
            })?),
            None => None,
        };
        let new = NewClient {
            name: self.name,
            kind: match self.public {
                true => ClientKind::Public,
                false => ClientKind::Confidential,
            },
            grant_types: self.grants.into_iter().map(GrantType::from).collect(),
            audiences: self.audiences.join(" "),
            scopes: self.scopes.join(" "),
            redirect_uris: self.redirect_uris.join(" "),
            algorithm: match self.algorithm {
                Algorithm::EdDsa => TokenAlgorithm::EdDsa,
                Algorithm::Es256 => TokenAlgorithm::Es256,
                Algorithm::Rs256 => TokenAlgorithm::Rs256,
            },
            token_lifetime: self.lifetime,
            keys,
            requires_dpop: self.dpop,
        };
        let added = engine.add_client(&OPERATOR, new, &local_origin()).await?;
        let line = |(client, secret): &(ClientView, Option<SecretText>)| {
            let (name, client_id) = (client.name.as_str(), client.id);
            let client_secret = secret.as_ref().map(SecretText::expose_secret);
            let text = match client_secret {
                Some(secret) => format!(
                    "{name} was added.\nclient_id: {client_id}\nIts secret, shown only once:\n\n{secret}"
                ),
                None => format!("{name} was added.\nclient_id: {client_id}"),
            };
            let secret = Secret {
                client_id,
                client_secret,
            };
            output.line(text, &secret)
        };
        output.reveal(added, line).await
    }
}

/// Makes a new secret.
pub(super) async fn rotate_secret(
    context: &Context,
    client: &str,
    overlap: Duration,
) -> Result<ExitCode, Failure> {
    let (engine, output) = (context.engine().await?, context.output);
    let rotated = engine
        .rotate_client_secret(&OPERATOR, client, overlap, &local_origin())
        .await?;
    let line = |(client_id, secret): &(ClientId, SecretText)| {
        let secret = secret.expose_secret();
        let text = format!("The new secret of {client}, shown only once:\n\n{secret}");
        let secret = Secret {
            client_id: *client_id,
            client_secret: Some(secret),
        };
        output.line(text, &secret)
    };
    output.reveal(rotated, line).await
}

pub(super) async fn delete(
    context: &Context,
    client: &str,
    yes: bool,
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let found = engine.client(&OPERATOR, client).await?;
    let name = &found.name;
    let question = format!("Delete {name}? Its tokens are denied from then on.");
    confirm::ask(yes, &question)?;
    let id = found.id.to_string();
    engine
        .delete_client(&OPERATOR, &id, &local_origin())
        .await?;
    context.output.print(format!("{name} was deleted."), &found)
}
