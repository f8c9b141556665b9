//! `latchkey proxy doctor`: sends requests to a service through its proxy, anonymously and as a user, and
//! reports what is misconfigured, where, and how to fix it.
//!
//! 1. The configuration: which proxies are trusted, and whether browsers send the device cookie to the service.
//! 2. Anonymous requests: a page redirects to the sign-in page, a script gets 401, and neither forged identity
//!    headers nor ambiguous paths nor connection upgrades get past the proxy.
//! 3. The backend: it is not reachable without the proxy.
//! 4. Authenticated requests (`--as`): the user is let in, and the backend gets the identity from Latchkey
//!    alone. They use a diagnostic device, which lives for minutes and is revoked at the end; its cookie is sent to
//!    a host of the service only, over TLS or within this machine, and is never printed.
//!
//! [`checks`] are functions from a response to a [`Finding`]; only [`http`], [`mock_backend`] and [`probes`]
//! use the network.

mod arguments;
mod checks;
mod exchange;
mod http;
mod mock_backend;
mod observation;
mod probe_context;
mod probes;

use crate::{
    cli::{
        Context, OPERATOR,
        failure::Failure,
        finding::{Finding, Findings, Status},
        stop,
        tls::Tls,
    },
    web,
};
use arguments::Resolve;
use checks::{backend, latchkey, target_url::TargetUrl, trusted_proxies};
use clap::Args;
use exchange::ProbeRequest;
use http::Client;
use latchkey_app::error::command::message;
use latchkey_domain::access::service::{Requirement, ServiceView};
use latchkey_engine::{Engine, RequestOrigin};
use mock_backend::MockBackend;
use probe_context::{Expected, ProbeContext};
use probes::Probes;
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};
use url::Url;

/// The check of authenticated access, which mod.rs may skip.
const ACCESS: &str = "access";

/// Checks a service behind its proxy.
#[derive(Args)]
pub(in crate::cli) struct Doctor {
    /// The service
    service: String,
    /// One of its addresses, as users open it
    #[arg(long, value_name = "URL", value_parser = arguments::url)]
    url: Url,
    /// Also send requests as this user; creates a diagnostic device of theirs for a few minutes
    #[arg(long = "as", value_name = "EMAIL")]
    user: Option<String>,
    /// Listen here in place of the backend and inspect what arrives; point the proxy's upstream here first
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// The backend's own address, which must not be reachable without the proxy
    #[arg(long, value_name = "URL", value_parser = arguments::url)]
    backend: Option<Url>,
    /// Also trust the certificate authorities in this file (PEM)
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Connect to this address for a host, instead of asking DNS; can be repeated
    #[arg(long, value_name = "HOST:ADDR")]
    resolve: Vec<Resolve>,
}

