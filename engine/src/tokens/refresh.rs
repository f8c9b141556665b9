//! The grant type `refresh_token` (RFC 6749 §6, RFC 9700 §4.14), and the tokens of a family.

use super::{
    access_token::TokenBasis,
    delegation::{Delegated, Delegation},
    error::TokenError,
    issue::IssuedToken,
    recording::{Recorded, Rotation, TokenIssue},
    refresh_token::{self, RefreshToken},
    store,
};
use crate::{
    Engine, RequestOrigin, Result,
    cache::service_index::ServiceEntry,
    identity,
    unit_of_work::{Accepts, Actor, CommitOrder, Tx},
};
use latchkey_domain::{
    event::TokenIssued,
    identity::device::Device,
    tokens::{
        access_token::TokenRefusal,
        client::{Client, GrantType},
        family::{FamilyEnd, Presented, TokenFamily},
        scope::TokenScopes,
    },
};
use std::sync::Arc;

impl Engine {
    /// Replaces a refresh token, and issues an access token with it.
    pub(super) async fn refresh_tokens(
        &self,
        client: Client,
        token: &str,
        key: Option<String>,
        scope: Option<&str>,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        let token = RefreshToken::parse(token).ok_or(TokenError::InvalidGrant)?;
        let found = store::family::find(&self.read(), token.family).await?;
        // Forged tokens and those of other clients change nothing.
        let family = found
            .filter(|family| family.client_id == client.id)
            .filter(|family| token.is_of(family, &self.inner.keys))
            .ok_or(TokenError::InvalidGrant)?;
        // Counted first. A stolen token ends its family all the same, whatever else refuses the request: otherwise a thief
        // who keeps the quota used up is never found out. A family ends once, so this does not let anybody write without end.
        let counted = self.take_of_quota(client.id, Some(family.user_id));
        let presented = family.present(token.number, key.as_deref(), self.now());
        if presented == Presented::Reused {
            return self.refuse_reused(&family, origin).await;
        }
        counted?;
        match presented {
            Presented::Newest | Presented::Retry => {}
            Presented::Expired | Presented::NotItsKey | Presented::Reused => {
                return Err(TokenError::InvalidGrant);
            }
        }
        let (service, delegated) = self.delegated(&family).await?;
        let number = token
            .number
            .checked_add(1)
            .ok_or(TokenError::InvalidGrant)?;
        let scopes = narrowed(scope, &client, &family, &delegated)?;
        // Signed before its turn to be written, so that others do not wait for the signature. Then it is decided again.
        let (issued, event) = self.sign_of_family(client, &family, &service, &delegated, scopes)?;
        let issue = TokenIssue {
            event,
            service,
            subject: delegated.subject.to_string(),
            issued_at: self.now(),
            ip: origin.ip_text(),
            rotation: Some(Rotation {
                family: family.id,
                number: token.number,
                key,
            }),
        };
        match self.write_in_group(issue).await? {
            Recorded::Issued => Ok(IssuedToken {
                refresh_token: Some(refresh_token::make(&family, number, &self.inner.keys)),
                ..issued
            }),
            Recorded::Refused => Err(TokenError::InvalidGrant),
            Recorded::Reused => self.refuse_reused(&family, origin).await,
        }
    }

    async fn refuse_reused(
        &self,
        family: &TokenFamily,
        origin: &RequestOrigin,
    ) -> Result<IssuedToken, TokenError> {
        self.end_family(family.id, FamilyEnd::Reused, origin)
            .await?;
        Err(TokenError::InvalidGrant)
    }

    /// What a family's program can do now.
    pub(super) async fn delegated(
        &self,
        family: &TokenFamily,
    ) -> Result<(Arc<ServiceEntry>, Delegated), TokenError> {
        let service = self.service_of(family.audience).await?;
        let service = service.ok_or(TokenRefusal::InvalidTarget)?;
        let of = (family.user_id, family.device_id);
        let passkey = |device| family.passkey_of(device);
        match self.delegation(of, passkey, &service, self.now()).await? {
            Delegation::Granted(delegated) => Ok((service, delegated)),
            Delegation::StepUp | Delegation::Refused => Err(TokenError::InvalidGrant),
        }
    }

