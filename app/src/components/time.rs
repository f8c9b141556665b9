//! Times: relative, with the exact time on hover.

use crate::{format, response};
use leptos::prelude::*;
use time::OffsetDateTime;

/// `18 minutes ago`, with `Friday 21 November 2025, 09:14:02 UTC` as its title.
#[component]
pub fn RelativeTime(
    /// When.
    at: OffsetDateTime,
) -> impl IntoView {
    let now = response::request_context().engine().now();
    view! { <time datetime=format::rfc3339(at) title=format::exact(at).text()>{format::relative(at, now)}</time> }
}

/// `3 March 2025`, with the exact time as its title.
#[component]
pub fn Day(
    /// When.
    at: OffsetDateTime,
) -> impl IntoView {
    view! { <time datetime=format::rfc3339(at) title=format::exact(at).text()>{format::date(at.date())}</time> }
}
