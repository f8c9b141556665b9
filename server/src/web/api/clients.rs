//! Clients.

use super::{
    call::{ApiResult, Call, id},
    response::{ApiError, List, created, done, shown_once, tagged},
};
use axum::{Json, extract::Path, http::StatusCode, response::IntoResponse};
use latchkey_app::error::AppError;
use latchkey_domain::{
    access::permission::{ClientsRead, ClientsWrite},
    id::ClientId,
    tokens::{
        access_token::LIFETIME,
        client::{ClientKind, ClientView},
    },
};
use latchkey_engine::{NewClient, Resource, etag};
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use time::{Duration, OffsetDateTime};
use utoipa::ToSchema;
use uuid::Uuid;

/// A client.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Client {
    client_id: Uuid,
    name: String,
    /// `confidential` or `public`.
    kind: &'static str,
    grant_types: Vec<&'static str>,
    /// The names of services.
    audiences: Vec<String>,
    scopes: Vec<String>,
    redirect_uris: Vec<String>,
    /// With what its access tokens are signed.
    algorithm: &'static str,
    token_seconds: i64,
    /// Whether it authenticates with keys instead of a secret.
    has_keys: bool,
    requires_dpop: bool,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
}

impl From<ClientView> for Client {
    fn from(view: ClientView) -> Self {
        Self {
            client_id: view.id.uuid(),
            name: view.name.to_string(),
            kind: view.kind.as_str(),
            grant_types: view.grant_types.iter().map(|one| one.as_str()).collect(),
            audiences: view.audiences.iter().map(ToString::to_string).collect(),
            scopes: view.scopes.iter().map(ToString::to_string).collect(),
            redirect_uris: view
                .redirect_uris
                .iter()
                .map(|uri| uri.as_str().to_owned())
                .collect(),
            algorithm: view.algorithm.as_str(),
            token_seconds: view.token_seconds,
            has_keys: view.has_keys,
            requires_dpop: view.requires_dpop,
            created_at: view.created_at,
        }
    }
}

/// A client to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddClient {
    name: String,
    /// Whether it can keep no secret.
    #[serde(default)]
    public: bool,
    /// What clients of its kind usually do, if there are none.
    #[serde(default)]
    grant_types: Vec<String>,
    /// The names of services.
    audiences: Vec<String>,
    /// Nobody gives a client permissions (`latchkey:…`) that they do not have.
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    /// `EdDSA` if it is missing.
    algorithm: Option<String>,
    /// Two minutes if it is missing.
    #[schema(minimum = 1, maximum = 900)]
    token_seconds: Option<u32>,
    /// A JWK set with which it authenticates instead of a secret.
    #[schema(value_type = Option<Object>)]
    jwks: Option<serde_json::Value>,
    #[serde(default)]
    requires_dpop: bool,
}

/// How long the old secret is accepted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotateSecret {
    /// Up to 30 days.
    #[serde(default)]
    #[schema(maximum = 2592000)]
    overlap_seconds: u32,
}

/// A client that was added, with its secret if it has one, which is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AddedClient {
    client: Client,
    client_secret: Option<String>,
}

/// A secret, which is shown once.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewSecret {
    client_secret: String,
}

fn parsed<T: FromStr>(text: &str, field: &'static str) -> Result<T, ApiError> {
    text.parse()
        .map_err(|_| AppError::unusable_value(field).into())
}

