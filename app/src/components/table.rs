//! Lists that the server sorts, filters and pages: the toolbar above, the heads, the pager below.

use crate::{components::icon::Icon, list::ListUrl};
use latchkey_domain::pagination::{PAGE_SIZE, Page};
use leptos::prelude::*;

/// Search and filter, as a GET form: what is asked stands in the address.
#[component]
pub fn Toolbar(
    /// The list.
    list: ListUrl,
    /// What the filter is called; without one there is only the search.
    #[prop(optional)]
    filter_label: &'static str,
    /// The filter's values and their words; the first is in force when nothing was chosen.
    #[prop(optional)]
    filters: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let chosen = list.query().filter.clone();
    // A filter from a link that is not among the choices is in force all the same, and says so.
    let foreign =
        (!chosen.is_empty() && !filters.iter().any(|(value, _)| *value == chosen)).then(|| {
            let (value, label) = (chosen.clone(), chosen.clone());
            view! { <option value=value selected=true>{label}</option> }
        });
    let options = filters.iter().map(|(value, label)| view! { <option value=*value selected=*value == chosen>{*label}</option> }).collect_view();
    let filter = (!filters.is_empty()).then(|| {
        view! {
            <div class="field">
                <label for="filter">{filter_label}</label>
                <select class="select" id="filter" name="filter">{options}{foreign}</select>
            </div>
        }
    });
    let sort = list.sort();
    let sort = (!sort.is_empty()).then(|| view! { <input type="hidden" name="sort" value=sort/> });
    view! {
        <form class="toolbar" method="get" action=list.everything().to_owned() role="search">
            <div class="field field-search">
                <label for="q">"Search"</label>
                <input class="input" id="q" name="q" type="search" value=list.query().search.clone()/>
            </div>
            {filter}
            {sort}
            <button class="button"><Icon name="search"/>"Find"</button>
        </form>
    }
}

/// The head of a column that the list can be sorted by.
#[component]
pub fn SortHead(
    /// The list.
    list: ListUrl,
    /// The column, as the engine names it.
    column: &'static str,
    /// Its title.
    label: &'static str,
    /// Whether this is the list's own order.
    #[prop(optional)]
    is_default: bool,
    /// Whether its own order begins with the highest: times do.
    #[prop(optional)]
    newest_first: bool,
    /// Whether it holds numbers.
    #[prop(optional)]
    is_number: bool,
) -> impl IntoView {
    let query = list.query();
    let is_current = query.sort == column || (query.sort.is_empty() && is_default);
    // The list's own order is not written in the address.
    let is_descending = if query.sort.is_empty() {
        newest_first
    } else {
        query.descending
    };
    let next_is_descending = if is_current {
        !is_descending
    } else {
        newest_first
    };
    let (order, icon) = match (is_current, is_descending) {
        (false, _) => (None, "sort"),
        (true, false) => (Some("ascending"), "sort-asc"),
        (true, true) => (Some("descending"), "sort-desc"),
    };
    view! {
        <th scope="col" class=is_number.then_some("num") aria-sort=order>
            <a href=list.sorted(column, next_is_descending)>{label}<Icon name=icon/></a>
        </th>
    }
}

/// Where in a list the page is, and the ways back and on; nothing for a list of one page.
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
    let place = if first > total {
        format!("No results on this page; {total} in total")
    } else {
        format!("{first}–{last} of {total}")
    };
    // Back from beyond the end leads to the last page there is.
    let back = (page > 1).then(|| list.page(pages.min(page - 1)));
    let on = (page < pages).then(|| list.page(page + 1));
    Some(view! {
        <nav class="pager" aria-label="Pages">
            <span class="pager-where">{place}</span>
            <div class="button-row">
                {step(back, "prev", || view! { <Icon name="chevron-left"/>"Previous" }.into_any())}
                {step(on, "next", || view! { "Next"<Icon name="chevron-right"/> }.into_any())}
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
