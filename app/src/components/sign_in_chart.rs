//! The chart of sign-ins per day.

use super::chart_scale::{BASE, Scale, label_class, percent, pixels, place};
use crate::{components::icon::Icon, format, messages::m};
use latchkey_engine::DayCount;
use leptos::prelude::*;

/// Between the two bars of a day.
const GAP: f64 = 2.0;
/// Sign-ins and refusals as columns, today last, and the same as a table.
#[component]
pub fn SignInChart(
    /// The days, oldest first.
    days: Vec<DayCount>,
) -> impl IntoView {
    let highest = days
        .iter()
        .map(|day| day.signed_in + day.refused)
        .max()
        .unwrap_or_default();
    let scale = Scale::up_to(highest);
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
    let caption = match (days.first(), days.last()) {
        (Some(first), Some(last)) => m::chart_caption_days(
            format::day_and_month(first.date),
            format::day_and_month(last.date),
        ),
        _ => m::CHART_CAPTION.into(),
    };
    view! {
        <figure class="chart">
            <svg class="chart-plot" width="100%" height="200" role="img" aria-label=summary(&days)>
                {lines}
                {columns}
                <line class="chart-base" x1="0" x2="100%" y1=pixels(BASE) y2=pixels(BASE)></line>
            </svg>
            <figcaption class="visually-hidden">{caption}</figcaption>
        </figure>
        <SignInTable days=days/>
    }
}

/// The legend of the chart.
#[component]
pub fn SignInLegend() -> impl IntoView {
    view! {
        <ul class="legend">
            <li><svg aria-hidden="true"><rect class="chart-bar" width="12" height="12"></rect></svg>{m::SIGNED_IN}</li>
            <li><svg aria-hidden="true"><rect class="chart-bar-refused" width="12" height="12"></rect></svg>{m::REFUSED}</li>
        </ul>
    }
}

#[component]
fn SignInTable(days: Vec<DayCount>) -> impl IntoView {
    let rows = days.into_iter().map(|day| {
        view! {
            <tr>
                <th scope="row">{format::day_and_month(day.date)}</th>
                <td class="num" data-label=m::SIGNED_IN.text()>{day.signed_in}</td>
                <td class="num" data-label=m::REFUSED.text()>{day.refused}</td>
            </tr>
        }
    });
    view! {
        <details class="disclosure">
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{m::CHART_TABLE}</summary>
            <div class="disclosure-body">
                <table class="table">
                    <thead><tr><th scope="col">{m::CHART_DAY}</th><th scope="col" class="num">{m::SIGNED_IN}</th><th scope="col" class="num">{m::REFUSED}</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

fn column(day: &DayCount, index: usize, of: usize, scale: &Scale) -> impl IntoView + use<> {
    let (left, width) = place(index, of);
    let let_in = scale.height(day.signed_in);
    let refused = scale.height(day.refused);
    let let_in_top = BASE - let_in;
    // The gap is taken from the upper bar, so that a full column ends at its line of the scale.
    let gap = if let_in > 0.0 && refused > GAP {
        GAP
    } else {
        0.0
    };
    let class = label_class(index, of);
    let bar = |class: &'static str, y: f64, height: f64| {
        (height > 0.0).then(|| view! { <rect class=class x=percent(left) width=percent(width) y=pixels(y) height=pixels(height)></rect> })
    };
    view! {
        <g>
            <title>{m::chart_of_day(format::day_and_month(day.date), day.refused, day.signed_in)}</title>
            {bar("chart-bar", let_in_top, let_in)}
            {bar("chart-bar-refused", let_in_top - refused, refused - gap)}
            <text x=percent(left + width / 2.0) y="190" text-anchor="middle" class=class>{day.date.day()}</text>
        </g>
    }
}

fn summary(days: &[DayCount]) -> String {
    let let_in = || days.iter().map(|day| day.signed_in);
    let (low, high) = (
        let_in().min().unwrap_or_default(),
        let_in().max().unwrap_or_default(),
    );
    let Some((today, before)) = days.split_last() else {
        return m::CHART_EMPTY.text();
    };
    let most = before
        .iter()
        .map(|day| day.refused)
        .max()
        .unwrap_or_default();
    m::chart_summary(high, low, most, today.refused).text()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Date, Month};

    #[test]
    fn a_chart_has_a_text_alternative() {
        let day = |day, signed_in, refused| DayCount {
            date: Date::from_calendar_date(2025, Month::November, day).unwrap(),
            signed_in,
            refused,
        };
        let summary_text =
            "Between 18 and 48 sign-ins per day; 31 refusals today, at most 6 on any previous day.";
        assert_eq!(
            summary(&[day(19, 18, 6), day(20, 20, 1), day(21, 48, 31)]),
            summary_text
        );
    }
}
