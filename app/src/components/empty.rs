//! Nothing here yet: what would be, and the next step itself.

use crate::components::icon::Icon;
use leptos::prelude::*;

/// A list without rows; the children teach the next step.
#[component]
pub fn Empty(
    /// The picture.
    icon: &'static str,
    /// What is not there.
    #[prop(into)]
    title: String,
    /// Whether it is all that is on the page, and not in a section of it.
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
    /// What was looked for.
    #[prop(into)]
    search: String,
    /// Where the whole list is.
    #[prop(into)]
    everything: String,
) -> impl IntoView {
    let title = if search.is_empty() {
        "Nothing matches".to_owned()
    } else {
        format!("Nothing matches “{search}”")
    };
    view! {
        <div class="empty">
            <Icon name="search"/>
            <h2>{title}</h2>
            <p>"Try part of the name, or clear the filter."</p>
            <a class="button" href=everything>"Show all"</a>
        </div>
    }
}
