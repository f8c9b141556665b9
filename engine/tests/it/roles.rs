//! Roles: what they permit, over whom, and who may define them.

use crate::{
    passkey::with_passkey,
    test_engine::{OPERATOR, TestEngine, origin},
};
use latchkey_domain::{
    access::permission::{
        CurrentUser, Denial, Permission, PermissionSet, RolesWrite, UsersInvite, UsersWrite,
    },
    id::UserId,
    identity::user::Role,
};
use latchkey_engine::{Conflict, Error, InvalidInput, NewUser, Result};
use std::{collections::BTreeMap, fs, path::Path};

/// A user of this role on a device with a passkey.
async fn user_of(test: &TestEngine, email: &str, role: &str) -> CurrentUser {
    let (id, uri) = test.provisioned(email).await;
    test.set_role(id, role.parse().unwrap()).await;
    let signed_in = test.sign_in(email, &uri).await;
    let (signed_in, ..) = with_passkey(test, &signed_in).await;
    test.current_user(&signed_in).await.unwrap()
}

async fn define(test: &TestEngine, name: &str, permissions: &str) {
    let origin = origin();
    let added = test.engine.add_role(&OPERATOR, name, permissions, &origin);
    added.await.unwrap();
}

async fn is_signed_in(test: &TestEngine, user: &CurrentUser) -> bool {
    let devices = test.engine.devices_of(&OPERATOR, user.user_id);
    let mut devices = devices.await.unwrap().into_iter();
    devices.any(|one| one.id == user.device_id && one.signed_out_at.is_none())
}

fn is_forbidden<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Denied(Denial::Forbidden)))
}

/// Every public method of the engine that takes a proof of a permission: its permission, and whether it changes something.
fn methods() -> BTreeMap<String, (String, bool)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(path).unwrap();
            for method in source.split("\n    pub ").skip(1) {
                let Some((head, body)) = method.split_once("{\n") else {
                    continue;
                };
                let Some((_, permission)) = head.split_once("&dyn Authorizes<") else {
                    continue;
                };
                let name = head.split(['(', '<']).next().unwrap();
                let name = name.trim_start_matches("async ").trim_start_matches("fn ");
                let permission = permission.split('>').next().unwrap().to_owned();
                let body = body.split("\n    }\n").next().unwrap();
                let changes = body.contains(".begin(") || body.contains("rotate(");
                found.insert(name.to_owned(), (permission, changes));
            }
        }
    }
    found
}

#[test]
fn every_administrative_method_names_its_permission_and_none_reads_with_a_permission_to_write() {
    let methods = methods();
    assert!(methods.len() > 40, "{methods:#?}");
    let mut used: Vec<&str> = Vec::new();
    for (method, (permission, changes)) in &methods {
        let reads = permission.ends_with("Read");
        assert_eq!(*changes, !reads, "{method} has {permission}");
        used.push(permission);
    }
    for permission in PermissionSet::all().iter() {
        let name = format!("{permission:?}");
        assert!(used.contains(&name.as_str()), "no method asks for {name}");
    }
}

#[tokio::test]
async fn a_role_that_was_defined_permits_what_it_says() {
    let (test, origin) = (TestEngine::new().await, origin());
    define(&test, "desk", "users:read users:invite").await;
    let eve = user_of(&test, "eve@example.com", "desk").await;
    let now = test.engine.now();
    assert_eq!(eve.permissions.to_string(), "users:read users:invite");
    let proof = eve.authorize(UsersInvite, now).unwrap();
    assert_eq!(
        eve.authorize(UsersWrite, now).err(),
        Some(Denial::Forbidden)
    );
    let new = NewUser {
        email: "grace@example.com".to_owned(),
        name: String::new(),
        role: Role::Member,
    };
    let added = test.engine.add_user(&proof, new, &origin).await.unwrap();
    added.commit().await.unwrap();
}

