//! Processes that are killed, two at once, and backups.

use super::Log;
use crate::{
    audit::settings,
    test_engine::{OPERATOR, START, origin},
};
use latchkey_engine::{
    ChainReport, Engine, Error, NewService, Pruned, PrunedEntries, RestoreOptions, Settings,
};
use time::Duration;

#[tokio::test]
async fn a_process_that_is_killed_in_between_leaves_a_chain_that_holds() {
    let log = Log::of_days(0).await;
    let (added, origin) = (NewService::default(), origin());
    let (_, _) = log
        .engine
        .add_service(&OPERATOR, "photos", added, &origin)
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    for number in 0..2_100 {
        let new = NewService {
            hosts: format!("{number}.example.com"),
            ..NewService::default()
        };
        log.engine
            .change_service(&OPERATOR, "photos", new, &origin)
            .await
            .unwrap();
    }
    log.clock.advance(Duration::DAY);
    let before = log.checkpoint().await;
    log.tampers("CREATE TRIGGER killed BEFORE DELETE ON audit_events WHEN old.seq > 2050 BEGIN SELECT RAISE(ABORT, 'killed'); END").await;
    let failed = log
        .engine
        .prune_events(&OPERATOR, START + Duration::DAY)
        .await;
    assert!(matches!(failed, Err(Error::Internal(_))), "{failed:?}");
    let seqs = log.seqs().await;
    assert_eq!((seqs.first(), seqs.last()), (Some(&2_001), Some(&2_102)));
    let (report, found) = log.verify(&before.text).await;
    let intact = ChainReport::Intact {
        entries: 102,
        pruned: Some(PrunedEntries {
            entries: 2_000,
            until: START,
        }),
    };
    assert_eq!((report, found.fit), (intact, 1));
    log.tampers("DROP TRIGGER killed").await;
    // Two at once: one of them may have to come again.
    let (engine, before) = (&log.engine, START + Duration::DAY);
    let both = tokio::join!(
        engine.prune_events(&OPERATOR, before),
        engine.prune_events(&OPERATOR, before)
    );
    assert!(both.0.is_ok() || both.1.is_ok(), "{both:?}");
    assert!(log.is_intact().await);
    assert!(log.seqs().await.iter().all(|seq| *seq > 2_101));
}

#[tokio::test]
async fn a_backup_from_before_and_one_from_after_removing_entries_verify_when_restored() {
    let log = Log::of_days(3).await;
    let (whole, pruned) = (log.dir.path().join("whole"), log.dir.path().join("pruned"));
    let back_up = async |file| log.engine.back_up(&OPERATOR, file, true).await.unwrap();
    back_up(&whole).await;
    log.prune(2).await;
    back_up(&pruned).await;
    log.clock.advance(Duration::DAY);
    for (file, gone) in [(&whole, 0), (&pruned, 6)] {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings {
            clock: log.clock.clone(),
            ..settings(&dir.path().join("data"))
        };
        let options = RestoreOptions::default();
        Engine::restore(&settings, file, options).await.unwrap();
        let engine = Engine::open(settings).await.unwrap();
        let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
        let ChainReport::Intact { entries, pruned } = report else {
            panic!("{report:?}");
        };
        assert_eq!(pruned.map_or(0, |pruned| pruned.entries), gone);
        assert!(entries > 0);
        // And what is restored goes on being pruned.
        let before = START + Duration::days(3);
        let removed = engine.prune_events(&OPERATOR, before).await.unwrap();
        assert!(matches!(removed, Pruned::Removed { .. }), "{removed:?}");
        let report = engine.verify_audit_chain(&OPERATOR).await.unwrap();
        assert!(matches!(report, ChainReport::Intact { .. }), "{report:?}");
    }
}
