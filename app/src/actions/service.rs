//! Services, for administrators: adding, changing, new tokens, deleting.

use crate::{
    actions::error::ActionError,
    form::{Fields, FormError, FormResult, Next, change},
    format,
    messages::m,
    url::percent_encode,
};
use latchkey_domain::access::permission::ServicesWrite;
use latchkey_domain::access::service::{Policy, RaisedLevel, Requirement, RiskPolicy};
use latchkey_engine::{NewAccessTokens, NewService};
use leptos::prelude::*;
use time::Duration;

/// The oldest passkey assertion that a service may accept, in minutes: a year.
pub(crate) const MAX_AGE_MINUTES: u32 = 525_600;

/// Adds a service and shows its token, once.
#[server(prefix = "/actions", endpoint = "service/add")]
pub async fn add_service(
    #[server(default)] name: String,
    #[server(default)] hosts: String,
    #[server(default)] requirement: String,
    #[server(default)] max_age: String,
    #[server(default)] admins: String,
) -> Result<(), ActionError> {
    let fields = fields(&name, &hosts, &requirement, &max_age, &admins);
    change::administer(
        ServicesWrite,
        "/actions/service/add",
        fields,
        "/admin/services",
        |change| async move {
            let new = NewService {
                hosts,
                policy: policy(&requirement, &max_age, &admins)?,
                rules: String::new(),
            };
            let added = change
                .engine()
                .add_service(&change.proof, &name, new, change.origin())
                .await?;
            let (service, token) = added.commit().await?;
            let text = m::service_added(service.name.as_str());
            let page = Next::page(service_page(service.name.as_str()));
            Ok(page.revealing(text, m::SERVICE_TOKEN, token.expose_secret()))
        },
    )
    .await
}

/// Changes hosts and policy.
#[server(prefix = "/actions", endpoint = "service/change")]
pub async fn change_service(
    #[server(default)] name: String,
    #[server(default)] hosts: String,
    #[server(default)] requirement: String,
    #[server(default)] max_age: String,
    #[server(default)] admins: String,
    #[server(default)] rules: String,
) -> Result<(), ActionError> {
    let fields = fields(&name, &hosts, &requirement, &max_age, &admins).field("rules", &rules);
    let page = service_page(&name);
    change::administer(
        ServicesWrite,
        "/actions/service/change",
        fields,
        &page,
        |change| async move {
            let new = NewService {
                hosts,
                policy: policy(&requirement, &max_age, &admins)?,
                rules,
            };
            change
                .engine()
                .change_service(&change.proof, &name, new, change.origin())
                .await?;
            Ok(Next::back().saying(m::SERVICE_CHANGED))
        },
    )
    .await
}

/// Changes how access tokens are used.
#[server(prefix = "/actions", endpoint = "service/tokens")]
pub async fn change_access_tokens(
    #[server(default)] name: String,
    #[server(default)] scopes: String,
    #[server(default)] policy: String,
    #[server(default)] native: String,
    #[server(default)] dpop_nonce: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("name", &name)
        .field("scopes", &scopes)
        .field("policy", &policy)
        .field("native", &native)
        .field("dpop_nonce", &dpop_nonce);
    let page = service_page(&name);
    change::administer(
        ServicesWrite,
        "/actions/service/tokens",
        fields,
        &page,
        |change| async move {
            let token_use = policy
                .parse()
                .map_err(|_| FormError::field("policy", m::CHOOSE_TOKEN_USE))?;
            let new = NewAccessTokens {
                native: !native.is_empty(),
                dpop_nonce: !dpop_nonce.is_empty(),
                ..NewAccessTokens::new(&scopes, token_use)
            };
            change
                .engine()
                .change_access_tokens(&change.proof, &name, new, change.origin())
                .await?;
            Ok(Next::back().saying(m::ACCESS_TOKENS_CHANGED))
        },
    )
    .await
}

/// Changes what is asked of devices that were unusual.
#[server(prefix = "/actions", endpoint = "service/risk")]
pub async fn change_risk_policy(
    #[server(default)] name: String,
    #[server(default)] passkey_from: String,
    #[server(default)] device_bound_from: String,
    #[server(default)] tells_risk: String,
) -> Result<(), ActionError> {
    let fields = Fields::none()
        .field("name", &name)
        .field("passkey_from", &passkey_from)
        .field("device_bound_from", &device_bound_from)
        .field("tells_risk", &tells_risk);
    let page = service_page(&name);
    change::administer(
        ServicesWrite,
        "/actions/service/risk",
        fields,
        &page,
        |change| async move {
            let risk = RiskPolicy {
                tells_level: !tells_risk.is_empty(),
                passkey_from: raised_level("passkey_from", &passkey_from)?,
                device_bound_from: raised_level("device_bound_from", &device_bound_from)?,
            };
            change
                .engine()
                .change_risk_policy(&change.proof, &name, risk, change.origin())
                .await?;
            Ok(Next::back().saying(m::RISK_POLICY_CHANGED))
        },
    )
    .await
}

