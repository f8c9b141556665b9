//! `/admin`: sign-ins, refusals, devices and the latest events.

use super::{event::EventLine, unsealed::UnsealedNotice};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        bar_list::{BarItem, BarList},
        empty::Empty,
        icon::Icon,
        notice::Notices,
        permitted::Permitted,
        sign_in_chart::{SignInChart, SignInLegend},
    },
    format,
    messages::{Key, m},
    pages::load,
    response,
    url::percent_encode,
};
use latchkey_domain::access::permission::{AuditRead, OverviewRead, Permission};
use latchkey_domain::audit::event::EventView;
use latchkey_engine::{DayCount, ReasonCount};
use leptos::prelude::*;

/// The dashboard.
#[component]
pub fn Dashboard() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(OverviewRead)?;
        let overview = context.engine().dashboard(&proof).await?;
        let now = context.engine().now();
        let today = overview.days.last().cloned();
        let devices = overview.devices_passkey + overview.devices_registered;
        let has_no_service = overview.services == 0;
        let latest = match context.authorize(AuditRead) {
            Ok(proof) => Some(context.engine().latest_events(&proof).await?),
            Err(_) => None,
        };
        Ok(view! {
            <AppLayout title=m::NAV_OVERVIEW nav_item=NavItem::Dashboard>
                <div class="page-head"><div><h1>{m::NAV_OVERVIEW}</h1><p class="lead">{format::exact(now)}"."</p></div></div>
                <Notices/>
                <UnsealedNotice unsealed=overview.unsealed/>
                <dl class="figures">
                    {today.map(|today| view! { <Today today=today/> })}
                    <div><dt>{m::OVERVIEW_SESSIONS}</dt><dd>{overview.sessions}</dd><dd class="figure-note"><a href="/admin/devices">{m::count_active_devices(devices)}</a></dd></div>
                    <div><dt>{m::NAV_USERS}</dt><dd>{overview.users}</dd><dd class="figure-note"><a href="/admin/users">{m::USERS_ALL}</a></dd></div>
                    <div><dt>{m::NAV_SERVICES}</dt><dd>{overview.services}</dd><dd class="figure-note"><a href="/admin/services">{m::SERVICES_ALL}</a></dd></div>
                    <div><dt>{m::NAV_CLIENTS}</dt><dd>{overview.clients}</dd><dd class="figure-note"><a href="/admin/clients">{m::CLIENTS_ALL}</a></dd></div>
                </dl>
                {has_no_service.then(|| view! { <Permitted to=Permission::ServicesWrite><FirstSteps/></Permitted> })}
                <section class="section section-wide" aria-labelledby="signins">
                    <div class="section-head section-head-row"><h2 id="signins">{m::OVERVIEW_SIGN_INS}</h2><SignInLegend/></div>
                    <div class="section-body"><SignInChart days=overview.days/></div>
                </section>
                <div class="columns">
                    <section class="section section-wide" aria-labelledby="refusals">
                        <div class="section-head section-head-row"><h2 id="refusals">{m::OVERVIEW_REFUSALS}</h2><p>{m::count_days(14_u64)}</p></div>
                        <div class="section-body"><Refusals refusals=overview.refusals/></div>
                    </section>
                    <section class="section section-wide" aria-labelledby="assurance">
                        <div class="section-head section-head-row"><h2 id="assurance">{m::OVERVIEW_ASSURANCE}</h2><p>{m::count_devices(devices)}</p></div>
                        <div class="section-body"><Assurance passkey=overview.devices_passkey registered=overview.devices_registered/></div>
                    </section>
                </div>
                {latest.map(|events| view! { <Latest events=events/> })}
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Latest(events: Vec<EventView>) -> impl IntoView {
    let events = events
        .into_iter()
        .map(|event| view! { <EventLine event=event/> })
        .collect_view();
    view! {
        <section class="section section-wide" aria-labelledby="latest">
            <div class="section-head section-head-row">
                <h2 id="latest">{m::OVERVIEW_LATEST}</h2>
                <a class="crumb" href="/admin/audit">{m::OVERVIEW_AUDIT}<Icon name="chevron-right" class="icon-small"/></a>
            </div>
            <div class="section-body"><ol class="timeline">{events}</ol></div>
        </section>
    }
}

#[component]
fn Today(today: DayCount) -> impl IntoView {
    // More refused than successful sign-ins are unusual.
    let is_unusual = today.refused > today.signed_in;
    view! {
        <div><dt>{m::OVERVIEW_TODAY}</dt><dd>{today.signed_in}</dd><dd class="figure-note"><a href="/admin/audit?filter=session">{m::OVERVIEW_IN_LOG}</a></dd></div>
        <div class=is_unusual.then_some("figure-alert")>
            <dt>{m::OVERVIEW_REFUSED}</dt>
            <dd>{today.refused}</dd>
            <dd class="figure-note"><a href="/admin/audit?filter=session.refused">{if is_unusual { m::OVERVIEW_UNUSUAL } else { m::OVERVIEW_IN_LOG }}</a></dd>
        </div>
    }
}

#[component]
fn FirstSteps() -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="first">
            <div class="section-head"><h2 id="first">{m::OVERVIEW_NEXT}</h2></div>
            <div class="section-body">
                <Empty icon="grid" title=m::NO_SERVICES>
                    <p>{m::OVERVIEW_ADD_SERVICE}</p>
                    <pre tabindex="0" role="region" aria-label=m::COMMAND.text()><code>"latchkey service add photos --host photos.example.com"</code></pre>
                    <a class="button" href="/admin/services?add=1#add"><Icon name="plus"/>{m::SERVICES_ADD}</a>
                </Empty>
            </div>
        </section>
    }
}

#[component]
fn Refusals(refusals: Vec<ReasonCount>) -> impl IntoView {
    if refusals.is_empty() {
        return view! { <p class="quiet">{m::OVERVIEW_NO_REFUSALS}</p> }.into_any();
    }
    let most = refusals.first().map_or(0, |most| most.count);
    let bars = refusals.into_iter().map(|one| {
        let href = format!(
            "/admin/audit?filter=session.refused&q={}",
            percent_encode(&one.reason)
        );
        BarItem {
            label: label(&one.reason),
            href,
            count: one.count,
            is_secondary: false,
        }
    });
    view! { <BarList items=bars.collect() of=most/> }.into_any()
}

#[component]
fn Assurance(passkey: u64, registered: u64) -> impl IntoView {
    if passkey + registered == 0 {
        return view! { <p class="quiet">{m::OVERVIEW_NO_DEVICES}</p> }.into_any();
    }
    let bar = |label: Key, count, is_secondary| BarItem {
        label: label.text(),
        href: "/admin/devices".to_owned(),
        count,
        is_secondary,
    };
    let bars = vec![
        bar(m::PASSKEY, passkey, false),
        bar(m::CODE_ONLY, registered, true),
    ];
    let weak =
        (registered > 0).then(|| view! { <p class="small quiet">{m::OVERVIEW_CODE_ONLY}</p> });
    view! { <BarList items=bars of=passkey + registered/>{weak} }.into_any()
}

/// The reason in the log, as a label.
fn label(reason: &str) -> String {
    match reason {
        "" => m::OVERVIEW_NO_REASON.text(),
        reason => format::title(reason),
    }
}
