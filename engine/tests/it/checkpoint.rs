//! Checkpoints of the audit log and exports of it, against somebody who can write the database.

use crate::test_engine::{START, new_user, origin};
use latchkey_domain::{
    access::permission::Administrator, audit::checkpoint::Problem, pagination::ListQuery,
};
use latchkey_engine::{
    ChainReport, CheckpointFault, CheckpointKeys, Checkpointed, Clock, Comparison, Engine,
    ExportCheck, ExportFault, NewService, Rng, Settings, SignedCheckpoint,
};
use sea_orm::{ConnectionTrait, Database};
use std::path::Path;
use tempfile::TempDir;

const OPERATOR: Administrator = Administrator::Operator;

async fn open(dir: &Path) -> Engine {
    let settings = Settings {
        data_dir: dir.to_owned(),
        database_url: None,
        master_key_file: None,
        public_url: "http://localhost:3000".parse().unwrap(),
        site_name: "Latchkey".to_owned(),
        passkey_only: latchkey_domain::identity::user::PasskeyOnly::default(),
        clock: Clock::manual(START),
        rng: Rng::system().unwrap(),
    };
    Engine::open(settings).await.unwrap()
}

/// An installation whose log has `people` entries.
async fn with_people(people: usize) -> (TempDir, Engine) {
    let dir = tempfile::tempdir().unwrap();
    let engine = open(dir.path()).await;
    add(&engine, 0..people).await;
    (dir, engine)
}

