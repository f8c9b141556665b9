//! Addresses of clients, with the country in which they are, where the installation has a file that says.

use crate::response;
use leptos::prelude::*;

/// An address. The browser writes the name of the country in place of its letters.
#[component]
pub fn Address(
    /// As it is stored.
    ip: String,
) -> impl IntoView {
    let country = response::request_context().engine().country_of(&ip);
    let country = country.map(|country| {
        view! { ", "<span data-region=country.to_string()>{country.to_string()}</span> }
    });
    view! { <span><span class="mono">{ip}</span>{country}</span> }
}