#[tokio::test]
async fn audit_42_nobody_makes_or_acts_for_a_user_who_may_do_more_than_they_do() {
    let (test, origin) = (TestEngine::new().await, origin());
    let engine = &test.engine;
    let ada = user_of(&test, "ada@example.com", "admin").await;
    let grace = user_of(&test, "grace@example.com", "member").await;
    let helper = user_of(&test, "hal@example.com", "helper").await;
    define(&test, "keeper", "users:write roles:write roles:read").await;
    let keeper = user_of(&test, "kim@example.com", "keeper").await;
    let now = engine.now();

    let invite = helper.authorize(UsersInvite, now).unwrap();
    let link = |id: UserId| engine.invite_user(&invite, id, false, &origin);
    assert!(
        is_forbidden(&link(ada.user_id).await),
        "a link for an administrator"
    );
    assert!(link(grace.user_id).await.is_ok(), "a link for a member");
    let revoked = engine.revoke_enrolment_link(&invite, ada.user_id, &origin);
    assert!(is_forbidden(&revoked.await), "an administrator's link");
    for role in [Role::Admin, Role::Auditor, Role::Helper] {
        let new = NewUser {
            email: "eve@example.com".to_owned(),
            name: String::new(),
            role,
        };
        let added = engine.add_user(&invite, new, &origin).await;
        assert!(is_forbidden(&added), "{role}");
    }
    let revoke = helper.authorize(latchkey_domain::access::permission::DevicesRevoke, now);
    let revoke = revoke.unwrap();
    let revoked = engine.revoke_device(&revoke, ada.device_id, &[], &origin);
    assert!(is_forbidden(&revoked.await), "an administrator's device");
    let revoked = engine.revoke_device(&revoke, grace.device_id, &[], &origin);
    assert!(revoked.await.is_ok(), "a member's device");

    let write = keeper.authorize(UsersWrite, now).unwrap();
    let id = ada.user_id;
    assert!(is_forbidden(
        &engine.disable_user(&write, id, &origin).await
    ));
    assert!(is_forbidden(&engine.enable_user(&write, id, &origin).await));
    assert!(is_forbidden(&engine.delete_user(&write, id, &origin).await));
    assert!(is_forbidden(
        &engine.set_passkey_only(&write, id, true, &origin).await
    ));
    assert!(is_forbidden(
        &engine.lift_code_lockout(&write, id, &origin).await
    ));
    let passkey = engine.passkeys_of(&OPERATOR, id).await.unwrap()[0].id;
    assert!(is_forbidden(
        &engine.remove_any_passkey(&write, passkey, &origin).await
    ));
    engine
        .disable_user(&write, grace.user_id, &origin)
        .await
        .unwrap();

    let roles = keeper.authorize(RolesWrite, now).unwrap();
    let set = |id, role: &str| engine.set_role(&roles, id, role.parse().unwrap(), &origin);
    assert!(
        is_forbidden(&set(grace.user_id, "admin").await),
        "makes an administrator"
    );
    assert!(
        is_forbidden(&set(ada.user_id, "member").await),
        "unmakes one"
    );
    set(grace.user_id, "keeper").await.unwrap();
    let more = engine.add_role(&roles, "more", "users:write keys:write", &origin);
    assert!(is_forbidden(&more.await), "defines more than they have");
    let wider = engine.change_role(&roles, "keeper", "keys:write", &origin);
    assert!(is_forbidden(&wider.await), "gives themselves more");
    define(&test, "signer", "keys:write").await;
    let narrower = engine.change_role(&roles, "signer", "", &origin);
    assert!(is_forbidden(&narrower.await), "takes what they do not have");
    assert!(is_forbidden(
        &engine.delete_role(&roles, "signer", &origin).await
    ));
}

#[tokio::test]
async fn a_wider_role_signs_its_users_out_and_a_narrower_one_counts_at_once() {
    let (test, origin) = (TestEngine::new().await, origin());
    define(&test, "desk", "users:read users:write").await;
    let eve = user_of(&test, "eve@example.com", "desk").await;
    let grace = test.registered("grace@example.com").await.current_user;
    let proof = eve.authorize(UsersWrite, test.engine.now()).unwrap();
    let change = |permissions| {
        let (engine, origin) = (&test.engine, &origin);
        async move {
            let changed = engine.change_role(&OPERATOR, "desk", permissions, origin);
            changed.await.unwrap();
        }
    };
    change("users:read").await;
    let disabled = test.engine.disable_user(&proof, grace.user_id, &origin);
    assert!(is_forbidden(&disabled.await), "with a proof from before");
    assert!(is_signed_in(&test, &eve).await, "narrower");
    change("users:read audit:read").await;
    assert!(!is_signed_in(&test, &eve).await, "wider");
}

#[tokio::test]
async fn a_role_in_use_stays_and_the_built_in_ones_stay_as_they_are() {
    let (test, origin) = (TestEngine::new().await, origin());
    let engine = &test.engine;
    define(&test, "desk", "users:read").await;
    let eve = test
        .registered("eve@example.com")
        .await
        .current_user
        .user_id;
    test.set_role(eve, "desk".parse().unwrap()).await;
    let deleted = engine.delete_role(&OPERATOR, "desk", &origin).await;
    assert!(matches!(
        deleted,
        Err(Error::Conflict {
            reason: Conflict::RoleInUse { users: 1 },
            ..
        })
    ));
    let twice = engine.add_role(&OPERATOR, "desk", "", &origin).await;
    assert!(matches!(twice, Err(Error::Conflict { field: "name", .. })));
    for name in ["admin", "member"] {
        let changed = engine.change_role(&OPERATOR, name, "", &origin).await;
        assert!(matches!(
            changed,
            Err(Error::Conflict {
                reason: Conflict::BuiltInRole,
                ..
            })
        ));
        assert!(engine.add_role(&OPERATOR, name, "", &origin).await.is_err());
    }
    let unknown = engine.set_role(&OPERATOR, eve, "nobody".parse().unwrap(), &origin);
    assert!(matches!(
        unknown.await,
        Err(Error::BadInput {
            reason: InvalidInput::NoSuchRole(_),
            ..
        })
    ));
    let listed = engine.list_roles(&OPERATOR).await.unwrap();
    let desk = listed.last().unwrap();
    assert_eq!((desk.name.as_str(), desk.users), ("desk", 1));
    assert_eq!(desk.permissions, [Permission::UsersRead]);
    test.set_role(eve, Role::Member).await;
    engine
        .delete_role(&OPERATOR, "desk", &origin)
        .await
        .unwrap();
    let gone = engine.role(&OPERATOR, "desk").await;
    assert!(matches!(gone, Err(Error::NotFound(_))));
}
