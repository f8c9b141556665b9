//! The search and the filters above a list.

use crate::{components::icon::Icon, list::ListUrl};
use leptos::prelude::*;

/// The filters of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filters {
    /// What they are about, such as `Status`.
    pub label: &'static str,
    /// Their values and labels; the first applies when none was chosen.
    pub options: &'static [(&'static str, &'static str)],
}

/// Search and filter, as a GET form: the address carries both.
#[component]
pub fn Toolbar(
    /// The list.
    list: ListUrl,
    /// Its filters; without any there is only the search.
    #[prop(optional)]
    filters: Filters,
) -> impl IntoView {
    let chosen = list.query().filter.clone();
    // A filter from a link that is not among the options still applies, and is shown.
    let foreign = (!chosen.is_empty()
        && !filters.options.iter().any(|(value, _)| *value == chosen))
    .then(|| {
        let (value, label) = (chosen.clone(), chosen.clone());
        view! { <option value=value selected=true>{label}</option> }
    });
    let options = filters.options.iter().map(|(value, label)| view! { <option value=*value selected=*value == chosen>{*label}</option> }).collect_view();
    let filter = (!filters.options.is_empty()).then(|| {
        view! {
            <div class="field">
                <label for="filter">{filters.label}</label>
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
