//! A list of quantities with a bar for each, drawn by the server with attributes alone.

use leptos::prelude::*;

/// One line of a [`BarList`].
#[derive(Debug, Clone)]
pub struct BarItem {
    /// What is counted.
    pub label: String,
    /// The page with the details.
    pub href: String,
    /// How many.
    pub count: u64,
    /// Whether it is drawn less prominently.
    pub is_secondary: bool,
}

/// A list of quantities: label, number, bar.
#[component]
pub fn BarList(
    /// The lines.
    items: Vec<BarItem>,
    /// The value of a full bar.
    of: u64,
) -> impl IntoView {
    let bars = items.into_iter().map(|bar| {
        let share = format!("{:.2}%", 100.0 * bar.count as f64 / of.max(1) as f64);
        let class = if bar.is_secondary {
            "bar-fill-quiet"
        } else {
            "bar-fill"
        };
        view! {
            <li>
                <a href=bar.href>{bar.label}</a>
                <span class="bar-value">{bar.count}</span>
                <svg aria-hidden="true">
                    <rect class="bar-track" width="100%" height="6" rx="3"></rect>
                    <rect class=class width=share height="6" rx="3"></rect>
                </svg>
            </li>
        }
    });
    view! { <ul class="bar-list">{bars.collect_view()}</ul> }
}
