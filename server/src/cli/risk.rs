//! `latchkey risk …`

mod replay;

use super::{
    Context, OPERATOR, confirm,
    failure::Failure,
    list, local_origin,
    table::{Table, minute, minute_or_dash},
};
use crate::config::duration;
use clap::Subcommand;
use latchkey_app::components::risk as words;
use latchkey_domain::risk::{NetworkVerdict, Place, RiskNote};
use latchkey_engine::{AssessedEvent, BehaviourView, NetworkRuleView, UserRisk};
use serde::Serialize;
use std::process::ExitCode;
use time::Duration;

/// How unusual sign-ins are.
#[derive(Subcommand)]
pub(super) enum Risk {
    /// Show what is usual for a user and how unusual their last sign-ins were, or why an entry of the audit log has its score
    Show {
        /// The e-mail address of a user, or the number of an entry
        #[arg(value_name = "EMAIL|EVENT")]
        of: String,
    },
    /// Compute the scores of the last days again with other weights, from the audit log; nothing is changed
    Replay(replay::Replay),
    /// Hold sign-ins from a network
    Block {
        /// An address or a network, like 198.51.100.0/24
        network: String,
        /// For how long, like 7d; without it, for good
        #[arg(long = "for", value_name = "DURATION", value_parser = lasting)]
        lasts: Option<Duration>,
    },
    /// Vouch for a network, like that of an office: being there is usual for everybody, whatever block lists say
    Allow {
        /// An address or a network, like 198.51.100.0/24
        network: String,
        /// For how long, like 7d; without it, for good
        #[arg(long = "for", value_name = "DURATION", value_parser = lasting)]
        lasts: Option<Duration>,
    },
    /// List networks that are blocked or allowed
    List,
    /// Say nothing of a network any more
    Remove {
        /// The network, as `risk list` shows it
        network: String,
    },
    /// Erase what is usual for a user
    Forget {
        /// Their e-mail address
        email: String,
        /// Do not ask for confirmation
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Serialize)]
struct Removed {
    network: String,
    removed: bool,
}

#[derive(Serialize)]
struct Forgotten {
    email: String,
    forgotten: bool,
}

fn lasting(text: &str) -> Result<Duration, &'static str> {
    duration::parse(text)
}

impl Risk {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        match self {
            Self::Show { of } => match of.parse::<i64>() {
                Ok(seq) => show_event(context, seq).await,
                Err(_) => show_user(context, &of).await,
            },
            Self::Replay(replay) => replay.run(context).await,
            Self::Block { network, lasts } => {
                rule(context, &network, NetworkVerdict::Block, lasts).await
            }
            Self::Allow { network, lasts } => {
                rule(context, &network, NetworkVerdict::Allow, lasts).await
            }
            Self::List => list(context).await,
            Self::Remove { network } => {
                let engine = context.engine().await?;
                engine
                    .remove_network_rule(&OPERATOR, &network, &local_origin())
                    .await?;
                let text = format!("Nothing is said of {network} any more.");
                let removed = true;
                context.output.print(text, &Removed { network, removed })
            }
            Self::Forget { email, yes } => forget(context, email, yes).await,
        }
    }
}

async fn rule(
    context: &Context,
    network: &str,
    verdict: NetworkVerdict,
    lasts: Option<Duration>,
) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let rule = engine
        .rule_network(&OPERATOR, network, verdict, lasts, &local_origin())
        .await?;
    let until = match rule.expires_at {
        Some(end) => format!("until {} UTC", minute(end)),
        None => "for good".to_owned(),
    };
    let text = match verdict {
        NetworkVerdict::Block => format!("Sign-ins from {} are held, {until}.", rule.network),
        NetworkVerdict::Allow => {
            format!("Being in {} is usual for everybody, {until}.", rule.network)
        }
    };
    context.output.print(text, &rule)
}

async fn list(context: &Context) -> Result<ExitCode, Failure> {
    let rules = context
        .engine()
        .await?
        .list_network_rules(&OPERATOR)
        .await?;
    let page = list::whole(rules);
    let heading = ["network", "verdict", "since", "until"];
    list::print(context.output, &page, heading, |rule: &NetworkRuleView| {
        [
            rule.network.clone(),
            rule.verdict.as_str().to_owned(),
            minute(rule.created_at),
            minute_or_dash(rule.expires_at),
        ]
    })
}

