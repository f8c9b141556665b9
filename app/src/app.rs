//! The routes: which page stands at which address.

use crate::pages::{
    activate::Activate,
    activity::Activity,
    admin,
    approve::Approve,
    devices::Devices,
    enrolment::{Enrolment, EnrolmentPasskey},
    home::Home,
    login::{Login, approval::AskForApproval},
    not_found::NotFoundPage,
    notifications::Notifications,
    recover::Recover,
    recovery_mail::ConfirmByMail,
    security::Security,
    setup::Setup,
};
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// Every page. Each is rendered whole before its answer begins (`SsrMode::Async`), so that a page
/// can still decide to be a redirect or an error.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| format!("{} · Latchkey", escaped(&title))/>
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route ssr=SsrMode::Async path=path!("/login") view=Login/>
                <Route ssr=SsrMode::Async path=path!("/recover") view=Recover/>
                <Route ssr=SsrMode::Async path=path!("/recover/mail/:code") view=ConfirmByMail/>
                <Route ssr=SsrMode::Async path=path!("/login/approval") view=AskForApproval/>
                <Route ssr=SsrMode::Async path=path!("/setup/:code") view=Setup/>
                <Route ssr=SsrMode::Async path=path!("/enrol/passkey") view=EnrolmentPasskey/>
                <Route ssr=SsrMode::Async path=path!("/enrol/:code") view=Enrolment/>
                <Route ssr=SsrMode::Async path=path!("/") view=Home/>
                <Route ssr=SsrMode::Async path=path!("/devices") view=Devices/>
                <Route ssr=SsrMode::Async path=path!("/security") view=Security/>
                <Route ssr=SsrMode::Async path=path!("/activity") view=Activity/>
                <Route ssr=SsrMode::Async path=path!("/notifications") view=Notifications/>
                <Route ssr=SsrMode::Async path=path!("/activate") view=Activate/>
                <Route ssr=SsrMode::Async path=path!("/approve") view=Approve/>
                <Route ssr=SsrMode::Async path=path!("/admin") view=admin::dashboard::Dashboard/>
                <Route ssr=SsrMode::Async path=path!("/admin/users") view=admin::users::Users/>
                <Route ssr=SsrMode::Async path=path!("/admin/users/:id") view=admin::user::UserPage/>
                <Route ssr=SsrMode::Async path=path!("/admin/devices") view=admin::devices::AllDevices/>
                <Route ssr=SsrMode::Async path=path!("/admin/services") view=admin::services::Services/>
                <Route ssr=SsrMode::Async path=path!("/admin/services/:name") view=admin::service::ServicePage/>
                <Route ssr=SsrMode::Async path=path!("/admin/clients") view=admin::clients::Clients/>
                <Route ssr=SsrMode::Async path=path!("/admin/clients/:id") view=admin::client::ClientPage/>
                <Route ssr=SsrMode::Async path=path!("/admin/roles") view=admin::roles::Roles/>
                <Route ssr=SsrMode::Async path=path!("/admin/risk") view=admin::risk::RiskDashboard/>
                <Route ssr=SsrMode::Async path=path!("/admin/risk/replay") view=admin::risk::replay::RiskReplayPage/>
                <Route ssr=SsrMode::Async path=path!("/admin/risk/networks") view=admin::risk::networks::NetworkRules/>
                <Route ssr=SsrMode::Async path=path!("/admin/mails") view=admin::mails::Mails/>
                <Route ssr=SsrMode::Async path=path!("/admin/audit") view=admin::audit::Audit/>
            </FlatRoutes>
        </Router>
    }
}

/// A title as markup: leptos writes it into the head as it is, and names of users and clients are titles.
fn escaped(title: &str) -> String {
    title
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
