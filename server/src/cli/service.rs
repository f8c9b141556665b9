//! `latchkey service …`

use super::{
    Context, OPERATOR, confirm,
    failure::Failure,
    list::{self, ListArgs},
    moment::Span,
    nobody,
    table::{Table, minute, minute_or_dash},
};
use clap::Subcommand;
use latchkey_domain::{
    access::service::{self, Policy, Requirement},
    secret::SecretText,
};
use latchkey_engine::NewService;
use serde::Serialize;
use std::process::ExitCode;

/// Services.
#[derive(Subcommand)]
pub(super) enum Service {
    /// Add a service; prints its token, once
    Add {
        /// Its name: lower-case letters, digits and hyphens
        name: String,
        /// A host that it answers on; may be given several times
        #[arg(long = "host", value_name = "HOST")]
        hosts: Vec<String>,
        /// Want a passkey used within this time on the device, like 12h
        #[arg(long, value_name = "AGE")]
        passkey: Option<Span>,
        /// Do not let administrators in without a grant
        #[arg(long)]
        no_admins: bool,
        /// A rule for paths, like "public GET /assets/*"; may be given several times, in order
        #[arg(long = "rule", value_name = "RULE")]
        rules: Vec<String>,
    },
    /// Replace the rules for paths; without --rule there are none
    Rules {
        /// Its name
        name: String,
        /// A rule, like "admins /settings/*"; may be given several times, in order
        #[arg(long = "rule", value_name = "RULE")]
        rules: Vec<String>,
    },
    /// List services (sort: name, created, grants)
    List(ListArgs),
    /// Show a service
    Show {
        /// Its name
        name: String,
    },
    /// Make a new token; prints it, once
    RotateToken {
        /// The service's name
        name: String,
        /// How long the old token is still accepted
        #[arg(long, default_value = "24h", value_name = "SPAN")]
        overlap: Span,
    },
    /// Delete a service with its grants and tokens
    Delete {
        /// Its name
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Serialize)]
struct Token<'a> {
    name: &'a str,
    token: &'a str,
}

impl Service {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let output = context.output;
        match self {
            Self::Add {
                name,
                hosts,
                passkey,
                no_admins,
                rules,
            } => {
                let policy = Policy {
                    requirement: requirement(passkey)?,
                    admins_enter: !no_admins,
                };
                let new = NewService {
                    hosts: hosts.join(" "),
                    policy,
                    rules: rules.join("\n"),
                };
                let added = engine.add_service(&OPERATOR, &name, new, &nobody()).await?;
                let told = |(service, token): &(service::ServiceView, SecretText)| {
                    let (name, token) = (service.name.as_str(), token.expose_secret());
                    let text = format!("{name} was added. Its token, shown this once:\n\n{token}");
                    output.line(text, &Token { name, token })
                };
                output.reveal(added, told).await
            }
            Self::Rules { name, rules } => {
                let service = engine.service(&OPERATOR, &name).await?;
                let new = NewService {
                    hosts: hosts(&service),
                    policy: service.policy,
                    rules: rules.join("\n"),
                };
                engine
                    .change_service(&OPERATOR, &name, new, &nobody())
                    .await?;
                let service = engine.service(&OPERATOR, &name).await?;
                let text = match service.rules.is_empty() {
                    true => format!("{name} has no rules: the grant decides everywhere."),
                    false => format!("The rules of {name} are now:\n\n{}", service.rules),
                };
                output.say(text, &service)
            }
            Self::List(args) => {
                let query = args.query(&["name", "created", "grants"], &[])?;
                let page = engine.list_services(&OPERATOR, &query).await?;
                list::print(
                    output,
                    &page,
                    ["name", "hosts", "wants", "grants", "tokens"],
                    |service| {
                        [
                            service.name.to_string(),
                            hosts(service),
                            wants(service.policy),
                            service.grants.to_string(),
                            service.tokens.len().to_string(),
                        ]
                    },
                )
            }
            Self::Show { name } => {
                let service = engine.service(&OPERATOR, &name).await?;
                output.say(text(&service), &service)
            }
            Self::RotateToken { name, overlap } => {
                let rotated = engine
                    .rotate_service_token(&OPERATOR, &name, overlap.0, &nobody())
                    .await?;
                let told = |token: &SecretText| {
                    let (name, token) = (name.as_str(), token.expose_secret());
                    let text = format!("The new token of {name}, shown this once:\n\n{token}");
                    output.line(text, &Token { name, token })
                };
                output.reveal(rotated, told).await
            }
            Self::Delete { name, yes } => {
                let service = engine.service(&OPERATOR, &name).await?;
                confirm::ask(
                    yes,
                    &format!(
                        "Delete {name} with {} grants? Everybody is refused there from then on.",
                        service.grants
                    ),
                )?;
                engine.delete_service(&OPERATOR, &name, &nobody()).await?;
                output.say(format!("{name} was deleted."), &service)
            }
        }
    }
}

fn requirement(passkey: Option<Span>) -> Result<Requirement, Failure> {
    match passkey {
        None => Ok(Requirement::Device),
        Some(Span(age)) => match u32::try_from(age.whole_seconds()) {
            Ok(max_age_seconds) if max_age_seconds > 0 => {
                Ok(Requirement::Passkey { max_age_seconds })
            }
            _ => Err(Failure::Usage(
                "error: --passkey takes an age above zero, like 12h".to_owned(),
            )),
        },
    }
}

fn hosts(service: &service::ServiceView) -> String {
    service
        .hosts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn wants(policy: Policy) -> String {
    match policy.requirement {
        Requirement::Device => "a device".to_owned(),
        Requirement::Passkey { max_age_seconds } => format!("a passkey within {max_age_seconds} s"),
    }
}

fn text(service: &service::ServiceView) -> String {
    let mut table = Table::new(["token", "made", "accepted until"]);
    for token in &service.tokens {
        table.row([
            token.label.clone(),
            minute(token.created_at),
            minute_or_dash(token.expires_at),
        ]);
    }
    let admins = if service.policy.admins_enter {
        "enter without a grant"
    } else {
        "need a grant"
    };
    let rules: String = service
        .rules
        .to_string()
        .lines()
        .map(|rule| format!("\nrule: {rule}"))
        .collect();
    format!(
        "{}\nhosts: {}\nwants {}; administrators {admins}{rules}\ngrants: {}\nadded {}\n\n{table}",
        service.name,
        hosts(service),
        wants(service.policy),
        service.grants,
        minute(service.created_at)
    )
}
