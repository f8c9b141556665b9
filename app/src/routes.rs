//! Every page and every action with who may reach it and how its requests are counted.
//!
//! The server mounts pages and server functions under the policies of these tables; what is in neither table is not
//! mounted and answers 404, so a new page or action stays closed until somebody has written down who it is for. Pages
//! and actions still ask [`crate::request_context::RequestContext`] for the proof that they need.

use latchkey_domain::access::permission::Permission;
use serde::Serialize;

/// Who may reach a page or an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Anybody.
    Public,
    /// A user on a registered device.
    User,
    /// A user whose role permits this, and who used a passkey lately.
    Permission(Permission),
}

/// As a word: `public`, `user`, or the permission.
impl Serialize for Access {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Public => "public",
            Self::User => "user",
            Self::Permission(permission) => permission.as_str(),
        })
    }
}

/// How requests are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// As a request.
    Request,
    /// As an attempt as well: it tries a code, a link or a passkey. Each attempt is a guess and writes, so fewer
    /// of them are taken from one network than of other requests.
    Attempt,
    /// As a request of a program, which is counted again when it is known whose it is.
    Program,
}

/// A server function. All of them are POST.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// Its path.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// How its requests are counted.
    pub rate: Rate,
}

/// Pages, by pattern; `{…}` stands for one segment. The first that fits counts.
pub const PAGES: &[(&str, Access)] = &[
    ("/login", Access::Public),
    ("/recover", Access::Public),
    ("/recover/mail/{code}", Access::Public),
    ("/login/approval", Access::Public),
    ("/setup/{code}", Access::Public),
    ("/enrol/passkey", Access::User),
    ("/enrol/{code}", Access::Public),
    ("/", Access::User),
    ("/devices", Access::User),
    ("/security", Access::User),
    ("/activity", Access::User),
    ("/notifications", Access::User),
    ("/activate", Access::User),
    ("/approve", Access::User),
    ("/admin", permitted(Permission::OverviewRead)),
    ("/admin/users", permitted(Permission::UsersRead)),
    ("/admin/users/{id}", permitted(Permission::UsersRead)),
    ("/admin/devices", permitted(Permission::DevicesRead)),
    ("/admin/services", permitted(Permission::ServicesRead)),
    (
        "/admin/services/{name}",
        permitted(Permission::ServicesRead),
    ),
    ("/admin/clients", permitted(Permission::ClientsRead)),
    ("/admin/clients/{id}", permitted(Permission::ClientsRead)),
    ("/admin/roles", permitted(Permission::RolesRead)),
    ("/admin/risk", permitted(Permission::RiskRead)),
    ("/admin/risk/replay", permitted(Permission::RiskRead)),
    ("/admin/risk/networks", permitted(Permission::RiskRead)),
    ("/admin/mails", permitted(Permission::AuditRead)),
    ("/admin/audit", permitted(Permission::AuditRead)),
];

