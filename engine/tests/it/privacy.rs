//! What is stored about a user: copies of it, its erasure, and that `docs/privacy.md` lists all of it.

mod large;
mod schema;

use crate::{
    passkey::{change, sign_in, used, with_passkey},
    test_engine::{OPERATOR, START, TestEngine, from, new_user, origin},
};
use latchkey_domain::{
    access::permission::{Denial, UsersExport},
    id::UserId,
    identity::user::Role,
    risk::Mode,
};
use latchkey_engine::{Conflict, Error, KnownBrowser, Pruned, RiskMode, UserExport};
use schema::{documented, open, schema, tables_with, texts};
use std::collections::{BTreeMap, BTreeSet};
use time::Duration;

const EMAIL: &str = "ada.lovelace@example.com";
const NAME: &str = "ada.lovelace";
const ADDRESS: [u8; 4] = [198, 51, 100, 77];
const DEVICE: &str = "Ada's analytical engine";

/// Everything a user may leave: devices, a passkey, a session, a grant, recovery codes, notifications, mails, wrong codes, and text of a form.
async fn ada(test: &TestEngine) -> (UserId, BTreeSet<String>) {
    let (engine, origin) = (&test.engine, from(ADDRESS));
    let (id, uri) = test.provisioned(EMAIL).await;
    let wrong = engine.register_device(EMAIL, "000000", "", None, &origin);
    wrong.await.unwrap_err();
    test.wait(60);
    let code = test.totp(&uri);
    let registered = engine.register_device(EMAIL, &code, DEVICE, None, &origin);
    let registered = registered.await.unwrap();
    let (signed_in, credential, mut authenticator) = with_passkey(test, &registered).await;
    let (handle, answer) = used(engine, &signed_in, &credential, &mut authenticator).await;
    sign_in(test, &handle, &answer).await.unwrap();
    let proof = change(test, &signed_in).await;
    engine.make_recovery_codes(&proof, &origin).await.unwrap();
    test.service("photos").await;
    test.grant(EMAIL, "photos", "").await;
    let device = signed_in.current_user.device_id;
    let typed = BTreeMap::from([("name".to_owned(), NAME.to_owned())]);
    let browser = KnownBrowser { device, user: id };
    assert!(engine.save_form(browser, &typed).await.unwrap());
    let invited = engine.invite_user(&OPERATOR, id, false, &origin).await;
    let link = invited.unwrap();
    link.commit_by_mail(id, |code| code).await.unwrap();
    let mut ids = BTreeSet::from([id.to_string()]);
    let devices = engine.devices_of(&OPERATOR, id).await.unwrap();
    ids.extend(devices.iter().map(|device| device.id.to_string()));
    let passkeys = engine.passkeys_of(&OPERATOR, id).await.unwrap();
    ids.extend(passkeys.iter().map(|passkey| passkey.id.to_string()));
    (id, ids)
}

async fn sending() -> TestEngine {
    TestEngine::with(|settings| {
        settings.database_url = None;
        settings.sends_mail = true;
        settings.risk.mode = RiskMode::Fixed(Mode::Shadow);
    })
    .await
}

async fn read(mut export: UserExport) -> String {
    let mut text = String::new();
    while let Some(part) = export.next().await.unwrap() {
        text.push_str(&part);
    }
    text
}

#[tokio::test]
async fn audit_52_every_column_is_in_the_privacy_document() {
    let test = TestEngine::on_disk().await;
    let documented: BTreeMap<_, _> = documented()
        .into_iter()
        .map(|(table, (columns, _))| (table, columns))
        .collect();
    assert_eq!(documented, schema(&open(&test).await).await);
}

