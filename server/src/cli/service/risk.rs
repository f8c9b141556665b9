//! What a service asks of devices that were unusual.

use super::show;
use crate::cli::{Context, OPERATOR, failure::Failure, local_origin};
use clap::{Args, ValueEnum};
use latchkey_domain::access::service::{RaisedLevel, RiskPolicy};
use std::process::ExitCode;

/// The level of a device's last assessment.
#[derive(Clone, Copy, ValueEnum)]
enum FromLevel {
    /// From 20 points
    Medium,
    /// From 50 points
    High,
}

impl From<FromLevel> for RaisedLevel {
    fn from(from: FromLevel) -> Self {
        match from {
            FromLevel::Medium => Self::Medium,
            FromLevel::High => Self::High,
        }
    }
}

/// The new settings.
#[derive(Args)]
pub(in crate::cli) struct Risk {
    /// The service's name
    name: String,
    /// From this level, require a passkey that was used after the assessment
    #[arg(long, value_name = "LEVEL")]
    passkey_from: Option<FromLevel>,
    /// From this level, require one that cannot leave its authenticator
    #[arg(long, value_name = "LEVEL")]
    device_bound_from: Option<FromLevel>,
    /// Tell the service the level, in the header Latchkey-Risk
    #[arg(long)]
    header: bool,
}

impl Risk {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let engine = context.engine().await?;
        let risk = RiskPolicy {
            tells_level: self.header,
            passkey_from: self.passkey_from.map(Into::into),
            device_bound_from: self.device_bound_from.map(Into::into),
        };
        engine
            .change_risk_policy(&OPERATOR, &self.name, risk, &local_origin())
            .await?;
        let service = engine.service(&OPERATOR, &self.name).await?;
        let text = match show::risk(service.risk).as_str() {
            "" => format!("{} asks for nothing more of unusual devices.", self.name),
            lines => format!("{}:{lines}", self.name),
        };
        context.output.print(text, &service)
    }
}
