//! Asks the server about the caller of this service: `GET /verify/<service>` of its internal listener.

use crate::{
    AddressError, Denied,
    http_client::{Answer, HttpClient, check_address, encode},
};
use http::{HeaderName, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};
use std::{collections::BTreeSet, fmt};

/// The credential of whoever called the application.
const ORIGINAL_AUTHORIZATION: HeaderName = HeaderName::from_static("x-original-authorization");
const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
const ORIGINAL_URL: HeaderName = HeaderName::from_static("x-original-url");
const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Who makes a request, and what the grant allows this service to know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "UserBody")]
pub struct User {
    /// The subject, which is specific to this service.
    pub subject: String,
    /// The scopes of the grant.
    pub scopes: BTreeSet<String>,
    /// The name.
    pub username: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// `registered` or `passkey`.
    pub assurance: String,
    /// When the user last authenticated, in seconds since the Unix epoch.
    pub auth_time: i64,
    /// How, as `amr` (RFC 8176).
    pub auth_methods: Vec<String>,
}

/// An access token that the server accepts now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "TokenBody")]
pub struct AcceptedToken {
    /// The subject.
    pub subject: String,
    /// The client that got the token.
    pub client_id: String,
    /// The scopes of the token.
    pub scopes: BTreeSet<String>,
    /// Its id.
    pub id: String,
    /// When it was issued, in seconds since the Unix epoch.
    pub issued_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// The user for whom the token speaks; `None` if it speaks for its client.
    pub user: Option<User>,
}

/// A service that Latchkey knows, with its service token.
#[derive(Clone)]
pub struct Service {
    url: String,
    authorization: String,
    client: HttpClient,
}

impl Service {
    /// A service; the address is that of the server's internal listener.
    ///
    /// # Errors
    /// [`AddressError`] when it is none.
    pub fn new(internal_url: &str, name: &str, service_token: &str) -> Result<Self, AddressError> {
        Ok(Self {
            url: format!("{}/verify/{}", check_address(internal_url)?, encode(name)),
            authorization: format!("Bearer {service_token}"),
            client: HttpClient::new()?,
        })
    }

    /// Asks about the user of a browser: `cookie` is its header `Cookie`, as it came. It needs a Tokio runtime.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn verify_user(&self, cookie: &str) -> Result<User, Denied> {
        self.ask(&[(header::COOKIE, cookie)]).await
    }

    /// Asks about the access token of a program. It needs a Tokio runtime.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn verify_token(&self, access_token: &str) -> Result<AcceptedToken, Denied> {
        let credential = format!("Bearer {access_token}");
        self.ask(&[(ORIGINAL_AUTHORIZATION, &credential)]).await
    }

    /// Asks about an access token that is bound to a key, with a proof of that key (RFC 9449 §7): `proof` is the value of the
    /// request's only header `DPoP`. `url` is the request's as its program knows it, with scheme and host from the configuration:
    /// if they came from the request, its sender could use a proof that was made for another server. It needs a Tokio runtime.
    ///
    /// # Errors
    /// [`Denied`].
    pub async fn verify_bound_token(
        &self,
        access_token: &str,
        proof: &str,
        method: &str,
        url: &str,
    ) -> Result<AcceptedToken, Denied> {
        let credential = format!("DPoP {access_token}");
        self.ask(&[
            (ORIGINAL_AUTHORIZATION, &credential),
            (DPOP, proof),
            (ORIGINAL_METHOD, method),
            (ORIGINAL_URL, url),
        ])
        .await
    }

    async fn ask<T: DeserializeOwned>(&self, caller: &[(HeaderName, &str)]) -> Result<T, Denied> {
        let own = (header::AUTHORIZATION, self.authorization.as_str());
        let headers = [&[own], caller].concat();
        let answer = self.client.get(&self.url, &headers).await;
        let answer = answer.map_err(|_| Denied::Unavailable(None))?;
        match answer.status {
            StatusCode::OK => {
                serde_json::from_slice(&answer.body).map_err(|_| Denied::Unavailable(None))
            }
            _ => Err(denial(&answer)),
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct UserBody {
    subject: String,
    scopes: BTreeSet<String>,
    username: Option<String>,
    email: Option<String>,
    role: Option<String>,
    device: Device,
    auth: Auth,
}

#[derive(Deserialize)]
struct Device {
    assurance: String,
}

#[derive(Deserialize)]
struct Auth {
    time: i64,
    methods: Vec<String>,
}

impl From<UserBody> for User {
    fn from(body: UserBody) -> Self {
        Self {
            subject: body.subject,
            scopes: body.scopes,
            username: body.username,
            email: body.email,
            role: body.role,
            assurance: body.device.assurance,
            auth_time: body.auth.time,
            auth_methods: body.auth.methods,
        }
    }
}

#[derive(Deserialize)]
struct TokenBody {
    subject: String,
    client_id: String,
    scopes: BTreeSet<String>,
    username: Option<String>,
    email: Option<String>,
    role: Option<String>,
    device: Option<Device>,
    auth: Option<Auth>,
    token: Times,
}

#[derive(Deserialize)]
struct Times {
    id: String,
    issued_at: i64,
    expires_at: i64,
}

impl From<TokenBody> for AcceptedToken {
    fn from(body: TokenBody) -> Self {
        let user = body.device.zip(body.auth).map(|(device, auth)| {
            User::from(UserBody {
                subject: body.subject.clone(),
                scopes: body.scopes.clone(),
                username: body.username,
                email: body.email,
                role: body.role,
                device,
                auth,
            })
        });
        Self {
            subject: body.subject,
            client_id: body.client_id,
            scopes: body.scopes,
            id: body.token.id,
            issued_at: body.token.issued_at,
            expires_at: body.token.expires_at,
            user,
        }
    }
}

fn denial(answer: &Answer) -> Denied {
    match answer.status {
        StatusCode::UNAUTHORIZED => {
            let said = answer.json().unwrap_or_default();
            match (said["error"].as_str(), said["url"].as_str()) {
                (Some("step_up_required"), Some(url)) => Denied::StepUpRequired(url.to_owned()),
                (Some("use_dpop_nonce"), _) => {
                    let nonce = answer.headers.get(DPOP_NONCE);
                    let nonce = nonce.and_then(|nonce| nonce.to_str().ok());
                    Denied::UseDpopNonce(nonce.unwrap_or_default().to_owned())
                }
                _ => Denied::NoAccess,
            }
        }
        StatusCode::NOT_FOUND if answer.body.is_empty() => Denied::Unauthenticated,
        StatusCode::NOT_FOUND => Denied::ServiceNotFound,
        _ => {
            let after = answer.headers.get(header::RETRY_AFTER);
            let seconds = after.and_then(|after| after.to_str().ok()?.parse().ok());
            match answer.status {
                StatusCode::TOO_MANY_REQUESTS => Denied::RateLimited(seconds),
                _ => Denied::Unavailable(seconds),
            }
        }
    }
}
