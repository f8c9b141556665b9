//! How many requests are accepted from a program.

use super::{Program, switch_on};
use crate::harness::TestApp;
use latchkey::web::admission::{ProgramQuota, Quotas};
use std::time::Duration as StdDuration;
use time::Duration;

#[tokio::test]
async fn a_program_that_asks_too_often_waits_and_others_do_not() {
    let quotas = Quotas {
        program: ProgramQuota {
            requests: 1,
            window: StdDuration::from_secs(1),
            burst: 3,
        },
        ..Quotas::default()
    };
    let test = TestApp::admitting(&[], quotas).await;
    switch_on(&test).await;
    let busy = Program::add(&test, "Busy", "latchkey:users:read").await;
    let calm = Program::add(&test, "Calm", "latchkey:users:read").await;
    for left in (0..3).rev() {
        let accepted = busy.call("GET", "/api/v1/users", None).await;
        assert_eq!(accepted.status, 200);
        let policy = accepted.header("ratelimit-policy");
        assert_eq!(policy, Some("\"program\";q=3;w=3"));
        let limit = format!("\"program\";r={left}");
        assert_eq!(accepted.header("ratelimit"), Some(&*limit));
    }
    let refused = busy.call("GET", "/api/v1/users", None).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.header("ratelimit-policy"),
        Some("\"program\";q=3;w=3")
    );
    assert_eq!(refused.header("ratelimit"), Some("\"program\";r=0;t=1"));
    assert_eq!(calm.call("GET", "/api/v1/users", None).await.status, 200);
    test.wait(Duration::SECOND);
    assert_eq!(busy.call("GET", "/api/v1/users", None).await.status, 200);
}
