//! `/admin`: sign-ins, refusals, devices and the latest events.

use super::{event::EventLine, unsealed::UnsealedNotice};
use crate::{
    address::escape,
    components::{
        app_layout::{AppLayout, NavItem},
        chart::{BarItem, BarList, SignInChart, SignInLegend},
        empty::Empty,
        icon::Icon,
        notice::Notices,
    },
    format,
    pages::load,
    response,
};
use latchkey_engine::{DayCount, ReasonCount};
use leptos::prelude::*;

/// The dashboard.
#[component]
pub fn Dashboard() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let administrator = context.administrator()?;
        let overview = context.engine().dashboard(&administrator).await?;
        let now = context.engine().now();
        let today = overview.days.last().cloned();
        let devices = overview.devices_passkey + overview.devices_registered;
        let has_no_service = overview.services == 0;
        let latest = overview
            .latest
            .into_iter()
            .map(|event| view! { <EventLine event=event/> })
            .collect_view();
        Ok(view! {
            <AppLayout title="Overview" nav_item=NavItem::Dashboard>
                <div class="page-head"><div><h1>"Overview"</h1><p class="lead">{format::exact(now)}"."</p></div></div>
                <Notices/>
                <UnsealedNotice unsealed=overview.unsealed/>
                <dl class="figures">
                    {today.map(|today| view! { <Today today=today/> })}
                    <div><dt>"Active sessions"</dt><dd>{overview.sessions}</dd><dd class="figure-note"><a href="/admin/devices">{format::count(devices, "active device")}</a></dd></div>
                    <div><dt>"Users"</dt><dd>{overview.users}</dd><dd class="figure-note"><a href="/admin/users">"All users"</a></dd></div>
                    <div><dt>"Services"</dt><dd>{overview.services}</dd><dd class="figure-note"><a href="/admin/services">"All services"</a></dd></div>
                </dl>
                {has_no_service.then(|| view! { <FirstSteps/> })}
                <section class="section section-wide" aria-labelledby="signins">
                    <div class="section-head section-head-row"><h2 id="signins">"Sign-ins in the last 14 days"</h2><SignInLegend/></div>
                    <div class="section-body"><SignInChart days=overview.days/></div>
                </section>
                <div class="columns">
                    <section class="section section-wide" aria-labelledby="refusals">
                        <div class="section-head section-head-row"><h2 id="refusals">"Refusals by reason"</h2><p>"14 days"</p></div>
                        <div class="section-body"><Refusals refusals=overview.refusals/></div>
                    </section>
                    <section class="section section-wide" aria-labelledby="assurance">
                        <div class="section-head section-head-row"><h2 id="assurance">"Devices by assurance"</h2><p>{format::count(devices, "device")}</p></div>
                        <div class="section-body"><Assurance passkey=overview.devices_passkey registered=overview.devices_registered/></div>
                    </section>
                </div>
                <section class="section section-wide" aria-labelledby="latest">
                    <div class="section-head section-head-row">
                        <h2 id="latest">"Latest events"</h2>
                        <a class="crumb" href="/admin/audit">"Full audit log"<Icon name="chevron-right" class="icon-small"/></a>
                    </div>
                    <div class="section-body"><ol class="timeline">{latest}</ol></div>
                </section>
            </AppLayout>
        }
        .into_any())
    })
}

#[component]
fn Today(today: DayCount) -> impl IntoView {
    // More refused than successful sign-ins are unusual.
    let is_unusual = today.refused > today.signed_in;
    view! {
        <div><dt>"Sign-ins today"</dt><dd>{today.signed_in}</dd><dd class="figure-note"><a href="/admin/audit?filter=session">"In the audit log"</a></dd></div>
        <div class=is_unusual.then_some("figure-alert")>
            <dt>"Refused today"</dt>
            <dd>{today.refused}</dd>
            <dd class="figure-note"><a href="/admin/audit?filter=session.refused">{if is_unusual { "More than succeeded" } else { "In the audit log" }}</a></dd>
        </div>
    }
}

#[component]
fn FirstSteps() -> impl IntoView {
    view! {
        <section class="section" aria-labelledby="first">
            <div class="section-head"><h2 id="first">"Next step"</h2></div>
            <div class="section-body">
                <Empty icon="grid" title="No services yet">
                    <p>"Add the first service, paste the generated configuration into its reverse proxy, and grant access to users. Or use the command line:"</p>
                    <pre tabindex="0" role="region" aria-label="Command"><code>"latchkey service add photos --host photos.example.com"</code></pre>
                    <a class="button" href="/admin/services?add=1#add"><Icon name="plus"/>"Add a service"</a>
                </Empty>
            </div>
        </section>
    }
}

#[component]
fn Refusals(refusals: Vec<ReasonCount>) -> impl IntoView {
    if refusals.is_empty() {
        return view! { <p class="quiet">"No sign-ins were refused."</p> }.into_any();
    }
    let most = refusals.first().map_or(0, |most| most.count);
    let bars = refusals.into_iter().map(|one| {
        let href = format!(
            "/admin/audit?filter=session.refused&q={}",
            escape(&one.reason)
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
        return view! { <p class="quiet">"No devices are registered yet."</p> }.into_any();
    }
    let bar = |label: &str, count, is_secondary| BarItem {
        label: label.to_owned(),
        href: "/admin/devices".to_owned(),
        count,
        is_secondary,
    };
    let bars = vec![
        bar("Passkey", passkey, false),
        bar("Code only", registered, true),
    ];
    let weak = (registered > 0).then(|| view! { <p class="small quiet">"A code alone is a single factor. Ask the users of these devices to add a passkey."</p> });
    view! { <BarList items=bars of=passkey + registered/>{weak} }.into_any()
}

/// The reason in the log, as a label.
fn label(reason: &str) -> String {
    match reason {
        "" => "No reason given".to_owned(),
        reason => format::title(reason),
    }
}
