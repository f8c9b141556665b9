//! Removing old entries of the audit log, and attackers who can write the database.

mod interruptions;

use crate::{
    audit::{settings, tamper},
    checkpoint::add,
    test_engine::{OPERATOR, START},
};
use latchkey_domain::audit::checkpoint::Problem;
use latchkey_engine::{
    ChainReport, CheckpointKeys, Checkpointed, Clock, Comparison, Engine, ExportCheck, ExportFault,
    Pruned, PrunedEntries, SignedCheckpoint,
};
use tempfile::TempDir;
use time::Duration;

struct Log {
    dir: TempDir,
    engine: Engine,
    clock: Clock,
}

impl Log {
    /// Three entries a day, for as many days.
    async fn of_days(days: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings(dir.path());
        let clock = settings.clock.clone();
        let engine = Engine::open(settings).await.unwrap();
        for day in 0..days {
            add(&engine, 3 * day..3 * day + 3).await;
            clock.advance(Duration::DAY);
        }
        Self { dir, engine, clock }
    }

    async fn tampers(&self, sql: &str) {
        tamper(self.dir.path(), sql).await;
    }

    async fn prune(&self, days: i64) -> Pruned {
        let before = START + Duration::days(days);
        self.engine.prune_events(&OPERATOR, before).await.unwrap()
    }

    async fn checkpoint(&self) -> SignedCheckpoint {
        match self.engine.checkpoint(&OPERATOR, None).await.unwrap() {
            Checkpointed::Made(made) => made,
            other => panic!("{other:?}"),
        }
    }

    async fn verify(&self, checkpoints: &str) -> (ChainReport, Comparison) {
        let read = self.engine.checkpoint_keys().read(checkpoints);
        self.engine
            .verify_audit_log(&OPERATOR, &read)
            .await
            .unwrap()
    }

    async fn is_intact(&self) -> bool {
        matches!(self.verify("").await.0, ChainReport::Intact { .. })
    }

    async fn seqs(&self) -> Vec<i64> {
        let filter = latchkey_domain::audit::filter::EventFilter::default();
        let mut events = self
            .engine
            .select_events(&OPERATOR, &filter, 0)
            .await
            .unwrap();
        let mut seqs = Vec::new();
        while let Some(part) = events.next().await.unwrap() {
            seqs.extend(part.iter().map(|event| event.seq));
        }
        seqs
    }

    async fn export(&self, after: i64) -> Vec<String> {
        let mut export = self.engine.export_events(&OPERATOR, after).await.unwrap();
        let mut lines = Vec::new();
        while let Some(part) = export.next().await.unwrap() {
            lines.extend(part.iter().map(|line| serde_json::to_string(line).unwrap()));
        }
        lines
    }

    fn check(
        &self,
        after: i64,
        kept: &str,
        lines: &[String],
    ) -> Result<(i64, Comparison), ExportFault> {
        let keys = serde_json::json!({ "keys": self.engine.checkpoint_public_keys() });
        let keys = CheckpointKeys::parse(&keys.to_string()).unwrap();
        let kept = keys.read(kept);
        let mut check = ExportCheck::new(keys, after, &kept);
        for line in lines {
            check.read(line)?;
        }
        check.finish()
    }
}

#[tokio::test]
async fn what_is_left_verifies_and_checkpoints_of_what_was_removed_are_said_to_be_pruned() {
    let log = Log::of_days(2).await;
    let at_six = log.checkpoint().await;
    add(&log.engine, 100..101).await;
    let at_seven = log.checkpoint().await;
    log.clock.advance(Duration::days(3));
    add(&log.engine, 101..102).await;
    let at_eight = log.checkpoint().await;
    assert_eq!(log.prune(-1).await, Pruned::Nothing);
    let first = log.prune(3).await;
    assert_eq!(
        first,
        Pruned::Removed {
            entries: 7,
            last: 7
        }
    );
    assert_eq!(log.seqs().await, [8, 9]);
    let kept = [&at_six.text, &at_seven.text, &at_eight.text]
        .map(String::as_str)
        .join("\n");
    let (report, found) = log.verify(&kept).await;
    let pruned = PrunedEntries {
        entries: 7,
        until: START + Duration::days(2),
    };
    let intact = ChainReport::Intact {
        entries: 2,
        pruned: Some(pruned),
    };
    assert_eq!(report, intact);
    assert_eq!(
        (found.pruned, found.fit, found.outside, found.faults),
        (1, 2, 0, vec![])
    );
    // The tombstone's own digest has to agree with a checkpoint of the same place.
    let lines = log.export(0).await;
    assert!(lines[0].starts_with("{\"tombstone\":") && lines.len() == 4);
    let (last, found) = log.check(0, &kept, &lines).unwrap();
    assert_eq!((last, found.pruned, found.fit), (9, 1, 2));
    assert_eq!(log.check(8, "", &log.export(8).await).unwrap().0, 9);
    // Once more, over a tombstone; and a server that knows an older checkpoint goes on.
    let on = log
        .engine
        .checkpoint(&OPERATOR, Some(&at_six.checkpoint))
        .await
        .unwrap();
    assert!(matches!(on, Checkpointed::Made(_)), "{on:?}");
    log.clock.advance(Duration::days(1));
    assert_eq!(
        log.prune(20).await,
        Pruned::Removed {
            entries: 2,
            last: 9
        }
    );
    assert!(log.is_intact().await);
    assert_eq!(log.seqs().await, [10]);
    let backup = log.dir.path().join("backup.tar");
    log.engine.back_up(&OPERATOR, &backup, true).await.unwrap();
}

