//! `latchkey token get`

use super::{ServerArgs, block_on};
use crate::cli::{failure::Failure, output::Output};
use clap::Args;
use serde::Serialize;
use std::{ffi::OsString, process::ExitCode};
use url::Url;

/// An access token of this terminal.
#[derive(Args)]
pub(in crate::cli) struct Get {
    /// The service [default: the only one for which this terminal is logged in]
    #[arg(long, value_name = "SERVICE")]
    audience: Option<String>,
    /// Only this scope; can be repeated [default: all that were approved]
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Print the headers of a request to this address, with its proof, instead: curl -H @<(…)
    #[arg(long = "for", value_name = "URL")]
    request: Option<Url>,
    /// The method of that request
    #[arg(
        long,
        value_name = "METHOD",
        default_value = "GET",
        requires = "request"
    )]
    method: String,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Serialize)]
struct TokenBody<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dpop: Option<&'a str>,
}

impl Get {
    pub(in crate::cli) fn run(
        self,
        environment: &[(OsString, OsString)],
        output: Output,
    ) -> Result<ExitCode, Failure> {
        let program = self.server.program(environment)?;
        block_on(async {
            let token = program
                .token(self.audience.as_deref(), &self.scopes)
                .await?;
            let proof = match &self.request {
                Some(url) => Some(program.proof(&self.method, url.as_str(), Some(&token))?),
                None => None,
            };
            let text = match &proof {
                Some(proof) => format!("Authorization: DPoP {token}\nDPoP: {proof}"),
                None => token.clone(),
            };
            let body = TokenBody {
                access_token: &token,
                dpop: proof.as_deref(),
            };
            output.print(text, &body)
        })
    }
}
