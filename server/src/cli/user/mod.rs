//! `latchkey user …`

mod add;
mod change;
mod data;
mod list;
mod show;

use super::{Context, failure::Failure, list::ListArgs};
use change::Factors;
use clap::Subcommand;
use latchkey_domain::identity::user::Role;
use std::{path::PathBuf, process::ExitCode};

/// Users.
#[derive(Subcommand)]
pub(super) enum User {
    /// Add a user; prints their enrolment link
    Add(add::Add),
    /// List users (sort: email, name, created, last_seen; filter: active, invited, disabled, open_link, or a role)
    List(ListArgs),
    /// Show a user with their devices, passkeys and grants
    Show {
        /// Their e-mail address
        email: String,
    },
    /// Make a new enrolment link; older ones are no longer valid
    Invite {
        /// Their e-mail address
        email: String,
        /// Vouch that it is the user who gets the link: it enrols at once. Otherwise, that of a user who had a device before
        /// recovers access after a cooling-off period
        #[arg(long)]
        vouch: bool,
        /// Send the link by mail instead of printing it
        #[arg(long)]
        mail: bool,
    },
    /// Revoke an enrolment link that was not used yet
    RevokeLink {
        /// Their e-mail address
        email: String,
    },
    /// Help a user who lost everything, such as the last administrator: prints a link that enrols at once
    Recover {
        /// Their e-mail address
        email: String,
        /// Remove their passkeys, because they cannot be used any more
        #[arg(long)]
        remove_passkeys: bool,
    },
    /// Change a user's role in Latchkey
    Role {
        /// Their e-mail address
        email: String,
        /// admin, auditor, helper, member, or one that was defined
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Let a user sign in with passkeys only, or with codes too
    SignIn {
        /// Their e-mail address
        email: String,
        /// passkeys or all
        factors: Factors,
    },
    /// Accept codes from new devices again after too many wrong ones
    ResumeCodes {
        /// Their e-mail address
        email: String,
    },
    /// Disable a user: all their devices are refused from the next request on
    Disable {
        /// Their e-mail address
        email: String,
    },
    /// Enable a user again
    Enable {
        /// Their e-mail address
        email: String,
    },
    /// Write everything that is stored about a user, without secrets, as JSON
    Export {
        /// Their e-mail address
        email: String,
        /// Write it to this new file instead of printing it
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Erase a user: delete them, and what deleting leaves for a while; says what the audit log keeps, and for how long
    Erase {
        /// Their e-mail address
        email: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
    /// Delete a user with their devices, passkeys and grants
    Delete {
        /// Their e-mail address
        email: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

impl User {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Add(add) => add.run(context).await,
            Self::List(args) => list::run(context, args).await,
            Self::Show { email } => show::run(context, &email).await,
            Self::Invite { email, vouch, mail } => add::invite(context, &email, vouch, mail).await,
            Self::RevokeLink { email } => change::revoke_link(context, &email).await,
            Self::Recover {
                email,
                remove_passkeys,
            } => add::recover(context, &email, remove_passkeys).await,
            Self::Role { email, role } => change::role(context, &email, role).await,
            Self::SignIn { email, factors } => change::sign_in(context, &email, factors).await,
            Self::ResumeCodes { email } => change::lift_code_lockout(context, &email).await,
            Self::Disable { email } => change::disable(context, &email).await,
            Self::Enable { email } => change::enable(context, &email).await,
            Self::Export { email, output } => data::export(context, &email, output).await,
            Self::Erase { email, yes } => data::erase(context, &email, yes).await,
            Self::Delete { email, yes } => change::delete(context, &email, yes).await,
        }
    }
}

pub(in crate::cli) fn role(text: &str) -> Result<Role, &'static str> {
    text.parse().map_err(
        |_| "a role is `admin`, `auditor`, `helper`, `member`, or one of `latchkey role list`",
    )
}
