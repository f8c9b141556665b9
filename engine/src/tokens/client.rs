//! Clients: adding, listing, rotating secrets, deleting.

use crate::{
    Conflict, Engine, Error, InvalidInput, Noun, RequestOrigin, Result, UncommittedSecret, access,
    access::service::check_overlap,
    database::Reads,
    keys::{
        purpose::KeyPurpose,
        rotating_secret::{self, SecretKind},
    },
    tokens::store::{self, family::FamilyOwner},
    unit_of_work::Tx,
};
use latchkey_domain::{
    access::permission::{Authorizes, ClientsRead, ClientsWrite},
    id::{ClientId, ServiceId},
    name::DisplayName,
    pagination::{Batch, Cursor, ListQuery, Page},
    secret::SecretText,
    tokens::{
        access_token::{LIFETIME, TokenAlgorithm},
        client::{Client, ClientKind, ClientSecret, ClientView, GrantType},
        device_key::COMMAND_LINE,
        redirect_uri::RedirectUri,
        scope::{TokenScope, TokenScopeError, TokenScopes},
    },
};
use latchkey_jose::KeySet;
use std::{collections::BTreeSet, ops::Not};
use time::Duration;

/// A client to add.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Its name, as typed.
    pub name: String,
    /// Whether it can keep a secret.
    pub kind: ClientKind,
    /// How it gets tokens; empty for what clients of its kind usually do.
    pub grant_types: BTreeSet<GrantType>,
    /// Names of services as typed, separated by spaces, commas or new lines.
    pub audiences: String,
    /// Scopes as typed, separated in the same way.
    pub scopes: String,
    /// Redirect URIs as typed, separated by spaces or new lines.
    pub redirect_uris: String,
    /// With what its access tokens are signed.
    pub algorithm: TokenAlgorithm,
    /// How long its access tokens live.
    pub token_lifetime: Duration,
    /// The JWK set with which it authenticates instead of a secret.
    pub keys: Option<String>,
    /// Whether its tokens are bound to a key.
    pub requires_dpop: bool,
}

impl NewClient {
    /// A client that does what those of its kind usually do.
    #[must_use]
    pub fn new(name: &str, kind: ClientKind, audiences: &str, scopes: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            grant_types: BTreeSet::new(),
            audiences: audiences.to_owned(),
            scopes: scopes.to_owned(),
            redirect_uris: String::new(),
            algorithm: TokenAlgorithm::default(),
            token_lifetime: LIFETIME,
            keys: None,
            requires_dpop: false,
        }
    }
}

impl Engine {
    /// A batch of clients.
    ///
    /// # Errors
    /// Internal only.
    pub async fn client_batch(
        &self,
        _proof: &dyn Authorizes<ClientsRead>,
        cursor: Cursor<ClientId>,
    ) -> Result<Batch<ClientView>> {
        store::client::view::batch(&self.read(), cursor, self.now()).await
    }

    /// Adds a client; the secret of a confidential one is shown once.
    ///
    /// # Errors
    /// Bad input (`name`, `grant_types`, `audiences`, `scopes`, `redirect_uris`), conflict (`name`).
    pub async fn add_client(
        &self,
        proof: &dyn Authorizes<ClientsWrite>,
        new: NewClient,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (ClientView, Option<SecretText>)>> {
        let name = DisplayName::parse(&new.name).map_err(Error::bad_input("name"))?;
        let scopes = words(&new.scopes).collect::<Vec<_>>().join(" ");
        let scopes = scopes.parse().map_err(Error::bad_input("scopes"))?;
        let redirect_uris = parse_redirect_uris(&new.redirect_uris)?;
        if let Some(keys) = &new.keys
            && KeySet::parse(keys).is_ok_and(|keys| !keys.is_empty()).not()
        {
            return Err(Error::bad_input("keys")(InvalidInput::KeySet));
        }
        let key = KeyPurpose::of_access_tokens(new.algorithm);
        let first_keys = self.first_keys(key).await?;
        let mut tx = self.begin(proof, origin).await?;
        require_permissions_of(&tx, &scopes)?;
        if store::client::find(&tx, name.as_str()).await?.is_some() {
            return Err(Error::conflict("name", Conflict::ClientName(name)));
        }
        let now = self.now();
        let client = Client {
            id: ClientId::from_uuid(self.inner.settings.rng.uuid(now)),
            name,
            kind: new.kind,
            grant_types: match new.grant_types.is_empty() {
                true => new.kind.usual_grant_types(),
                false => new.grant_types,
            },
            audiences: find_services(&tx, &new.audiences).await?,
            scopes,
            redirect_uris,
            algorithm: new.algorithm,
            token_lifetime: new.token_lifetime,
            keys: new.keys,
            requires_dpop: new.requires_dpop,
            created_at: now,
        };
        let client = client.checked().map_err(|error| {
            let reason = InvalidInput::Client(error);
            Error::bad_input(error.field())(reason)
        })?;
        let (secret, text) = match client.kind {
            ClientKind::Confidential if client.keys.is_none() => {
                let (secret, text) = self.new_client_secret(client.id);
                (Some(secret), Some(text))
            }
            ClientKind::Confidential | ClientKind::Public => (None, None),
        };
        if let Some(first) = first_keys {
            self.add_first_keys(&mut tx, key, first).await?;
        }
        let id = client.id.to_string();
        tx.apply(client.add(secret)).await?;
        let view = self.shown_client(&tx, &id).await?;
        Ok(UncommittedSecret::new(tx, (view, text)))
    }

    /// A secret that is not written yet, and its text.
    fn new_client_secret(&self, client: ClientId) -> (ClientSecret, SecretText) {
        let rng = &self.inner.settings.rng;
        rotating_secret::generate(SecretKind::ClientSecret, rng, client, self.now())
    }

    /// Clients. Sort: `name` (default), `kind`, `created`.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_clients(
        &self,
        _proof: &dyn Authorizes<ClientsRead>,
        query: &ListQuery,
    ) -> Result<Page<ClientView>> {
        store::client::view::list(&self.read(), &query.clone().bounded(), self.now()).await
    }

