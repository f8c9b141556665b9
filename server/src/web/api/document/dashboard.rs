//! What can be done on the dashboard can be done over the API, under the same permission.

use super::{document, scope};
use latchkey_app::routes::{ACTIONS, Access, PAGES};
use std::collections::{BTreeMap, BTreeSet};

/// For each action and page of administration: the operations that do the same.
const OPERATIONS: &[(&str, &[&str])] = &[
    ("/actions/passkey/remove-any", &["removePasskey"]),
    ("/actions/device/revoke-any", &["revokeDevice"]),
    ("/actions/program/revoke-any", &["endProgram"]),
    ("/actions/session/end-any", &["endSession"]),
    ("/actions/user/add", &["addUser"]),
    ("/actions/user/invite", &["inviteUser"]),
    ("/actions/user/disable", &["setUserStatus"]),
    ("/actions/user/enable", &["setUserStatus"]),
    ("/actions/user/delete", &["deleteUser"]),
    ("/actions/user/erase", &["eraseUser"]),
    ("/actions/user/role", &["setRole"]),
    ("/actions/user/sign-in", &["setSignIn"]),
    ("/actions/user/revoke-link", &["revokeEnrolmentLink"]),
    ("/actions/user/resume-codes", &["liftCodeLockout"]),
    ("/actions/role/add", &["addRole"]),
    ("/actions/role/change", &["changeRole"]),
    ("/actions/role/delete", &["deleteRole"]),
    ("/actions/service/add", &["addService"]),
    ("/actions/service/change", &["changeService"]),
    ("/actions/service/risk", &["setRiskPolicy"]),
    ("/actions/service/tokens", &["setAccessTokens"]),
    ("/actions/service/rotate-token", &["rotateServiceToken"]),
    ("/actions/service/delete", &["deleteService"]),
    ("/actions/client/add", &["addClient"]),
    ("/actions/client/rotate-secret", &["rotateClientSecret"]),
    ("/actions/client/delete", &["deleteClient"]),
    ("/actions/grant/add", &["addGrant"]),
    ("/actions/grant/change", &["addGrant"]),
    ("/actions/grant/remove", &["removeGrant"]),
    ("/actions/mail/retry", &["retryMail"]),
    ("/actions/mail/discard", &["discardMail"]),
    ("/actions/risk/approve", &["approveDevice"]),
    ("/actions/risk/rule", &["addNetworkRule"]),
    ("/actions/risk/remove", &["removeNetworkRule"]),
    ("/admin", &["showOverview"]),
    ("/admin/users", &["listUsers"]),
    (
        "/admin/users/{id}",
        &["showUser", "listPasskeys", "showCodeLockout"],
    ),
    ("/admin/devices", &["listDevices", "listPrograms"]),
    ("/admin/services", &["listServices"]),
    ("/admin/services/{name}", &["showService"]),
    ("/admin/clients", &["listClients"]),
    ("/admin/clients/{id}", &["showClient"]),
    ("/admin/roles", &["listRoles"]),
    ("/admin/risk", &["showRisk"]),
    ("/admin/risk/replay", &["replayRisk"]),
    ("/admin/risk/networks", &["listNetworkRules"]),
    ("/admin/mails", &["listMails"]),
    // Its export is the same list: operations have all entries in their order, as JSON, and begin where the last part ended.
    // The signed export of `latchkey audit export` is for whoever has the master key.
    ("/admin/audit", &["listAuditEvents", "verifyAuditLog"]),
];

/// What programs cannot do, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("/actions/setup/", "there is no administrator yet"),
    ("/actions/enrol/", "it makes a user's browser their device"),
    (
        "/actions/passkey/begin-",
        "the authenticator is in a browser",
    ),
    (
        "/actions/passkey/finish-",
        "the authenticator is in a browser",
    ),
    (
        "/actions/device/register",
        "it makes a browser a user's device",
    ),
    (
        "/actions/device/approve",
        "a user vouches for their own device; a program could make itself one",
    ),
    (
        "/actions/recovery/",
        "users recover and cancel in a browser; a program must not have their codes",
    ),
    (
        "/actions/behaviour/",
        "users decide whether their own typing is compared",
    ),
    ("/actions/device/rename", "users name what they own"),
    ("/actions/passkey/rename", "users name what they own"),
    (
        "/actions/passkey/remove",
        "a user's own: administrators have remove-any",
    ),
    (
        "/actions/device/revoke",
        "a user's own: administrators have revoke-any",
    ),
    (
        "/actions/program/revoke",
        "a user's own: administrators have revoke-any",
    ),
    (
        "/actions/baseline/erase",
        "a user decides what is usual for them",
    ),
    (
        "/actions/totp/remove",
        "a user decides with what they sign in",
    ),
    (
        "/actions/approval/",
        "it makes a browser a user's device, by a passkey in another browser",
    ),
    (
        "/actions/authorization/",
        "a user lets a program in; a program could let itself in",
    ),
    (
        "/actions/notification/read",
        "a user has read what they were told",
    ),
    (
        "/actions/session/end",
        "a user's own: administrators have end-any",
    ),
    (
        "/actions/session/end-others",
        "a user's own: administrators have end-any",
    ),
    (
        "/actions/session/sign-out",
        "it deletes the cookie of this browser",
    ),
    ("/actions/theme/choose", "it sets a cookie of this browser"),
];

fn exception(path: &str) -> bool {
    EXCEPTIONS.iter().any(|(excepted, _)| {
        path == *excepted || excepted.ends_with(['/', '-']) && path.starts_with(excepted)
    })
}

#[test]
fn every_action_and_page_of_the_dashboard_has_an_operation_under_the_same_permission() {
    let mut scopes = BTreeMap::new();
    for item in document().paths.paths.values() {
        let operations = [&item.get, &item.post, &item.put, &item.patch, &item.delete];
        for operation in operations.into_iter().flatten() {
            let id = operation.operation_id.clone().unwrap();
            assert!(scopes.insert(id, scope(operation)).is_none());
        }
    }
    let actions = ACTIONS.iter().map(|action| (action.path, action.access));
    let pages = PAGES.iter().copied();
    let pages = pages.filter(|(_, access)| matches!(access, Access::Permission(_)));
    let mut unknown: BTreeSet<_> = OPERATIONS.iter().map(|(path, _)| *path).collect();
    for (path, access) in actions.chain(pages) {
        unknown.remove(path);
        let operations = OPERATIONS.iter().find(|(listed, _)| *listed == path);
        let Access::Permission(permission) = access else {
            assert!(
                exception(path),
                "{path} has neither operation nor exception"
            );
            continue;
        };
        let (_, operations) = operations.unwrap_or_else(|| panic!("{path} has no operation"));
        assert!(!exception(path), "{path}");
        let first = operations[0];
        assert_eq!(
            scopes[first],
            format!("latchkey:{permission}"),
            "{path} and {first} take different permissions"
        );
        for operation in *operations {
            assert!(scopes.contains_key(*operation), "there is no {operation}");
        }
    }
    assert_eq!(unknown, BTreeSet::new(), "no longer on the dashboard");
    for (excepted, _) in EXCEPTIONS {
        let is_used = ACTIONS
            .iter()
            .any(|action| action.path.starts_with(excepted));
        assert!(is_used, "{excepted} is no action");
    }
}
