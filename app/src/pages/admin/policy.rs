//! The assurance that a service requires.

use crate::{
    actions::service::MAX_AGE_MINUTES,
    components::{
        choice_fields::{Check, ChoiceOption, Choices},
        form_state::FormState,
        text_fields::{Field, TextArea},
    },
    format,
    messages::{Message, m},
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
pub fn policy_label(policy: Policy) -> Message {
    match policy.requirement {
        Requirement::Device => m::POLICY_DEVICE.into(),
        Requirement::Passkey { max_age_seconds } => m::policy_passkey(age(max_age_seconds)),
    }
}

/// A policy as a sentence.
#[must_use]
pub fn policy_sentence(policy: Policy) -> Message {
    match policy.requirement {
        Requirement::Device => m::POLICY_DEVICE_SENTENCE.into(),
        Requirement::Passkey { max_age_seconds } => {
            m::policy_passkey_sentence(age(max_age_seconds))
        }
    }
}

fn age(seconds: u32) -> Message {
    format::whole(Duration::from_secs(seconds.into()))
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
        <Choices form=form.clone() name="requirement" legend=m::REQUIRES options=REQUIREMENTS value=requirement/>
        <Field
            form=form.clone()
            name="max_age"
            label=m::POLICY_AGE
            hint=m::POLICY_AGE_HINT
            value=minutes.to_string()
            kind="number"
            inputmode="numeric"
            min=1
            max=MAX_AGE_MINUTES
            optional=true
        />
        <Check form=form name="admins" label=m::POLICY_ADMINS hint=m::POLICY_ADMINS_HINT checked=policy.admins_enter/>
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
            label=m::RULES
            hint=m::RULES_HINT
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
        assert_eq!(policy_label(Policy::default()).text(), "Device");
        assert_eq!(policy_label(passkey(43_200)).text(), "Passkey, 12 hours");
        assert_eq!(policy_label(passkey(600)).text(), "Passkey, 10 minutes");
    }
}
