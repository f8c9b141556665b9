//! Roles: what they permit, and those that administrators define.

use crate::{
    Conflict, Engine, Error, InvalidInput, Noun, RequestOrigin, Result, database::Reads,
    identity::cascade, identity::store,
};
use latchkey_domain::{
    access::permission::{Authorizes, PermissionSet, RolesRead, RolesWrite},
    identity::{
        custom_role::{CustomRole, RoleView},
        user::{Role, RoleName},
    },
};
use std::collections::HashMap;

/// What a role permits. One that no longer exists permits nothing.
pub(crate) async fn permissions_of(db: &impl Reads, role: Role) -> Result<PermissionSet> {
    match role {
        Role::Custom(name) => {
            let found = store::role::find(db, name).await?;
            Ok(found.map_or(PermissionSet::NONE, |role| role.permissions))
        }
        built_in => Ok(built_in.built_in_permissions().unwrap_or_default()),
    }
}

/// Refuses a role that nobody defined.
pub(crate) async fn require_role(db: &impl Reads, role: Role) -> Result<()> {
    match role {
        Role::Custom(name) if store::role::find(db, name).await?.is_none() => {
            Err(Error::bad_input("role")(InvalidInput::NoSuchRole(name)))
        }
        _ => Ok(()),
    }
}

impl Engine {
    /// All roles: those that are always there first, then those that were defined, by name.
    ///
    /// # Errors
    /// Internal only.
    pub async fn list_roles(&self, _proof: &dyn Authorizes<RolesRead>) -> Result<Vec<RoleView>> {
        views(&self.read()).await
    }

    /// One role.
    ///
    /// # Errors
    /// Not found.
    pub async fn role(&self, proof: &dyn Authorizes<RolesRead>, name: &str) -> Result<RoleView> {
        let roles = self.list_roles(proof).await?;
        let found = roles.into_iter().find(|role| role.name.as_str() == name);
        found.ok_or(Error::NotFound(Noun::Role))
    }

    /// Defines a role. Nobody gives what they do not have.
    ///
    /// # Errors
    /// Bad input (`name`, `permissions`), conflict (`name`); forbidden for permissions that the caller does not have.
    pub async fn add_role(
        &self,
        proof: &dyn Authorizes<RolesWrite>,
        name: &str,
        permissions: &str,
        origin: &RequestOrigin,
    ) -> Result<RoleView> {
        let name = RoleName::parse(name.trim()).map_err(Error::bad_input("name"))?;
        let permissions = parse_permissions(permissions)?;
        let mut tx = self.begin(proof, origin).await?;
        tx.require_permissions(permissions)?;
        if store::role::find(&tx, name).await?.is_some() {
            return Err(Error::conflict("name", Conflict::RoleName(name)));
        }
        let role = CustomRole {
            name,
            permissions,
            created_at: self.now(),
        };
        tx.apply(role.add()).await?;
        let view = view(&tx, name.as_str()).await?;
        tx.commit().await?;
        view.ok_or(Error::NotFound(Noun::Role))
    }

    /// Changes what a defined role permits. If that is more than before, its users are signed out everywhere, as if they
    /// got another role.
    ///
    /// # Errors
    /// Bad input (`permissions`), not found, conflict for a role that is always there; forbidden for permissions that the
    /// caller does not have, before or after.
    pub async fn change_role(
        &self,
        proof: &dyn Authorizes<RolesWrite>,
        name: &str,
        permissions: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let permissions = parse_permissions(permissions)?;
        let mut tx = self.begin(proof, origin).await?;
        let role = require_defined(&tx, name).await?;
        let before = role.permissions;
        tx.require_permissions(before)?;
        tx.require_permissions(permissions)?;
        let Ok((role, event)) = role.change(permissions) else {
            return Ok(());
        };
        tx.apply(event).await?;
        if !before.covers(permissions) {
            for user in store::user::ids_with_role(&tx, Role::Custom(role.name)).await? {
                cascade::end_authority(&mut tx, user, "role changed", self.now()).await?;
            }
        }
        tx.commit().await
    }

    /// Deletes a defined role that nobody has.
    ///
    /// # Errors
    /// Not found; conflict for a role that is always there, or that a user has; forbidden for one that permits more than
    /// the caller has.
    pub async fn delete_role(
        &self,
        proof: &dyn Authorizes<RolesWrite>,
        name: &str,
        origin: &RequestOrigin,
    ) -> Result<()> {
        let mut tx = self.begin(proof, origin).await?;
        let role = require_defined(&tx, name).await?;
        tx.require_permissions(role.permissions)?;
        let users = store::user::ids_with_role(&tx, Role::Custom(role.name)).await?;
        if !users.is_empty() {
            let users = users.len() as u64;
            return Err(Error::conflict("name", Conflict::RoleInUse { users }));
        }
        tx.apply(role.delete()).await?;
        tx.commit().await
    }
}

/// All roles as lists show them.
async fn views(db: &impl Reads) -> Result<Vec<RoleView>> {
    let users: HashMap<Role, u64> = store::user::count_by_role(db).await?;
    let built_in = Role::BUILT_IN.into_iter().map(|role| RoleView {
        name: role,
        permissions: role
            .built_in_permissions()
            .unwrap_or_default()
            .iter()
            .collect(),
        is_built_in: true,
        users: users.get(&role).copied().unwrap_or_default(),
        created_at: None,
    });
    let defined = store::role::all(db).await?.into_iter().map(|role| {
        let name = Role::Custom(role.name);
        RoleView {
            name,
            permissions: role.permissions.iter().collect(),
            is_built_in: false,
            users: users.get(&name).copied().unwrap_or_default(),
            created_at: Some(role.created_at),
        }
    });
    Ok(built_in.chain(defined).collect())
}

/// A role as lists show it.
pub(crate) async fn view(db: &impl Reads, name: &str) -> Result<Option<RoleView>> {
    let mut roles = views(db).await?.into_iter();
    Ok(roles.find(|role| role.name.as_str() == name))
}

fn parse_permissions(typed: &str) -> Result<PermissionSet> {
    typed.parse().map_err(Error::bad_input("permissions"))
}

/// A role that an administrator defined.
async fn require_defined(db: &impl Reads, name: &str) -> Result<CustomRole> {
    match name.parse() {
        Ok(Role::Custom(name)) => store::role::find(db, name)
            .await?
            .ok_or(Error::NotFound(Noun::Role)),
        Ok(_) => Err(Error::conflict("name", Conflict::BuiltInRole)),
        Err(_) => Err(Error::NotFound(Noun::Role)),
    }
}
