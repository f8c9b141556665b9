//! `GET /healthz`, `GET /readyz`

use crate::harness::TestApp;
use latchkey_engine::NewService;

#[tokio::test]
async fn healthz_answers_at_once_and_readyz_after_the_audit_log_was_read() {
    let test = TestApp::open().await;
    let photos = test.service("photos", NewService::default()).await;
    let alive = photos.ask("/healthz", &[]).await;
    assert_eq!((alive.status.as_u16(), alive.body.as_str()), (200, "ok\n"));
    assert_eq!(
        photos.ask("/readyz", &[]).await.status,
        503,
        "nobody follows the log yet"
    );
    test.engine.spawn_change_feed();
    let ready = async {
        while photos.ask("/readyz", &[]).await.status != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), ready)
        .await
        .unwrap();
}
