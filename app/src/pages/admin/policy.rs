//! The assurance that a service requires.

use crate::{
    actions::service::MAX_AGE_MINUTES,
    components::{
        choice::{Check, ChoiceOption, Choices},
        field::{Field, FormState, TextArea},
    },
    format,
    messages::m,
};
use latchkey_domain::access::service::{Policy, Requirement};
use leptos::prelude::*;
use std::time::Duration;

const REQUIREMENTS: &[ChoiceOption] = &[
    ("device", m::REQUIRES_DEVICE, Some(m::REQUIRES_DEVICE_HINT)),
    (
        "passkey",
        m::REQUIRES_PASSKEY,
        Some(m::REQUIRES_PASSKEY_HINT),
    ),
];

/// The suggested maximum age: long enough for a working day.
const USUAL_MINUTES: u32 = 720;

/// The label of a policy: `Device`, `Passkey, 12 hours`.
#[must_use]
pub fn policy_label(policy: Policy) -> String {
    match policy.requirement {
        Requirement::Device => "Device".to_owned(),
        Requirement::Passkey { max_age_seconds } => format!(
            "Passkey, {}",
            format::whole(Duration::from_secs(max_age_seconds.into()))
        ),
    }
}

/// A policy as a sentence.
#[must_use]
pub fn policy_sentence(policy: Policy) -> String {
    match policy.requirement {
        Requirement::Device => "Requires a registered device.".to_owned(),
        Requirement::Passkey { max_age_seconds } => format!(
            "Requires a passkey used within {}.",
            format::whole(Duration::from_secs(max_age_seconds.into()))
        ),
    }
}

/// The fields of a policy.
#[component]
pub fn PolicyFields(
    /// The form.
    form: FormState,
    /// The policy as it is.
    policy: Policy,
) -> impl IntoView {
    let (requirement, minutes) = match policy.requirement {
        Requirement::Device => ("device", USUAL_MINUTES),
        Requirement::Passkey { max_age_seconds } => ("passkey", max_age_seconds.div_ceil(60)),
    };
    view! {
        <Choices form=form.clone() name="requirement" legend="Requires" options=REQUIREMENTS value=requirement/>
        <Field
            form=form.clone()
            name="max_age"
            label="Maximum sign-in age (minutes)"
            hint="720 minutes are 12 hours. Applies only to “A recent passkey”."
            value=minutes.to_string()
            kind="number"
            inputmode="numeric"
            min=1
            max=MAX_AGE_MINUTES
            optional=true
        />
        <Check form=form name="admins" label="Administrators have access without a grant" hint="Their access is recorded at their first request." checked=policy.admins_enter/>
    }
}

/// The rules for paths.
#[component]
pub fn RulesField(
    /// The form.
    form: FormState,
    /// The rules as they are.
    rules: String,
) -> impl IntoView {
    view! {
        <TextArea
            form=form
            name="rules"
            label="Rules for paths"
            hint="One per line. The first match decides; if none matches, the grant decides. For example: public GET /assets/*, admins /settings/*, nobody /metrics. Rules apply only if the proxy uses /forward-auth."
            value=rules
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_a_short_label() {
        let passkey = |max_age_seconds| Policy {
            requirement: Requirement::Passkey { max_age_seconds },
            admins_enter: true,
        };
        assert_eq!(policy_label(Policy::default()), "Device");
        assert_eq!(policy_label(passkey(43_200)), "Passkey, 12 hours");
        assert_eq!(policy_label(passkey(600)), "Passkey, 10 minutes");
    }
}
