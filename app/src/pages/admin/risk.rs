//! `/admin/risk`: how unusual the sign-ins of the last days were, of whom and from where, and which devices wait.

pub mod networks;
pub mod outliers;
pub mod places;
pub mod replay;
pub mod waiting;

use self::{
    outliers::{Networks, Users},
    places::Places,
    waiting::Waiting,
};
use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        bar_list::{BarItem, BarList},
        icon::Icon,
        level_chart::{LevelChart, LevelLegend},
        notice::Notices,
        risk,
        time::RelativeTime,
    },
    messages::{m, with_element},
    pages::load,
    response,
};
use latchkey_domain::{
    access::permission::{DevicesRead, RiskRead},
    pagination::ListQuery,
    risk::{Factor, Level, Mode},
};
use latchkey_engine::{MOST_UNUSUAL, RiskOverview};
use leptos::prelude::*;

/// The dashboard of risk.
#[component]
pub fn RiskDashboard() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let proof = context.authorize(RiskRead)?;
        let overview = context.engine().risk_overview(&proof).await?;
        let waiting = match context.authorize(DevicesRead) {
            Ok(proof) => {
                let query = ListQuery {
                    filter: waiting::FILTER.to_owned(),
                    ..ListQuery::default()
                };
                Some(context.engine().list_devices(&proof, &query).await?)
            }
            Err(_) => None,
        };
        let RiskOverview {
            days,
            factors,
            users,
            networks,
            places,
            ..
        } = overview.clone();
        Ok(view! {
            <AppLayout title=m::NAV_RISK nav_item=NavItem::Risk>
                <div class="page-head">
                    <div>
                        <h1>{m::NAV_RISK}</h1>
                        <div class="stack">
                            <p class="lead">{state(&overview)}</p>
                            <div class="button-row">
                                <a class="button" href=replay::PATH><Icon name="refresh"/>{m::REPLAY_TITLE}</a>
                                <a class="button" href=networks::PATH><Icon name="ban"/>{m::NETWORKS_TITLE}</a>
                            </div>
                        </div>
                    </div>
                </div>
                <Notices/>
                <Figures overview=overview.clone() waiting=waiting.as_ref().map(|devices| devices.total)/>
                {waiting.map(|devices| view! { <Waiting devices=devices/> })}
                <section class="section section-wide" aria-labelledby="scores">
                    <div class="section-head section-head-row"><h2 id="scores">{m::RISK_SCORES}</h2><LevelLegend/></div>
                    <div class="section-body"><LevelChart days=days/></div>
                </section>
                {overview.is_bounded.then(|| view! { <p class="quiet">{m::risk_bounded(MOST_UNUSUAL)}</p> })}
                <div class="columns">
                    <section class="section section-wide" aria-labelledby="reasons">
                        <div class="section-head section-head-row"><h2 id="reasons">{m::RISK_REASONS}</h2><p>{m::count_days(14_u64)}</p></div>
                        <div class="section-body"><Reasons factors=factors/></div>
                    </section>
                    <section class="section section-wide" aria-labelledby="users">
                        <div class="section-head section-head-row"><h2 id="users">{m::RISK_USERS}</h2><p>{m::count_days(14_u64)}</p></div>
                        <div class="section-body"><Users users=users/></div>
                    </section>
                </div>
                <section class="section section-wide" aria-labelledby="networks">
                    <div class="section-head section-head-row"><h2 id="networks">{m::RISK_NETWORKS}</h2><p>{m::count_days(14_u64)}</p></div>
                    <div class="section-body"><Networks networks=networks/></div>
                </section>
                <section class="section section-wide" aria-labelledby="places">
                    <div class="section-head section-head-row"><h2 id="places">{m::RISK_PLACES}</h2><p>{m::count_days(14_u64)}</p></div>
                    <div class="section-body"><Places places=places has_file=overview.has_locations/></div>
                </section>
            </AppLayout>
        }
        .into_any())
    })
}

/// What scores do.
fn state(overview: &RiskOverview) -> AnyView {
    match (overview.mode, overview.enforced_from) {
        (Mode::Off, _) => m::RISK_STATE_OFF.text().into_any(),
        (Mode::Enforce, _) => m::RISK_STATE_ENFORCE.text().into_any(),
        (Mode::Shadow, None) => m::RISK_STATE_SHADOW.text().into_any(),
        (Mode::Shadow, Some(from)) => with_element(
            m::risk_state_shadow_until,
            view! { <RelativeTime at=from/> },
        ),
    }
}

#[component]
fn Figures(overview: RiskOverview, waiting: Option<u64>) -> impl IntoView {
    let sum = |level| {
        overview
            .days
            .iter()
            .map(|day| day.levels.of(level))
            .sum::<u64>()
    };
    let held = sum(Level::Held);
    let waiting = waiting.map(|count| {
        view! {
            <div class=(count > 0).then_some("figure-alert")>
                <dt>{m::RISK_WAITING}</dt>
                <dd>{count}</dd>
                <dd class="figure-note"><a href=waiting::LIST>{m::RISK_WAITING_ALL}</a></dd>
            </div>
        }
    });
    view! {
        <dl class="figures">
            {waiting}
            <div><dt>{m::RISK_BAR_HELD}</dt><dd>{held}</dd><dd class="figure-note">{m::count_days(14_u64)}</dd></div>
            <div><dt>{m::RISK_BAR_HIGH}</dt><dd>{sum(Level::High)}</dd><dd class="figure-note">{m::count_days(14_u64)}</dd></div>
            <div><dt>{m::RISK_BAR_MEDIUM}</dt><dd>{sum(Level::Medium)}</dd><dd class="figure-note">{m::count_days(14_u64)}</dd></div>
        </dl>
    }
}

#[component]
fn Reasons(factors: Vec<(Factor, u64)>) -> impl IntoView {
    if factors.is_empty() {
        return view! { <p class="quiet">{m::RISK_NOTHING_UNUSUAL}</p> }.into_any();
    }
    let most = factors.first().map_or(0, |(_, count)| *count);
    let bars = factors.into_iter().map(|(factor, count)| BarItem {
        label: risk::factor(factor).text(),
        href: format!("/admin/audit?q={}%3A", factor.as_str()),
        count,
        is_secondary: false,
    });
    view! { <BarList items=bars.collect() of=most/> }.into_any()
}
