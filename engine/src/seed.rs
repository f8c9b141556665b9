//! Many users with many devices at once, to measure with. The rows and the entries in the audit log
//! are those that registering one by one would leave; only the transactions are fewer.

use crate::{
    Engine, IssuedCookie, NewUser, RequestOrigin, Result, access::access_grant::names,
    access::service::require_service, identity::sign_in::Proof, unit_of_work::Actor,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::permission::{Administrator, Denial},
    identity::device::AuthMethod,
};

impl Engine {
    /// Adds users, each with `devices` registered ones and a grant to each of `services` to learn
    /// everything; returns the devices' cookies, a user's next to each other. All or nothing.
    ///
    /// # Errors
    /// [`Denial::Forbidden`] for anybody but the operator, who could make each device with the master key
    /// in hand; else as [`Engine::add_user`]; not found (`service`).
    pub async fn seed_users(
        &self,
        administrator: &Administrator,
        users: &[NewUser],
        devices: usize,
        services: &[String],
    ) -> Result<Vec<IssuedCookie>> {
        if !administrator.is_operator() {
            return Err(Denial::Forbidden.into());
        }
        let origin = RequestOrigin::default();
        let mut tx = self.begin(administrator, &origin).await?;
        let mut known = Vec::new();
        for name in services {
            known.push(require_service(&tx, name).await?);
        }
        let mut cookies = Vec::with_capacity(users.len() * devices);
        for new in users {
            tx.act_as(Actor::Operator);
            let mut user = self.add_new(&mut tx, new).await?;
            for service in &known {
                let origin = AccessGrantOrigin::Explicit;
                let grant = self.new_grant(user.id, service.id, Scopes::ALL, origin, None)?;
                tx.apply(grant.add(names(user.clone(), service.clone())))
                    .await?;
            }
            for _ in 0..devices {
                let proof = Proof {
                    method: AuthMethod::Code,
                    device_name: None,
                    is_limited: false,
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
