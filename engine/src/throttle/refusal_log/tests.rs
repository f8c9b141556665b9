use super::*;
use crate::test_engine::TestEngine;
use latchkey_domain::{access::permission::Operator, pagination::ListQuery};
use sea_orm::ConnectionTrait;

const NOW: i64 = 1_800_000_000;

fn count(refusals: &Refusals, network: impl ToString, now: i64) -> bool {
    refusals.count(network.to_string(), Kind::Code, now)
}

#[test]
fn audit_9_the_first_refusals_are_logged_and_the_rest_counted() {
    let refusals = Refusals::default();
    let in_full = (0..1000)
        .filter(|_| count(&refusals, "192.0.2.1", NOW))
        .count();
    assert_eq!(in_full, 5);
    assert!(refusals.count("192.0.2.1".to_owned(), Kind::Passkey, NOW));
    assert!(count(&refusals, "192.0.2.2", NOW));
    assert!(refusals.take(NOW, false).is_empty());
    let due = refusals.take(NOW + 60, false);
    assert!(matches!(&due[..], [(key, 995)] if key.network == "192.0.2.1"));
    assert!(refusals.take(NOW + 120, false).is_empty());
}

#[test]
fn audit_9_refusals_of_many_networks_are_bounded_in_log_and_memory() {
    let refusals = Refusals::default();
    let in_full = (0..100_000)
        .filter(|number| count(&refusals, format!("network {number}"), NOW))
        .count();
    assert!(in_full <= 30, "{in_full}");
    let due = refusals.take(NOW, true);
    assert!(due.len() <= MAX_APART + 1, "{}", due.len());
    let counted: u32 = due.iter().map(|(_, count)| count).sum();
    assert_eq!(usize::try_from(counted), Ok(100_000 - in_full));
}

#[test]
fn audit_9_refusals_of_a_few_networks_are_bounded_in_the_log() {
    let refusals = Refusals::default();
    for minute in 0..2 {
        let in_full = (0..10 * MAX_APART)
            .filter(|number| count(&refusals, number % MAX_APART, NOW + 60 * minute))
            .count();
        assert_eq!(in_full, 30);
    }
}

#[test]
fn audit_9_counts_that_cannot_be_written_are_bounded_in_memory() {
    let refusals = Refusals::default();
    for minute in 0..100 {
        for number in 0..10 * MAX_APART {
            count(&refusals, number % MAX_APART, NOW + 60 * minute);
        }
    }
    assert_eq!(refusals.take(NOW + 60 * 100, false).len(), 4 * MAX_APART);
}

#[test]
fn a_process_that_ends_takes_the_counts_of_this_minute_and_of_the_one_before() {
    for later in [0, 60] {
        let refusals = Refusals::default();
        for _ in 0..7 {
            count(&refusals, "192.0.2.1", NOW);
        }
        let due = refusals.take(NOW + later, true);
        assert!(matches!(&due[..], [(_, 2)]), "{due:?}");
    }
}

async fn execute(engine: &Engine, statement: &str) {
    let permit = engine.acquire_write_permit().await.unwrap();
    permit.db().execute_unprepared(statement).await.unwrap();
}

#[tokio::test]
async fn counts_that_could_not_be_written_are_written_later() {
    let test = TestEngine::new().await;
    let engine = &test.engine;
    let origin = RequestOrigin {
        ip: Some([192, 0, 2, 1].into()),
        ..RequestOrigin::default()
    };
    for reason in [Reason::Code("wrong code"), Reason::Passkey("not ours")] {
        for _ in 0..12 {
            let recorded = engine.record_refusal(None, reason, &origin).await;
            recorded.unwrap();
        }
    }
    let full = "BEFORE INSERT ON audit_unsealed BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    execute(engine, &format!("CREATE TRIGGER full {full}")).await;
    engine.write_refusals(true).await;
    execute(engine, "DROP TRIGGER full").await;
    engine.write_refusals(true).await;
    // There is nothing left to write.
    engine.write_refusals(true).await;

    let query = ListQuery {
        filter: "session.refusals".to_owned(),
        ..ListQuery::default()
    };
    let operator = Operator;
    let written = engine.list_events(&operator, &query);
    let mut written: Vec<_> = (written.await.unwrap().items.into_iter())
        .map(|event| (event.target_name, event.detail))
        .collect();
    written.sort();
    let counted = |reason: &str| ("7 more from 192.0.2.1".to_owned(), reason.to_owned());
    assert_eq!(
        written,
        [
            counted("passkey not accepted"),
            counted("wrong code or unknown account")
        ]
    );
}