/// List clients
#[utoipa::path(get, path = "/api/v1/clients", tag = "clients", operation_id = "listClients",
    params(("limit" = Option<u64>, Query, minimum = 1, maximum = 200), ("cursor" = Option<Uuid>, Query)),
    responses((status = 200, body = List<Client>), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:clients:read"])))]
pub(super) async fn list(call: Call) -> ApiResult {
    let proof = call.authorize(ClientsRead)?;
    let batch = call.engine.client_batch(&proof, call.cursor()?).await?;
    let list = List::<Client>::of(batch, |client| client.id.to_string());
    Ok(Json(list).into_response())
}

/// Add a client
#[utoipa::path(post, path = "/api/v1/clients", tag = "clients", operation_id = "addClient",
    params(("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = AddClient,
    responses((status = 201, body = AddedClient), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:clients:write"])))]
pub(super) async fn add(call: Call) -> ApiResult {
    let proof = call.authorize(ClientsWrite)?;
    let add = async {
        let new: AddClient = call.json()?;
        let grant_types = new.grant_types.iter().map(|one| parsed(one, "grant_types"));
        let algorithm = new.algorithm.map(|text| parsed(&text, "algorithm"));
        let new = NewClient {
            name: new.name,
            kind: match new.public {
                true => ClientKind::Public,
                false => ClientKind::Confidential,
            },
            grant_types: grant_types.collect::<Result<_, _>>()?,
            audiences: new.audiences.join(" "),
            scopes: new.scopes.join(" "),
            redirect_uris: new.redirect_uris.join(" "),
            algorithm: algorithm.transpose()?.unwrap_or_default(),
            token_lifetime: new
                .token_seconds
                .map_or(LIFETIME, |seconds| Duration::seconds(seconds.into())),
            keys: new.jwks.map(|keys| keys.to_string()),
            requires_dpop: new.requires_dpop,
        };
        let added = call.engine.add_client(&proof, new, &call.origin).await?;
        let (client, secret) = added.commit().await?;
        let location = format!("/api/v1/clients/{}", client.id);
        let body = AddedClient {
            client: client.into(),
            client_secret: secret.map(|secret| secret.expose_secret().to_owned()),
        };
        Ok(shown_once(created(&body, &location)))
    };
    call.once(add).await
}

/// Show a client
#[utoipa::path(get, path = "/api/v1/clients/{id}", tag = "clients", operation_id = "showClient",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Client), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:clients:read"])))]
pub(super) async fn show(Path(client): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ClientsRead)?;
    let id: ClientId = id(&client)?;
    let view = call.engine.client(&proof, &id.to_string()).await?;
    let tag = etag(&view)?;
    Ok(tagged(&Client::from(view), &tag, &call.headers))
}

/// Delete a client
///
/// Its tokens are no longer accepted.
#[utoipa::path(delete, path = "/api/v1/clients/{id}", tag = "clients", operation_id = "deleteClient",
    params(("id" = Uuid, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 204, description = "Done"), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:clients:write"])))]
pub(super) async fn remove(Path(client): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ClientsWrite)?;
    let id: ClientId = id(&client)?;
    let id = id.to_string();
    let engine = call.changing(Resource::Client(id.clone()));
    engine.delete_client(&proof, &id, &call.origin).await?;
    Ok(done())
}

/// Make a new client secret
#[utoipa::path(post, path = "/api/v1/clients/{id}/secrets", tag = "clients", operation_id = "rotateClientSecret",
    params(("id" = Uuid, Path), ("Idempotency-Key" = Option<String>, Header, max_length = 255)),
    request_body = RotateSecret,
    responses((status = 201, body = NewSecret), (status = "4XX", description = "A problem (RFC 9457)")),
    security(("token" = ["latchkey:clients:write"])))]
pub(super) async fn rotate(Path(client): Path<String>, call: Call) -> ApiResult {
    let proof = call.authorize(ClientsWrite)?;
    let rotate = async {
        let id: ClientId = id(&client)?;
        let RotateSecret { overlap_seconds } = call.json()?;
        let (id, overlap) = (id.to_string(), Duration::seconds(overlap_seconds.into()));
        let rotated = call
            .engine
            .rotate_client_secret(&proof, &id, overlap, &call.origin);
        let (_, secret) = rotated.await?.commit().await?;
        let body = NewSecret {
            client_secret: secret.expose_secret().to_owned(),
        };
        Ok(shown_once(
            (StatusCode::CREATED, Json(body)).into_response(),
        ))
    };
    call.once(rotate).await
}
