//! What is stored about a user: a copy of it, and its erasure.

use crate::{
    components::{form_state::FormState, icon::Icon, permitted::Permitted, text_fields::Field},
    messages::m,
    response,
};
use latchkey_domain::{access::permission::Permission, identity::user::UserView};
use leptos::prelude::*;

/// The section, for who may do either.
#[component]
pub(super) fn UserData(
    /// The user.
    user: UserView,
) -> impl IntoView {
    let context = response::request_context();
    let may = |permission| context.shows(permission);
    if !may(Permission::UsersExport) && !may(Permission::UsersWrite) {
        return ().into_any();
    }
    let form = FormState::of("/actions/user/erase");
    let is_open = form.has_failed();
    let (id, email) = (user.id.to_string(), user.email.to_string());
    view! {
        <section class="section" aria-labelledby="data">
            <div class="section-head"><h2 id="data">{m::USER_DATA}</h2><p>{m::USER_DATA_LEAD}</p></div>
            <div class="section-body">
                <Permitted to=Permission::UsersExport>
                    <form method="post" action=format!("/admin/users/{id}/export")><button class="button">{m::USER_DATA_DOWNLOAD}</button></form>
                </Permitted>
                <Permitted to=Permission::UsersWrite><details class="disclosure disclosure-button" open=is_open>
                    <summary><Icon name="trash" class="icon-small"/>{m::USER_ERASE}</summary>
                    <div class="disclosure-body">
                        <form class="form" method="post" action="/actions/user/erase">
                            <p>{m::USER_ERASE_LEAD}</p>
                            <input type="hidden" name="id" value=user.id.to_string()/>
                            <Field form=form name="confirmation" label=m::user_erase_confirmation(email.as_str()).text() class="input-mono"/>
                            <div class="button-row"><button class="button button-danger button-solid">{m::USER_ERASE_SUBMIT}</button></div>
                        </form>
                    </div>
                </details></Permitted>
            </div>
        </section>
    }
    .into_any()
}
