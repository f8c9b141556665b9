//! The page of a list: heading, search and filter, the rows or what to do without any, the pager.

use crate::{
    components::{
        app_layout::{AppLayout, NavItem},
        empty::NothingFound,
        notice::Notices,
        pager::Pager,
        toolbar::{Filters, Toolbar},
    },
    list::ListUrl,
    messages::Key,
};
use leptos::prelude::*;

/// A page that shows one list. The children are its rows; they are not rendered when there are none.
#[component]
pub fn ListPage(
    /// The title of the page, and its heading.
    title: Key,
    /// Its entry in the navigation.
    nav_item: NavItem,
    /// Whether it is a page below that entry.
    #[prop(optional)]
    is_subpage: bool,
    /// What the list holds, such as `3 users.`
    lead: AnyView,
    /// The list.
    list: ListUrl,
    /// The page of it that is shown, from 1.
    page: u64,
    /// Rows on all pages together.
    total: u64,
    /// What can be done with the list as a whole, such as adding to it.
    #[prop(optional)]
    action: Option<AnyView>,
    /// A result of that, shown below the heading.
    #[prop(optional_no_strip)]
    notice: Option<AnyView>,
    /// Whether the list can be searched.
    #[prop(default = true)]
    is_searchable: bool,
    /// The filters it has.
    #[prop(optional)]
    filters: Option<Filters>,
    /// Further fields of the filter.
    #[prop(optional)]
    more_filters: Option<AnyView>,
    /// Whether the filter cannot be used: then there are no rows, and the fields say why.
    #[prop(optional)]
    is_rejected: bool,
    /// Whether rows are added while the page is open.
    #[prop(optional)]
    is_live: bool,
    /// What is shown in place of a list that has no rows at all.
    empty: AnyView,
    /// What is shown below the list, whether it has rows or not.
    #[prop(optional)]
    after: Option<AnyView>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let is_narrowed = list.is_narrowed();
    let body = match total {
        _ if is_rejected => ().into_any(),
        _ if is_live => children(),
        0 if is_narrowed => {
            let (search, everything) = (list.query().search.clone(), list.everything().to_owned());
            view! { <NothingFound search=search everything=everything/> }.into_any()
        }
        0 => empty,
        _ => children(),
    };
    let toolbar = ((is_searchable || filters.is_some()) && (total > 0 || is_narrowed)).then(|| {
        view! { <Toolbar list=list.clone() filters=filters has_search=is_searchable more=more_filters/> }
    });
    view! {
        <AppLayout title=title nav_item=nav_item is_subpage=is_subpage>
            <div class="page-head">
                <div>
                    <h1>{title}</h1>
                    <div class="stack"><p class="lead">{lead}</p>{action}</div>
                </div>
            </div>
            <Notices/>
            {notice}
            {toolbar}
            {body}
            <Pager list=list page=page total=total/>
            {after}
        </AppLayout>
    }
}
