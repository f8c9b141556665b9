//! `latchkey proxy doctor`: asks a service through its proxy, as strangers and as a person, and says
//! what is wrong, where, and what to write instead.
//!
//! 1. The configuration: who is trusted, whether the cookie comes along.
//! 2. A stranger: is led to the sign-in page as a person, is told as a script, is a stranger whatever it
//!    says of itself, and finds no way around by odd paths.
//! 3. The backend: does not answer without the proxy.
//! 4. A person (`--as`): comes in, and the backend learns who it is from Latchkey alone. For this a
//!    device is made that lives for minutes and is revoked at the end; its cookie goes to a host
//!    of the service alone, over TLS or within this machine, and is never shown.
//!
//! Judges are functions from an answer to a finding; only [`http`], [`stand_in`] and [`walk`] touch the network.

mod arguments;
mod asked;
mod backend;
mod exchange;
mod forged;
mod http;
#[cfg(test)]
mod judging;
mod latchkey;
mod odd;
mod person;
mod reach;
mod refusal;
mod sight;
mod stand_in;
mod stranger;
mod tls;
mod trusted;
mod upgrade;
mod walk;

use crate::{
    cli::{
        Context, OPERATOR,
        failure::Failure,
        finding::{Finding, Findings, Status},
        nobody, stop,
    },
    web,
};
use arguments::Resolve;
use asked::{Asked, Expected};
use clap::Args;
use exchange::Question;
use http::Client;
use latchkey_domain::access::service::Requirement;
use latchkey_engine::Engine;
use reach::Reach;
use stand_in::StandIn;
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};
use tls::Tls;
use url::Url;
use walk::Walk;

/// Looks for what is wrong with a service behind its proxy.
#[derive(Args)]
pub(in crate::cli) struct Doctor {
    /// The service
    service: String,
    /// One of its addresses, as people open it
    #[arg(long, value_name = "URL", value_parser = arguments::url)]
    url: Url,
    /// Ask as this person too; makes a device of theirs for a few minutes
    #[arg(long = "as", value_name = "EMAIL")]
    person: Option<String>,
    /// Wait here in the backend's place, to see what arrives; point the proxy's upstream at it first
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The backend's own address, which must not answer without the proxy
    #[arg(long, value_name = "URL", value_parser = arguments::url)]
    backend: Option<Url>,
    /// Believe the certificate authorities in this file too (PEM)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Where a host is, whatever DNS says; may be given several times
    #[arg(long, value_name = "HOST:ADDR")]
    resolve: Vec<Resolve>,
}

impl Doctor {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let tls = Tls::new(self.ca.as_deref())?;
        let engine = context.engine().await?;
        let service = engine.service(&OPERATOR, &self.service).await?;
        if let Some(email) = &self.person {
            engine.user_by_email(&OPERATOR, email).await?;
        }
        let (run, random) = (random()?, random()?);
        let stand_in = match self.listen {
            Some(address) => Some(StandIn::start(address, &run).await?),
            None => None,
        };
        let client = Client::new(tls, self.resolve, run);

        let config = &context.config;
        let mut findings = Findings::default();
        let origins = [
            config.origin("proxy.trusted"),
            config.origin("proxy.forward_auth"),
        ];
        findings
            .items
            .extend(trusted::judge(&config.proxy, [&origins[0], &origins[1]]));
        let all_hosts = engine.service_hosts(&OPERATOR).await?;
        let reach = Reach {
            url: &self.url,
            service: &self.service,
            hosts: &service.hosts,
            public_url: config.server.public_url.url(),
            cookie_domain: config.cookie.domain.as_ref(),
            origin: &config.origin("cookie.domain"),
            all_hosts: &all_hosts,
        };
        findings.items.extend(reach.judge());

        let latchkey = latchkey::inside(&client, config.server.internal_addr).await;
        let is_up = latchkey.status == Status::Ok;
        findings.items.push(latchkey);
        if is_up {
            let login = config.server.public_url.url();
            findings.items.push(latchkey::outside(&client, login).await);
        }
        let walk = Walk {
            client: &client,
            stand_in: stand_in.as_ref(),
            identity: &config.identity.headers,
            has_rules: !service.rules.is_empty(),
            random: &random,
            asked: Asked {
                url: &self.url,
                expected: Expected::of(&service.rules, arguments::target(&self.url)),
                service: &self.service,
                base: &config.server.public_url.origin(),
                internal: &config.server.internal_addr.to_string(),
                is_up,
                is_trusting: !config.proxy.trusted.is_empty()
                    || !config.proxy.forward_auth.is_empty(),
            },
        };
        let is_there = walk.as_strangers(&mut findings.items).await;
        if let Some(url) = &self.backend {
            let answer = client.ask(Question::page(url)).await;
            let status = answer.as_ref().map(|answer| answer.status.as_u16());
            findings.items.push(backend::judge(url, status));
        }
        if let (Some(email), true) = (&self.person, is_there) {
            if let Requirement::Passkey { .. } = service.policy.requirement {
                findings.items.push(Finding::warning(
                    "signed in",
                    format!(
                        "{} wants a fresh passkey, which only a person can use: not looked at",
                        self.service
                    ),
                ));
            } else if !reach.is_of_the_service()
                || self.url.scheme() != "https" && !client.stays_here(&self.url)
            {
                // Elsewhere a stranger would get a cookie that opens doors.
                findings.items.push(Finding::warning("signed in", format!("not looked at: a person's cookie goes to a host of {} alone, over https or within this machine", self.service)));
            } else {
                let name = web::device_cookie(config.cookie.domain.as_ref());
                as_person(&engine, &walk, email, name, &mut findings.items).await?;
            }
        }
        findings.say(context.output)
    }
}

/// Walks as a person on a device that ends with the walk, also when that is stopped half-way.
async fn as_person(
    engine: &Engine,
    walk: &Walk<'_>,
    email: &str,
    cookie: &str,
    found: &mut Vec<Finding>,
) -> Result<(), Failure> {
    // Before there is a device: from here on nobody ends this program before it is revoked.
    let asked_to_stop = stop::signal()?;
    let probe = match engine
        .create_diagnostic_device(&OPERATOR, email, &nobody())
        .await
    {
        Ok(probe) => probe,
        Err(error) => {
            found.push(Finding::failed("signed in", error.to_string()));
            return Ok(());
        }
    };
    let is_finished = tokio::select! {
        () = walk.as_person(email, cookie, &probe.cookie.value, found) => true,
        () = asked_to_stop => false,
    };
    if let Err(error) = engine
        .revoke_device(&OPERATOR, probe.device, &[], &nobody())
        .await
    {
        found.push(Finding::failed(
            "signed in",
            format!("the device made for this could not be revoked ({error}); it ends by itself within three minutes, or: latchkey device revoke {}", probe.device),
        ));
        // Said to somebody in a hurry too: it is theirs to end now.
        return Ok(());
    }
    match is_finished {
        true => Ok(()),
        false => Err(Failure::Interrupted),
    }
}

/// A word that stands nowhere else.
fn random() -> Result<String, Failure> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(latchkey_engine::OpenError::from)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
