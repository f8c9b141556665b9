//! The quota of a client at `/oauth/token` and `/oauth/introspect`. It is counted when the client has proven who it is, or has brought what a user
//! approved for it: whoever knows the id of a client alone does not use up its quota.

use crate::web::{
    Web,
    admission::{Counted, ProgramRequest, Refused, rate_limit_fields},
};
use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use latchkey_domain::id::{ClientId, UserId};
use latchkey_engine::TokenQuota;
use std::sync::OnceLock;

/// The quota as one request meets it.
pub(super) struct RequestQuota {
    web: Web,
    request: ProgramRequest,
    counted: OnceLock<Result<Option<Counted>, Refused>>,
}

impl RequestQuota {
    pub(super) fn of(web: &Web, request: ProgramRequest) -> Self {
        Self {
            web: web.clone(),
            request,
            counted: OnceLock::new(),
        }
    }

    /// Tells the client what is left, or when to come again.
    pub(super) fn tell(&self, response: &mut Response) {
        let headers = response.headers_mut();
        match self.counted.get() {
            Some(Ok(Some(counted))) => {
                headers.extend(rate_limit_fields(counted.policy, counted.remaining, None));
            }
            Some(Err(refused)) => {
                let seconds = refused.wait_seconds();
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                if let Some(policy) = refused.policy {
                    headers.extend(rate_limit_fields(policy, 0, Some(seconds)));
                }
            }
            Some(Ok(None)) | None => {}
        }
    }
}

impl TokenQuota for RequestQuota {
    fn take(&self, client: ClientId, user: Option<UserId>) -> bool {
        let count = || {
            let admission = self.web.admission();
            admission.count_program(self.request, (client, user))
        };
        self.counted.get_or_init(count).is_ok()
    }
}
