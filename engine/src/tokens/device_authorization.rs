//! The device authorization grant (RFC 8628): a program asks, its user decides on a device of theirs, the program fetches.

use super::{
    authentication::ClientCredentials,
    delegation::Delegation,
    error::TokenError,
    issue::{TokenParameters, scopes_for_users},
    store, user_code,
};
use crate::{
    Conflict, Engine, Error, Noun, RequestOrigin, Result,
    database::{Reads, lane::COME_AGAIN},
    identity::{role::permissions_of, store::passkey, user::require_user},
    keys::keyring::{Purpose, digest},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_domain::{
    access::{
        permission::{CurrentUser, Denial, SelfManagement},
        service::ServiceName,
    },
    name::DisplayName,
    secret::SecretText,
    tokens::{
        client::{Client, GrantType},
        device_authorization::{
            AuthorizationState, DeviceAuthorization, INTERVAL, LIFETIME, NotApprovable,
        },
        scope::TokenScopes,
    },
};
use time::{Duration, OffsetDateTime};

/// The most authorizations that are kept. Anyone who knows the id of a public client can begin some, so this is more than the
/// quota of all networks together allows (50 a second, each kept for twenty minutes): otherwise a few could refuse all others.
const MAX_KEPT: u64 = 80_000;

/// What a program shows and keeps.
#[derive(Debug)]
pub struct BegunAuthorization {
    /// With what it fetches its tokens.
    pub device_code: SecretText,
    /// What its user types.
    pub user_code: String,
    /// How long both are good.
    pub expires_in: Duration,
    /// How long it waits between two requests.
    pub interval: Duration,
}

/// What a user is asked to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedAuthorization {
    /// The program.
    pub client: DisplayName,
    /// The service.
    pub service: ServiceName,
    /// What it wants to do there and the user can grant.
    pub scopes: TokenScopes,
    /// What it wants beyond that.
    pub left_out: TokenScopes,
    /// The thumbprint of its key, if it proved to have one.
    pub key: Option<String>,
    /// Whether it becomes a device of the user.
    pub is_native: bool,
    /// From which address it asked.
    pub ip: Option<String>,
    /// When it asked.
    pub created_at: OffsetDateTime,
    /// Until when it can be decided.
    pub expires_at: OffsetDateTime,
}

