//! `/notifications`: what the user should look at, until they have read it.

use super::load;
use crate::{
    components::{
        address::Address, app_layout::NavItem, empty::Empty, icon::Icon, list_page::ListPage,
        recovery::CancelRecovery, time::RelativeTime,
    },
    list::ListUrl,
    messages::m,
    notification, response,
};
use latchkey_domain::{
    id::DeviceId,
    notification::{NotificationKind, NotificationView},
};
use leptos::prelude::*;

/// The notifications page.
#[component]
pub fn Notifications() -> impl IntoView {
    load(async {
        let context = response::request_context();
        let current_user = context.current_user()?;
        let list = ListUrl::read("/notifications");
        let found = (context.engine())
            .my_notifications(current_user, list.query())
            .await?;
        let unread = context.facts().unread;
        let devices = context.engine().my_devices(current_user).await?;
        let is_other = |id: DeviceId| id != current_user.device_id;
        let may_cancel = current_user.may_cancel_recovery().is_ok()
            && (devices.iter()).any(|device| device.is_recovering() && is_other(device.id));
        let (page, total) = (found.page, found.total);
        let read_all = (unread > 0).then(|| {
            view! {
                <form method="post" action="/actions/notification/read">
                    <button class="button"><Icon name="check"/>{m::NOTIFICATIONS_READ_ALL}</button>
                </form>
            }
            .into_any()
        });
        let rows = found
            .items
            .into_iter()
            .map(|one| view! { <Row notification=one may_cancel=may_cancel/> });
        let rows = rows.collect_view();
        Ok(view! {
            <ListPage
                title=m::NAV_NOTIFICATIONS
                nav_item=NavItem::Notifications
                lead=m::notifications_lead(unread).text().into_any()
                list=list
                page=page
                total=total
                action=read_all.unwrap_or_else(|| ().into_any())
                is_searchable=false
                empty=view! { <Empty icon="bell" title=m::NOTIFICATIONS_NONE is_whole_page=true><p>{m::NOTIFICATIONS_NONE_LEAD}</p></Empty> }.into_any()
            >
                <ul class="rows">{rows}</ul>
            </ListPage>
        }
        .into_any())
    })
}

#[component]
fn Row(
    notification: NotificationView,
    /// Whether a recovery is under way that can be cancelled here.
    may_cancel: bool,
) -> impl IntoView {
    let NotificationView {
        id, kind, subject, ..
    } = notification;
    let sentence = notification::sentence(kind, &subject);
    let (href, label) = notification::page(kind);
    let cancel = (may_cancel && kind == NotificationKind::RecoveryStarted)
        .then(|| view! { <CancelRecovery/> });
    let ip = (notification.ip).map(|ip| view! { <Address ip=ip/> });
    let read = (!notification.is_read).then(|| {
        view! {
            <form method="post" action="/actions/notification/read">
                <input type="hidden" name="id" value=id.to_string()/>
                <button class="button" aria-label=m::notification_read_sentence(sentence.clone()).text()><Icon name="check"/>{m::NOTIFICATION_READ}</button>
            </form>
        }
    });
    let unread = (!notification.is_read)
        .then(|| view! { " "<span class="badge badge-strong">{m::UNREAD}</span> });
    view! {
        <li class=(!notification.is_read).then_some("row-current")>
            <span class="row-icon"><Icon name=notification::icon(kind)/></span>
            <div>
                <h2 class="row-title">{sentence.clone()}{unread}</h2>
                <p>{notification::advice(kind)}</p>
                <p class="row-meta"><RelativeTime at=notification.at/>{ip}</p>
            </div>
            <div class="row-actions">{cancel}<a class="button" href=href>{label}</a>{read}</div>
        </li>
    }
}
