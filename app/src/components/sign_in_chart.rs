//! The chart of sign-ins per day. The server draws it with attributes alone: percentages horizontally, pixels vertically, so
//! that text keeps its size at every width and nothing needs a style attribute.

use crate::{components::icon::Icon, format, messages::m};
use latchkey_engine::DayCount;
use leptos::prelude::*;

/// Where the scale's highest line is, from the top of the drawing.
const TOP: f64 = 12.0;
/// Where zero is.
const BASE: f64 = 168.0;
/// Between the two bars of a day.
const GAP: f64 = 2.0;
/// The most lines of the scale, so that their numbers do not touch.
const MAX_LINES: u64 = 4;

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
    let pitch = 100.0 / of as f64;
    let (left, width) = (pitch * (index as f64 + 0.2), pitch * 0.6);
    let let_in = scale.height(day.signed_in);
    let refused = scale.height(day.refused);
    let let_in_top = BASE - let_in;
    // The gap is taken from the upper bar, so that a full column ends at its line of the scale.
    let gap = if let_in > 0.0 && refused > GAP {
        GAP
    } else {
        0.0
    };
    let from_the_end = of - 1 - index;
    let class = match from_the_end {
        0 => Some("chart-label-today"),
        distance if distance % 3 == 0 => None,
        _ => Some("chart-label-minor"),
    };
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

/// Which number is how high.
struct Scale {
    step: u64,
    top: u64,
}

impl Scale {
    /// Round steps of 1, 2 or 5 that reach the highest number in few lines.
    fn up_to(highest: u64) -> Self {
        let highest = highest.max(1);
        let mut step = 1;
        for factor in [2, 5, 10].into_iter().cycle() {
            if highest.div_ceil(step) <= MAX_LINES {
                break;
            }
            step = match factor {
                5 => step / 2 * 5,
                _ => step * 2,
            };
        }
        Self {
            step,
            top: highest.div_ceil(step) * step,
        }
    }

    fn height(&self, value: u64) -> f64 {
        (BASE - TOP) * value as f64 / self.top as f64
    }

    fn lines(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        (1..=self.top / self.step)
            .map(|line| (line * self.step, BASE - self.height(line * self.step)))
    }
}

fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Date, Month};

    #[test]
    fn a_scale_is_round_and_reaches_the_highest_number() {
        for (highest, step, top) in [
            (0, 1, 1),
            (3, 1, 3),
            (4, 1, 4),
            (5, 2, 6),
            (9, 5, 10),
            (20, 5, 20),
            (21, 10, 30),
            (79, 20, 80),
            (80, 20, 80),
            (81, 50, 100),
            (1234, 500, 1500),
        ] {
            let scale = Scale::up_to(highest);
            assert_eq!((scale.step, scale.top), (step, top), "{highest}");
            assert!(
                scale.lines().all(|(_, y)| (TOP..BASE).contains(&y)),
                "{highest}"
            );
        }
    }

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
