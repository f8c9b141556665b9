//! Tokens, verified without asking the server (RFC 9068, RFC 7519, RFC 8725).

use crate::{
    AddressError, Claims, Clock, Error, SystemClock,
    dpop::{self, BoundRequest, UsedProofs},
    http_client::{HttpClient, basic, check_address, encode},
    key_cache::KeyCache,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use http::{StatusCode, header};
use latchkey_jose::{
    Audience, Expected, KeySet, Object, Opened, Registered, TokenError, dpop::Proof, object,
};
use serde_json::Value;
use std::{fmt, sync::Arc};

/// By how many seconds clocks may differ.
const LEEWAY: i64 = 5;

/// Verifies tokens of one issuer for one audience, which is the name of this service. Clones share the keys.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    issuer: String,
    audience: String,
    client: HttpClient,
    keys: KeyCache,
    clock: Arc<dyn Clock>,
    used_proofs: UsedProofs,
}

impl Verifier {
    /// A verifier with the keys of `/.well-known/jwks.json` of the issuer. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`AddressError`] when the issuer is not an address.
    pub fn new(issuer: &str, audience: &str) -> Result<Self, AddressError> {
        let url = format!("{}/.well-known/jwks.json", check_address(issuer)?);
        Self::with_jwks_url(issuer, audience, &url)
    }

    /// A verifier with keys that are elsewhere.
    ///
    /// # Errors
    /// [`AddressError`] when one of the addresses is none.
    pub fn with_jwks_url(
        issuer: &str,
        audience: &str,
        jwks_url: &str,
    ) -> Result<Self, AddressError> {
        Self::with_clock(issuer, audience, jwks_url, SystemClock)
    }

    /// A verifier with another clock, for tests.
    ///
    /// # Errors
    /// [`AddressError`] when one of the addresses is none.
    pub fn with_clock(
        issuer: &str,
        audience: &str,
        jwks_url: &str,
        clock: impl Clock,
    ) -> Result<Self, AddressError> {
        check_address(issuer)?;
        check_address(jwks_url)?;
        let client = HttpClient::new()?;
        let clock: Arc<dyn Clock> = Arc::new(clock);
        Ok(Self(Arc::new(Inner {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            keys: KeyCache::new(jwks_url.to_owned(), client.clone(), Arc::clone(&clock)),
            client,
            clock,
            used_proofs: UsedProofs::default(),
        })))
    }

    /// Verifies the access token of a header `Authorization: Bearer`. It needs a Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Token`], [`Error::Dpop`] or [`Error::KeysUnavailable`].
    pub async fn access_token(&self, token: &str) -> Result<Claims, Error> {
        let opened = self.open(token).await?;
        self.check(&opened, "at+jwt", true)
    }

    /// Verifies an access token that is bound to a key, with a proof of that key (RFC 9449 §7). `mark_used` marks the proof as used,
    /// by its thumbprint and id together, until `usable_until`, and returns false if it was before: then it is refused. With several
    /// processes, they share what it writes to. It needs a Tokio runtime.
    ///
    /// # Errors
    /// As [`Verifier::access_token`], [`Error::Proof`] or [`Error::ProofUsed`].
    pub async fn bound_token(
        &self,
        token: &str,
        request: BoundRequest<'_>,
        mark_used: impl AsyncFnOnce(&Proof) -> bool,
    ) -> Result<Claims, Error> {
        let (claims, proof) = self.proven(token, request).await?;
        match mark_used(&proof).await {
            true => Ok(claims),
            false => Err(Error::ProofUsed),
        }
    }

    /// The same for a request of the layer, whose used proofs are remembered here.
    pub(crate) async fn bound_token_once(
        &self,
        token: &str,
        request: &dpop::Request,
    ) -> Result<Claims, Error> {
        let (claims, proof) = self.proven(token, request.bound()?).await?;
        self.0.used_proofs.mark(proof, self.0.clock.now())?;
        Ok(claims)
    }

    async fn proven(
        &self,
        token: &str,
        request: BoundRequest<'_>,
    ) -> Result<(Claims, Proof), Error> {
        let opened = self.open(token).await?;
        let claims = self.registered(&opened, "at+jwt")?;
        // Bound to this key and to nothing else, whose proof this would not be.
        let thumbprint = (claims.claims.get("cnf").and_then(Value::as_object))
            .filter(|cnf| cnf.len() == 1)
            .and_then(|cnf| cnf.get("jkt")?.as_str());
        let now = self.0.clock.now();
        let proof = request.check(token, thumbprint.ok_or(Error::Dpop)?, now)?;
        Ok((Claims::new(claims, true), proof))
    }

