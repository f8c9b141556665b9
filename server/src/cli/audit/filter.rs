//! The filter of `latchkey audit list` and `latchkey audit export`: the one of the page, as options.

use super::{Failure, words};
use clap::Args;
use latchkey_app::components::event_filter::message;
use latchkey_domain::audit::filter::{EventFilter, FilterField};

/// The arguments.
#[derive(Args)]
pub(super) struct FilterArgs {
    /// Only what this user did or was affected by (an e-mail address or an id)
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only what was done on this device, or to it
    #[arg(long, value_name = "ID")]
    device: Option<String>,
    /// Only what happened to this service, its grants and access tokens
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Only this action, or this kind of thing, like device
    #[arg(long, visible_alias = "kind", value_name = "ACTION")]
    action: Option<String>,
    /// Only what was done, or what was refused
    #[arg(long, value_name = "done|refused")]
    outcome: Option<String>,
    /// Only from this address or network, like 192.0.2.0/24
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// Only from this day or time on (in UTC, unless it ends like +02:00)
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only up to this day or time, included
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

impl FilterArgs {
    /// Reads them as the page reads its address.
    pub(super) fn read(&self) -> Result<EventFilter, Failure> {
        let value = |field| match field {
            FilterField::User => &self.user,
            FilterField::Device => &self.device,
            FilterField::Service => &self.service,
            FilterField::Outcome => &self.outcome,
            FilterField::Network => &self.network,
            FilterField::Since => &self.since,
            FilterField::Until => &self.until,
        };
        let read = EventFilter::parse(|field| value(field).clone().unwrap_or_default());
        let filter = read.map_err(|faults| {
            let lines = faults.iter().map(|(field, fault)| {
                let text = value(*field).as_deref().unwrap_or_default();
                format!("error: --{field} {text}: {}", message(*fault).text())
            });
            Failure::Usage(lines.collect::<Vec<_>>().join("\n"))
        })?;
        let action = self.action.clone().unwrap_or_default();
        known_action(&action)?;
        Ok(EventFilter { action, ..filter })
    }
}

/// An unknown action is an error: its result would mislead.
fn known_action(action: &str) -> Result<(), Failure> {
    match action.is_empty() || words().contains(&action) {
        true => Ok(()),
        false => Err(Failure::Usage(format!(
            "error: --action {action}: write one of {}",
            words().join(", ")
        ))),
    }
}