async fn add(engine: &Engine, people: std::ops::Range<usize>) {
    for number in people {
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

async fn sql(dir: &Path, statement: &str) {
    let url = format!("sqlite://{}", dir.join("latchkey.db").display());
    let db = Database::connect(url).await.unwrap();
    db.execute_unprepared(statement).await.unwrap();
}

/// Cuts the log after `seq` and moves the head back, as somebody who can write the database would.
async fn cut(dir: &Path, seq: i64) {
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
async fn copy(dir: &Path) -> TempDir {
    let to = tempfile::tempdir().unwrap();
    let file = to.path().join("latchkey.db");
    sql(dir, &format!("VACUUM INTO '{}'", file.display())).await;
    std::fs::copy(dir.join("master.key"), to.path().join("master.key")).unwrap();
    to
}

async fn checkpoint(engine: &Engine) -> SignedCheckpoint {
    match engine.checkpoint(&OPERATOR, None).await.unwrap() {
        Checkpointed::Made(made) => made,
        other => panic!("{other:?}"),
    }
}

async fn against(engine: &Engine, text: &str) -> (bool, Comparison) {
    let checkpoints = engine.checkpoint_keys().read(text);
    let (report, comparison) = engine
        .verify_audit_log(&OPERATOR, &checkpoints)
        .await
        .unwrap();
    (matches!(report, ChainReport::Intact { .. }), comparison)
}

fn fault(seq: impl Into<Option<i64>>, problem: Problem) -> CheckpointFault {
    CheckpointFault {
        line: 1,
        seq: seq.into(),
        problem,
    }
}

#[tokio::test]
async fn audit_13_a_truncated_log_with_its_head_moved_back_contradicts_a_checkpoint() {
    let (dir, engine) = with_people(5).await;
    let made = checkpoint(&engine).await;
    assert_eq!(made.checkpoint.seq, 5);
    assert_eq!(against(&engine, &made.text).await.1.fit, 1);

    cut(dir.path(), 3).await;
    let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
    assert_eq!(report, ChainReport::Intact { entries: 3 });
    let (is_intact, comparison) = against(&engine, &made.text).await;
    assert!(is_intact);
    assert_eq!(comparison.faults, [fault(5, Problem::Truncated)]);
}

#[tokio::test]
async fn audit_13_a_restored_old_copy_contradicts_a_later_checkpoint() {
    let (dir, engine) = with_people(3).await;
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
    let (_dir, engine) = with_people(2).await;
    let (_other_dir, other) = with_people(2).await;
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
    let (_dir, engine) = with_people(1).await;
    let made = checkpoint(&engine).await;
    let keys = |keys: Vec<latchkey_engine::PublicKey>| {
        CheckpointKeys::parse(&serde_json::json!({ "keys": keys }).to_string()).unwrap()
    };
    let opened = keys(engine.checkpoint_public_keys()).open(&made.text);
    assert_eq!(opened, Ok(made.checkpoint));
    let opened = keys(engine.assertion_keys()).open(&made.text);
    assert_eq!(opened, Err(Problem::UnknownKey));
    assert!(CheckpointKeys::parse("{\"keys\": []}").is_err());
    assert!(CheckpointKeys::parse("").is_err());
}

#[tokio::test]
async fn audit_13_a_checkpoint_continues_from_the_last_one_and_never_signs_a_broken_chain() {
    let (dir, engine) = with_people(3).await;
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
    let (_dir, engine) = with_people(0).await;
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

async fn export(engine: &Engine, after: i64) -> Vec<String> {
    let mut export = engine.export_events(&OPERATOR, after).await.unwrap();
    let mut lines = Vec::new();
    while let Some(batch) = export.next().await.unwrap() {
        lines.extend(
            batch
                .iter()
                .map(|line| serde_json::to_string(line).unwrap()),
        );
    }
    lines
}

/// On another machine: the public keys as they are handed out, and nothing else.
fn check(
    keys: &str,
    after: i64,
    checkpoints: &str,
    lines: &[String],
) -> Result<(i64, Comparison), ExportFault> {
    let keys = CheckpointKeys::parse(keys).unwrap();
    let checkpoints = keys.read(checkpoints);
    let mut check = ExportCheck::new(keys, after, &checkpoints);
    for line in lines {
        check.read(line)?;
    }
    check.finish()
}

fn jwks(engine: &Engine) -> String {
    serde_json::json!({ "keys": engine.checkpoint_public_keys() }).to_string()
}

/// A log with a bit of everything: a subject, an address, changes with quotes and line ends.
async fn varied() -> (TempDir, Engine) {
    let (dir, engine) = with_people(3).await;
    let new = NewService {
        rules: "public /%C3%A4\nadmins /b/*".to_owned(),
        hosts: "photos.example.com".to_owned(),
        ..NewService::default()
    };
    engine
        .add_service(&OPERATOR, "photos", new, &origin())
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    let scopes = "read:email".parse().unwrap();
    engine
        .add_grant(
            &OPERATOR,
            "person1@example.com",
            "photos",
            scopes,
            None,
            &origin(),
        )
        .await
        .unwrap();
    (dir, engine)
}

#[tokio::test]
async fn audit_13_an_export_is_verified_with_the_public_key_alone() {
    let (_dir, engine) = varied().await;
    let (keys, lines) = (jwks(&engine), export(&engine, 0).await);
    assert_eq!(lines.len(), 6);
    assert_eq!(check(&keys, 0, "", &lines).unwrap().0, 5);
    // Of a part, beginning and end are signed.
    let part = export(&engine, 2).await;
    assert_eq!(part.len(), 5);
    assert_eq!(check(&keys, 2, "", &part).unwrap().0, 5);
    assert_eq!(export(&engine, 5).await.len(), 1);
    assert_eq!(check(&keys, 5, "", &export(&engine, 5).await).unwrap().0, 5);
    assert!(export(&engine, 6).await.is_empty());
    // Parts that follow each other are a whole.
    let (_, kept) = lines.split_at(2);
    let whole = [&lines[..2], &part[..1], kept].concat();
    assert_eq!(check(&keys, 0, "", &whole).unwrap().0, 5);

    let (_other_dir, other) = with_people(0).await;
    assert_eq!(
        check(&jwks(&other), 0, "", &lines),
        Err(ExportFault::Checkpoint {
            line: 6,
            problem: Problem::UnknownKey
        })
    );
}

#[tokio::test]
async fn audit_13_every_value_of_an_export_is_covered_by_the_signature() {
    let (_dir, engine) = varied().await;
    let (keys, lines) = (jwks(&engine), export(&engine, 0).await);
    // Each value of each entry, replaced by another one of the same type, and a field that nobody exported.
    for (place, line) in lines[..5].iter().enumerate() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        for name in value.as_object().unwrap().keys() {
            let mut other = value.clone();
            other[name] = match (&value[name], name.as_str()) {
                (_, "time") => "2026-11-21T12:00:01Z".into(),
                (_, "subject") => "0190a0a0-0000-7000-8000-000000000000".into(),
                (serde_json::Value::Number(_), _) => 9.into(),
                (serde_json::Value::Array(_), _) => {
                    serde_json::json!([{"field": "rules", "before": null, "after": "x"}])
                }
                _ => "ab".into(),
            };
            let mut changed = lines.clone();
            changed[place] = other.to_string();
            assert!(check(&keys, 0, "", &changed).is_err(), "{name} of {line}");
        }
        for other in [
            line.replacen('{', "{\"note\":\"all is well\",", 1),
            line.replacen('{', "{\"actor\":\"operator\",", 1),
            line.replace("12:00:00Z", "12:00:00.5Z"),
        ] {
            let mut changed = lines.clone();
            changed[place] = other;
            assert!(check(&keys, 0, "", &changed).is_err(), "{}", changed[place]);
        }
    }
}

#[tokio::test]
async fn audit_13_missing_moved_and_added_lines_of_an_export_are_detected() {
    let (dir, engine) = varied().await;
    let (keys, lines) = (jwks(&engine), export(&engine, 0).await);
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        check(&keys, 0, "", &lines)
    };
    let order = |line, expected, found| {
        Err(ExportFault::Order {
            line,
            expected,
            found,
        })
    };
    assert_eq!(with(&|lines| drop(lines.remove(2))), order(3, 3, 4));
    assert_eq!(with(&|lines| drop(lines.remove(0))), order(1, 1, 2));
    assert_eq!(with(&|lines| lines.swap(1, 2)), order(2, 2, 3));
    assert_eq!(
        with(&|lines| lines.insert(2, lines[1].clone())),
        order(3, 3, 2)
    );
    assert_eq!(
        with(&|lines| drop(lines.remove(4))),
        Err(ExportFault::Contradicted { line: 5 })
    );
    assert_eq!(with(&|lines| drop(lines.pop())), Err(ExportFault::Unsigned));
    assert_eq!(with(&Vec::clear), Err(ExportFault::Unsigned));
    // A part that is passed off as the whole, or begins later than it should.
    let part = export(&engine, 2).await;
    assert!(check(&keys, 0, "", &part).is_err());
    assert_eq!(
        check(&keys, 1, "", &part),
        Err(ExportFault::Beginning { after: 1 })
    );
    assert_eq!(
        check(&keys, 2, "", &part[1..]),
        Err(ExportFault::Beginning { after: 2 })
    );

    // An old export is genuine; only a newer checkpoint tells what it lacks. A log that was rewritten too.
    let old = copy(dir.path()).await;
    add(&engine, 10..12).await;
    let late = checkpoint(&engine).await.text;
    let (_, comparison) = check(&keys, 0, &late, &lines).unwrap();
    assert_eq!(comparison.faults, [fault(7, Problem::Truncated)]);
    let restored = open(old.path()).await;
    add(&restored, 20..22).await;
    let (_, comparison) = check(&keys, 0, &late, &export(&restored, 0).await).unwrap();
    assert_eq!(comparison.faults, [fault(7, Problem::Rewritten)]);
    let (_, comparison) = check(&keys, 0, &late, &export(&engine, 0).await).unwrap();
    assert_eq!((comparison.fit, comparison.faults), (1, vec![]));
}

#[tokio::test]
async fn audit_13_an_export_of_a_broken_log_is_complete_but_unsigned() {
    let (dir, engine) = with_people(4).await;
    let keys = jwks(&engine);
    sql(
        dir.path(),
        "UPDATE audit_events SET detail = 'x' WHERE seq = 2",
    )
    .await;
    let lines = export(&engine, 0).await;
    assert_eq!(lines.len(), 4, "evidence is not withheld");
    assert_eq!(check(&keys, 0, "", &lines), Err(ExportFault::Unsigned));
    assert_eq!(export(&engine, 3).await.len(), 1);
    let listed = engine.list_events(&OPERATOR, &ListQuery::default()).await;
    assert_eq!(listed.unwrap().total, 4);
}
