//! The search and the filters above a list.

use crate::messages::{Key, m};
use crate::{components::icon::Icon, list::ListUrl};
use leptos::prelude::*;

/// The filters of a list.
#[derive(Debug, Clone)]
pub struct Filters {
    /// What they are about, such as `Status`.
    pub label: Key,
    /// Their values and labels; the first applies when none was chosen.
    pub options: Vec<(&'static str, String)>,
}

impl Filters {
    /// Filters with these values and labels.
    #[must_use]
    pub fn new(label: Key, options: &[(&'static str, Key)]) -> Self {
        let options = options
            .iter()
            .map(|(value, label)| (*value, label.text()))
            .collect();
        Self { label, options }
    }
}

/// Search and filter, as a GET form: the address carries both.
#[component]
pub fn Toolbar(
    /// The list.
    list: ListUrl,
    /// Its filters; without any there is only the search.
    #[prop(optional_no_strip)]
    filters: Option<Filters>,
    /// Whether there is a search.
    #[prop(default = true)]
    has_search: bool,
    /// Further fields.
    #[prop(optional_no_strip)]
    more: Option<AnyView>,
) -> impl IntoView {
    let filter = filters.map(|filters| filter(filters, &list.query().filter));
    let sort = list.sort();
    let sort = (!sort.is_empty()).then(|| view! { <input type="hidden" name="sort" value=sort/> });
    let search = has_search.then(|| view! {
        <div class="field field-search">
            <label for="q">{m::SEARCH}</label>
            <input class="input" id="q" name="q" type="search" value=list.query().search.clone()/>
        </div>
    });
    view! {
        <form class="toolbar" method="get" action=list.everything().to_owned() role="search">
            {search}
            {filter}
            {sort}
            {more}
            <button class="button"><Icon name="search"/>{m::FIND}</button>
        </form>
    }
}

fn filter(filters: Filters, chosen: &str) -> impl IntoView + use<> {
    // A filter from a link that is not among the options still applies, and is shown.
    let foreign = (!chosen.is_empty()
        && !filters.options.iter().any(|(value, _)| *value == chosen))
    .then(|| view! { <option value=chosen.to_owned() selected=true>{chosen.to_owned()}</option> });
    let options = filters.options.into_iter().map(|(value, label)| view! { <option value=value selected=value == chosen>{label}</option> }).collect_view();
    view! {
        <div class="field">
            <label for="filter">{filters.label}</label>
            <select class="select" id="filter" name="filter">{options}{foreign}</select>
        </div>
    }
}