/// A level, or nothing for never.
fn raised_level(field: &'static str, text: &str) -> FormResult<Option<RaisedLevel>> {
    match text {
        "" => Ok(None),
        name => match name.parse() {
            Ok(level) => Ok(Some(level)),
            Err(_) => Err(FormError::field(field, m::CHOOSE_RISK_LEVEL)),
        },
    }
}

/// Makes a new token and shows it, once; `overlap` is in hours.
#[server(prefix = "/actions", endpoint = "service/rotate-token")]
pub async fn rotate_service_token(
    #[server(default)] name: String,
    #[server(default)] overlap: String,
) -> Result<(), ActionError> {
    let (fields, page) = (Fields::none().field("name", &name), service_page(&name));
    change::administer(
        ServicesWrite,
        "/actions/service/rotate-token",
        fields,
        &page,
        |change| async move {
            let overlap = parse_overlap(&overlap)?;
            let rotated = change
                .engine()
                .rotate_service_token(&change.proof, &name, overlap, change.origin())
                .await?;
            let token = rotated.commit().await?;
            let text = match overlap.is_zero() {
                true => m::TOKEN_ROTATED.into(),
                false => m::token_rotated_overlap(format::whole(overlap.unsigned_abs())),
            };
            let page = Next::page(service_page(&name));
            Ok(page.revealing(text, m::NEW_SERVICE_TOKEN, token.expose_secret()))
        },
    )
    .await
}

/// Deletes a service.
#[server(prefix = "/actions", endpoint = "service/delete")]
pub async fn delete_service(#[server(default)] name: String) -> Result<(), ActionError> {
    change::administer(
        ServicesWrite,
        "/actions/service/delete",
        Fields::none(),
        "/admin/services",
        |change| async move {
            change
                .engine()
                .delete_service(&change.proof, &name, change.origin())
                .await?;
            Ok(Next::page("/admin/services").saying(m::service_deleted(name)))
        },
    )
    .await
}

/// How long an old secret is accepted beside a new one, from a number of hours.
pub(super) fn parse_overlap(hours: &str) -> FormResult<Duration> {
    let hours: u32 = hours
        .parse()
        .map_err(|_| FormError::field("overlap", m::CHOOSE_OVERLAP))?;
    Ok(Duration::hours(hours.into()))
}

fn service_page(name: &str) -> String {
    format!("/admin/services/{}", percent_encode(name))
}

fn fields(name: &str, hosts: &str, requirement: &str, max_age: &str, admins: &str) -> Fields {
    Fields::none()
        .field("name", name)
        .field("hosts", hosts)
        .field("requirement", requirement)
        .field("max_age", max_age)
        .field("admins", admins)
}

fn policy(requirement: &str, max_age: &str, admins: &str) -> FormResult<Policy> {
    let requirement = match requirement {
        "device" => Requirement::Device,
        "passkey" => match max_age.trim().parse() {
            Ok(minutes @ 1..=MAX_AGE_MINUTES) => Requirement::Passkey {
                max_age_seconds: minutes * 60,
            },
            _ => {
                let message = m::invalid_minutes(MAX_AGE_MINUTES);
                return Err(FormError::field("max_age", message));
            }
        },
        _ => return Err(FormError::field("requirement", m::CHOOSE_REQUIREMENT)),
    };
    Ok(Policy {
        requirement,
        admins_enter: !admins.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_from_what_was_chosen() {
        assert_eq!(policy("device", "", "yes").unwrap(), Policy::default());
        assert_eq!(
            policy("device", "nonsense", "").unwrap(),
            Policy {
                requirement: Requirement::Device,
                admins_enter: false
            }
        );
        assert_eq!(
            policy("passkey", " 90 ", "").unwrap().requirement,
            Requirement::Passkey {
                max_age_seconds: 5400
            }
        );
        for (requirement, max_age, field) in [
            ("passkey", "0", "max_age"),
            ("passkey", "", "max_age"),
            ("passkey", "-1", "max_age"),
            ("passkey", "525601", "max_age"),
            ("passkey", "71582789", "max_age"),
            ("", "5", "requirement"),
        ] {
            assert!(
                matches!(policy(requirement, max_age, ""), Err(FormError::Field(at_fault, _)) if at_fault == field),
                "{requirement:?} {max_age:?}"
            );
        }
    }
}
