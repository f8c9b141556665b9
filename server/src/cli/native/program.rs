//! A program that is logged in: its key, and what it signs.

use super::{
    NativeError,
    http::{Answer, Connection},
    login_file::LoginFile,
};
use crate::cli::context::clock;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::tokens::{client::GrantType, device_key::THUMBPRINT_URI};
use latchkey_jose::{Algorithm, SigningKey, dpop::prove, sign};
use serde::Serialize;
use serde_json::Value;
use std::{fmt::Display, sync::Mutex};

/// How long an assertion may be used, in seconds: as long as a request takes.
const ASSERTION_SECONDS: i64 = 60;

/// A program with a key.
pub(super) struct Program {
    pub(super) login: LoginFile,
    pub(super) connection: Connection,
    key: SigningKey,
    /// The nonce that the server sent last.
    nonce: Mutex<Option<String>>,
}

/// The claims of an assertion (RFC 7523 §3).
#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: i64,
    exp: i64,
}

fn signing(cause: impl Display) -> NativeError {
    NativeError::Signing(cause.to_string())
}

/// Random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], NativeError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(signing)?;
    Ok(bytes)
}

fn now() -> i64 {
    clock().now().unix_timestamp()
}

fn new_id() -> Result<String, NativeError> {
    Ok(BASE64.encode(random::<16>()?))
}

impl Program {
    pub(super) fn new(login: LoginFile, connection: Connection) -> Result<Self, NativeError> {
        let key = SigningKey::from_bytes(Algorithm::EdDsa, &*login.key).map_err(signing)?;
        Ok(Self {
            login,
            connection,
            key,
            nonce: Mutex::new(None),
        })
    }

    /// The thumbprint of its key.
    pub(super) fn thumbprint(&self) -> String {
        self.key.public().thumbprint()
    }

    /// A proof of possession for a request, with the last nonce of the server: services that demand one take the same.
    pub(super) fn proof(
        &self,
        method: &str,
        url: &str,
        token: Option<&str>,
    ) -> Result<String, NativeError> {
        let nonce = self.nonce.lock().ok().and_then(|nonce| nonce.clone());
        prove(
            &self.key,
            method,
            url,
            now(),
            &new_id()?,
            token,
            nonce.as_deref(),
        )
        .map_err(signing)
    }

    /// An assertion for this server, which is used once.
    pub(super) fn assertion(&self) -> Result<String, NativeError> {
        let party = format!("{THUMBPRINT_URI}{}", self.thumbprint());
        let now = now();
        let claims = Assertion {
            iss: &party,
            sub: &party,
            aud: self.connection.issuer(),
            jti: &new_id()?,
            iat: now,
            exp: now + ASSERTION_SECONDS,
        };
        sign(&self.key, "JWT", &claims).map_err(signing)
    }

    /// Posts a form with a proof, again with the nonce that the server asks for. Returns what it answers if it is no error.
    pub(super) async fn post(
        &self,
        path: &str,
        form: impl Fn() -> Result<Vec<(&'static str, String)>, NativeError>,
    ) -> Result<Value, NativeError> {
        let first = self.post_once(path, form()?).await?;
        let answer = match error_of(&first) {
            Some("use_dpop_nonce") => self.post_once(path, form()?).await?,
            _ => first,
        };
        if answer.status == 200 {
            return Ok(answer.body);
        }
        match error_of(&answer) {
            Some(code) => Err(NativeError::Refused(code.to_owned())),
            None => {
                let name = self.connection.name().to_owned();
                Err(NativeError::Unexpected(name, answer.status))
            }
        }
    }

    async fn post_once(
        &self,
        path: &str,
        form: Vec<(&'static str, String)>,
    ) -> Result<Answer, NativeError> {
        let url = format!("{}{path}", self.connection.issuer());
        let proof = self.proof("POST", &url, None)?;
        let mut form: Vec<_> = (form.iter())
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        form.push(("client_id", &self.login.client_id));
        let answer = self.connection.post(path, &form, Some(&proof)).await?;
        if let (Some(new), Ok(mut nonce)) = (&answer.nonce, self.nonce.lock()) {
            *nonce = Some(new.clone());
        }
        Ok(answer)
    }

    /// An access token for a service, with these scopes or all that were approved.
    pub(super) async fn token(
        &self,
        audience: Option<&str>,
        scopes: &[String],
    ) -> Result<String, NativeError> {
        let form = || {
            // A new one for each try: one that was sent may have been used.
            let mut form = vec![
                ("grant_type", GrantType::JwtBearer.as_str().to_owned()),
                ("assertion", self.assertion()?),
            ];
            form.extend(audience.map(|audience| ("audience", audience.to_owned())));
            if !scopes.is_empty() {
                form.push(("scope", scopes.join(" ")));
            }
            Ok(form)
        };
        let body = self.post("/oauth/token", form).await?;
        text(&body, "access_token").ok_or_else(|| self.unexpected())
    }

    pub(super) fn unexpected(&self) -> NativeError {
        NativeError::Unexpected(self.connection.name().to_owned(), 200)
    }
}

fn error_of(answer: &Answer) -> Option<&str> {
    answer.body.get("error")?.as_str()
}

/// A text of an answer.
pub(super) fn text(body: &Value, name: &str) -> Option<String> {
    Some(body.get(name)?.as_str()?.to_owned())
}
