//! The requests, in order.

use super::{
    ACCESS,
    checks::{
        ambiguous_paths, anonymous,
        authenticated::{self, OTHER_COOKIE},
        forged_headers::{ForgedHeaders, Spelling},
        upgrade,
    },
    exchange::{ProbeRequest, ProbeResponse},
    http::{Client, NoResponse},
    mock_backend::MockBackend,
    observation::Observation,
    probe_context::{Expected, ProbeContext},
};
use crate::cli::finding::{Finding, Status};
use axum::http::header;
use latchkey_app::identity::IdentityHeaders;
use latchkey_domain::secret::SecretText;

/// What the requests need.
pub(super) struct Probes<'a> {
    pub(super) client: &'a Client,
    pub(super) mock_backend: Option<&'a MockBackend>,
    pub(super) identity: &'a IdentityHeaders,
    pub(super) has_rules: bool,
    /// Marks forged values, so that they are found in what the backend received.
    pub(super) nonce: &'a str,
    pub(super) context: ProbeContext<'a>,
}

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sender {
    Anonymous,
    User,
}

impl Probes<'_> {
    /// Sends the anonymous requests. Returns whether there was any response.
    pub(super) async fn run_anonymous(&self, findings: &mut Vec<Finding>) -> bool {
        let (context, no_response) = (&self.context, "no_response");
        let (response, observation) = match self.send(self.page()).await {
            Ok(pair) => pair,
            Err(why) => {
                findings.push(Finding::failed(
                    anonymous::PAGE,
                    no_response,
                    why.to_string(),
                ));
                return false;
            }
        };
        findings.push(anonymous::check_page(
            context,
            &response,
            reached_backend(&observation),
        ));
        findings.extend(anonymous::check_no_identity(self.identity, &observation));
        findings.push(match self.send(ProbeRequest::script(context.url)).await {
            Ok((response, observation)) => {
                anonymous::check_script(context, &response, reached_backend(&observation))
            }
            Err(why) => Finding::failed(anonymous::SCRIPT, no_response, why.to_string()),
        });
        self.probe_forged_headers(Sender::Anonymous, self.page(), findings)
            .await;
        self.probe_ambiguous_paths(Sender::Anonymous, self.page(), findings)
            .await;
        self.probe_upgrade(Sender::Anonymous, self.page(), findings)
            .await;
        true
    }

    /// Sends the requests of a user, with the cookie of a registered device.
    pub(super) async fn run_authenticated(
        &self,
        email: &str,
        name: &str,
        cookie: &SecretText,
        findings: &mut Vec<Finding>,
    ) {
        let cookie = cookie.expose_secret();
        let page = self
            .page()
            // With another cookie, as browsers send it.
            .with_secret_header(header::COOKIE, &format!("{OTHER_COOKIE}; {name}={cookie}"));
        let (response, observation) = match self.send(page.clone()).await {
            Ok(pair) => pair,
            Err(why) => {
                return findings.push(Finding::failed(ACCESS, "no_response", why.to_string()));
            }
        };
        let access = authenticated::check_access(&self.context, &response, &observation, email);
        let has_access = access.status == Status::Ok;
        findings.push(access);
        if !has_access {
            return;
        }
        if self.context.expected != Expected::Denied {
            findings.push(authenticated::check_identity(self.identity, &observation));
            findings.extend(authenticated::check_device_cookie(&observation, cookie));
            self.probe_forged_headers(Sender::User, page.clone(), findings)
                .await;
        }
        self.probe_ambiguous_paths(Sender::User, page.clone(), findings)
            .await;
        self.probe_upgrade(Sender::User, page, findings).await;
    }

    /// Sends forged identity headers, in every spelling.
    async fn probe_forged_headers(
        &self,
        sender: Sender,
        page: ProbeRequest,
        findings: &mut Vec<Finding>,
    ) {
        let is_anonymous = sender == Sender::Anonymous;
        let check = match sender {
            Sender::Anonymous => "forged headers",
            Sender::User => "forged headers (signed in)",
        };
        let before = findings.len();
        let (mut is_observable, mut is_rejected) = (true, true);
        for spelling in Spelling::ALL {
            let forged = ForgedHeaders::new(self.identity, spelling, self.nonce);
            // Without a response, nothing was let through.
            let Ok((response, observation)) = self.send(forged.apply(page.clone())).await else {
                continue;
            };
            let is_accepted = response.status.is_success() || reached_backend(&observation);
            is_rejected &= !is_accepted;
            is_observable &= !is_accepted || observation.is_complete();
            findings.extend(forged.check(check, &observation));
            if is_anonymous && is_accepted && self.context.expected != Expected::Public {
                findings.push(Finding::failed(
                    check,
                    "forged_headers_accepted",
                    "an anonymous request with forged identity headers is let in: the proxy or the backend trusts headers that the client sent",
                ));
            }
            if !is_anonymous && spelling == Spelling::InConnection {
                findings.extend(authenticated::check_identity_is_kept(
                    self.identity,
                    &observation,
                ));
            }
        }
        if findings.len() > before {
            return;
        }
        findings.push(match (is_anonymous, is_rejected, is_observable) {
            (true, true, _) => Finding::ok(
                check,
                "forged_headers_ignored",
                "forged identity headers are ignored",
            ),
            (false, true, _) => Finding::ok(
                check,
                "forged_headers_rejected",
                "requests with forged identity headers are refused",
            ),
            (_, _, true) => Finding::ok(
                check,
                "forged_headers_removed",
                "forged identity headers do not reach the backend, in any spelling",
            ),
            (_, _, false) => authenticated::not_observable(check),
        });
    }

    /// Requests paths that two servers may read differently.
    async fn probe_ambiguous_paths(
        &self,
        sender: Sender,
        page: ProbeRequest,
        findings: &mut Vec<Finding>,
    ) {
        let check = match sender {
            Sender::Anonymous => "ambiguous paths",
            Sender::User => "ambiguous paths (signed in)",
        };
        if !self.has_rules {
            return findings.push(ambiguous_paths::no_rules(check, self.context.service));
        }
        let before = findings.len();
        let targets = ambiguous_paths::targets(self.context.url.path(), self.nonce);
        for target in &targets {
            // Many proxies close the connection on these, which is as good as any other refusal.
            if let Ok((response, observation)) = self.send(page.clone().with_target(target)).await {
                findings.extend(ambiguous_paths::check(
                    check,
                    target,
                    response.status.is_success(),
                    &observation,
                ));
            }
        }
        if findings.len() == before {
            findings.push(ambiguous_paths::all_blocked(check, targets.len()));
        }
    }

    /// Requests a connection upgrade.
    async fn probe_upgrade(&self, sender: Sender, page: ProbeRequest, findings: &mut Vec<Finding>) {
        let check = match sender {
            Sender::Anonymous => "upgrade",
            Sender::User => "upgrade (signed in)",
        };
        // Without a response, nothing was upgraded.
        if let Ok((response, observation)) = self.send(upgrade::apply(page)).await {
            findings.extend(upgrade::check(check, &response, &observation));
        }
    }

    fn page(&self) -> ProbeRequest {
        ProbeRequest::page(self.context.url)
    }

    async fn send(
        &self,
        request: ProbeRequest,
    ) -> Result<(ProbeResponse, Observation), NoResponse> {
        let response = self.client.send(request).await?;
        let observation = Observation::of(&response, self.mock_backend);
        Ok((response, observation))
    }
}

const fn reached_backend(observation: &Observation) -> bool {
    observation.is_complete()
}
