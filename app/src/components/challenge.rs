//! What a device owes since an unusual sign-in or return, why, and how that is lifted.

use super::{risk::factor, time::RelativeTime};
use crate::messages::{m, with_element};
use latchkey_domain::{
    identity::device::DeviceView,
    risk::{Demand, Reason},
};
use leptos::prelude::*;

/// A paragraph about a device that owes something; nothing about any other.
#[component]
pub fn Owes(
    /// The device.
    device: DeviceView,
    /// Why it owes something, as far as the audit log still says.
    reasons: Option<Vec<Reason>>,
    /// Whether whoever reads this is its user.
    is_own: bool,
    /// The class of the paragraph.
    #[prop(default = "row-meta")]
    class: &'static str,
) -> impl IntoView {
    let challenge = device.owes()?;
    let time = view! { <RelativeTime at=challenge.at/> };
    let asked = match challenge.demand {
        Demand::Nothing => return None,
        Demand::Authentication => with_element(m::owes_authentication, time),
        Demand::Passkey => with_element(m::owes_passkey, time),
        Demand::Approval => with_element(m::owes_approval, time),
    };
    let reasons: Vec<_> = (reasons.iter().flatten())
        .map(|reason| factor(reason.factor).text())
        .collect();
    let because = match reasons.is_empty() {
        true => ".".to_owned(),
        false => m::owes_because(reasons.join("; ")).text(),
    };
    let lift = match (challenge.demand, is_own) {
        (Demand::Nothing, _) => return None,
        (Demand::Authentication, true) => m::OWES_LIFT_AUTHENTICATION,
        (Demand::Authentication, false) => m::OWES_LIFT_AUTHENTICATION_ANY,
        (Demand::Passkey, true) => m::OWES_LIFT_PASSKEY,
        (Demand::Passkey, false) => m::OWES_LIFT_PASSKEY_ANY,
        (Demand::Approval, true) => m::OWES_LIFT_APPROVAL,
        (Demand::Approval, false) => m::OWES_LIFT_APPROVAL_ANY,
    };
    // One piece, where a paragraph lays out several.
    Some(view! { <p class=class><span>{asked}{because}" "{lift}</span></p> })
}
