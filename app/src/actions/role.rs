//! Roles, for administrators: defining, changing, deleting.

use crate::{
    actions::error::ActionError,
    form::{Fields, Next, change},
    messages::m,
};
use latchkey_domain::access::permission::RolesWrite;
use leptos::prelude::*;

/// Defines a role.
#[server(prefix = "/actions", endpoint = "role/add")]
pub async fn add_role(
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
) -> Result<(), ActionError> {
    let permissions = permissions.join(" ");
    let fields = Fields::none()
        .field("name", &name)
        .field("permissions", &permissions);
    change::administer(
        RolesWrite,
        "/actions/role/add",
        fields,
        "/admin/roles",
        |change| async move {
            change
                .engine()
                .add_role(&change.proof, &name, &permissions, change.origin())
                .await?;
            Ok(Next::back().saying(m::role_added(name.trim())))
        },
    )
    .await
}

/// Changes what a role permits.
#[server(prefix = "/actions", endpoint = "role/change")]
pub async fn change_role(
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
) -> Result<(), ActionError> {
    let permissions = permissions.join(" ");
    let fields = Fields::none()
        .hidden("name", &name)
        .field("permissions", &permissions);
    change::administer(
        RolesWrite,
        "/actions/role/change",
        fields,
        "/admin/roles",
        |change| async move {
            change
                .engine()
                .change_role(&change.proof, &name, &permissions, change.origin())
                .await?;
            Ok(Next::back().saying(m::role_changed(name)))
        },
    )
    .await
}

/// Deletes a role.
#[server(prefix = "/actions", endpoint = "role/delete")]
pub async fn delete_role(#[server(default)] name: String) -> Result<(), ActionError> {
    change::administer(
        RolesWrite,
        "/actions/role/delete",
        Fields::none(),
        "/admin/roles",
        |change| async move {
            change
                .engine()
                .delete_role(&change.proof, &name, change.origin())
                .await?;
            Ok(Next::back().saying(m::role_deleted(name)))
        },
    )
    .await
}
