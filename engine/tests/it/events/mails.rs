//! What administrators do with mails that were not sent.

use super::*;
use latchkey_domain::mail::SendFailure;

pub(super) async fn retry_and_discard(log: &mut Log<'_>, test: &TestEngine) {
    let (engine, origin) = (&test.engine, &origin());
    let mail = engine.take_due_mail().await.unwrap().unwrap();
    let failed = engine.mail_failed(&mail, SendFailure::Permanent, "550 no such user");
    failed.await.unwrap();
    log.news().await;
    engine.retry_mail(&OPERATOR, mail.id, origin).await.unwrap();
    log.says("retry_mail").await;
    let discarded = engine.discard_mail(&OPERATOR, mail.id, origin);
    discarded.await.unwrap();
    log.says("discard_mail").await;
}
