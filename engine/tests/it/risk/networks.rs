//! What administrators say of networks.

use super::{Settled, at, enforcing};
use crate::test_engine::{OPERATOR, origin};
use latchkey_domain::pagination::ListQuery;
use latchkey_domain::risk::NetworkVerdict::{Allow, Block};
use latchkey_engine::{Conflict, Error, InvalidInput};
use time::Duration;

#[tokio::test]
async fn a_rule_holds_until_it_ends_and_the_smallest_network_decides() {
    let settled = Settled::on(enforcing().await).await;
    let (engine, client) = (&settled.test.engine, origin());
    let rule =
        |network, verdict, lasts| engine.rule_network(&OPERATOR, network, verdict, lasts, &client);
    rule("198.51.0.0/16", Block, None).await.unwrap();
    rule("198.51.100.0/24", Allow, Some(Duration::days(7)))
        .await
        .unwrap();
    let score = async |ip: &str| {
        settled.code(None, &at(ip)).await.unwrap();
        settled.risk().await.events[0].score
    };
    assert_eq!(
        score("198.51.100.7").await,
        25,
        "a new device, in a usual place"
    );
    assert_eq!(score("198.51.7.7").await, 100);
    settled.test.wait(7 * 24 * 60 * 60);
    assert_eq!(score("198.51.100.7").await, 100, "the rule has ended");
    let listed = engine.list_network_rules(&OPERATOR).await.unwrap();
    assert_eq!(listed.len(), 1);
    engine
        .remove_network_rule(&OPERATOR, "198.51.0.0/16", &client)
        .await
        .unwrap();
    let again = engine.remove_network_rule(&OPERATOR, "198.51.0.0/16", &client);
    assert!(matches!(again.await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_is_no_network_or_too_wide_is_refused() {
    let settled = Settled::on(enforcing().await).await;
    let (engine, client) = (&settled.test.engine, origin());
    let rule = |network, lasts| engine.rule_network(&OPERATOR, network, Block, lasts, &client);
    for network in ["", "example.com", "192.0.2.0/33", "192.0.2"] {
        let refused = rule(network, None).await;
        let is_refused = matches!(
            &refused,
            Err(Error::BadInput {
                reason: InvalidInput::Network(_),
                ..
            })
        );
        assert!(is_refused, "{network}: {refused:?}");
    }
    for network in ["0.0.0.0/0", "10.0.0.0/7", "::/0", "2000::/3"] {
        let refused = rule(network, None).await;
        let is_refused = matches!(
            &refused,
            Err(Error::BadInput {
                reason: InvalidInput::NetworkTooWide,
                ..
            })
        );
        assert!(is_refused, "{network}: {refused:?}");
    }
    for lasts in [Duration::ZERO, -Duration::HOUR, Duration::MAX] {
        assert!(rule("192.0.2.0/24", Some(lasts)).await.is_err(), "{lasts}");
    }
    for number in 0..1000_u32 {
        let network = format!("10.{}.{}.0/24", number / 256, number % 256);
        engine
            .rule_network(&OPERATOR, &network, Allow, None, &client)
            .await
            .unwrap();
    }
    let one_more = rule("192.0.2.0/24", None).await;
    assert!(matches!(
        one_more,
        Err(Error::Conflict {
            reason: Conflict::TooManyNetworkRules { most: 1000 },
            ..
        })
    ));
    engine
        .rule_network(&OPERATOR, "10.0.0.0/24", Block, None, &client)
        .await
        .unwrap();
}

#[tokio::test]
async fn rules_are_listed_in_pages_and_removed_one_by_one() {
    let test = enforcing().await;
    let (engine, client) = (&test.engine, origin());
    for number in 0..40_u32 {
        let (network, verdict) = (
            format!("10.0.{number}.0/24"),
            if number < 3 { Block } else { Allow },
        );
        let lasts = (number == 7).then_some(Duration::days(1));
        engine
            .rule_network(&OPERATOR, &network, verdict, lasts, &client)
            .await
            .unwrap();
    }
    let find = async |search: &str, filter: &str, sort: &str, page: u64| {
        let query = ListQuery {
            search: search.to_owned(),
            filter: filter.to_owned(),
            sort: sort.to_owned(),
            page,
            ..ListQuery::default()
        };
        let found = engine.find_network_rules(&OPERATOR, &query).await.unwrap();
        let networks: Vec<_> = found.items.into_iter().map(|rule| rule.network).collect();
        (found.total, networks)
    };
    let (total, first) = find("", "", "", 1).await;
    let (_, second) = find("", "", "", 2).await;
    assert_eq!((total, first.len() + second.len()), (40, 40));
    assert!(first.iter().all(|network| !second.contains(network)));
    assert_eq!(find("", "block", "", 1).await.0, 3);
    assert_eq!(find("0.39.", "", "", 1).await.1, ["10.0.39.0/24"]);
    assert_eq!(find("", "", "expires", 1).await.1[0], "10.0.7.0/24");

    let listed = engine.list_network_rules(&OPERATOR).await.unwrap();
    let (rule, other) = (&listed[0], &listed[1]);
    let remove = |id| engine.remove_network_rule_by_id(&OPERATOR, id, &client);
    remove(rule.id).await.unwrap();
    assert!(matches!(remove(rule.id).await, Err(Error::NotFound(_))));
    // Said again, it is another rule.
    engine
        .rule_network(&OPERATOR, &other.network, Allow, None, &client)
        .await
        .unwrap();
    assert!(matches!(remove(other.id).await, Err(Error::NotFound(_))));
    assert_eq!(find("", "", "", 1).await.0, 39);
}
