//! Links to the other pages of a list.

use crate::messages::m;
use crate::{components::icon::Icon, list::ListUrl};
use latchkey_domain::pagination::{PAGE_SIZE, Page};
use leptos::prelude::*;

/// The position in a list, and links to the previous and next page; nothing for a list of one page.
#[component]
pub fn Pager(
    /// The list.
    list: ListUrl,
    /// This page, from 1.
    page: u64,
    /// Rows on all pages together.
    total: u64,
) -> impl IntoView {
    let pages = Page::<()> {
        items: Vec::new(),
        total,
        page,
    }
    .pages();
    if pages == 1 && page == 1 {
        return None;
    }
    let first = (page - 1).saturating_mul(PAGE_SIZE) + 1;
    let last = total.min(page.saturating_mul(PAGE_SIZE));
    let position = if first > total {
        m::pager_beyond(total)
    } else {
        m::pager_position(first, last, total)
    };
    // From beyond the end, the link leads to the last page.
    let back = (page > 1).then(|| list.page(pages.min(page - 1)));
    let on = (page < pages).then(|| list.page(page + 1));
    Some(view! {
        <nav class="pager" aria-label=m::PAGES.text()>
            <span class="pager-where">{position}</span>
            <div class="button-row">
                {step(back, "prev", || view! { <Icon name="chevron-left"/>{m::PREVIOUS} }.into_any())}
                {step(on, "next", || view! { {m::NEXT}<Icon name="chevron-right"/> }.into_any())}
            </div>
        </nav>
    })
}

fn step(href: Option<String>, rel: &'static str, label: fn() -> AnyView) -> AnyView {
    match href {
        Some(href) => view! { <a class="button" href=href rel=rel>{label()}</a> }.into_any(),
        None => view! { <a class="button" aria-disabled="true">{label()}</a> }.into_any(),
    }
}
