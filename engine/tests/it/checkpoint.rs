//! Checkpoints and exports of the audit log, against an attacker who can write the database.

use crate::test_engine::{OPERATOR, START, new_user, origin};
use latchkey_domain::audit::checkpoint::Problem;
use latchkey_engine::{
    ChainReport, CheckpointFault, CheckpointKeys, Checkpointed, Clock, Comparison, Engine, Rng,
    Settings, SignedCheckpoint,
};
use sea_orm::{ConnectionTrait, Database};
use std::path::Path;
use tempfile::TempDir;

pub(crate) async fn open(dir: &Path) -> Engine {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database_url: None,
        redis_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Latchkey".to_owned(),
        passkey_only: latchkey_domain::identity::user::PasskeyOnly::default(),
        key_rotation: None,
        sends_mail: false,
        recovery_cooling_off: latchkey_domain::identity::recovery::DEFAULT_COOLING_OFF,
        recovery_confirms_by_mail: false,
        risk: latchkey_engine::RiskSettings::off(),
        passkeys: latchkey_engine::PasskeySettings::default(),
        clock: Clock::manual(START),
        rng: Rng::system().unwrap(),
    };
    Engine::open(settings).await.unwrap()
}

/// An installation whose log has `users` entries.
pub(crate) async fn with_users(users: usize) -> (TempDir, Engine) {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path()).await;
    add(&engine, 0..users).await;
    (dir, engine)
}

pub(crate) async fn add(engine: &Engine, users: std::ops::Range<usize>) {
    for number in users {
        let new = new_user(&format!("person{number}@example.com"));
        engine
            .add_user(&OPERATOR, new, &origin())
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
    }
}

pub(crate) async fn sql(dir: &Path, statement: &str) {
    let url = format!("sqlite://{}", dir.join("latchkey.db").display());
    let db = Database::connect(url).await.unwrap();
    db.execute_unprepared(statement).await.unwrap();
}

/// Truncates the log after `seq` and moves the head back, as an attacker with access to the database would.
pub(crate) async fn cut(dir: &Path, seq: i64) {
    sql(
        dir,
        &format!(
            "DELETE FROM audit_events WHERE seq > {seq}; \
             UPDATE audit_head SET seq = {seq}, hash = (SELECT hash FROM audit_events WHERE seq = {seq})"
        ),
    )
    .await;
}

/// The installation as it is now, in another directory.
pub(crate) async fn copy(dir: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    let file = to.path().join("latchkey.db");
    sql(dir, &format!("VACUUM INTO '{}'", file.display())).await;
    std::fs::copy(dir.join("master.key"), to.path().join("master.key")).unwrap();
    to
}