async fn forget(context: &Context, email: String, yes: bool) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let user = engine.user_by_email(&OPERATOR, &email).await?;
    confirm::ask(yes, &format!("Erase what is usual for {}?", user.email))?;
    engine
        .erase_baseline(&OPERATOR, user.id, &local_origin())
        .await?;
    let text = format!("What is usual for {} was erased.", user.email);
    let forgotten = true;
    context.output.print(text, &Forgotten { email, forgotten })
}

/// Why an entry has its score, in the words of the pages.
fn why(event: &AssessedEvent) -> String {
    let note = RiskNote::from(event);
    let level = words::level(event.level).text();
    let mut text = format!("Risk {} of 100: {level}", event.score);
    for reason in &event.reasons {
        let factor = words::factor(reason.factor).text();
        text += &format!("\n  {:>3}  {factor}", reason.points);
    }
    text + "\n" + &words::consequence(&note).text()
}

async fn show_event(context: &Context, seq: i64) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let event = engine.assessed_event(&OPERATOR, seq).await?;
    context.output.print(why(&event), &event)
}

fn place(place: &Place) -> String {
    let operator = place.operator.map(|number| format!("AS{number}"));
    let parts = [place.country.map(|country| country.to_string()), operator];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// Each once: there may be several towns of a country.
fn places(all: &[Place]) -> String {
    let mut names: Vec<String> = Vec::new();
    for name in all.iter().map(place).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// What is kept of how a user types: how much, and since when.
fn typing(behaviour: &BehaviourView) -> String {
    if let Some(since) = behaviour.exempt_since {
        return format!(
            "not compared since {} UTC, at the user's wish",
            minute(since)
        );
    }
    let fields: Vec<_> = (behaviour.templates.iter())
        .map(|kept| {
            let (field, samples, since) = (kept.field, kept.samples, minute(kept.since));
            format!("{field} {samples} samples since {since} UTC")
        })
        .collect();
    fields.join(", ")
}

fn usual(risk: &UserRisk) -> String {
    let baseline = &risk.baseline;
    let mut text = format!(
        "{}: {} strong sign-ins on {} devices",
        risk.email, baseline.sign_ins, baseline.devices
    );
    if !baseline.is_mature {
        text += ", too few to call anything unusual";
    }
    for (name, value) in [
        ("Places", places(&baseline.places)),
        ("Networks", baseline.networks.join(", ")),
        (
            "Hour",
            (baseline.mean_hour.zip(baseline.regularity)).map_or_else(
                String::new,
                |(hour, regularity)| {
                    format!("around {hour:.0}:00 UTC, regularity {regularity:.2} of 1")
                },
            ),
        ),
        ("Typing", typing(&risk.behaviour)),
        (
            "Scores",
            match risk.enforced_from {
                Some(from) => format!("shadow, enforced from {} UTC", minute(from)),
                None => risk.mode.as_str().to_owned(),
            },
        ),
    ] {
        if !value.is_empty() {
            text += &format!("\n{name}: {value}");
        }
    }
    text
}

async fn show_user(context: &Context, email: &str) -> Result<ExitCode, Failure> {
    let engine = context.engine().await?;
    let user = engine.user_by_email(&OPERATOR, email).await?;
    let risk = engine.user_risk(&OPERATOR, user.id).await?;
    let heading = ["entry", "time", "device", "address", "risk", "reasons"];
    let mut table = Table::new(heading);
    for event in &risk.events {
        let reasons: Vec<_> = (event.reasons.iter())
            .map(|reason| format!("{}:{}", reason.factor.as_str(), reason.points))
            .collect();
        table.row([
            event.seq.to_string(),
            minute(event.time),
            event.device.clone(),
            event.ip.clone().unwrap_or_default(),
            format!("{} {}", event.score, event.level.as_str()),
            reasons.join(" "),
        ]);
    }
    let text = format!("{}\n\n{table}", usual(&risk));
    context.output.print(text, &risk)
}
