use super::*;
use crate::backup::staging::Abandoned;
use crate::{OpenError, SealedValue, ephemeral::purpose::ValuePurpose, test_engine::TestEngine};
use latchkey_domain::access::permission::Operator;
use sea_orm::{ConnectionTrait, Database};

static OPERATOR: Operator = Operator;

/// Two users who may enter the service, and a backup of it.
async fn backed_up() -> (TestEngine, PathBuf) {
    let test = TestEngine::in_file().await;
    test.users(["ada@example.com", "grace@example.com"]).await;
    let to = test.engine.inner.settings.data_dir.join("all.backup");
    let made = test.engine.back_up(&OPERATOR, &to, true);
    made.await.unwrap();
    (test, to)
}

async fn alter(database: &Path, sql: &str) {
    let url = format!("sqlite://{}", database.display());
    let db = Database::connect(url).await.unwrap();
    db.execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// The same backup, altered by somebody who has the master key: manifest and tag fit.
async fn altered(test: &TestEngine, from: &Path, sql: &str) -> PathBuf {
    forged(test, from, sql, |_| ()).await
}

async fn forged(
    test: &TestEngine,
    from: &Path,
    sql: &str,
    forge: impl FnOnce(&mut archive::Manifest),
) -> PathBuf {
    let (dir, wanted) = (tempfile::tempdir().unwrap(), Abandoned::default());
    let unpacked = archive::unpack(from, dir.path(), &wanted).unwrap();
    alter(&dir.path().join(DATABASE), sql).await;
    let mut manifest = unpacked.manifest;
    for (name, part) in &mut manifest.files {
        *part = archive::Part::of(&dir.path().join(name), &wanted).unwrap();
    }
    forge(&mut manifest);
    let text = serde_json::to_vec(&manifest).unwrap();
    let tag = hex::encode(test.engine.inner.keys.tag(Purpose::Backup, &text));
    let path = from.with_extension("altered");
    let file = fs::File::create(&path).unwrap();
    archive::pack(file, &manifest, &text, &tag, dir.path(), &wanted).unwrap();
    path
}

async fn restore(
    test: &TestEngine,
    from: &Path,
) -> (tempfile::TempDir, Result<Restored, BackupError>) {
    let to = tempfile::tempdir().unwrap();
    let settings = Settings {
        data_dir: to.path().to_owned(),
        ..test.engine.inner.settings.clone()
    };
    let restored = Engine::restore(&settings, from, RestoreOptions::default()).await;
    (to, restored)
}

/// Whether a backup was refused for the expected reason.
type IsCause = fn(&BackupError) -> bool;

#[tokio::test]
async fn field_1_inconsistent_backups_are_not_restored() {
    let (test, backup) = backed_up().await;
    let damages: [(&str, IsCause); 4] = [
        (
            "INSERT INTO seaql_migrations VALUES ('m2099_newer', 1)",
            |refused| matches!(refused, BackupError::Open(OpenError::DatabaseNewer(step)) if step == "m2099_newer"),
        ),
        (
            "UPDATE audit_events SET detail = 'nothing' WHERE seq = 2",
            |refused| {
                matches!(
                    refused,
                    BackupError::Unfit {
                        fault: BackupFault::ChainBroken { seq: 2 },
                        ..
                    }
                )
            },
        ),
        (
            "UPDATE grants SET subject_sealed = substr(subject_sealed, 1, length(subject_sealed) - 1) || x'00'",
            |refused| {
                matches!(
                    refused,
                    BackupError::Unfit {
                        fault: BackupFault::ValueChanged(SealedValue::Subject),
                        ..
                    }
                )
            },
        ),
        (
            "PRAGMA writable_schema = 1; UPDATE sqlite_master SET sql = 'CREATE TABLE users (id)' WHERE name = 'users'",
            |refused| {
                matches!(
                    refused,
                    BackupError::Unfit {
                        fault: BackupFault::Damaged(_),
                        ..
                    }
                )
            },
        ),
    ];
    for (sql, is_cause) in damages {
        let altered = altered(&test, &backup, sql).await;
        let (to, restored) = restore(&test, &altered).await;
        let refused = restored.unwrap_err();
        assert!(is_cause(&refused), "{sql}: {refused}");
        assert_eq!(fs::read_dir(to.path()).unwrap().count(), 0, "{sql}");
    }
    // Of an older version, it is brought up to date.
    let older = "DROP TABLE device_passkeys; ALTER TABLE users DROP COLUMN passkey_since; \
         ALTER TABLE devices RENAME COLUMN passkey_verified_at TO strong_auth_at; \
         DELETE FROM seaql_migrations WHERE version >= 'm20261125_000008'";
    for backup in [altered(&test, &backup, older).await, backup] {
        let (_to, restored) = restore(&test, &backup).await;
        restored.unwrap();
    }
}

#[tokio::test]
async fn field_1_a_backup_with_control_characters_in_its_url_is_not_restored() {
    let (test, backup) = backed_up().await;
    for url in [
        "https://a.example/\u{1b}[2Jb",
        "https://a.example/\r",
        "none",
    ] {
        let forged = forged(&test, &backup, "SELECT 1", |manifest| {
            manifest.public_url = url.to_owned();
        });
        let (_to, restored) = restore(&test, &forged.await).await;
        let refused = restored.unwrap_err();
        assert!(
            matches!(
                refused,
                BackupError::Unfit {
                    fault: BackupFault::NotABackup,
                    ..
                }
            ),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn field_1_a_backup_that_could_not_be_restored_is_not_made() {
    let (test, _) = backed_up().await;
    let settings = &test.engine.inner.settings;
    alter(
        &settings.data_dir.join(DATABASE),
        "UPDATE audit_events SET detail = 'nothing' WHERE seq = 2",
    )
    .await;
    let to = settings.data_dir.join("bad.backup");
    let made = test.engine.back_up(&OPERATOR, &to, true);
    let refused = made.await.unwrap_err();
    assert!(
        matches!(
            refused,
            BackupError::Unfit {
                fault: BackupFault::ChainBroken { seq: 2 },
                ..
            }
        ),
        "{refused}"
    );
    assert!(!to.exists());
}

#[tokio::test]
async fn field_1_a_backup_under_a_rotated_key_is_restored_and_reports_unreadable_values() {
    let (test, _) = backed_up().await;
    let mut settings = test.engine.inner.settings.clone();
    test.engine.close().await;
    let key = settings.key_file();
    let old = fs::read_to_string(&key).unwrap();
    let new = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0";
    // Rotated; then something happens under the new key; then the old one is taken away.
    fs::write(&key, format!("{new}\n{old}")).unwrap();
    let rotated = Engine::open(settings.clone()).await.unwrap();
    let link = rotated.setup_code().await.unwrap().unwrap();
    link.commit().await.unwrap();
    rotated.close().await;
    fs::write(&key, new).unwrap();
    let retired = Engine::open(settings.clone()).await.unwrap();
    let to = settings.data_dir.join("rotated.backup");
    let made = retired.back_up(&OPERATOR, &to, true);
    made.await.unwrap();
    let (_to, restored) = restore(&test, &to).await;
    assert_eq!(restored.unwrap().unreadable, 2, "the pseudonyms");

    // Whoever forgot the key reads why.
    settings.master_key_file = Some(settings.data_dir.join("no.key"));
    let refused = Engine::open(settings).await.err().unwrap();
    assert!(matches!(refused, OpenError::MasterKey { .. }));
}

#[tokio::test]
async fn what_was_used_before_a_backup_stays_used_after_it_was_restored() {
    let test = TestEngine::in_file().await;
    let (ephemeral, db) = (&test.engine.inner.ephemeral, test.engine.db());
    let until = test.clock.now() + time::Duration::HOUR;
    for (purpose, number) in [(ValuePurpose::UsedToken, 1), (ValuePurpose::NewestToken, 2)] {
        ephemeral
            .put(db, purpose, [number; 32], vec![number], until)
            .await
            .unwrap();
    }
    let backup = test.engine.inner.settings.data_dir.join("all.backup");
    test.engine.back_up(&OPERATOR, &backup, true).await.unwrap();
    let (to, restored) = restore(&test, &backup).await;
    restored.unwrap();
    let settings = Settings {
        data_dir: to.path().to_owned(),
        ..test.engine.inner.settings.clone()
    };
    let engine = Engine::open(settings).await.unwrap();
    let is_there = async |purpose, number| {
        let store = &engine.inner.ephemeral;
        let found = store.peek(engine.db(), purpose, [number; 32], test.clock.now());
        found.await.unwrap().is_some()
    };
    assert!(is_there(ValuePurpose::UsedToken, 1).await);
    // An older token would be the newest one again.
    assert!(!is_there(ValuePurpose::NewestToken, 2).await);
}

#[tokio::test]
async fn audit_46_a_restored_backup_has_no_recovery_codes_and_no_recoveries() {
    use crate::RequestOrigin;
    let test = TestEngine::with(|settings| {
        settings.sends_mail = true;
        settings.recovery_confirms_by_mail = true;
    })
    .await;
    let [cookie] = test.users(["ada@example.com"]).await;
    let nobody = RequestOrigin::default();
    let found = test.engine.authenticate(Some(&cookie), None).await.unwrap();
    let mut ada = found.current_user.unwrap();
    ada.sign_in = Some(latchkey_domain::access::permission::SignIn {
        at: test.clock.now(),
        last_active_at: test.clock.now(),
    });
    let proof = ada.may_manage_self(test.clock.now()).unwrap();
    let codes = test.engine.make_recovery_codes(&proof, &nobody).await;
    let codes = codes.unwrap();
    let code = codes[0].expose_secret();
    let recovering = test.engine.recover(code, None, &nobody).await.unwrap();
    let user = &recovering.current_user;
    let proof = user.may_confirm_recovery(test.clock.now()).unwrap();
    let sent = test.engine.send_recovery_mail(&proof, &nobody);
    sent.await.unwrap();
    let until = test.engine.my_recovery_mail(user).await.unwrap();
    assert!(until.is_some());
    let backup = test.engine.inner.settings.data_dir.join("all.backup");
    test.engine.back_up(&OPERATOR, &backup, true).await.unwrap();

    let to = tempfile::tempdir().unwrap();
    let settings = Settings {
        data_dir: to.path().to_owned(),
        ..test.engine.inner.settings.clone()
    };
    let options = RestoreOptions {
        keep_sign_ins: true,
        ..RestoreOptions::default()
    };
    let restored = Engine::restore(&settings, &backup, options).await.unwrap();
    assert_eq!(restored.recovery_codes, 9);
    let engine = Engine::open(settings).await.unwrap();
    for code in &codes[..2] {
        let code = code.expose_secret();
        assert!(engine.recover(code, None, &nobody).await.is_err());
    }
    let is_known = async |cookie: &str| {
        let found = engine.authenticate(Some(cookie), None).await.unwrap();
        found.current_user.is_some()
    };
    assert!(is_known(&cookie).await);
    assert_eq!(engine.my_recovery_mail(user).await.unwrap(), None);
    assert!(engine.take_due_mail().await.unwrap().is_none());
    assert!(!is_known(recovering.cookie.value.expose_secret()).await);
}
