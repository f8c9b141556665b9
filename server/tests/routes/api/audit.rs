//! `/api/v1/audit-verification`.

use super::{Program, switch_on};
use crate::harness::TestApp;

#[tokio::test]
async fn audit_57_a_program_checks_the_chain_of_the_audit_log() {
    let test = TestApp::open().await;
    switch_on(&test).await;
    let path = "/api/v1/audit-verification";
    let blind = Program::add(&test, "Blind", "latchkey:users:read").await;
    assert_eq!(blind.call("GET", path, None).await.status, 403);
    let auditor = Program::add(&test, "Auditor", "latchkey:audit:read").await;
    let found = auditor.call("GET", path, None).await.json();
    assert_eq!(found["state"], "intact", "{found}");
    assert_eq!(
        (&found["checked"], &found["broken_at"]),
        (&found["entries"], &serde_json::Value::Null)
    );
    // Asked for by its number it is the same one, though the log was changed meanwhile.
    test.sql("UPDATE audit_events SET actor_name = 'nobody' WHERE seq = 2")
        .await;
    let same = format!("{path}?number={}", found["number"]);
    assert_eq!(auditor.call("GET", &same, None).await.json(), found);
    let next = auditor.call("GET", path, None).await.json();
    assert_eq!(
        (&next["state"], &next["broken_at"]),
        (&"broken".into(), &2.into())
    );
    let wrong = format!("{path}?number=x");
    assert_eq!(auditor.call("GET", &wrong, None).await.status, 400);
}