    /// Verifies the identity token that a proxy puts in a header. It needs a Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Token`], [`Error::Dpop`] or [`Error::KeysUnavailable`].
    pub async fn identity_token(&self, token: &str) -> Result<Claims, Error> {
        const ID: &str = "jti";
        let mut opened = self.open(token).await?;
        let mut has_id = true;
        // Identity tokens have no id, which the verifier wants in every token: so one is put in, and left out of the result.
        if let Ok(mut claims) = object(&opened.payload)
            && !claims.contains_key(ID)
        {
            has_id = false;
            claims.insert(ID.to_owned(), "none".into());
            opened.payload = Value::Object(claims).to_string().into_bytes();
        }
        let mut claims = self.check(&opened, "JWT", has_id)?;
        if !has_id {
            claims.all.remove(ID);
        }
        Ok(claims)
    }

    /// Asks the server whether a token is active (RFC 7662), and returns what it knows.
    ///
    /// # Errors
    /// [`Error::Inactive`], [`Error::Token`] (another audience) or [`Error::Dpop`] if the token must not be accepted,
    /// [`Error::Unavailable`] if the server cannot be asked or refuses the client.
    pub async fn introspect(
        &self,
        client_id: &str,
        client_secret: &str,
        token: &str,
    ) -> Result<Object, Error> {
        let url = format!("{}/oauth/introspect", self.0.issuer.trim_end_matches('/'));
        let authorization = basic(client_id, client_secret);
        let headers = [
            (header::AUTHORIZATION, authorization.as_str()),
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
        ];
        let form = format!("token={}", encode(token));
        let answer = self.0.client.post(&url, &headers, form).await;
        let said = answer
            .ok()
            .filter(|answer| answer.status == StatusCode::OK)
            .and_then(|answer| answer.json())
            .ok_or(Error::Unavailable)?;
        let Value::Object(said) = said else {
            return Err(Error::Inactive);
        };
        if said.get("active") != Some(&Value::Bool(true)) {
            return Err(Error::Inactive);
        }
        let audience = Value::from(self.0.audience.as_str());
        let is_for_us = match said.get("aud") {
            None => true,
            Some(Value::Array(items)) => *items == [audience],
            Some(one) => *one == audience,
        };
        if !is_for_us {
            return Err(TokenError::Audience.into());
        }
        match said.contains_key("cnf") {
            true => Err(Error::Dpop),
            false => Ok(said),
        }
    }

    async fn open(&self, token: &str) -> Result<Opened, Error> {
        let id = key_id(token)?;
        let key = self.0.keys.find(&id).await?.ok_or(TokenError::KeyId)?;
        Ok(key.open(token)?)
    }

    fn check(&self, opened: &Opened, typ: &str, has_id: bool) -> Result<Claims, Error> {
        let registered = self.registered(opened, typ)?;
        // Whoever presents it must prove to have the key (RFC 9449 §7.1); a bearer does not.
        match registered.claims.contains_key("cnf") {
            true => Err(Error::Dpop),
            false => Ok(Claims::new(registered, has_id)),
        }
    }

    fn registered(&self, opened: &Opened, typ: &str) -> Result<Registered, TokenError> {
        let expected = Expected {
            typ,
            issuer: &self.0.issuer,
            audience: Audience::Only(&self.0.audience),
            now: self.0.clock.now(),
            leeway: LEEWAY,
        };
        expected.check_claims(opened)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("issuer", &self.0.issuer)
            .field("audience", &self.0.audience)
            .finish_non_exhaustive()
    }
}

/// The id of the key that a token names. Nothing is fetched for a token that has no proper form.
fn key_id(token: &str) -> Result<String, TokenError> {
    // Without any key, the form is all that can be wrong before the key is.
    match KeySet::default().open(token) {
        Err(TokenError::KeyId) => {}
        Err(error) => return Err(error),
        Ok(_) => return Err(TokenError::KeyId),
    }
    let (header, _) = token.split_once('.').ok_or(TokenError::Malformed)?;
    let header = BASE64.decode(header).map_err(|_| TokenError::Malformed)?;
    let header = object(&header).map_err(|_| TokenError::Header)?;
    let id = header.get("kid").and_then(Value::as_str);
    id.map(str::to_owned).ok_or(TokenError::KeyId)
}