/// Server functions.
pub const ACTIONS: &[Action] = &[
    attempt("/actions/setup/begin", Access::Public),
    attempt("/actions/enrol/confirm", Access::Public),
    action("/actions/passkey/begin-registration", Access::User),
    action("/actions/passkey/finish-registration", Access::User),
    action("/actions/passkey/begin-login", Access::Public),
    attempt("/actions/passkey/finish-login", Access::Public),
    action("/actions/passkey/rename", Access::User),
    action("/actions/passkey/remove", Access::User),
    action(
        "/actions/passkey/remove-any",
        permitted(Permission::UsersWrite),
    ),
    action("/actions/totp/remove", Access::User),
    action("/actions/baseline/erase", Access::User),
    attempt("/actions/recovery/use", Access::Public),
    action("/actions/recovery/make-codes", Access::User),
    action("/actions/recovery/cancel", Access::User),
    action("/actions/behaviour/practise", Access::User),
    action("/actions/behaviour/erase", Access::User),
    action("/actions/behaviour/exempt", Access::User),
    action("/actions/behaviour/include", Access::User),
    action("/actions/recovery/send-mail", Access::User),
    action("/actions/recovery/confirm", Access::User),
    attempt("/actions/device/register", Access::Public),
    action("/actions/device/rename", Access::User),
    action("/actions/device/revoke", Access::User),
    action("/actions/device/approve", Access::User),
    action(
        "/actions/device/revoke-any",
        permitted(Permission::DevicesRevoke),
    ),
    action("/actions/approval/ask", Access::Public),
    action("/actions/approval/state", Access::Public),
    attempt("/actions/approval/collect", Access::Public),
    action("/actions/approval/pick", Access::User),
    action("/actions/approval/begin", Access::User),
    action("/actions/approval/finish", Access::User),
    action("/actions/approval/deny", Access::User),
    action("/actions/authorization/approve", Access::User),
    action("/actions/authorization/deny", Access::User),
    action("/actions/program/revoke", Access::User),
    action(
        "/actions/program/revoke-any",
        permitted(Permission::DevicesRevoke),
    ),
    action("/actions/notification/read", Access::User),
    action("/actions/mail/retry", permitted(Permission::UsersWrite)),
    action("/actions/mail/discard", permitted(Permission::UsersWrite)),
    action("/actions/session/sign-out", Access::User),
    action("/actions/session/end", Access::User),
    action("/actions/session/end-others", Access::User),
    action(
        "/actions/session/end-any",
        permitted(Permission::SessionsRevoke),
    ),
    action("/actions/theme/choose", Access::Public),
    action("/actions/user/add", permitted(Permission::UsersInvite)),
    action("/actions/user/invite", permitted(Permission::UsersInvite)),
    action(
        "/actions/user/revoke-link",
        permitted(Permission::UsersInvite),
    ),
    action("/actions/user/disable", permitted(Permission::UsersWrite)),
    action("/actions/user/enable", permitted(Permission::UsersWrite)),
    action("/actions/user/delete", permitted(Permission::UsersWrite)),
    action("/actions/user/erase", permitted(Permission::UsersWrite)),
    action("/actions/user/role", permitted(Permission::RolesWrite)),
    action("/actions/user/sign-in", permitted(Permission::UsersWrite)),
    action(
        "/actions/user/resume-codes",
        permitted(Permission::UsersWrite),
    ),
    action("/actions/risk/approve", permitted(Permission::RiskWrite)),
    action("/actions/risk/rule", permitted(Permission::RiskWrite)),
    action("/actions/risk/remove", permitted(Permission::RiskWrite)),
    action("/actions/role/add", permitted(Permission::RolesWrite)),
    action("/actions/role/change", permitted(Permission::RolesWrite)),
    action("/actions/role/delete", permitted(Permission::RolesWrite)),
    action("/actions/service/add", permitted(Permission::ServicesWrite)),
    action(
        "/actions/service/change",
        permitted(Permission::ServicesWrite),
    ),
    action(
        "/actions/service/risk",
        permitted(Permission::ServicesWrite),
    ),
    action(
        "/actions/service/tokens",
        permitted(Permission::ServicesWrite),
    ),
    action(
        "/actions/service/rotate-token",
        permitted(Permission::ServicesWrite),
    ),
    action(
        "/actions/service/delete",
        permitted(Permission::ServicesWrite),
    ),
    action("/actions/client/add", permitted(Permission::ClientsWrite)),
    action(
        "/actions/client/rotate-secret",
        permitted(Permission::ClientsWrite),
    ),
    action(
        "/actions/client/delete",
        permitted(Permission::ClientsWrite),
    ),
    action("/actions/grant/add", permitted(Permission::GrantsWrite)),
    action("/actions/grant/change", permitted(Permission::GrantsWrite)),
    action("/actions/grant/remove", permitted(Permission::GrantsWrite)),
];

/// What a device in recovery reaches of [`Access::User`]; the actions ask again, for a proof. Everything else is closed to it.
const OPEN_IN_RECOVERY: &[&str] = &[
    "/devices",
    "/security",
    "/actions/device/revoke",
    "/actions/recovery/send-mail",
    "/actions/recovery/confirm",
    "/actions/session/sign-out",
    "/actions/session/end",
    "/actions/session/end-others",
    "/actions/passkey/begin-registration",
    "/actions/passkey/finish-registration",
];

