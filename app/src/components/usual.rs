//! What is usual for a user: what was learnt from their sign-ins, and the button that erases it.

use super::{dialog::ConfirmDialog, icon::Icon, time::Day};
use crate::{
    format,
    messages::{m, with_element, with_elements},
    response,
};
use latchkey_domain::risk::{BaselineView, HALF_LIFE, HourRange, Mode, Place};
use latchkey_engine::UsualSignIns;
use leptos::prelude::*;
use time::{Duration, OffsetDateTime, Time};

/// The section.
#[component]
pub fn Usual(
    /// What was learnt.
    usual: UsualSignIns,
) -> impl IntoView {
    let lead = m::usual_lead(HALF_LIFE.whole_days().unsigned_abs());
    view! {
        <section class="section" aria-labelledby="usual">
            <div class="section-head"><h2 id="usual">{m::USUAL}</h2><p>{lead}</p></div>
            <div class="section-body">
                <State mode=usual.mode enforced_from=usual.enforced_from/>
                <Learnt baseline=usual.baseline/>
            </div>
        </section>
    }
}

/// What scores do while they ask for nothing.
#[component]
fn State(mode: Mode, enforced_from: Option<OffsetDateTime>) -> impl IntoView {
    let state = match (mode, enforced_from) {
        (Mode::Off, _) => m::USUAL_OFF.text().into_any(),
        (Mode::Shadow, Some(from)) => with_element(m::usual_shadow, view! { <Day at=from/> }),
        (Mode::Shadow, None) => m::USUAL_SHADOW_ALWAYS.text().into_any(),
        (Mode::Enforce, _) => return ().into_any(),
    };
    view! { <p class="quiet">{state}</p> }.into_any()
}

#[component]
fn Learnt(baseline: BaselineView) -> impl IntoView {
    if baseline.sign_ins == 0 && baseline.vouched_networks.is_empty() {
        return view! { <p class="quiet">{m::USUAL_NOTHING}</p> }.into_any();
    }
    let sign_ins = m::usual_sign_ins(u64::from(baseline.sign_ins));
    let learnt_from = match baseline.since {
        Some(since) => {
            let day = view! { <Day at=since/> }.into_any();
            with_elements(|[day]| m::usual_since(day, sign_ins), [day])
        }
        None => sign_ins.text().into_any(),
    };
    let few = (!baseline.is_mature).then(|| view! { <p class="quiet">{m::USUAL_FEW}</p> });
    let places = (baseline.places.iter())
        .map(|place| view! { <li>{words(place)}</li> })
        .collect_view();
    let mono = |networks: &[String]| {
        let items = networks
            .iter()
            .map(|network| view! { <li class="mono">{network.clone()}</li> });
        items.collect_view()
    };
    let vouched = (!baseline.vouched_networks.is_empty()).then(|| {
        view! { <div><dt>{m::USUAL_VOUCHED}</dt><dd><ul>{mono(&baseline.vouched_networks)}</ul></dd></div> }
    });
    view! {
        <dl class="facts">
            <div><dt>{m::USUAL_LEARNT_FROM}</dt><dd>{learnt_from}</dd></div>
            <div><dt>{m::USUAL_DEVICES}</dt><dd>{m::count_devices(baseline.devices)}</dd></div>
            {(!baseline.places.is_empty()).then(|| view! { <div><dt>{m::USUAL_PLACES}</dt><dd><ul>{places}</ul></dd></div> })}
            {(!baseline.networks.is_empty()).then(|| view! { <div><dt>{m::USUAL_NETWORKS}</dt><dd><ul>{mono(&baseline.networks)}</ul></dd></div> })}
            {vouched}
            <div><dt>{m::USUAL_HOURS}</dt><dd><Hours hours=baseline.hours/></dd></div>
        </dl>
        {few}
        <button type="button" class="button button-danger" popovertarget="erase-usual"><Icon name="trash"/>{m::USUAL_ERASE}</button>
        <ConfirmDialog id="erase-usual" title=m::USUAL_ERASE_TITLE action="/actions/baseline/erase" fields=vec![] verb=m::USUAL_ERASE_SUBMIT>
            <p>{m::USUAL_ERASE_LEAD}</p>
        </ConfirmDialog>
    }
    .into_any()
}

/// A place in words. The browser writes the name of the country in place of its letters.
fn words(place: &Place) -> AnyView {
    let country = place.country.map(
        |country| view! { <span data-region=country.to_string()>{country.to_string()}</span> },
    );
    let near = place.coordinates.map(|point| {
        let (latitude, longitude) = point.degrees();
        m::usual_place_near(
            degrees(latitude, ["N", "S"]),
            degrees(longitude, ["E", "W"]),
        )
        .text()
    });
    let operator =
        (place.operator).map(|number| m::usual_place_operator(number.to_string()).text());
    let rest: Vec<_> = near.into_iter().chain(operator).collect();
    let rest = rest.join(", ");
    let comma = (country.is_some() && !rest.is_empty()).then_some(", ");
    view! { {country}{comma}{rest} }.into_any()
}

/// `52.5° N`: to ten kilometres, as networks move their addresses further than that.
fn degrees(degrees: f64, [positive, negative]: [&str; 2]) -> String {
    let side = if degrees < 0.0 { negative } else { positive };
    format!("{:.1}° {side}", degrees.abs())
}

#[component]
fn Hours(hours: Option<Vec<HourRange>>) -> impl IntoView {
    let Some(hours) = hours else {
        return m::USUAL_HOURS_NONE.text().into_any();
    };
    if hours.iter().any(|range| range.from == range.until) {
        return m::USUAL_HOURS_ALL.text().into_any();
    }
    let range = |range: HourRange| {
        let ends = [clock(range.from), clock(range.until)];
        view! { <li>{with_elements(|[from, until]| m::usual_hours_range(from, until), ends)}</li> }
    };
    view! { <ul>{hours.into_iter().map(range).collect_view()}</ul> }.into_any()
}

/// An hour of today, which the browser writes in the user's time zone.
fn clock(hour: u8) -> AnyView {
    let today = response::request_context().engine().now();
    let at = today.replace_time(Time::MIDNIGHT) + Duration::hours(i64::from(hour));
    let text = m::usual_clock(format::clock(at)).text();
    view! { <time datetime=format::rfc3339(at) data-clock>{text}</time> }.into_any()
}
