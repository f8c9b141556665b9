//! The chart of scores per day, by level.

use super::chart_scale::{BASE, Scale, label_class, percent, pixels, place};
use crate::{
    components::icon::Icon,
    format,
    messages::{Key, m},
};
use latchkey_domain::risk::{Level, LevelCounts};
use latchkey_engine::RiskDay;
use leptos::prelude::*;

/// The levels from below, their names and the classes of their bars.
const LEVELS: [(Level, Key, &str); 4] = [
    (Level::Low, m::RISK_BAR_LOW, "chart-level-low"),
    (Level::Medium, m::RISK_BAR_MEDIUM, "chart-level-medium"),
    (Level::High, m::RISK_BAR_HIGH, "chart-level-high"),
    (Level::Held, m::RISK_BAR_HELD, "chart-level-held"),
];

/// The least height of what is there: a few held sign-ins among thousands must not vanish.
const LEAST: f64 = 3.0;

/// Sign-ins and returns of each level as columns, today last, and the same as a table.
#[component]
pub fn LevelChart(
    /// The days, oldest first.
    days: Vec<RiskDay>,
) -> impl IntoView {
    let highest = days.iter().map(|day| day.levels.total()).max();
    let scale = Scale::up_to(highest.unwrap_or_default());
    let lines = scale.lines().map(|(value, y)| {
        view! {
            <line class="chart-grid" x1="0" x2="100%" y1=pixels(y) y2=pixels(y)></line>
            <text x="-8" y=pixels(y + 4.0) text-anchor="end">{value}</text>
        }
    });
    let lines = lines.collect_view();
    let columns = days
        .iter()
        .enumerate()
        .map(|(index, day)| column(day, index, days.len(), &scale))
        .collect_view();
    view! {
        <figure class="chart">
            <svg class="chart-plot" width="100%" height="200" role="img" aria-label=summary(&days)>
                {lines}
                {columns}
                <line class="chart-base" x1="0" x2="100%" y1=pixels(BASE) y2=pixels(BASE)></line>
            </svg>
            <figcaption class="visually-hidden">{m::RISK_CHART_CAPTION}</figcaption>
        </figure>
        <LevelTable days=days/>
    }
}

/// The legend of the chart.
#[component]
pub fn LevelLegend() -> impl IntoView {
    let entries = LEVELS.map(|(_, label, class)| {
        view! { <li><svg aria-hidden="true"><rect class=class width="12" height="12"></rect></svg>{label}</li> }
    });
    view! { <ul class="legend">{entries.collect_view()}</ul> }
}

#[component]
fn LevelTable(days: Vec<RiskDay>) -> impl IntoView {
    let heads = LEVELS.map(|(_, label, _)| view! { <th scope="col" class="num">{label}</th> });
    let rows = days.into_iter().map(|day| {
        let cells = LEVELS.map(|(level, label, _)| {
            view! { <td class="num" data-label=label.text()>{day.levels.of(level)}</td> }
        });
        view! { <tr><th scope="row">{format::day_and_month(day.date)}</th>{cells.collect_view()}</tr> }
    });
    view! {
        <details class="disclosure">
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::CHART_TABLE}</summary>
            <div class="disclosure-body">
                <table class="table">
                    <thead><tr><th scope="col">{m::CHART_DAY}</th>{heads.collect_view()}</tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

fn column(day: &RiskDay, index: usize, of: usize, scale: &Scale) -> impl IntoView + use<> {
    let (left, width) = place(index, of);
    let mut top = BASE;
    let bars = LEVELS.map(|(level, _, class)| {
        let count = day.levels.of(level);
        if count == 0 {
            return None;
        }
        let height = scale.height(count).max(LEAST);
        top -= height;
        Some(view! { <rect class=class x=percent(left) width=percent(width) y=pixels(top) height=pixels(height)></rect> })
    });
    let LevelCounts {
        low,
        medium,
        high,
        held,
    } = day.levels;
    let title = m::risk_chart_day(format::day_and_month(day.date), held, high, low, medium);
    view! {
        <g>
            <title>{title}</title>
            {bars.collect_view()}
            <text x=percent(left + width / 2.0) y="190" text-anchor="middle" class=label_class(index, of)>{day.date.day()}</text>
        </g>
    }
}

fn summary(days: &[RiskDay]) -> String {
    let sum = |level| days.iter().map(|day| day.levels.of(level)).sum::<u64>();
    m::risk_chart_summary(
        sum(Level::Held),
        sum(Level::High),
        sum(Level::Low),
        sum(Level::Medium),
    )
    .text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Date, Month};

    #[test]
    fn a_chart_of_levels_has_a_text_alternative() {
        let day = |day, low, held| RiskDay {
            date: Date::from_calendar_date(2026, Month::November, day).unwrap(),
            levels: LevelCounts {
                low,
                held,
                ..LevelCounts::default()
            },
        };
        assert_eq!(
            summary(&[day(19, 18, 0), day(20, 20, 2)]),
            "In 14 days: 38 of low risk, 0 medium, 0 high, 2 held."
        );
    }
}
