//! How sure Latchkey has to be before a service is opened.

use crate::{
    actions::service::MAX_AGE_MINUTES,
    components::{
        choice::{Answer, Check, Choices},
        field::{Field, FormState, TextArea},
    },
    format,
};
use latchkey_domain::access::service::{Policy, Requirement};
use leptos::prelude::*;
use std::time::Duration;

const REQUIREMENTS: &[Answer] = &[
    (
        "device",
        "A registered device",
        "Once registered, the device itself is enough.",
    ),
    (
        "passkey",
        "A recent passkey",
        "Asks again when the last use on that device is older than the time below.",
    ),
];

/// What is proposed as recent: long enough for a working day.
const USUAL_MINUTES: u32 = 720;

/// A policy in a cell: `Device`, `Passkey, 12 hours`.
#[must_use]
pub fn policy_words(policy: Policy) -> String {
    match policy.requirement {
        Requirement::Device => "Device".to_owned(),
        Requirement::Passkey { max_age_seconds } => format!(
            "Passkey, {}",
            format::whole(Duration::from_secs(max_age_seconds.into()))
        ),
    }
}

/// A policy in a sentence.
#[must_use]
pub fn policy_sentence(policy: Policy) -> String {
    match policy.requirement {
        Requirement::Device => "A registered device is enough.".to_owned(),
        Requirement::Passkey { max_age_seconds } => format!(
            "Wants a passkey used within {}.",
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
        <Choices form=form.clone() name="requirement" legend="It opens for" answers=REQUIREMENTS value=requirement/>
        <Field
            form=form.clone()
            name="max_age"
            label="Recent means, in minutes"
            hint="720 is 12 hours. Counts only for a recent passkey."
            value=minutes.to_string()
            kind="number"
            inputmode="numeric"
            min=1
            max=MAX_AGE_MINUTES
            optional=true
        />
        <Check form=form name="admins" label="Administrators enter without a grant" hint="Their access is written down at their first request." checked=policy.admins_enter/>
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
            hint="One a line; the first that fits decides, and without one the grant does. Such as: public GET /assets/*, admins /settings/*, nobody /metrics. They count where the proxy asks /forward-auth."
            value=rules
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_told_in_a_few_words() {
        let passkey = |max_age_seconds| Policy {
            requirement: Requirement::Passkey { max_age_seconds },
            admins_enter: true,
        };
        assert_eq!(policy_words(Policy::default()), "Device");
        assert_eq!(policy_words(passkey(43_200)), "Passkey, 12 hours");
        assert_eq!(policy_words(passkey(600)), "Passkey, 10 minutes");
    }
}