#[tokio::test]
async fn an_entry_that_is_not_old_enough_protects_those_after_it() {
    let log = Log::of_days(2).await;
    log.clock.advance(-Duration::days(7));
    add(&log.engine, 100..101).await;
    assert_eq!(log.prune(-4).await, Pruned::Nothing);
    assert_eq!(
        log.prune(1).await,
        Pruned::Removed {
            entries: 3,
            last: 3
        }
    );
    assert!(log.is_intact().await);
}

#[tokio::test]
async fn audit_13_a_forged_missing_or_older_tombstone_is_detected() {
    for attack in [
        "nothing",
        "removed",
        "checkpoint",
        "older",
        "changed",
        "of another installation",
        "more entries removed",
        "announcement removed",
    ] {
        let log = Log::of_days(3).await;
        log.prune(1).await;
        let older = tombstone(&log).await;
        log.prune(2).await;
        assert!(log.is_intact().await && log.seqs().await == [7, 8, 9, 10, 11]);
        let put = |text: &str| format!("UPDATE audit_tombstone SET signed = '{text}'");
        let now = tombstone(&log).await;
        let sql = match attack {
            "removed" => "DELETE FROM audit_tombstone".to_owned(),
            "checkpoint" => put(&log.checkpoint().await.text),
            "older" => put(&older),
            "changed" => {
                let (rest, signature) = now.rsplit_once('.').unwrap();
                put(&format!("{rest}.{}", signature.replacen(char::is_alphanumeric, "_", 1)))
            }
            "of another installation" => {
                let other = Log::of_days(3).await;
                other.prune(2).await;
                put(&tombstone(&other).await)
            }
            "more entries removed" => "DELETE FROM audit_events WHERE seq = 7".to_owned(),
            "announcement removed" => "DELETE FROM audit_events WHERE seq >= 10; UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit_events WHERE seq = 9)".to_owned(),
            _ => "SELECT 1".to_owned(),
        };
        log.tampers(&sql).await;
        assert_eq!(log.is_intact().await, attack == "nothing", "{attack}");
        let made = log.engine.checkpoint(&OPERATOR, None).await.unwrap();
        assert_eq!(
            matches!(made, Checkpointed::Made(_)),
            attack == "nothing",
            "{attack}"
        );
        let pruned = log.prune(30).await;
        assert_eq!(
            matches!(pruned, Pruned::Broken { .. }),
            attack != "nothing",
            "{attack}: {pruned:?}"
        );
    }
}

async fn tombstone(log: &Log) -> String {
    let line: serde_json::Value = serde_json::from_str(&log.export(0).await[0]).unwrap();
    line["tombstone"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn audit_13_an_export_whose_tombstone_was_exchanged_is_not_intact() {
    let log = Log::of_days(2).await;
    log.prune(1).await;
    let lines = log.export(0).await;
    assert!(log.check(0, "", &lines).is_ok());
    assert!(log.check(0, "", &lines[1..]).is_err());
    let twice = [&lines[..1], &lines].concat();
    assert!(log.check(0, "", &twice).is_err());
    let other = Log::of_days(2).await;
    other.prune(1).await;
    let exchanged = [&other.export(0).await[..1], &lines[1..]].concat();
    assert_eq!(
        log.check(0, "", &exchanged),
        Err(ExportFault::Checkpoint {
            line: 1,
            problem: Problem::UnknownKey
        })
    );
}
