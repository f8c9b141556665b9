//! Programs that administer: with access tokens whose audience is the management API.

use super::verify::{PresentedToken, TokenCheck};
use crate::{Engine, Result, identity, identity::role::permissions_of, tokens::store};
use latchkey_domain::{
    access::permission::{CurrentUser, ProgramBasis, ProgramCaller},
    id::TokenFamilyId,
    tokens::scope::MANAGEMENT_SERVICE,
};
use time::OffsetDateTime;

/// Whether a program is who its token says.
#[derive(Debug)]
pub enum ProgramAuthentication {
    /// It is.
    Authenticated(Box<ProgramCaller>),
    /// Its token is not accepted.
    Refused,
    /// The API requires a more recent passkey of its user.
    StepUp {
        /// For how many seconds a passkey counts, if that is limited.
        max_age: Option<u32>,
    },
    /// Its proof of possession needs a nonce.
    NonceRequired,
    /// Invalidations could not be read recently, so no token is accepted.
    Unavailable,
}

impl Engine {
    /// Authenticates a program by its access token for the management API.
    ///
    /// # Errors
    /// Internal only.
    pub async fn authenticate_program(
        &self,
        presented: &PresentedToken<'_>,
    ) -> Result<ProgramAuthentication> {
        if !self.is_cache_fresh().await {
            return Ok(ProgramAuthentication::Unavailable);
        }
        let now = self.now();
        let api = self
            .in_service_index(|index| index.services.get(MANAGEMENT_SERVICE).cloned())
            .await?;
        let Some(token) = self.own_token(Some(presented)) else {
            return Ok(ProgramAuthentication::Refused);
        };
        let checked = self
            .verify_access_token(token, api.as_deref(), None, now)
            .await?;
        let token = match checked {
            TokenCheck::Accepted(token) => token,
            TokenCheck::StepUp { max_age } => {
                return Ok(ProgramAuthentication::StepUp { max_age });
            }
            TokenCheck::NonceRequired => return Ok(ProgramAuthentication::NonceRequired),
            TokenCheck::Refused => return Ok(ProgramAuthentication::Refused),
        };
        let basis = match token.rests_on.parse::<TokenFamilyId>() {
            Ok(family) => match self.user_of_family(family, now).await? {
                Some(user) => ProgramBasis::User(family, user),
                None => return Ok(ProgramAuthentication::Refused),
            },
            Err(_) => ProgramBasis::Client(token.rests_on.clone()),
        };
        let client = store::client::find(&self.read(), &token.client.to_string()).await?;
        // Deleted since the token was looked at.
        let Some(client) = client else {
            return Ok(ProgramAuthentication::Refused);
        };
        Ok(ProgramAuthentication::Authenticated(Box::new(
            ProgramCaller {
                client: client.id,
                name: client.name,
                permissions: token.scopes.permissions(),
                basis,
            },
        )))
    }

    /// The user of a family, on the device on which they approved it.
    async fn user_of_family(
        &self,
        family: TokenFamilyId,
        now: OffsetDateTime,
    ) -> Result<Option<CurrentUser>> {
        let Some(family) = self.cached_family(family).await? else {
            return Ok(None);
        };
        let db = self.read();
        let device = identity::store::device::find(&db, family.device_id)
            .await?
            .filter(|device| device.is_active() && device.expires_at > now);
        let user = identity::store::user::find(&db, family.user_id)
            .await?
            .filter(|user| !user.is_disabled());
        let (Some(device), Some(user)) = (device, user) else {
            return Ok(None);
        };
        Ok(Some(CurrentUser {
            permissions: permissions_of(&db, user.role).await?,
            user_id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            device_id: device.id,
            passkey_verified_at: family.passkey_of(device.passkey_verified_at),
            has_passkey: identity::store::passkey::count_by_user(&db, user.id).await? > 0,
            limit: device.limit,
            sign_in: None,
            session: None,
        }))
    }
}
