//! The layout of pages for signed-in users: the navigation beside the page.

use crate::{
    components::{
        auth_layout::Brand, icon::Icon, session_end::SessionEnd, theme_switch::ThemeSwitch,
    },
    messages::{Key, m},
    response,
    routes::{Access, access_of_page, is_open_in_recovery},
};
use latchkey_domain::access::permission::CurrentUser;
use latchkey_engine::MOST_UNREAD;
use leptos::prelude::*;
use leptos_meta::Title;

/// The entries of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NavItem {
    /// My services.
    Home,
    /// My devices.
    Devices,
    /// My passkeys and my authenticator app.
    Security,
    /// What I should look at.
    Notifications,
    /// What happened on my account.
    Activity,
    /// The dashboard.
    Dashboard,
    /// The users.
    Users,
    /// The roles.
    Roles,
    /// The devices of all users.
    AllDevices,
    /// The services.
    Services,
    /// The clients.
    Clients,
    /// How unusual sign-ins were.
    Risk,
    /// Mails that were not sent.
    Mails,
    /// The audit log.
    Audit,
}

impl NavItem {
    const MINE: [Self; 5] = [
        Self::Home,
        Self::Devices,
        Self::Security,
        Self::Notifications,
        Self::Activity,
    ];
    const ADMINISTRATION: [Self; 9] = [
        Self::Dashboard,
        Self::Users,
        Self::Roles,
        Self::AllDevices,
        Self::Services,
        Self::Clients,
        Self::Risk,
        Self::Mails,
        Self::Audit,
    ];

    const fn parts(self) -> (&'static str, &'static str, Key) {
        match self {
            Self::Home => ("/", "home", m::NAV_HOME),
            Self::Devices => ("/devices", "device", m::NAV_DEVICES),
            Self::Security => ("/security", "key", m::NAV_SECURITY),
            Self::Notifications => ("/notifications", "bell", m::NAV_NOTIFICATIONS),
            Self::Activity => ("/activity", "activity", m::NAV_ACTIVITY),
            Self::Dashboard => ("/admin", "overview", m::NAV_OVERVIEW),
            Self::Users => ("/admin/users", "users", m::NAV_USERS),
            Self::Roles => ("/admin/roles", "shield", m::NAV_ROLES),
            Self::AllDevices => ("/admin/devices", "laptop", m::NAV_ALL_DEVICES),
            Self::Services => ("/admin/services", "grid", m::NAV_SERVICES),
            Self::Clients => ("/admin/clients", "code", m::NAV_CLIENTS),
            Self::Risk => ("/admin/risk", "warning", m::NAV_RISK),
            Self::Mails => ("/admin/mails", "mail", m::NAV_MAILS),
            Self::Audit => ("/admin/audit", "audit", m::NAV_AUDIT),
        }
    }

    /// Whether this user may see the page.
    fn is_shown(self) -> bool {
        let context = response::request_context();
        let is_recovering = |user: &CurrentUser| user.limit.is_recovery();
        if context.current_user().is_ok_and(is_recovering) && !is_open_in_recovery(self.parts().0) {
            return false;
        }
        if self == Self::Mails && !context.engine().sends_mail() {
            return false;
        }
        match access_of_page(self.parts().0) {
            Some(Access::Permission(permission)) => context.shows(permission),
            _ => true,
        }
    }

    /// The label of the entry with this path, if there is one.
    #[must_use]
    pub fn label_of_path(path: &str) -> Option<Key> {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        Self::MINE
            .into_iter()
            .chain(Self::ADMINISTRATION)
            .map(Self::parts)
            .find(|(href, ..)| *href == path)
            .map(|(.., label)| label)
    }
}

/// A page for signed-in users.
#[component]
pub fn AppLayout(
    /// The title of the page.
    #[prop(into)]
    title: String,
    /// Its entry in the navigation.
    nav_item: NavItem,
    /// Whether it is a page below that entry, such as that of one user.
    #[prop(optional)]
    is_subpage: bool,
    /// The page: `.page-head`, notices, sections.
    children: Children,
) -> impl IntoView {
    let current_user = response::request_context().facts().current_user.clone();
    let administration: Vec<_> = NavItem::ADMINISTRATION
        .into_iter()
        .filter(|item| item.is_shown())
        .collect();
    let mine: Vec<_> = NavItem::MINE
        .into_iter()
        .filter(|item| item.is_shown())
        .collect();
    let group = move |id: &'static str, label: Key, items: &[NavItem]| {
        let links = items
            .iter()
            .map(|item| nav_link(*item, *item == nav_item, is_subpage))
            .collect_view();
        view! {
            <div>
                <p class="nav-label" id=id>{label}</p>
                <ul aria-labelledby=id>{links}</ul>
            </div>
        }
    };
    view! {
        <Title text=title/>
        <div class="app-layout">
            <header class="app-header">
                <div class="topbar">
                    <Brand/>
                    <button type="button" class="button button-quiet menu-button" popovertarget="rail"><Icon name="menu"/>{m::NAV_MENU}<Unread/></button>
                </div>
                <div class="rail" id="rail" popover="auto">
                    <div class="rail-close">
                        <button type="button" class="button button-quiet" popovertarget="rail" popovertargetaction="hide"><Icon name="close"/>{m::CLOSE}</button>
                    </div>
                    <nav class="nav" aria-label=m::NAV_MAIN.text()>
                        {group("nav-mine", m::NAV_MY_ACCOUNT, &mine)}
                        {(!administration.is_empty()).then(|| group("nav-admin", m::NAV_ADMINISTRATION, &administration))}
                    </nav>
                    <div class="rail-foot">
                        {current_user.map(|current_user| view! { <WhoAmI current_user=current_user/> })}
                        <ThemeSwitch/>
                    </div>
                </div>
            </header>
            <main class="page" id="main" tabindex="-1"><SessionEnd/>{children()}</main>
        </div>
    }
}

fn nav_link(item: NavItem, is_current: bool, is_subpage: bool) -> impl IntoView {
    let (href, icon, label) = item.parts();
    let current = is_current.then_some(if is_subpage { "true" } else { "page" });
    let unread = (item == NavItem::Notifications).then(|| view! { <Unread/> });
    view! { <li><a href=href aria-current=current><Icon name=icon/>{label}{unread}</a></li> }
}

/// How many notifications were not read; nothing if there are none.
#[component]
fn Unread() -> impl IntoView {
    let context = response::request_context();
    // A device in recovery does not reach them.
    let is_recovering = |user: &CurrentUser| user.limit.is_recovery();
    let unread = match context.current_user().is_ok_and(is_recovering) {
        true => 0,
        false => context.facts().unread,
    };
    let shown = match unread {
        MOST_UNREAD.. => format!("{}+", MOST_UNREAD - 1),
        unread => unread.to_string(),
    };
    (unread > 0).then(|| {
        view! { <span class="count" aria-hidden="true">{shown}</span><span class="visually-hidden">{m::unread_count(unread)}</span> }
    })
}

#[component]
fn WhoAmI(current_user: CurrentUser) -> impl IntoView {
    view! {
        <div class="whoami">
            <div>
                <span class="whoami-name">{current_user.name.to_string()}</span>
                <span class="whoami-mail">{current_user.email.to_string()}</span>
            </div>
            <form method="post" action="/actions/session/sign-out">
                <button class="button button-quiet button-icon" aria-label=m::SIGN_OUT.text() title=m::SIGN_OUT.text()><Icon name="sign-out"/></button>
            </form>
        </div>
    }
}
