use super::*;
use crate::{keys::keyring::work, test_engine::TestEngine};
use latchkey_domain::{access::permission::Operator, identity::recovery_mail::MAX_TRIES};
use std::sync::Arc;
use tokio::sync::Barrier;

/// The bytes of a code with what it is tagged with.
const COMPARED: usize = 16 + 16 + 8;

#[tokio::test]
async fn must_survive_3_of_fifty_codes_at_once_five_are_compared() {
    let test = TestEngine::with(|settings| {
        settings.sends_mail = true;
        settings.recovery_confirms_by_mail = true;
    })
    .await;
    let (engine, origin) = (&test.engine, RequestOrigin::default());
    test.users(["ada@example.com"]).await;
    let user = test.id_of("ada@example.com").await;
    let link = engine.invite_user(&Operator, user, false, &origin).await;
    let link = link.unwrap().commit().await.unwrap();
    let link = link.code.expose_secret();
    let recovering = engine.recover(link, None, &origin).await.unwrap();
    let proof = recovering.current_user.may_confirm_recovery(engine.now());
    let proof = proof.unwrap();
    engine.send_recovery_mail(&proof, &origin).await.unwrap();
    let device = recovering.current_user.device_id;
    let found = recovery_mail::find(&engine.read(), device, engine.now()).await;
    let mail = found.unwrap().unwrap();
    let is_right = |number: u64| {
        let code = ConfirmationCode::from_entropy(number.to_be_bytes());
        engine.is_code_of(&mail, &code)
    };
    assert!((0..50).all(|number| !is_right(number)));
    work::take();
    // All on this thread, whose hashes are counted.
    let barrier = Arc::new(Barrier::new(50));
    let tries: Vec<_> = (0..50_u64)
        .map(|number| {
            let code = ConfirmationCode::from_entropy(number.to_be_bytes());
            let (engine, proof) = (engine.clone(), proof.clone());
            let (origin, barrier) = (origin.clone(), barrier.clone());
            tokio::spawn(async move {
                barrier.wait().await;
                engine
                    .confirm_recovery(&proof, &code.expose_secret(), &origin)
                    .await
            })
        })
        .collect();
    for one in tries {
        assert!(one.await.unwrap().is_err());
    }
    let done = work::take();
    let compared = done.iter().filter(|bytes| **bytes == COMPARED).count();
    assert_eq!(compared, MAX_TRIES as usize);
}
