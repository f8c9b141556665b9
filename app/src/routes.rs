//! Every page and every action with who may reach it.
//!
//! The server asks these tables before a page or a server function runs, and refuses what stands in
//! neither: a new page or action is closed until somebody has written down who it is for. Pages and
//! actions still ask [`crate::request_context::RequestContext`] for the proof that they need.

/// Who may reach a page or an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Anybody.
    Public,
    /// A user on a registered device.
    User,
    /// An administrator who confirmed it lately.
    Admin,
}

/// Pages, by pattern; `{…}` stands for one segment. The first that fits counts.
pub const PAGES: &[(&str, Access)] = &[
    ("/login", Access::Public),
    ("/setup/{code}", Access::Public),
    ("/enrol/passkey", Access::User),
    ("/enrol/{code}", Access::Public),
    ("/", Access::User),
    ("/devices", Access::User),
    ("/security", Access::User),
    ("/activity", Access::User),
    ("/admin", Access::Admin),
    ("/admin/users", Access::Admin),
    ("/admin/users/{id}", Access::Admin),
    ("/admin/devices", Access::Admin),
    ("/admin/services", Access::Admin),
    ("/admin/services/{name}", Access::Admin),
    ("/admin/audit", Access::Admin),
];

/// Server functions, by path. All of them are POST.
pub const ACTIONS: &[(&str, Access)] = &[
    ("/api/setup/begin", Access::Public),
    ("/api/enrol/confirm", Access::Public),
    ("/api/passkey/begin-registration", Access::User),
    ("/api/passkey/finish-registration", Access::User),
    ("/api/passkey/begin-login", Access::Public),
    ("/api/passkey/finish-login", Access::Public),
    ("/api/passkey/rename", Access::User),
    ("/api/passkey/remove", Access::User),
    ("/api/passkey/remove-any", Access::Admin),
    ("/api/totp/remove", Access::User),
    ("/api/device/register", Access::Public),
    ("/api/device/rename", Access::User),
    ("/api/device/revoke", Access::User),
    ("/api/device/approve", Access::User),
    ("/api/device/revoke-any", Access::Admin),
    ("/api/session/sign-out", Access::User),
    ("/api/theme/choose", Access::Public),
    ("/api/user/add", Access::Admin),
    ("/api/user/invite", Access::Admin),
    ("/api/user/disable", Access::Admin),
    ("/api/user/enable", Access::Admin),
    ("/api/user/delete", Access::Admin),
    ("/api/user/role", Access::Admin),
    ("/api/user/sign-in", Access::Admin),
    ("/api/user/resume-codes", Access::Admin),
    ("/api/service/add", Access::Admin),
    ("/api/service/change", Access::Admin),
    ("/api/service/rotate-token", Access::Admin),
    ("/api/service/delete", Access::Admin),
    ("/api/grant/add", Access::Admin),
    ("/api/grant/change", Access::Admin),
    ("/api/grant/remove", Access::Admin),
];

/// Actions with which somebody unknown tries something: a code, a link, a passkey. A guess each, and each
/// of them writes; so fewer of them are taken from one place than of anything else.
pub const ATTEMPTS: &[&str] = &[
    "/api/setup/begin",
    "/api/enrol/confirm",
    "/api/passkey/finish-login",
    "/api/device/register",
];

/// Who may see the page of this path; `None` when there is no such page.
#[must_use]
pub fn access_of_page(path: &str) -> Option<Access> {
    find(PAGES, path)
}

/// Who may call the server function of this path; `None` when there is none.
#[must_use]
pub fn access_of_action(path: &str) -> Option<Access> {
    find(ACTIONS, path)
}

fn find(table: &[(&str, Access)], path: &str) -> Option<Access> {
    table
        .iter()
        .find(|(pattern, _)| fits(pattern, path))
        .map(|(_, access)| *access)
}

/// Whether a path is an instance of a pattern. Strict: an empty segment is not a value, and
/// `/admin/` is not `/admin` (a path that two parts of a program read differently is a way around
/// a guard).
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
    fn a_path_is_read_in_one_way_only() {
        for (path, access) in [
            ("/", Some(Access::User)),
            ("/enrol/passkey", Some(Access::User)),
            ("/enrol/0123456789abcdefghjkmnp", Some(Access::Public)),
            ("/admin/users/0190-1", Some(Access::Admin)),
            ("/admin", Some(Access::Admin)),
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
        assert_eq!(access_of_action("/api/user/delete"), Some(Access::Admin));
        assert_eq!(access_of_action("/api/user/delete/"), None);
    }

    #[test]
    fn everything_below_admin_is_for_administrators() {
        for (pattern, access) in PAGES {
            assert_eq!(
                pattern.starts_with("/admin"),
                *access == Access::Admin,
                "{pattern}"
            );
        }
    }

    #[test]
    fn every_server_function_has_an_entry_and_every_entry_a_server_function() {
        let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
            .map(|(path, _)| path)
            .collect();
        let listed: BTreeSet<_> = ACTIONS.iter().map(|(path, _)| *path).collect();
        assert_eq!(registered, listed);
        assert_eq!(listed.len(), ACTIONS.len(), "an action is listed twice");
    }

    #[test]
    fn audit_3_every_action_for_anybody_is_an_attempt_unless_it_tries_nothing() {
        let harmless = ["/api/passkey/begin-login", "/api/theme/choose"];
        let open: BTreeSet<_> = ACTIONS
            .iter()
            .filter(|(path, access)| *access == Access::Public && !harmless.contains(path))
            .map(|(path, _)| *path)
            .collect();
        assert_eq!(open, ATTEMPTS.iter().copied().collect());
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