impl Doctor {
    pub(super) async fn run(self, context: &Context) -> Result<ExitCode, Failure> {
        let tls = Tls::new(self.ca.as_deref())?;
        let engine = context.engine().await?;
        let service = engine.service(&OPERATOR, &self.service).await?;
        if let Some(email) = &self.user {
            engine.user_by_email(&OPERATOR, email).await?;
        }
        let (run_id, nonce) = (random_hex()?, random_hex()?);
        let mock_backend = match self.listen {
            Some(address) => Some(MockBackend::start(address, &run_id).await?),
            None => None,
        };
        let client = Client::new(tls, self.resolve.clone(), run_id);

        let config = &context.config;
        let mut findings = Findings::default();
        let origins = [
            config.origin("proxy.trusted"),
            config.origin("proxy.forward_auth"),
        ];
        findings.items.extend(trusted_proxies::check(
            &config.proxy,
            [&origins[0], &origins[1]],
        ));
        let all_hosts = engine.service_hosts(&OPERATOR).await?;
        let target = TargetUrl {
            url: &self.url,
            service: &self.service,
            hosts: &service.hosts,
            public_url: config.server.public_url.url(),
            cookie_domain: config.cookie.domain.as_ref(),
            origin: &config.origin("cookie.domain"),
            all_hosts: &all_hosts,
        };
        findings.items.extend(target.check());

        let internal = latchkey::check_internal(&client, config.server.internal_addr).await;
        let latchkey_is_up = internal.status == Status::Ok;
        findings.push(internal);
        if latchkey_is_up {
            let login = config.server.public_url.url();
            findings.push(latchkey::check_login_page(&client, login).await);
        }
        let probes = Probes {
            client: &client,
            mock_backend: mock_backend.as_ref(),
            identity: &config.identity.headers,
            has_rules: !service.rules.is_empty(),
            nonce: &nonce,
            context: ProbeContext {
                url: &self.url,
                expected: Expected::of(&service.rules, arguments::target(&self.url)),
                service: &self.service,
                login_origin: &config.server.public_url.origin(),
                internal_addr: &config.server.internal_addr.to_string(),
                latchkey_is_up,
                trusts_addresses: !config.proxy.trusted.is_empty()
                    || !config.proxy.forward_auth.is_empty(),
            },
        };
        let has_response = probes.run_anonymous(&mut findings.items).await;
        if let Some(url) = &self.backend {
            let response = client.send(ProbeRequest::page(url)).await;
            let status = response.as_ref().map(|response| response.status.as_u16());
            findings.push(backend::check(url, status));
        }
        if let (Some(email), true) = (&self.user, has_response) {
            match self.why_not_authenticated(&service, &target, &client) {
                Some(finding) => findings.push(finding),
                None => {
                    let name = web::device_cookie(config.cookie.domain.as_ref());
                    run_authenticated(&engine, &probes, email, name, &mut findings.items).await?;
                }
            }
        }
        findings.print(context.output)
    }

    /// Why no authenticated request is sent, if there is a reason.
    fn why_not_authenticated(
        &self,
        service: &ServiceView,
        target: &TargetUrl<'_>,
        client: &Client,
    ) -> Option<Finding> {
        let name = &self.service;
        if let Requirement::Passkey { .. } = service.policy.requirement {
            return Some(Finding::warning(
                ACCESS,
                "passkey_required",
                format!(
                    "not checked: {name} requires a recent passkey, which only a user can give"
                ),
            ));
        }
        let is_private = self.url.scheme() == "https" || client.is_local(&self.url);
        // Anyone who got the cookie could use it at every service.
        (!target.is_of_service() || !is_private).then(|| {
            Finding::warning(
                ACCESS,
                "cookie_withheld",
                format!("not checked: a device cookie is sent only to a host of {name}, over https or within this machine"),
            )
        })
    }
}

/// Sends requests from a diagnostic device, which is revoked at the end, even if the command is interrupted.
async fn run_authenticated(
    engine: &Engine,
    probes: &Probes<'_>,
    email: &str,
    cookie: &str,
    findings: &mut Vec<Finding>,
) -> Result<(), Failure> {
    let origin = RequestOrigin::default();
    // Before the device exists: from here on a signal cannot end the process before the device is revoked.
    let interrupted = stop::signal()?;
    let device = match engine
        .create_diagnostic_device(&OPERATOR, email, &origin)
        .await
    {
        Ok(device) => device,
        Err(error) => {
            findings.push(Finding::failed(
                ACCESS,
                "diagnostic_device_not_created",
                error.to_string(),
            ));
            return Ok(());
        }
    };
    let is_finished = tokio::select! {
        () = probes.run_authenticated(email, cookie, &device.cookie.value, findings) => true,
        () = interrupted => false,
    };
    if let Err(error) = engine
        .revoke_device(&OPERATOR, device.device, &[], &origin)
        .await
    {
        findings.push(Finding::failed(
            ACCESS,
            "diagnostic_device_not_revoked",
            format!("the diagnostic device could not be revoked ({}); it expires within three minutes, or run: latchkey device revoke {}", message(&error).text(), device.device),
        ));
        // Reported even after an interrupt: the operator has to revoke it.
        return Ok(());
    }
    match is_finished {
        true => Ok(()),
        false => Err(Failure::Interrupted),
    }
}

/// Sixteen random hexadecimal digits.
fn random_hex() -> Result<String, Failure> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(latchkey_engine::OpenError::from)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
