//! `latchkey user …`

use super::{
    Context, OPERATOR, confirm,
    failure::Failure,
    list::{self, ListArgs},
    nobody,
    table::{Table, minute, minute_or_dash},
};
use clap::{Subcommand, ValueEnum};
use latchkey_app::enrolment_url::enrolment_url;
use latchkey_domain::{
    access::access_grant,
    id::UserId,
    identity::device,
    identity::passkey,
    identity::user::{self, Role},
    pagination::ListQuery,
    secret::SecretText,
};
use latchkey_engine::{AccessGrantFilter, EnrolmentCode, NewUser};
use serde::Serialize;
use std::process::ExitCode;

/// People.
#[derive(Subcommand)]
pub(super) enum User {
    /// Add a person; prints the link with which they enrol
    Add {
        /// Their address
        email: String,
        /// What to call them [default: from the address]
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// Let them administer
        #[arg(long)]
        admin: bool,
        /// Set up an authenticator app now, and print its otpauth URI instead of a link
        #[arg(long)]
        print_totp: bool,
    },
    /// List people (sort: email, name, created, last_seen; filter: active, invited, disabled, admin)
    List(ListArgs),
    /// Show a person with their devices, passkeys and grants
    Show {
        /// Their address
        email: String,
    },
    /// Make a new enrolment link; older ones become void
    Invite {
        /// Their address
        email: String,
    },
    /// Change what a person may do in Latchkey
    Role {
        /// Their address
        email: String,
        /// user or admin
        role: Role,
    },
    /// Let a person sign in with passkeys only, or with codes too
    SignIn {
        /// Their address
        email: String,
        /// passkeys or all
        factors: Factors,
    },
    /// Accept codes from new devices again after too many wrong ones
    ResumeCodes {
        /// Their address
        email: String,
    },
    /// Switch an account off: its devices are refused from the next request on
    Disable {
        /// Their address
        email: String,
    },
    /// Switch an account on again
    Enable {
        /// Their address
        email: String,
    },
    /// Delete an account with its devices, passkeys and grants
    Delete {
        /// Their address
        email: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// How a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Factors {
    /// A code registers no device
    Passkeys,
    /// Passkeys and codes
    All,
}

#[derive(Serialize)]
struct Added<'a> {
    id: UserId,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrolment_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    otpauth_uri: Option<&'a str>,
}

#[derive(Serialize)]
struct Shown {
    user: user::UserView,
    devices: Vec<device::DeviceView>,
    passkeys: Vec<passkey::PasskeyView>,
    grants: Vec<access_grant::AccessGrantView>,
}

