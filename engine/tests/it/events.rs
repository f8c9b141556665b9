//! Every change is in the audit log, with what was before and what is after.

use crate::{
    passkey::{change, made, used, with_passkey},
    test_engine::{OPERATOR, TestEngine, cookie, from, new_user, origin},
    tokens::{TestClient, new_client},
};
use latchkey_domain::{
    access::access_grant::Scopes,
    audit::event::EventView,
    identity::user::Role,
    pagination::ListQuery,
    tokens::{client::ClientKind, policy::TokenUse},
};
use latchkey_engine::{KeyPurpose, NewClient, NewService, SignedIn, TokenParameters};
use std::{collections::BTreeSet, fs, path::Path};
use webauthn_authenticator_rs::softpasskey::SoftPasskey;

/// Actions that change no stored value.
const SELF_EXPLAINING: &[&str] = &[
    "token.family_ended",
    "setup.linked",
    "user.invited",
    "device.registered",
    "device.probed",
    "session.signed_in",
    "session.refused",
    "token.denied",
    "service.token_rotated",
];

/// The engine's public methods that open a change, as its sources have them.
fn changing_methods() -> BTreeSet<String> {
    fn read(dir: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            // Up to the next function of the same `impl`.
            for part in text.split("\n    pub async fn ").skip(1) {
                let end = [
                    "\n    pub ",
                    "\n    async fn ",
                    "\n    fn ",
                    "\n    pub(crate) ",
                    "\n}\n",
                ]
                .iter()
                .filter_map(|next| part.find(next))
                .min()
                .unwrap_or(part.len());
                // A change that cannot be cancelled begins in a step of its own.
                let opens = [".begin(", ".begin_sign_in(", "uncancelled("];
                if opens.iter().any(|call| part[..end].contains(call)) {
                    let name = part.split(['(', '<']).next().unwrap();
                    found.insert(name.to_owned());
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found
}

struct Log<'w> {
    test: &'w TestEngine,
    last: i64,
    seen: BTreeSet<String>,
}

impl<'w> Log<'w> {
    fn new(test: &'w TestEngine) -> Self {
        Self {
            test,
            last: 0,
            seen: BTreeSet::new(),
        }
    }

    async fn news(&mut self) -> Vec<EventView> {
        let newest = self
            .test
            .engine
            .list_events(&OPERATOR, &ListQuery::default())
            .await
            .unwrap();
        let last = self.last;
        self.last = newest.items.first().map_or(0, |event| event.seq);
        newest
            .items
            .into_iter()
            .filter(|event| event.seq > last)
            .collect()
    }

    /// The log's entries since the last call, and the fields that changed.
    async fn says(&mut self, method: &str) {
        let news = self.news().await;
        assert!(!news.is_empty(), "{method} left nothing in the log");
        for event in &news {
            assert!(
                !event.changes.is_empty() || SELF_EXPLAINING.contains(&&*event.action),
                "{method}: {} does not say what changed",
                event.action
            );
            assert!(
                !event.target_name.is_empty()
                    || matches!(
                        &*event.action,
                        "setup.linked"
                            | "session.refused"
                            | "device.revoked"
                            | "session.signed_out"
                            | "device.weakened"
                    ),
                "{method}: {} names nothing",
                event.action
            );
        }
        self.seen.insert(method.to_owned());
    }
}

#[tokio::test]
async fn audit_12_every_changing_method_is_logged() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let mut log = Log::new(&test);
    let origin = origin();

    // Setting up, users and links.
    engine
        .setup_code()
        .await
        .unwrap()
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("setup_code").await;
    let (user, link) = engine
        .add_user(&OPERATOR, new_user("grace@example.com"), &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("add_user").await;
    engine
        .invite_user(&OPERATOR, user.id, &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("invite_user").await;
    drop(link);
    let link = engine
        .invite_user(&OPERATOR, user.id, &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let code = link.code.expose_secret().to_owned();
    let pending = engine.begin_enrolment(&code, &[]).await.unwrap().unwrap();
    let handle = pending.handle.text;
    log.news().await;
    engine
        .finish_enrolment(
            Some(handle.expose_secret()),
            &test.totp(pending.otpauth_uri.expose_secret()),
            "Laptop",
            None,
            &origin,
        )
        .await
        .unwrap();
    log.says("finish_enrolment").await;
    let (ada_id, uri) = test.provisioned("ada@example.com").await;
    log.says("add_user_with_totp").await;
    let ada = engine
        .register_device("ada@example.com", &test.totp(&uri), "", None, &origin)
        .await
        .unwrap();
    log.says("register_device").await;
    engine
        .set_passkey_only(&OPERATOR, user.id, true, &origin)
        .await
        .unwrap();
    log.says("set_passkey_only").await;
    engine
        .disable_user(&OPERATOR, user.id, &origin)
        .await
        .unwrap();
    log.says("disable_user").await;
    engine
        .enable_user(&OPERATOR, user.id, &origin)
        .await
        .unwrap();
    log.says("enable_user").await;
    engine
        .set_role(&OPERATOR, user.id, Role::Admin, &origin)
        .await
        .unwrap();
    log.says("set_role").await;
    for number in 0..5 {
        let guesser = from([198, 51, 100, number]);
        let guess = engine.register_device("ada@example.com", "000000", "", None, &guesser);
        assert!(guess.await.is_err());
    }
    log.news().await;
    engine
        .lift_code_lockout(&OPERATOR, ada_id, &origin)
        .await
        .unwrap();
    log.says("lift_code_lockout").await;

    // Passkeys and devices.
    let owner = change(&test, &ada).await;
    let mut authenticator = SoftPasskey::new(true);
    let (handle, credential) = made(engine, &owner, &mut authenticator).await;
    let (passkey, ada) = engine
        .finish_passkey_registration(&owner, Some(&handle), &credential, "Key", &origin)
        .await
        .unwrap();
    log.says("finish_passkey_registration").await;
    let (handle, response) = used(engine, &ada, &credential, &mut authenticator).await;
    let ada: SignedIn = engine
        .finish_passkey_login(
            Some(&handle),
            &response,
            Some((&ada.current_user).into()),
            &origin,
        )
        .await
        .unwrap();
    log.says("finish_passkey_login").await;
    let owner = change(&test, &ada).await;
    engine
        .rename_passkey(&owner, passkey.id, "Another", &origin)
        .await
        .unwrap();
    log.says("rename_passkey").await;
    engine
        .rename_device(&owner, ada.current_user.device_id, "Mine", &origin)
        .await
        .unwrap();
    log.says("rename_device").await;
    test.wait(30);
    let limited = test.sign_in("ada@example.com", &uri).await;
    log.news().await;
    engine
        .approve_device(&owner, limited.current_user.device_id, &origin)
        .await
        .unwrap();
    log.says("approve_device").await;
    engine
        .revoke_my_device(&owner, limited.current_user.device_id, &[], &origin)
        .await
        .unwrap();
    log.says("revoke_my_device").await;
    let (ada, _, _) = with_passkey(&test, &ada).await;
    let owner = change(&test, &ada).await;
    log.news().await;
    engine.remove_totp(&owner, &origin).await.unwrap();
    log.says("remove_totp").await;
    engine
        .remove_passkey(&owner, passkey.id, &origin)
        .await
        .unwrap();
    log.says("remove_passkey").await;
    engine.sign_out(&ada.current_user, &origin).await.unwrap();
    log.says("sign_out").await;
    let left = engine.my_passkeys(&ada.current_user).await.unwrap()[0].id;
    engine
        .remove_any_passkey(&OPERATOR, left, &origin)
        .await
        .unwrap();
    log.says("remove_any_passkey").await;
    engine
        .revoke_device(&OPERATOR, ada.current_user.device_id, &[], &origin)
        .await
        .unwrap();
    log.says("revoke_device").await;
    engine
        .create_diagnostic_device(&OPERATOR, "ada@example.com", &origin)
        .await
        .unwrap();
    log.says("create_diagnostic_device").await;

    // Services and grants.
    let new = |hosts: &str| NewService {
        hosts: hosts.to_owned(),
        ..NewService::default()
    };
    engine
        .add_service(&OPERATOR, "photos", new("photos.example.com"), &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("add_service").await;
    engine
        .change_service(&OPERATOR, "photos", new("pictures.example.com"), &origin)
        .await
        .unwrap();
    log.says("change_service").await;
    engine
        .rotate_service_token(&OPERATOR, "photos", time::Duration::HOUR, &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("rotate_service_token").await;
    engine
        .rotate_key(&OPERATOR, KeyPurpose::IdentityToken, true, &origin)
        .await
        .unwrap();
    log.says("rotate_key").await;
    let scopes: Scopes = "read:email".parse().unwrap();
    engine
        .add_grant(
            &OPERATOR,
            "ada@example.com",
            "photos",
            scopes,
            None,
            &origin,
        )
        .await
        .unwrap();
    log.says("add_grant").await;
    let reusable = TokenUse::Reusable;
    engine
        .change_access_tokens(&OPERATOR, "photos", "read", reusable, false, &origin)
        .await
        .unwrap();
    log.says("change_access_tokens").await;
    let client = engine
        .add_client(&OPERATOR, new_client("Backup", "photos", "read"), &origin)
        .await
        .unwrap();
    let (client, _) = client.commit().await.unwrap();
    log.says("add_client").await;
    engine
        .rotate_client_secret(&OPERATOR, "Backup", time::Duration::HOUR, &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    log.says("rotate_client_secret").await;
    let hopper = test.registered("hopper@example.com").await;
    test.grant("hopper@example.com", "photos", "").await;
    engine
        .seed_token_family(&OPERATOR, client.id, cookie(&hopper))
        .await
        .unwrap();
    log.says("seed_token_family").await;
    let terminal = NewClient {
        kind: ClientKind::Public,
        ..new_client("Terminal", "photos", "read")
    };
    let terminal = TestClient::add(engine, terminal).await;
    let proof = change(&test, &hopper).await;
    for (is_approved, method) in [
        (true, "approve_authorization"),
        (false, "deny_authorization"),
    ] {
        let parameters = TokenParameters::default();
        let begun = engine
            .begin_device_authorization(terminal.credentials(), parameters, &origin)
            .await
            .unwrap();
        log.news().await;
        let code = &begun.user_code;
        let decided = match is_approved {
            true => engine.approve_authorization(&proof, code, &origin).await,
            false => engine.deny_authorization(&proof, code, &origin).await,
        };
        decided.unwrap();
        log.says(method).await;
    }
    revoke_programs(&mut log, &test, &terminal, &hopper).await;
    engine
        .delete_client(&OPERATOR, "Backup", &origin)
        .await
        .unwrap();
    log.says("delete_client").await;
    engine
        .remove_grant(&OPERATOR, "ada@example.com", "photos", &origin)
        .await
        .unwrap();
    log.says("remove_grant").await;
    manage_over_the_api(&mut log, &test, &hopper).await;
    engine
        .delete_service(&OPERATOR, "photos", &origin)
        .await
        .unwrap();
    log.says("delete_service").await;
    define_roles(&mut log, &test).await;
    engine
        .seed_users(&OPERATOR, &[new_user("eve@example.com")], 1, &[])
        .await
        .unwrap();
    log.says("seed_users").await;
    engine
        .delete_user(&OPERATOR, ada_id, &origin)
        .await
        .unwrap();
    log.says("delete_user").await;

    assert_eq!(log.seen, changing_methods());
}

/// What users end of their programs, and administrators of others'.
async fn revoke_programs(
    log: &mut Log<'_>,
    test: &TestEngine,
    terminal: &TestClient,
    hopper: &SignedIn,
) {
    let (engine, origin) = (&test.engine, &origin());
    for method in ["revoke_my_token_family", "revoke_token_family"] {
        let proof = change(test, hopper).await;
        let parameters = TokenParameters::default();
        let begun = engine.begin_device_authorization(terminal.credentials(), parameters, origin);
        let begun = begun.await.unwrap();
        let approved = engine.approve_authorization(&proof, &begun.user_code, origin);
        approved.await.unwrap();
        let parameters = TokenParameters {
            grant_type: Some("urn:ietf:params:oauth:grant-type:device_code"),
            device_code: Some(begun.device_code.expose_secret()),
            ..TokenParameters::default()
        };
        let issued = engine.issue_token(terminal.credentials(), parameters, origin);
        issued.await.unwrap();
        let families = engine
            .my_token_families(&hopper.current_user)
            .await
            .unwrap();
        log.news().await;
        let family = families[0].id;
        let revoked = match method {
            "revoke_token_family" => engine.revoke_token_family(&OPERATOR, family, origin).await,
            _ => engine.revoke_my_token_family(&proof, family, origin).await,
        };
        revoked.unwrap();
        log.says(method).await;
    }
}

async fn define_roles(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, role, origin) = (&test.engine, "desk", &origin());
    let added = engine.add_role(&OPERATOR, role, "users:read", origin);
    added.await.unwrap();
    log.says("add_role").await;
    let changed = engine.change_role(&OPERATOR, role, "users:invite", origin);
    changed.await.unwrap();
    log.says("change_role").await;
    engine.delete_role(&OPERATOR, role, origin).await.unwrap();
    log.says("delete_role").await;
}

async fn manage_over_the_api(log: &mut Log<'_>, test: &TestEngine, hopper: &SignedIn) {
    let (engine, origin) = (&test.engine, &origin());
    let (email, scopes) = ("hopper@example.com", Scopes::NONE);
    let grant = engine.add_grant(&OPERATOR, email, "photos", scopes, None, origin);
    let grant = grant.await.unwrap().id;
    log.news().await;
    let removed = engine.remove_grant_by_id(&OPERATOR, grant, origin);
    removed.await.unwrap();
    log.says("remove_grant_by_id").await;
    let device = hopper.current_user.device_id;
    engine.end_session(&OPERATOR, device, origin).await.unwrap();
    log.says("end_session").await;
}