    /// The clients that get tokens for a service, by name.
    ///
    /// # Errors
    /// Internal only.
    pub async fn clients_of(
        &self,
        _proof: &dyn Authorizes<ClientsRead>,
        service: ServiceId,
    ) -> Result<Vec<ClientView>> {
        store::client::view::of_service(&self.read(), service, self.now()).await
    }

    /// A client by id or by name.
    ///
    /// # Errors
    /// Not found.
    pub async fn client(
        &self,
        _proof: &dyn Authorizes<ClientsRead>,
        id_or_name: &str,
    ) -> Result<ClientView> {
        self.shown_client(&self.read(), id_or_name).await
    }

    async fn shown_client(&self, db: &impl Reads, id_or_name: &str) -> Result<ClientView> {
        store::client::view::show(db, id_or_name, self.now())
            .await?
            .ok_or(Error::NotFound(Noun::Client))
    }

    /// Makes a new secret; the old one is accepted for `overlap` (0 to 30 days) more. Tokens that the client got with the
    /// old one end with it.
    ///
    /// # Errors
    /// Not found, bad input (`overlap`), conflict when the client is a public one.
    pub async fn rotate_client_secret(
        &self,
        proof: &dyn Authorizes<ClientsWrite>,
        id_or_name: &str,
        overlap: Duration,
        origin: &RequestOrigin,
    ) -> Result<UncommittedSecret<'_, (ClientId, SecretText)>> {
        check_overlap(overlap)?;
        let mut tx = self.begin(proof, origin).await?;
        let client = require_client(&tx, id_or_name).await?;
        require_permissions_of(&tx, &client.scopes)?;
        if client.kind == ClientKind::Public || client.keys.is_some() {
            return Err(Error::conflict("client", Conflict::PublicClient));
        }
        let id = client.id;
        let (secret, text) = self.new_client_secret(id);
        tx.apply(client.rotate_secret(secret, overlap)).await?;
        Ok(UncommittedSecret::new(tx, (id, text)))
    }

    /// Deletes a client; its tokens are accepted no more.
    ///
    /// # Errors
    /// Not found; conflict for the client of the command line.
    pub async fn delete_client(
        &self,
        proof: &dyn Authorizes<ClientsWrite>,
        id_or_name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let client = require_client(&tx, id_or_name).await?;
        // Which services accept it is what an administrator decides.
        if client.id == COMMAND_LINE {
            return Err(Error::conflict("client", Conflict::CommandLineClient));
        }
        tx.end_token_families(FamilyOwner::Client(client.id))
            .await?;
        tx.apply(client.delete()).await?;
        tx.commit().await
    }
}

/// Nobody gives a client what they do not have, or gets hold of one that has more.
fn require_permissions_of(tx: &Tx<'_>, scopes: &TokenScopes) -> Result<()> {
    let unknown = |scope: &&TokenScope| scope.is_management() && scope.permission().is_none();
    if scopes.iter().any(|scope| unknown(&scope)) {
        return Err(Error::bad_input("scopes")(InvalidInput::TokenScopes(
            TokenScopeError::Text,
        )));
    }
    tx.require_permissions(scopes.permissions())
}

async fn require_client(db: &impl Reads, id_or_name: &str) -> Result<Client> {
    store::client::find(db, id_or_name)
        .await?
        .ok_or(Error::NotFound(Noun::Client))
}

fn words(typed: &str) -> impl Iterator<Item = &str> {
    typed
        .split([' ', ',', '\n', '\r', '\t', ';'])
        .filter(|word| !word.is_empty())
}

/// The services of these names.
async fn find_services(db: &impl Reads, typed: &str) -> Result<BTreeSet<ServiceId>> {
    let mut services = BTreeSet::new();
    for name in words(typed) {
        match access::store::service::find_by_name(db, name).await? {
            Some(service) => services.insert(service.id),
            None => {
                let start = name.chars().take(80).collect();
                return Err(Error::bad_input("audiences")(InvalidInput::NoSuchService(
                    start,
                )));
            }
        };
    }
    Ok(services)
}

/// Commas and semicolons can be part of a URI.
fn parse_redirect_uris(typed: &str) -> Result<BTreeSet<RedirectUri>> {
    let parse = |text: &str| {
        RedirectUri::parse(text).map_err(|_| {
            let start = text.chars().take(80).collect();
            Error::bad_input("redirect_uris")(InvalidInput::RedirectUri(start))
        })
    };
    typed.split_ascii_whitespace().map(parse).collect()
}
