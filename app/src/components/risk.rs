//! How unusual a sign-in was, and why, in words.

use super::icon::Icon;
use crate::messages::{Key, m};
use latchkey_domain::{
    audit::event::EventView,
    risk::{Demand, Factor, Level, Mode, Place, RiskNote},
};
use leptos::prelude::*;

/// What a score has points for.
#[must_use]
pub const fn factor(factor: Factor) -> Key {
    match factor {
        Factor::UnusualLocation => m::RISK_UNUSUAL_LOCATION,
        Factor::NewDevice => m::RISK_NEW_DEVICE,
        Factor::UnusualTime => m::RISK_UNUSUAL_TIME,
        Factor::UnusualBehaviour => m::RISK_UNUSUAL_BEHAVIOUR,
        Factor::ListedAddress => m::RISK_LISTED_ADDRESS,
        Factor::BlockedNetwork => m::RISK_BLOCKED_NETWORK,
        Factor::ImpossibleTravel => m::RISK_IMPOSSIBLE_TRAVEL,
        Factor::ManyFailures => m::RISK_MANY_FAILURES,
        Factor::Contradiction => m::RISK_CONTRADICTION,
        Factor::OtherBrowser => m::RISK_OTHER_BROWSER,
        Factor::Automation => m::RISK_AUTOMATION,
        Factor::MissingBinding => m::RISK_MISSING_BINDING,
    }
}

/// How high a score is.
#[must_use]
pub const fn level(level: Level) -> Key {
    match level {
        Level::Low => m::RISK_LEVEL_LOW,
        Level::Medium => m::RISK_LEVEL_MEDIUM,
        Level::High => m::RISK_LEVEL_HIGH,
        Level::Held => m::RISK_LEVEL_HELD,
    }
}

/// What came of it, or would have.
#[must_use]
pub const fn consequence(note: &RiskNote) -> Key {
    match (note.demand, note.mode) {
        (Demand::Nothing, _) => m::RISK_ASKED_NOTHING,
        (Demand::Authentication, Mode::Enforce) => m::RISK_ASKED_AUTHENTICATION,
        (Demand::Passkey, Mode::Enforce) => m::RISK_ASKED_PASSKEY,
        (Demand::Approval, Mode::Enforce) => m::RISK_ASKED_APPROVAL,
        (Demand::Authentication, Mode::Off | Mode::Shadow) => m::RISK_WOULD_ASK_AUTHENTICATION,
        (Demand::Passkey, Mode::Off | Mode::Shadow) => m::RISK_WOULD_ASK_PASSKEY,
        (Demand::Approval, Mode::Off | Mode::Shadow) => m::RISK_WOULD_ASK_APPROVAL,
    }
}

/// A place, as far as a file says: `DE, AS3320`.
#[must_use]
pub fn place_name(place: &Place) -> String {
    let country = place.country.map(|country| country.to_string());
    let operator = place.operator.map(|number| format!("AS{number}"));
    let point = place.coordinates.map(|at| {
        let degrees = |value: f64| format!("{:.1}", value.abs());
        let (latitude, longitude) = (at.latitude(), at.longitude());
        let north = if latitude < 0.0 { m::SOUTH } else { m::NORTH };
        let east = if longitude < 0.0 { m::WEST } else { m::EAST };
        m::degrees(east, degrees(latitude), degrees(longitude), north).text()
    });
    let parts: Vec<_> = [country, operator, point].into_iter().flatten().collect();
    parts.join(", ")
}

/// Why a sign-in was unusual: a disclosure. `None` if it was not.
#[must_use]
pub fn risk_reasons(event: &EventView) -> Option<AnyView> {
    let note = event.risk().filter(|note| note.assessment.score > 0)?;
    let score = u64::from(note.assessment.score);
    let reasons = note.assessment.reasons.iter().map(|reason| {
        let text = m::risk_reason(u64::from(reason.points), factor(reason.factor));
        view! { <li>{text.text()}</li> }
    });
    let reasons = reasons.collect_view();
    let summary = m::risk_score(level(note.assessment.level), score).text();
    Some(
        view! {
            <details class="disclosure disclosure-small">
                <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{summary}<span class="visually-hidden">{m::changes_entry(event.seq.to_string())}</span></summary>
                <div class="disclosure-body">
                    <ul>{reasons}</ul>
                    <p>{consequence(&note)}</p>
                </div>
            </details>
        }
        .into_any(),
    )
}
