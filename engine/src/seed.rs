//! Adds many users with many devices in one transaction, for benchmarks and tests. The rows and the audit events
//! are the same as if each device were registered on its own.

use crate::{
    Engine, IssuedCookie, NewUser, RequestOrigin, Result, access::access_grant::names,
    access::service::require_service, identity::sign_in::Proof, unit_of_work::Actor,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::permission::Operator,
    identity::device::{AuthMethod, DeviceLimit},
};

impl Engine {
    /// Adds users, each with `devices` registered devices and a grant with all scopes to each of `services`.
    /// Returns the device cookies, user by user. All or nothing.
    ///
    /// # Errors
    /// As [`Engine::add_user`]; not found (`service`).
    pub async fn seed_users(
        &self,
        operator: &Operator,
        users: &[NewUser],
        devices: usize,
        services: &[String],
    ) -> Result<Vec<IssuedCookie>> {
        let origin = RequestOrigin::default();
        let mut tx = self.begin(operator, &origin).await?;
        let mut found = Vec::new();
        for name in services {
            found.push(require_service(&tx, name).await?);
        }
        let mut cookies = Vec::with_capacity(users.len() * devices);
        for new in users {
            tx.act_as(Actor::Operator);
            let mut user = self.add_new(&mut tx, new).await?;
            for service in &found {
                let origin = AccessGrantOrigin::Explicit;
                let grant = self.new_grant(user.id, service.id, Scopes::ALL, origin, None)?;
                tx.apply(grant.add(names(user.clone(), service.clone())))
                    .await?;
            }
            for _ in 0..devices {
                let proof = Proof {
                    method: AuthMethod::Code,
                    device_name: None,
                    limit: DeviceLimit::None,
                    is_enrolment: false,
                };
                let signed_in = self
                    .sign_in(&mut tx, user.clone(), None, proof, &origin)
                    .await?;
                cookies.push(signed_in.cookie);
                // The first device makes a user active.
                user = user.clone().activate(self.now()).unwrap_or(user);
            }
        }
        tx.commit().await?;
        Ok(cookies)
    }
}
