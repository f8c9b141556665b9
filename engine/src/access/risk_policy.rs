//! What a service asks of devices that were unusual.

use super::service::require_service;
use crate::{Engine, RequestOrigin, Result};
use latchkey_domain::access::{
    permission::{Authorizes, ServicesWrite},
    service::RiskPolicy,
};

impl Engine {
    /// Changes what a service asks of devices that were unusual.
    ///
    /// # Errors
    /// Not found.
    pub async fn change_risk_policy(
        &self,
        proof: &dyn Authorizes<ServicesWrite>,
        name: &str,
        risk: RiskPolicy,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let (_, event) = require_service(&tx, name).await?.change_risk(risk);
        tx.apply(event).await?;
        tx.commit().await
    }
}
