//! Listing and showing services.

use crate::cli::{
    Context, OPERATOR,
    failure::Failure,
    list::{self, ListArgs},
    table::{Table, minute, minute_or_dash},
};
use latchkey_domain::access::service::{Policy, Requirement, RiskPolicy, ServiceView};
use std::{process::ExitCode, time::Duration};

pub(super) async fn list(context: &Context, args: ListArgs) -> Result<ExitCode, Failure> {
    let query = args.query(&["name", "created", "grants"], &[])?;
    let engine = context.engine().await?;
    let page = engine.list_services(&OPERATOR, &query).await?;
    list::print(
        context.output,
        &page,
        ["name", "hosts", "requires", "grants", "tokens"],
        |service| {
            [
                service.name.to_string(),
                hosts(service),
                requirement(service.policy),
                service.grants.to_string(),
                service.tokens.len().to_string(),
            ]
        },
    )
}

pub(super) async fn show(context: &Context, name: &str) -> Result<ExitCode, Failure> {
    let service = context.engine().await?.service(&OPERATOR, name).await?;
    context.output.print(text(&service), &service)
}

/// The hosts, separated by spaces.
pub(super) fn hosts(service: &ServiceView) -> String {
    service
        .hosts
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ")
}

fn requirement(policy: Policy) -> String {
    match policy.requirement {
        Requirement::Device => "a device".to_owned(),
        Requirement::Passkey { max_age_seconds } => {
            let age = Duration::from_secs(max_age_seconds.into());
            format!("a passkey within {}", humantime::format_duration(age))
        }
    }
}

/// What is asked of unusual devices, a line each.
pub(super) fn risk(policy: RiskPolicy) -> String {
    let mut lines = String::new();
    if let Some(level) = policy.passkey_from {
        lines += &format!("\nfrom {}: a passkey", level.as_str());
    }
    if let Some(level) = policy.device_bound_from {
        let level = level.as_str();
        lines += &format!("\nfrom {level}: a passkey that cannot leave its authenticator");
    }
    if policy.tells_level {
        lines += "\nhears of the level";
    }
    lines
}

fn text(service: &ServiceView) -> String {
    let mut tokens = Table::new(["token", "created", "accepted until"]);
    for token in &service.tokens {
        tokens.row([
            token.label.clone(),
            minute(token.created_at),
            minute_or_dash(token.expires_at),
        ]);
    }
    let admins = match service.policy.admins_enter {
        true => "have access without a grant",
        false => "need a grant",
    };
    let rules: String = service
        .rules
        .to_string()
        .lines()
        .map(|rule| format!("\nrule: {rule}"))
        .collect();
    format!(
        "{}\nhosts: {}\nrequires {}; administrators {admins}{rules}{}\ngrants: {}\nadded {}\n\n{tokens}",
        service.name,
        hosts(service),
        requirement(service.policy),
        risk(service.risk),
        service.grants,
        minute(service.created_at)
    )
}
