//! Empty states, with the next step.

use crate::components::icon::Icon;
use crate::messages::m;
use leptos::prelude::*;

/// A list without rows; the children explain the next step.
#[component]
pub fn Empty(
    /// The icon.
    icon: &'static str,
    /// What is missing.
    #[prop(into)]
    title: String,
    /// Whether it fills the page instead of a section.
    #[prop(optional)]
    is_whole_page: bool,
    /// What to do: a paragraph, a command in `<pre>`, a button.
    children: Children,
) -> impl IntoView {
    let title = if is_whole_page {
        view! { <h2>{title}</h2> }.into_any()
    } else {
        view! { <h3>{title}</h3> }.into_any()
    };
    view! {
        <div class="empty">
            <Icon name=icon/>
            {title}
            {children()}
        </div>
    }
}

/// A list in which a search or a filter found nothing.
#[component]
pub fn NothingFound(
    /// The search text.
    #[prop(into)]
    search: String,
    /// The address of the whole list.
    #[prop(into)]
    everything: String,
) -> impl IntoView {
    let title = if search.is_empty() {
        m::NOTHING_MATCHES.text()
    } else {
        m::nothing_matches_search(search).text()
    };
    view! {
        <div class="empty">
            <Icon name="search"/>
            <h2>{title}</h2>
            <p>{m::NOTHING_MATCHES_LEAD}</p>
            <a class="button" href=everything>{m::SHOW_ALL}</a>
        </div>
    }
}
