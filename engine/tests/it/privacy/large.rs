//! A copy of very much.

use super::schema::open;
use crate::test_engine::{OPERATOR, TestEngine, origin};
use sea_orm::ConnectionTrait;
use std::time::Instant;

const ENTRIES: usize = 100_000;

/// Adds entries about the only user, as they are after years, without their hashes: a copy does not read these.
const YEARS: &str = "
    WITH RECURSIVE years(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM years WHERE n < 100000),
    newest AS (SELECT * FROM audit_events WHERE subject IS NOT NULL ORDER BY seq DESC LIMIT 1)
    INSERT INTO audit_events (seq, time, actor, actor_name, action, target, target_name, subject, ip, detail, changes, prev_hash, hash)
    SELECT (SELECT seq FROM audit_head) + n, time, actor, actor_name, action, target, target_name, subject, ip, detail, changes, prev_hash, hash
    FROM years, newest;
    UPDATE audit_head SET seq = seq + 100000;";

#[tokio::test]
async fn audit_56_a_copy_with_100_000_entries_is_never_in_memory_at_once() {
    let test = TestEngine::on_disk().await;
    let ada = test.registered("ada@example.com").await;
    // Seals what is written beside the log.
    test.entries().await;
    let db = open(&test).await;
    db.execute_unprepared(YEARS).await.unwrap();
    let user = ada.current_user.user_id;
    let begun = Instant::now();
    let export = test.engine.export_user(&OPERATOR, user, &origin()).await;
    let mut export = export.unwrap();
    let (mut parts, mut bytes, mut largest, mut entries) = (0, 0, 0, 0);
    while let Some(part) = export.next().await.unwrap() {
        parts += 1;
        bytes += part.len();
        largest = largest.max(part.len());
        entries += part.matches("\"seq\":").count();
    }
    println!(
        "{entries} entries: {} MB in {parts} parts of {} KB at most, {:?}",
        bytes / 1_000_000,
        largest / 1000,
        begun.elapsed()
    );
    assert!(entries > ENTRIES, "{entries}");
    assert!(bytes > 20_000_000, "{bytes}");
    assert!(largest < 500_000, "{largest}");
}
