//! Clients, for administrators: adding, new secrets, deleting.
#![expect(
    clippy::too_many_arguments,
    reason = "a server function has an argument for each field of its form"
)]

use super::service::parse_overlap;
use crate::{
    actions::error::ActionError,
    form::{self, Fields, FormError, FormResult, Next, change},
    format,
    messages::m,
    url::percent_encode,
};
use latchkey_domain::tokens::access_token::{LIFETIME, MAX_LIFETIME};
use latchkey_domain::{
    access::permission::{ClientsRead, ClientsWrite},
    id::ClientId,
    tokens::client::GrantType,
};
use latchkey_engine::{NewClient, Noun};
use leptos::prelude::*;
use std::collections::BTreeSet;
use time::Duration;

/// Adds a client and shows its secret, once.
#[server(prefix = "/actions", endpoint = "client/add")]
pub async fn add_client(
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] audiences: Vec<String>,
    #[server(default)] scopes: String,
    #[server(default)] grant_types: Vec<String>,
    #[server(default)] redirect_uris: String,
    #[server(default)] algorithm: String,
    #[server(default)] lifetime: String,
    #[server(default)] keys: String,
    #[server(default)] dpop: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("name", &name)
        .field("kind", &kind)
        .field("audiences", &audiences.join(" "))
        .field("scopes", &scopes)
        .field("grant_types", &grant_types.join(" "))
        .field("redirect_uris", &redirect_uris)
        .field("algorithm", &algorithm)
        .field("lifetime", &lifetime)
        .field("keys", &keys)
        .field("dpop", &dpop);
    change::administer(
        ClientsWrite,
        "/actions/client/add",
        fields,
        "/admin/clients",
        |change| async move {
            let new = NewClient {
                name,
                kind: kind
                    .parse()
                    .map_err(|_| FormError::field("kind", m::CHOOSE_CLIENT_KIND))?,
                grant_types: parse_grant_types(&grant_types)?,
                audiences: audiences.join(" "),
                scopes,
                redirect_uris,
                algorithm: algorithm
                    .parse()
                    .map_err(|_| FormError::field("algorithm", m::CHOOSE_ALGORITHM))?,
                token_lifetime: parse_lifetime(&lifetime)?,
                keys: Some(keys).filter(|keys| !keys.trim().is_empty()),
                requires_dpop: !dpop.is_empty(),
            };
            let added = change
                .engine()
                .add_client(&change.proof, new, change.origin())
                .await?;
            let (client, secret) = added.commit().await?;
            let page = Next::page(client_page(&client.id.to_string()));
            Ok(match secret {
                Some(secret) => {
                    let text = m::client_added(client.name.as_str());
                    page.revealing(text, m::CLIENT_SECRET, secret.expose_secret())
                }
                None if client.has_keys => page.saying(m::client_added_keys(client.name.as_str())),
                None => page.saying(m::client_added_public(client.name.as_str())),
            })
        },
    )
    .await
}

/// Makes a new secret and shows it, once; `overlap` is in hours.
#[server(prefix = "/actions", endpoint = "client/rotate-secret")]
pub async fn rotate_client_secret(
    #[server(default)] id: String,
    #[server(default)] overlap: String,
) -> Result<(), ActionError> {
    let page = client_page(&id);
    change::administer(
        ClientsWrite,
        "/actions/client/rotate-secret",
        Fields::none(),
        &page,
        |change| async move {
            let id: ClientId = form::id(&id, Noun::Client)?;
            let overlap = parse_overlap(&overlap)?;
            let rotated = change
                .engine()
                .rotate_client_secret(&change.proof, &id.to_string(), overlap, change.origin())
                .await?;
            let (client, secret) = rotated.commit().await?;
            let text = match overlap.is_zero() {
                true => m::CLIENT_SECRET_ROTATED.into(),
                false => m::client_secret_rotated_overlap(format::whole(overlap.unsigned_abs())),
            };
            let page = Next::page(client_page(&client.to_string()));
            Ok(page.revealing(text, m::NEW_CLIENT_SECRET, secret.expose_secret()))
        },
    )
    .await
}

/// Deletes a client.
#[server(prefix = "/actions", endpoint = "client/delete")]
pub async fn delete_client(#[server(default)] id: String) -> Result<(), ActionError> {
    change::administer(
        ClientsWrite,
        "/actions/client/delete",
        Fields::none(),
        "/admin/clients",
        |change| async move {
            let (engine, proof) = (change.engine(), &change.proof);
            let id: ClientId = form::id(&id, Noun::Client)?;
            let id = id.to_string();
            let read = change.context.authorize(ClientsRead)?;
            let client = engine.client(&read, &id).await?;
            engine.delete_client(proof, &id, change.origin()).await?;
            let text = m::client_deleted(client.name.as_str());
            Ok(Next::page("/admin/clients").saying(text))
        },
    )
    .await
}

fn client_page(id: &str) -> String {
    format!("/admin/clients/{}", percent_encode(id))
}

fn parse_grant_types(chosen: &[String]) -> FormResult<BTreeSet<GrantType>> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|_| FormError::field("grant_types", m::CHOOSE_GRANT_TYPES))
    };
    chosen.iter().map(parse).collect()
}

/// Seconds; nothing for the usual lifetime. Whether it is too long, the client knows.
fn parse_lifetime(typed: &str) -> FormResult<Duration> {
    if typed.is_empty() {
        return Ok(LIFETIME);
    }
    let seconds: Option<u32> = typed.trim().parse().ok();
    let most = MAX_LIFETIME.whole_minutes().unsigned_abs();
    seconds
        .map(|seconds| Duration::seconds(seconds.into()))
        .ok_or_else(|| FormError::field("lifetime", m::invalid_client_lifetime(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grant_types_are_read_as_they_were_chosen() {
        let chosen = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().map(|&text| text.to_owned()).collect();
            parse_grant_types(&texts)
        };
        assert_eq!(chosen(&[]).unwrap(), BTreeSet::new());
        let refresh = GrantType::RefreshToken;
        let code = GrantType::DeviceCode;
        let both = chosen(&[refresh.as_str(), code.as_str()]);
        assert_eq!(both.unwrap(), [refresh, code].into());
        assert!(matches!(
            chosen(&["password"]),
            Err(FormError::Field("grant_types", _))
        ));
    }
}