    /// Requires that the user and the sign-in of a family are still there, as the change sees them; returns the device.
    pub(super) async fn require_sign_in<O: Sync>(
        &self,
        tx: &Tx<'_, O>,
        family: &TokenFamily,
    ) -> Result<Device, TokenError> {
        let user = identity::store::user::find(tx, family.user_id).await?;
        let device = identity::store::device::find(tx, family.device_id).await?;
        device
            .filter(|device| device.user_id == family.user_id)
            .filter(|device| device.is_active() && device.expires_at > self.now())
            .filter(|_| user.is_some_and(|user| !user.is_disabled()))
            .ok_or(TokenError::InvalidGrant)
    }

    /// Issues an access token of a family, in a change.
    pub(super) async fn issue_of_family<O>(
        &self,
        tx: &mut Tx<'_, O>,
        client: &Client,
        family: &TokenFamily,
        service: &ServiceEntry,
        delegated: &Delegated,
        scopes: TokenScopes,
    ) -> Result<IssuedToken, TokenError>
    where
        O: CommitOrder + Accepts<TokenIssued> + Sync,
    {
        let (issued, event) =
            self.sign_of_family(client.clone(), family, service, delegated, scopes)?;
        tx.act_as(Actor::Client(client.id, client.name.clone()));
        let subject = delegated.subject.to_string();
        self.record_token(tx, event, &subject, service, self.now())
            .await?;
        Ok(issued)
    }

    /// Signs an access token of a family, which is to be recorded.
    fn sign_of_family(
        &self,
        client: Client,
        family: &TokenFamily,
        service: &ServiceEntry,
        delegated: &Delegated,
        scopes: TokenScopes,
    ) -> Result<(IssuedToken, TokenIssued)> {
        let sid = family.id.to_string();
        let basis = TokenBasis {
            client: &client,
            audience: (service.facts.id, &service.name),
            scopes: &scopes,
            sid: &sid,
            key: family.key.as_deref(),
            user: Some((family, delegated)),
        };
        let signed = self.sign_access_token(&basis, self.now())?;
        let issued = IssuedToken {
            access_token: signed.text,
            expires_in: client.token_lifetime,
            scopes: scopes.clone(),
            is_bound: family.key.is_some(),
            refresh_token: None,
        };
        let event = TokenIssued {
            client,
            audience: service.name.clone(),
            scopes,
            grant_type: family.grant_type,
            token_id: signed.id,
            user: Some(delegated.named()),
        };
        Ok((issued, event))
    }
}

/// What the new token may do: what was approved and is still allowed, and of that what the client asks for.
pub(super) fn narrowed(
    asked: Option<&str>,
    client: &Client,
    family: &TokenFamily,
    delegated: &Delegated,
) -> Result<TokenScopes, TokenError> {
    let allowed = allowed_scopes(client, family, delegated);
    let Some(asked) = asked else {
        return Ok(allowed);
    };
    let asked: TokenScopes = asked.parse().map_err(|_| TokenRefusal::InvalidScope)?;
    match allowed.contains_all(&asked) {
        true => Ok(asked),
        false => Err(TokenRefusal::InvalidScope.into()),
    }
}

/// What was approved and is still allowed.
pub(super) fn allowed_scopes(
    client: &Client,
    family: &TokenFamily,
    delegated: &Delegated,
) -> TokenScopes {
    (family.scopes)
        .intersection(&client.scopes)
        .intersection(&delegated.scopes)
}

/// Whether a client gets refresh tokens of a family; a native device has its key instead.
pub(super) fn is_refreshable(client: &Client, family: &TokenFamily) -> bool {
    client.may_use(GrantType::RefreshToken) && family.grant_type != GrantType::JwtBearer
}
