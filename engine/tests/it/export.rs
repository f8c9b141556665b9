//! Exports of the audit log, verified elsewhere with the public key alone.

use crate::{
    checkpoint::{add, checkpoint, copy, fault, open, sql, with_users},
    test_engine::{OPERATOR, origin},
};
use latchkey_domain::{audit::checkpoint::Problem, pagination::ListQuery};
use latchkey_engine::{CheckpointKeys, Comparison, Engine, ExportCheck, ExportFault, NewService};
use tempfile::TempDir;

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
    let (dir, engine) = with_users(3).await;
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

    let (_other_dir, other) = with_users(0).await;
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
    // Each value of each entry, replaced by another one of the same type, and a field that was not exported.
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
    let (dir, engine) = with_users(4).await;
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
