//! Icons from the sprite at the top of the page.

use leptos::prelude::*;

/// An icon beside a label; hidden from assistive technology.
#[component]
pub fn Icon(
    /// Its name in `style/icons.svg`, without the `i-`.
    name: &'static str,
    /// `icon-small`, `icon-large`, `icon-turn`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let class = if class.is_empty() {
        "icon".to_owned()
    } else {
        format!("icon {class}")
    };
    view! { <svg class=class aria-hidden="true"><use href=format!("#i-{name}")></use></svg> }
}
