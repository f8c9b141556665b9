//! Many people with many devices at once, to measure with. The rows and the entries in the audit log
//! are those that registering one by one would leave; only the transactions are fewer.

use crate::{
    Engine, Error, IssuedCookie, NewUser, RequestOrigin, Result, access,
    access::access_grant::added_grant,
    audit::log::{Actor, Entry, Target},
    identity::authentication::Proof,
};
use latchkey_domain::{
    access::access_grant::{AccessGrantOrigin, Scopes},
    access::permission::{Administrator, Denial},
    audit::event::Action,
    id::{ServiceId, UserId},
    identity::device::Registration,
};

impl Engine {
    /// Adds people, each with `devices` registered ones and a grant to each of `services` to learn
    /// everything; returns the devices' cookies, a person's next to each other. All or nothing.
    ///
    /// # Errors
    /// [`Denial::Forbidden`] for anybody but the operator, who could make each device with the master key
    /// in hand; else as [`Engine::add_user`]; not found (`service`).
    pub async fn seed_users(
        &self,
        administrator: &Administrator,
        people: &[NewUser],
        devices: usize,
        services: &[String],
    ) -> Result<Vec<IssuedCookie>> {
        if *administrator != Administrator::Operator {
            return Err(Denial::Forbidden.into());
        }
        let origin = RequestOrigin::default();
        let mut change = self.change(administrator, &origin).await?;
        let mut known = Vec::new();
        for name in services {
            let row = access::store::service::find_by_name(change.db(), name).await?;
            known.push(row.ok_or(Error::NotFound("service"))?);
        }
        let mut cookies = Vec::with_capacity(people.len() * devices);
        for person in people {
            change.act_as(Actor::Operator);
            let row = self.insert_new(&mut change, person).await?;
            let user = UserId::from_uuid(row.id);
            for service in &known {
                let id = self
                    .insert_grant(
                        change.db(),
                        user,
                        ServiceId::from_uuid(service.id),
                        Scopes::ALL,
                        AccessGrantOrigin::Explicit,
                        None,
                    )
                    .await?;
                change.record_with(
                    &Entry {
                        action: Action::GrantAdded,
                        target: Target::Grant(id),
                        name: &format!("{} → {}", row.email, service.name),
                        subject: Some(user),
                        detail: "",
                    },
                    added_grant(Scopes::ALL, AccessGrantOrigin::Explicit, None),
                );
            }
            for _ in 0..devices {
                let proof = Proof {
                    registration: Registration::Code,
                    device_name: None,
                    is_limited: false,
                };
                let signed_in = self
                    .sign_in(&mut change, &row, None, proof, &origin)
                    .await?;
                cookies.push(signed_in.cookie);
            }
        }
        change.commit().await?;
        Ok(cookies)
    }
}