pub(crate) async fn checkpoint(engine: &Engine) -> SignedCheckpoint {
    match engine.checkpoint(&OPERATOR, None).await.unwrap() {
        Checkpointed::Made(made) => made,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn against(engine: &Engine, text: &str) -> (bool, Comparison) {
    let checkpoints = engine.checkpoint_keys().read(text);
    let (report, comparison) = engine
        .verify_audit_log(&OPERATOR, &checkpoints)
        .await
        .unwrap();
    (matches!(report, ChainReport::Intact { .. }), comparison)
}

pub(crate) fn fault(seq: impl Into<Option<i64>>, problem: Problem) -> CheckpointFault {
    CheckpointFault {
        line: 1,
        seq: seq.into(),
        problem,
    }
}

#[tokio::test]
async fn audit_13_a_truncated_log_with_its_head_moved_back_contradicts_a_checkpoint() {
    let (dir, engine) = with_users(5).await;
    let made = checkpoint(&engine).await;
    assert_eq!(made.checkpoint.seq, 5);
    assert_eq!(against(&engine, &made.text).await.1.fit, 1);

    cut(dir.path(), 3).await;
    let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
    assert_eq!(
        report,
        ChainReport::Intact {
            entries: 3,
            pruned: None
        }
    );
    let (is_intact, comparison) = against(&engine, &made.text).await;
    assert!(is_intact);
    assert_eq!(comparison.faults, [fault(5, Problem::Truncated)]);
}

#[tokio::test]
async fn audit_13_a_restored_old_copy_contradicts_a_later_checkpoint() {
    let (dir, engine) = with_users(3).await;
    let early = checkpoint(&engine).await;
    let old = copy(dir.path()).await;
    add(&engine, 3..5).await;
    let late = checkpoint(&engine).await;
    let both = format!("{}\n# by hand\n\n{}\n", late.text, early.text);
    assert_eq!(against(&engine, &both).await.1.fit, 2);

    let restored = open(old.path()).await;
    let (_, comparison) = against(&restored, &both).await;
    assert_eq!(
        (comparison.fit, comparison.faults),
        (1, vec![fault(5, Problem::Truncated)])
    );
    // Once it is as long as it was, its entries are other ones.
    add(&restored, 10..13).await;
    let (is_intact, comparison) = against(&restored, &both).await;
    assert!(is_intact);
    assert_eq!(
        (comparison.fit, comparison.faults),
        (1, vec![fault(5, Problem::Rewritten)])
    );
}

#[tokio::test]
async fn audit_13_only_own_unaltered_checkpoints_are_accepted() {
    let (_dir, engine) = with_users(2).await;
    let (_other_dir, other) = with_users(2).await;
    let ours = checkpoint(&engine).await.text;
    let theirs = checkpoint(&other).await.text;
    let signature = ours.rsplit_once('.').unwrap().1.len();
    let head = &ours[..ours.len() - signature];
    for (text, problem) in [
        (theirs.as_str(), Problem::UnknownKey),
        (&format!("{head}{}", "A".repeat(signature)), Problem::Forged),
        (&ours[..ours.len() - 2], Problem::Forged),
        (head, Problem::Forged),
        ("nothing", Problem::Unreadable),
        ("eyJ.eyJ.eyJ", Problem::Unreadable),
        (&"eyJ".repeat(1000), Problem::Unreadable),
    ] {
        let (_, comparison) = against(&engine, text).await;
        assert_eq!(
            (comparison.fit, comparison.faults),
            (0, vec![fault(None, problem)]),
            "{text}"
        );
    }
    // What a system log puts around it does not matter.
    let line = format!(
        "Nov 21 12:00:00 door latchkey[7]: INFO audit: checkpoint seq=2 checkpoint=\"{ours}\""
    );
    assert_eq!(against(&engine, &line).await.1.fit, 1);
}

#[tokio::test]
async fn audit_13_a_checkpoint_signed_with_the_assertion_key_is_rejected() {
    let (_dir, engine) = with_users(1).await;
    let made = checkpoint(&engine).await;
    let keys = |keys: serde_json::Value| {
        CheckpointKeys::parse(&serde_json::json!({ "keys": keys }).to_string()).unwrap()
    };
    let own = serde_json::to_value(engine.checkpoint_public_keys()).unwrap();
    let others = serde_json::to_value(engine.token_keys()).unwrap();
    let opened = keys(own).open(&made.text);
    assert_eq!(opened, Ok(made.checkpoint));
    let opened = keys(others).open(&made.text);
    assert_eq!(opened, Err(Problem::UnknownKey));
    assert!(CheckpointKeys::parse("{\"keys\": []}").is_err());
    assert!(CheckpointKeys::parse("").is_err());
}

#[tokio::test]
async fn audit_13_a_checkpoint_continues_from_the_last_one_and_never_signs_a_broken_chain() {
    let (dir, engine) = with_users(3).await;
    let first = checkpoint(&engine).await.checkpoint;
    let next = async |last| engine.checkpoint(&OPERATOR, last).await.unwrap();
    assert_eq!(next(Some(&first)).await, Checkpointed::Unmoved);
    add(&engine, 3..5).await;
    let Checkpointed::Made(second) = next(Some(&first)).await else {
        panic!("the log went on");
    };
    assert_eq!(second.checkpoint, checkpoint(&engine).await.checkpoint);

    cut(dir.path(), 4).await;
    let cut_off = Checkpointed::Unfit(Problem::Truncated);
    assert_eq!(next(Some(&second.checkpoint)).await, cut_off);
    add(&engine, 5..7).await;
    let rewritten = Checkpointed::Unfit(Problem::Rewritten);
    assert_eq!(next(Some(&second.checkpoint)).await, rewritten);
    sql(
        dir.path(),
        "UPDATE audit_events SET detail = 'x' WHERE seq = 2",
    )
    .await;
    assert_eq!(next(None).await, Checkpointed::Broken { seq: 2 });
}

#[tokio::test]
async fn audit_13_an_empty_log_can_be_checkpointed() {
    let (_dir, engine) = with_users(0).await;
    let made = checkpoint(&engine).await;
    assert_eq!(
        (made.checkpoint.seq, made.checkpoint.hash.as_str()),
        (0, "")
    );
    add(&engine, 0..1).await;
    assert_eq!(against(&engine, &made.text).await.1.fit, 1);
    let Checkpointed::Made(_) = engine
        .checkpoint(&OPERATOR, Some(&made.checkpoint))
        .await
        .unwrap()
    else {
        panic!("the log went on");
    };
}
