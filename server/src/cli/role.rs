//! `latchkey role …`

use super::{Context, OPERATOR, confirm, failure::Failure, list, local_origin};
use clap::Subcommand;
use latchkey_domain::{access::permission::PermissionSet, identity::custom_role::RoleView};
use serde::Serialize;
use std::process::ExitCode;

/// Roles.
#[derive(Subcommand)]
pub(super) enum Role {
    /// List roles and what they permit
    List,
    /// Show a role
    Show {
        /// Its name
        name: String,
    },
    /// Define a role; `latchkey role show admin` lists all permissions
    Add {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// What it permits; can be repeated
        #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
        permissions: Vec<String>,
    },
    /// Change what a role permits; if that is more than before, its users are signed out everywhere
    Change {
        /// Its name
        name: String,
        /// All that it permits from now on; can be repeated
        #[arg(long = "permission", value_name = "PERMISSION", value_delimiter = ',')]
        permissions: Vec<String>,
    },
    /// Delete a role that no user has
    Delete {
        /// Its name
        name: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Serialize)]
struct Deleted {
    name: String,
    deleted: bool,
}

impl Role {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::List => list(context).await,
            Self::Show { name } => show(context, &name).await,
            Self::Add { name, permissions } => {
                let engine = context.engine().await?;
                let permissions = permissions.join(" ");
                engine
                    .add_role(&OPERATOR, &name, &permissions, &local_origin())
                    .await?;
                let role = engine.role(&OPERATOR, name.trim()).await?;
                let text = format!("{} was defined. It permits {}.", role.name, listed(&role));
                context.output.print(text, &role)
            }
            Self::Change { name, permissions } => {
                let engine = context.engine().await?;
                let permissions = permissions.join(" ");
                engine
                    .change_role(&OPERATOR, &name, &permissions, &local_origin())
                    .await?;
                let role = engine.role(&OPERATOR, &name).await?;
                let text = format!("{} now permits {}.", role.name, listed(&role));
                context.output.print(text, &role)
            }
            Self::Delete { name, yes } => delete(context, name, yes).await,
        }
    }
}

fn listed(role: &RoleView) -> String {
    let permissions = role.permission_set();
    match permissions {
        PermissionSet::NONE => "nothing".to_owned(),
        all if all == PermissionSet::all() => "everything".to_owned(),
        some => some.to_string(),
    }
}

async fn list(context: &Context) -> Result<ExitCode, Failure> {
    let page = list::whole(context.engine().await?.list_roles(&OPERATOR).await?);
    list::print(
        context.output,
        &page,
        ["name", "users", "permits"],
        |role| [role.name.to_string(), role.users.to_string(), listed(role)],
    )
}

async fn show(context: &Context, name: &str) -> Result<ExitCode, Failure> {
    let role = context.engine().await?.role(&OPERATOR, name).await?;
    let permissions: Vec<_> = role.permissions.iter().map(|one| one.as_str()).collect();
    context.output.print(permissions.join("\n"), &role)
}

async fn delete(context: &Context, name: String, yes: bool) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let role = engine.role(&OPERATOR, &name).await?;
    confirm::ask(yes, &format!("Delete the role {}?", role.name))?;
    engine
        .delete_role(&OPERATOR, &name, &local_origin())
        .await?;
    let text = format!("{name} was deleted.");
    context.output.print(
        text,
        &Deleted {
            name,
            deleted: true,
        },
    )
}
