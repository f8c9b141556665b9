//! What only some roles are shown.

use crate::response;
use latchkey_domain::access::permission::Permission;
use leptos::prelude::*;

/// Its children, if the role of the user permits this. The action itself asks again, for the proof.
#[component]
pub fn Permitted(
    /// The permission.
    to: Permission,
    /// What takes it.
    children: Children,
) -> impl IntoView {
    response::request_context().shows(to).then(children)
}