/// Whether a page or an action for users is open to one on a device in recovery.
#[must_use]
pub fn is_open_in_recovery(path: &str) -> bool {
    OPEN_IN_RECOVERY.contains(&path)
}

const fn permitted(permission: Permission) -> Access {
    Access::Permission(permission)
}

const fn action(path: &'static str, access: Access) -> Action {
    Action {
        path,
        access,
        rate: Rate::Request,
    }
}

const fn attempt(path: &'static str, access: Access) -> Action {
    Action {
        path,
        access,
        rate: Rate::Attempt,
    }
}

/// Who may see the page of this path; `None` when there is no such page.
#[must_use]
pub fn access_of_page(path: &str) -> Option<Access> {
    PAGES
        .iter()
        .find(|(pattern, _)| fits(pattern, path))
        .map(|(_, access)| *access)
}

/// Whether a path is an instance of a pattern. Strict: an empty segment is not a value, and
/// `/admin/` is not `/admin` (a path that two parts of a program read differently is a way around
/// a check).
fn fits(pattern: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let all_fit = pattern.split('/').all(|expected| match segments.next() {
        Some(segment) if expected.starts_with('{') => !segment.is_empty(),
        segment => segment == Some(expected),
    });
    all_fit && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn only_the_exact_path_of_a_page_has_an_access_rule() {
        for (path, access) in [
            ("/", Some(Access::User)),
            ("/enrol/passkey", Some(Access::User)),
            ("/enrol/0123456789abcdefghjkmnp", Some(Access::Public)),
            (
                "/admin/users/0190-1",
                Some(permitted(Permission::UsersRead)),
            ),
            ("/admin", Some(permitted(Permission::OverviewRead))),
            ("", None),
            ("//", None),
            ("/admin/", None),
            ("/Admin", None),
            ("//admin", None),
            ("/admin/users/", None),
            ("/admin/users/1/2", None),
            ("/enrol", None),
            ("/nowhere", None),
        ] {
            assert_eq!(access_of_page(path), access, "{path:?}");
        }
    }

    #[test]
    fn everything_below_admin_asks_for_a_permission() {
        for (pattern, access) in PAGES {
            assert_eq!(
                pattern.starts_with("/admin"),
                matches!(access, Access::Permission(_)),
                "{pattern}"
            );
        }
    }

    #[test]
    fn every_server_function_has_an_entry_and_every_entry_a_server_function() {
        let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path)
            .collect();
        let listed: BTreeSet<_> = ACTIONS.iter().map(|action| action.path).collect();
        assert_eq!(registered, listed);
        assert_eq!(listed.len(), ACTIONS.len(), "an action is listed twice");
    }

    #[test]
    fn audit_3_every_action_for_anybody_is_an_attempt_unless_it_tries_nothing() {
        let harmless = [
            "/actions/passkey/begin-login",
            "/actions/theme/choose",
            // They write nothing, and answer only the browser whose sealed ticket they get.
            "/actions/approval/ask",
            "/actions/approval/state",
        ];
        for action in ACTIONS {
            let tries = action.access == Access::Public && !harmless.contains(&action.path);
            assert_eq!(action.rate == Rate::Attempt, tries, "{}", action.path);
        }
    }

    #[test]
    fn no_server_function_answers_a_get() {
        for (path, method) in leptos::server_fn::axum::server_fn_paths() {
            assert_eq!(method, http::Method::POST, "{path}");
        }
    }

    #[tokio::test]
    async fn every_page_has_an_entry_and_every_entry_a_page() {
        let routes = leptos_axum::generate_route_list(crate::App);
        let routed: BTreeSet<_> = routes.iter().map(|route| route.path().to_owned()).collect();
        let listed: BTreeSet<_> = PAGES
            .iter()
            .map(|(pattern, _)| (*pattern).to_owned())
            .collect();
        assert_eq!(routed, listed);
    }
}
