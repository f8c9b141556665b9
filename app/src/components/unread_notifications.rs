//! The newest notifications that a user has not read, above their pages.

use crate::{
    components::{icon::Icon, time::RelativeTime},
    messages::m,
    notification,
};
use latchkey_domain::notification::NotificationView;
use leptos::prelude::*;

/// The newest notifications that were not read, in one notice; nothing if there are none.
#[component]
pub fn UnreadNotifications(
    /// The notifications.
    notifications: Vec<NotificationView>,
) -> impl IntoView {
    (!notifications.is_empty()).then(|| {
        let items = notifications.into_iter().map(|one| {
            let sentence = notification::sentence(one.kind, &one.subject);
            view! { <li>{sentence}" "<span class="quiet"><RelativeTime at=one.at/></span></li> }
        });
        view! {
            <section class="notice notice-info" aria-labelledby="unread">
                <Icon name="bell"/>
                <div>
                    <h2 id="unread">{m::NOTIFICATIONS_NEW}</h2>
                    <ul>{items.collect_view()}</ul>
                    <div class="button-row">
                        <a class="button" href="/notifications">{m::NOTIFICATIONS_SHOW}</a>
                        <form method="post" action="/actions/notification/read">
                            <button class="button button-quiet">{m::NOTIFICATIONS_READ_ALL}</button>
                        </form>
                    </div>
                </div>
            </section>
        }
    })
}