impl Engine {
    /// Begins an authorization for a client.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn begin_device_authorization(
        &self,
        credentials: ClientCredentials<'_>,
        parameters: TokenParameters<'_>,
        origin: &RequestOrigin,
    ) -> Result<BegunAuthorization, TokenError> {
        let client = self.authenticate_client(credentials).await?.client;
        let grant_type = GrantType::DeviceCode;
        let proof = match parameters.proof {
            Some(proof) => Some(self.check_token_proof(proof).await?),
            None => None,
        };
        let public_key = self.key_to_register(&client, proof.as_ref()).await?;
        let key = bound_key(proof.map(|proof| proof.thumbprint), parameters.dpop_jkt)?;
        let (service, grant) = self
            .decide_token(&client, grant_type, parameters, scopes_for_users)
            .await?;
        let (now, rng) = (self.now(), &self.inner.settings.rng);
        let device_code = rng.bytes::<32>();
        let user_code = user_code::make(rng);
        let authorization = DeviceAuthorization {
            device_code: digest("device_code", &device_code),
            user_code: self.user_code_digest(&user_code),
            client_id: client.id,
            audience: service.facts.id,
            scopes: grant.scopes,
            key,
            public_key,
            ip: origin.ip_text(),
            created_at: now,
            expires_at: now + LIFETIME,
            state: AuthorizationState::Pending,
        };
        let permit = self.acquire_write_permit().await?;
        if store::device_authorization::count(&permit).await? >= MAX_KEPT {
            return Err(Error::Busy { wait: COME_AGAIN }.into());
        }
        store::device_authorization::insert(&permit, &authorization).await?;
        Ok(BegunAuthorization {
            device_code: SecretText::new(BASE64.encode(device_code)),
            user_code: user_code::shown(&user_code),
            expires_in: LIFETIME,
            interval: INTERVAL,
        })
    }

    /// Keyed: a code is so short that a digest of it could be guessed.
    fn user_code_digest(&self, code: &str) -> [u8; 32] {
        let tag = self.inner.keys.tag(Purpose::UserCode, code.as_bytes());
        digest("user_code", &tag)
    }

    /// What the user is asked to approve who typed this code.
    ///
    /// # Errors
    /// Not found, also when it was decided or has expired; [`Denial::NeedsPasskey`] when they have no passkey, which an approval
    /// takes.
    pub async fn asked_authorization(
        &self,
        proof: &SelfManagement,
        user_code: &str,
    ) -> Result<AskedAuthorization> {
        require_passkey(&self.read(), proof.current_user()).await?;
        let (authorization, client) = self.find_waiting(&self.read(), user_code).await?;
        let service = self.service_of(authorization.audience).await?;
        let service = service.ok_or(Error::NotFound(Noun::Authorization))?;
        let permissions = proof.current_user().permissions;
        let scopes = authorization.grantable(&client, permissions);
        Ok(AskedAuthorization {
            client: client.name,
            service: service.name.clone(),
            left_out: authorization.scopes.without(&scopes),
            scopes,
            key: authorization.key,
            is_native: authorization.public_key.is_some(),
            ip: authorization.ip,
            created_at: authorization.created_at,
            expires_at: authorization.expires_at,
        })
    }

    async fn find_waiting(
        &self,
        db: &impl Reads,
        typed: &str,
    ) -> Result<(DeviceAuthorization, Client)> {
        let missing = || Error::NotFound(Noun::Authorization);
        let code = user_code::read(typed).ok_or_else(missing)?;
        let digest = self.user_code_digest(&code);
        let authorization = store::device_authorization::find_by_user_code(db, &digest)
            .await?
            .filter(|found| found.state == AuthorizationState::Pending)
            .filter(|found| self.now() < found.expires_at)
            .ok_or_else(missing)?;
        let client = authorization.client_id.to_string();
        let client = store::client::find(db, &client).await?;
        Ok((authorization, client.ok_or_else(missing)?))
    }

    /// Approves what a program asked for, on this device.
    ///
    /// # Errors
    /// Not found; conflict when the user has no access to the service or can grant nothing; [`Denial::StepUp`] when it requires a more recent
    /// passkey than a change of one's own account does, [`Denial::NeedsPasskey`] when they have none.
    pub async fn approve_authorization(
        &self,
        proof: &SelfManagement,
        user_code: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let user = proof.current_user();
        require_passkey(&self.read(), user).await?;
        let (authorization, _) = self.find_waiting(&self.read(), user_code).await?;
        self.require_access(user, &authorization).await?;
        let mut tx = self.begin(proof, origin).await?;
        require_passkey(&tx, user).await?;
        let (authorization, client) = self.find_waiting(&tx, user_code).await?;
        let role = require_user(&tx, user.user_id).await?.role;
        let by = (user.named(), permissions_of(&tx, role).await?);
        let approved = authorization.approve(client, by, user.device_id, self.now());
        let (_, event) = approved.map_err(|reason| match reason {
            NotApprovable::NotPending(_) => Error::NotFound(Noun::Authorization),
            NotApprovable::NothingToGrant => Error::conflict("code", Conflict::NothingToGrant),
        })?;
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Denies what a program asked for.
    ///
    /// # Errors
    /// Not found.
    pub async fn deny_authorization(
        &self,
        proof: &SelfManagement,
        user_code: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let (authorization, client) = self.find_waiting(&tx, user_code).await?;
        let denied = authorization.deny(client, proof.current_user().named(), self.now());
        let (_, event) = denied.map_err(|_| Error::NotFound(Noun::Authorization))?;
        tx.apply(event).await?;
        tx.commit().await
    }

    /// Whether the user could enter the service on this device; an administrator's first access makes the grant.
    async fn require_access(
        &self,
        current_user: &CurrentUser,
        authorization: &DeviceAuthorization,
    ) -> Result<()> {
        let (user, device) = (current_user.user_id, current_user.device_id);
        let service = self.service_of(authorization.audience).await?;
        let service = service.ok_or(Error::NotFound(Noun::Authorization))?;
        self.create_implicit_grant_of(user, device, &service)
            .await?;
        let delegation = self
            .delegation(
                (user, device),
                |verified_at| verified_at,
                &service,
                self.now(),
            )
            .await?;
        match delegation {
            Delegation::Granted(_) => Ok(()),
            Delegation::StepUp => Err(Denial::StepUp.into()),
            Delegation::Refused => {
                let reason = Conflict::NoAccess(service.name.clone());
                Err(Error::conflict("code", reason))
            }
        }
    }
}

/// The key to which the code is bound: that of the proof, or the one that `dpop_jkt` names (RFC 9449 §10).
fn bound_key(proven: Option<String>, named: Option<&str>) -> Result<Option<String>, TokenError> {
    let Some(named) = named else {
        return Ok(proven);
    };
    let is_thumbprint = BASE64.decode(named).is_ok_and(|bytes| bytes.len() == 32);
    match proven.is_none_or(|proven| proven == named) && is_thumbprint {
        true => Ok(Some(named.to_owned())),
        false => Err(TokenError::InvalidRequest),
    }
}

/// A program that a user approves acts for them for days. A code can be asked for by a page that is not ours; a passkey cannot, so
/// it takes one: [`SelfManagement`] shows that whoever has one used it lately, on this device.
async fn require_passkey(db: &impl Reads, user: &CurrentUser) -> Result<()> {
    match passkey::count_by_user(db, user.user_id).await? {
        0 => Err(Denial::NeedsPasskey.into()),
        _ => Ok(()),
    }
}