impl User {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let output = context.output;
        match self {
            Self::Add {
                email,
                name,
                admin,
                print_totp,
            } => {
                let new = NewUser {
                    email,
                    name,
                    role: if admin { Role::Admin } else { Role::User },
                };
                if print_totp {
                    let added = engine.add_user_with_totp(&OPERATOR, new, &nobody()).await?;
                    let told = |(user, uri): &(user::UserView, SecretText)| {
                        let (email, uri) = (user.email.as_str(), uri.expose_secret());
                        let text = format!(
                            "{email} was added. Their authenticator app's secret, shown this once:\n\n{uri}"
                        );
                        let added = Added {
                            id: user.id,
                            email,
                            enrolment_url: None,
                            otpauth_uri: Some(uri),
                        };
                        output.line(text, &added)
                    };
                    return output.reveal(added, told).await;
                }
                let added = engine.add_user(&OPERATOR, new, &nobody()).await?;
                let told = |(user, code): &(user::UserView, EnrolmentCode)| {
                    let link = enrolment_url(engine.public_url().as_str(), code);
                    let text = format!("{} was added. {}", user.email, words(&link, code));
                    output.line(text, &linked(user, &link))
                };
                output.reveal(added, told).await
            }
            Self::List(args) => {
                let columns = ["email", "name", "created", "last_seen"];
                let statuses = ["active", "invited", "disabled", "admin"];
                let query = args.query(&columns, &statuses)?;
                let page = engine.list_users(&OPERATOR, &query).await?;
                list::print(
                    output,
                    &page,
                    [
                        "email",
                        "name",
                        "role",
                        "status",
                        "devices",
                        "passkeys",
                        "last seen",
                    ],
                    |user| {
                        [
                            user.email.to_string(),
                            user.name.to_string(),
                            user.role.to_string(),
                            user.status.as_str().to_owned(),
                            user.devices.to_string(),
                            user.passkeys.to_string(),
                            minute_or_dash(user.last_seen_at),
                        ]
                    },
                )
            }
            Self::Show { email } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                let filter = AccessGrantFilter {
                    user: Some(user.id),
                    service: None,
                };
                let shown = Shown {
                    devices: engine.devices_of(&OPERATOR, user.id).await?,
                    passkeys: engine.passkeys_of(&OPERATOR, user.id).await?,
                    grants: engine
                        .list_grants(&OPERATOR, &filter, &ListQuery::default().bounded())
                        .await?
                        .items,
                    user,
                };
                output.say(shown.text(), &shown)
            }
            Self::Invite { email } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                let invited = engine.invite_user(&OPERATOR, user.id, &nobody()).await?;
                let told = |code: &EnrolmentCode| {
                    let link = enrolment_url(engine.public_url().as_str(), code);
                    output.line(words(&link, code), &linked(&user, &link))
                };
                output.reveal(invited, told).await
            }
            Self::Role { email, role } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                engine.set_role(&OPERATOR, user.id, role, &nobody()).await?;
                output.say(
                    format!("{} is {role} now.", user.email),
                    &engine.user(&OPERATOR, user.id).await?,
                )
            }
            Self::SignIn { email, factors } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                let passkey_only = factors == Factors::Passkeys;
                engine
                    .set_passkey_only(&OPERATOR, user.id, passkey_only, &nobody())
                    .await?;
                let text = match passkey_only {
                    true => "signs in with passkeys only now",
                    false => "signs in with passkeys and codes now",
                };
                output.say(
                    format!("{} {text}.", user.email),
                    &engine.user(&OPERATOR, user.id).await?,
                )
            }
            Self::ResumeCodes { email } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                engine
                    .lift_code_pause(&OPERATOR, user.id, &nobody())
                    .await?;
                output.say(
                    format!(
                        "Codes of {} are accepted from new devices again.",
                        user.email
                    ),
                    &user,
                )
            }
            Self::Disable { email } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                engine.disable_user(&OPERATOR, user.id, &nobody()).await?;
                output.say(
                    format!("{} is switched off.", user.email),
                    &engine.user(&OPERATOR, user.id).await?,
                )
            }
            Self::Enable { email } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                engine.enable_user(&OPERATOR, user.id, &nobody()).await?;
                output.say(
                    format!("{} is switched on.", user.email),
                    &engine.user(&OPERATOR, user.id).await?,
                )
            }
            Self::Delete { email, yes } => {
                let user = engine.user_by_email(&OPERATOR, &email).await?;
                confirm::ask(
                    yes,
                    &format!(
                        "Delete {} with {} devices and {} passkeys? There is no way back.",
                        user.email, user.devices, user.passkeys
                    ),
                )?;
                engine.delete_user(&OPERATOR, user.id, &nobody()).await?;
                output.say(format!("{} was deleted.", user.email), &user)
            }
        }
    }
}

fn linked<'a>(user: &'a user::UserView, link: &'a SecretText) -> Added<'a> {
    Added {
        id: user.id,
        email: user.email.as_str(),
        enrolment_url: Some(link.expose_secret()),
        otpauth_uri: None,
    }
}

fn words(link: &SecretText, code: &EnrolmentCode) -> String {
    format!(
        "Give them this link; it works once, until {} UTC:\n\n{}",
        minute(code.expires_at),
        link.expose_secret()
    )
}

impl Shown {
    fn text(&self) -> String {
        let Self {
            user,
            devices,
            passkeys,
            grants,
        } = self;
        let mut text = format!(
            "{} <{}>\n{}, {}, added {}, last seen {}\n",
            user.name,
            user.email,
            user.role,
            user.status.as_str(),
            minute(user.created_at),
            minute_or_dash(user.last_seen_at)
        );
        let mut table = Table::new(["device", "id", "assurance", "last seen", "state"]);
        for device in devices {
            table.row([
                device.name.to_string(),
                device.id.to_string(),
                device.assurance.as_str().to_owned(),
                minute(device.last_seen_at),
                super::device::state(device).to_owned(),
            ]);
        }
        text += &format!("\n{table}\n");
        let mut table = Table::new(["passkey", "id", "added", "last used"]);
        for passkey in passkeys {
            table.row([
                passkey.name.to_string(),
                passkey.id.to_string(),
                minute(passkey.created_at),
                minute_or_dash(passkey.last_used_at),
            ]);
        }
        text += &format!("\n{table}\n");
        let mut table = Table::new(["service", "scopes", "until"]);
        for grant in grants {
            table.row([
                grant.service.to_string(),
                grant.scopes.to_string(),
                minute_or_dash(grant.expires_at),
            ]);
        }
        text + &format!("\n{table}")
    }
}