#[tokio::test]
async fn audit_52_a_copy_has_all_that_is_stored_about_a_user_and_no_secret() {
    let test = sending().await;
    let (id, ids) = ada(&test).await;
    let eve = test
        .registered("eve@example.com")
        .await
        .current_user
        .user_id;
    let export = test.engine.export_user(&OPERATOR, id, &origin()).await;
    let text = read(export.unwrap()).await;
    let copy: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(copy["format"], "latchkey-user-1");
    assert_eq!(copy["user"]["email"], EMAIL);
    for list in [
        "passkeys",
        "devices",
        "sessions",
        "grants",
        "notifications",
        "unsent_mails",
        "events",
    ] {
        assert!(!copy[list].as_array().unwrap().is_empty(), "no {list}");
    }
    assert_eq!(copy["recovery_codes"]["left"], 10);
    assert_eq!(copy["usual_sign_ins"]["sign_ins"], 2);
    assert!(copy["authenticator_app"]["confirmed_at"].is_string());
    assert!(ids.iter().all(|id| text.contains(id)), "{text}");
    for other in [eve.to_string().as_str(), "eve@example.com"] {
        assert!(!text.contains(other), "of somebody else: {text}");
    }
    for secret in [
        "secret",
        "digest",
        "hash",
        "sealed",
        "credential",
        "cookie",
        "thumbprint",
    ] {
        assert!(!text.contains(&format!("\"{secret}")), "{secret}: {text}");
        assert!(!text.contains(&format!("_{secret}\":")), "{secret}: {text}");
    }
    let last = copy["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["action"], "user.exported");
    assert_eq!(last["actor_name"], "operator");
}

#[tokio::test]
async fn audit_52_users_copy_what_is_theirs_and_others_need_the_permission() {
    let test = sending().await;
    let (id, _) = ada(&test).await;
    let eve = test.registered("eve@example.com").await;
    let proof = change(&test, &eve).await;
    let export = test.engine.export_my_data(&proof, &origin()).await.unwrap();
    let text = read(export).await;
    assert!(text.contains("eve@example.com") && !text.contains(EMAIL));
    let auditor = test.provisioned("otto@example.com").await;
    test.set_role(auditor.0, Role::Auditor).await;
    let signed_in = test.sign_in("otto@example.com", &auditor.1).await;
    let (signed_in, ..) = with_passkey(&test, &signed_in).await;
    let auditor = test.current_user(&signed_in).await.unwrap();
    let refused = auditor.authorize(UsersExport, test.engine.now());
    assert_eq!(refused.err(), Some(Denial::Forbidden));
    // Whoever may copy does not copy those who may do more.
    let (engine, origin) = (&test.engine, &origin());
    let role = engine.add_role(&OPERATOR, "privacy", "users:export", origin);
    role.await.unwrap();
    test.set_role(id, Role::Admin).await;
    test.set_role(auditor.user_id, "privacy".parse().unwrap())
        .await;
    test.wait(60);
    let (uri, email) = (test.provisioned("pia@example.com").await, "pia@example.com");
    test.set_role(uri.0, "privacy".parse().unwrap()).await;
    let signed_in = test.sign_in(email, &uri.1).await;
    let (signed_in, ..) = with_passkey(&test, &signed_in).await;
    let officer = test.current_user(&signed_in).await.unwrap();
    let proof = officer.authorize(UsersExport, test.engine.now()).unwrap();
    let more = test.engine.export_user(&proof, id, origin).await;
    assert!(matches!(more, Err(Error::Denied(Denial::Forbidden))));
    let eve = eve.current_user.user_id;
    let own = test.engine.export_user(&proof, eve, origin).await;
    let copy: serde_json::Value = serde_json::from_str(&read(own.unwrap()).await).unwrap();
    let last = copy["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["action"], &last["actor_name"]),
        (&"user.exported".into(), &email.into())
    );
    assert!(
        last["device"].is_null() && last["device_name"].is_null(),
        "the device of another: {last}"
    );
    let own = engine.export_user(&proof, eve, origin).await;
    let mut export = own.unwrap();
    export.next().await.unwrap();
    test.set_role(officer.user_id, Role::Member).await;
    assert!(
        export.next().await.is_err(),
        "goes on without the permission"
    );
}

#[tokio::test]
async fn audit_56_a_copy_of_ones_own_data_goes_on_only_as_long_as_its_device_does() {
    let test = sending().await;
    let engine = &test.engine;
    let eve = test.registered("eve@example.com").await;
    let filter = latchkey_domain::audit::filter::EventFilter::default();
    let proof = change(&test, &eve).await;
    let user = proof.current_user().clone();
    let begun = async || {
        let mut export = engine.export_my_data(&proof, &origin()).await.unwrap();
        export.next().await.unwrap();
        let events = engine.select_my_events(&user, &filter).await.unwrap();
        (export, events)
    };
    let (mut export, mut events) = begun().await;
    // It may take longer than a passkey is fresh.
    test.wait(20 * 60);
    assert!(export.next().await.is_ok() && events.next().await.is_ok());
    let (mut export, mut events) = begun().await;
    test.revoke(eve.current_user.device_id).await;
    assert!(matches!(export.next().await, Err(Error::Denied(_))));
    assert!(matches!(events.next().await, Err(Error::Denied(_))));
}

#[tokio::test]
async fn audit_52_after_an_erasure_only_documented_tables_have_anything_of_the_user() {
    let test = sending().await;
    let (id, mut all) = ada(&test).await;
    all.extend([EMAIL, DEVICE, "198.51.100.77"].map(str::to_owned));
    let db = open(&test).await;
    let before = tables_with(&db, &all).await;
    for table in [
        "users",
        "devices",
        "passkeys",
        "sessions",
        "notifications",
        "mails",
        "grants",
        "attempts",
        "risk_baselines",
        "recovery_codes",
    ] {
        assert!(
            before.contains(table),
            "the search does not find {table}: {before:?}"
        );
    }
    let ceremonies = || {
        texts(
            &db,
            "SELECT purpose FROM ceremonies WHERE purpose = 'saved_form'".to_owned(),
        )
    };
    assert_eq!(ceremonies().await.len(), 1);
    let erased = test
        .engine
        .erase_user(&OPERATOR, id, &origin())
        .await
        .unwrap();
    assert_eq!(erased.email.as_str(), EMAIL);
    assert!(erased.events_left > 5);
    assert!(ceremonies().await.is_empty(), "what was typed");
    let stays: BTreeSet<_> = documented()
        .into_iter()
        .filter(|(_, (_, erased))| erased.contains("stays"))
        .map(|(table, _)| table)
        .collect();
    let after = tables_with(&db, &all).await;
    assert!(after.contains("audit_events"));
    assert!(after.is_subset(&stays), "{after:?}");
    let again = test.engine.erase_user(&OPERATOR, id, &origin()).await;
    assert!(matches!(again, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn audit_52_when_the_log_is_pruned_no_byte_of_the_user_is_left() {
    let test = sending().await;
    let (id, ids) = ada(&test).await;
    test.engine
        .erase_user(&OPERATOR, id, &origin())
        .await
        .unwrap();
    // The newest row that processes poll is never deleted.
    test.service("wiki").await;
    test.clock.advance(Duration::days(40));
    test.engine.tidy().await;
    let pruned = test
        .engine
        .prune_events(&OPERATOR, START + Duration::days(39));
    assert!(matches!(pruned.await.unwrap(), Pruned::Removed { .. }));
    test.engine.tidy().await;
    test.engine.close().await;
    let is_in = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
    for file in std::fs::read_dir(test.dir()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let texts = [EMAIL, NAME, DEVICE, "198.51.100.77"].map(str::to_owned);
        for text in ids.iter().chain(&texts) {
            assert!(
                !is_in(&bytes, text.as_bytes()),
                "{text} in {}",
                path.display()
            );
            if let Ok(id) = text.parse::<uuid::Uuid>() {
                assert!(!is_in(&bytes, id.as_bytes()), "{id} in {}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn audit_52_the_last_administrator_is_not_erased() {
    let test = TestEngine::new().await;
    let user = test
        .registered("root@example.com")
        .await
        .current_user
        .user_id;
    test.set_role(user, Role::Admin).await;
    let erased = test.engine.erase_user(&OPERATOR, user, &origin()).await;
    assert!(matches!(
        erased,
        Err(Error::Conflict {
            reason: Conflict::LastAdministrator(_),
            ..
        })
    ));
    let (engine, origin) = (&test.engine, origin());
    let added = engine.add_user(&OPERATOR, new_user("eve@example.com"), &origin);
    let (eve, _) = added.await.unwrap().commit().await.unwrap();
    test.engine
        .erase_user(&OPERATOR, eve.id, &origin)
        .await
        .unwrap();
}
