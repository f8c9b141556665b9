//! The programs that act for a user, as they and administrators see them, and how each ends.

use super::{device_grant::Terminal, *};
use crate::passkey::change;
use latchkey_domain::{
    id::TokenFamilyId, notification::NotificationKind, pagination::ListQuery,
    tokens::family::TokenFamilyView,
};
use latchkey_engine::{Error, Noun};

async fn families(terminal: &Terminal) -> Vec<TokenFamilyView> {
    let user = &terminal.ada.current_user;
    let found = terminal.test.engine.my_token_families(user).await;
    found.unwrap()
}

async fn refresh(terminal: &Terminal, issued: &IssuedToken) -> Result<IssuedToken, TokenError> {
    let token = issued.refresh_token.as_ref().unwrap();
    let parameters = TokenParameters {
        grant_type: Some("refresh_token"),
        refresh_token: Some(token.expose_secret()),
        ..TokenParameters::default()
    };
    let engine = &terminal.test.engine;
    terminal.client.request(engine, parameters).await
}

#[tokio::test]
async fn a_user_sees_which_programs_act_for_them() {
    let terminal = Terminal::new().await;
    assert!(families(&terminal).await.is_empty());
    let issued = terminal.tokens().await;
    terminal.test.wait(60);
    refresh(&terminal, &issued).await.unwrap();
    let found = families(&terminal).await;
    let [family] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(
        (
            family.client.as_str(),
            family.service.as_str(),
            family.scopes.to_string()
        ),
        ("Terminal", "photos", "read read:email".to_owned())
    );
    assert_eq!(family.device_id, terminal.ada.current_user.device_id);
    assert_eq!(
        (family.refreshed_at - family.created_at).whole_seconds(),
        60
    );
    let engine = &terminal.test.engine;
    let user = terminal.ada.current_user.user_id;
    let of_user = engine.token_families_of(&OPERATOR, user).await.unwrap();
    let query = ListQuery {
        search: "ada@".to_owned(),
        sort: "client".to_owned(),
        ..ListQuery::default()
    };
    let listed = engine.list_token_families(&OPERATOR, &query).await.unwrap();
    assert_eq!((&of_user, &listed.items), (&found, &found));
    let eve = terminal.test.registered("eve@example.com").await;
    let of_eve = engine.my_token_families(&eve.current_user).await.unwrap();
    assert!(of_eve.is_empty());
    // What has ended is not shown, also before it is deleted.
    terminal.test.wait(16 * 3600);
    assert!(families(&terminal).await.is_empty());
}

#[tokio::test]
async fn r15_a_revoked_program_has_no_access_any_more() {
    let terminal = Terminal::new().await;
    let engine = &terminal.test.engine;
    for by_administrator in [false, true] {
        let other = terminal.tokens().await;
        terminal.test.wait(1);
        let issued = terminal.tokens().await;
        let family = families(&terminal).await[0].id;
        match by_administrator {
            false => {
                let proof = change(&terminal.test, &terminal.ada).await;
                let revoked = engine.revoke_my_token_family(&proof, family, &ORIGIN);
                revoked.await.unwrap();
            }
            true => {
                let revoked = engine.revoke_token_family(&OPERATOR, family, &ORIGIN);
                revoked.await.unwrap();
            }
        }
        let query = ListQuery::default();
        let events = engine.list_events(&OPERATOR, &query).await.unwrap().items;
        let ended = (events.iter()).filter(|event| event.action == "token.family_ended");
        assert_eq!(ended.count(), 1 + usize::from(by_administrator));
        assert_eq!(terminal.ask(&issued).await, "unknown");
        assert!(refresh(&terminal, &issued).await.is_err());
        assert_eq!(terminal.ask(&other).await, "token accepted");
        let again = engine.revoke_token_family(&OPERATOR, family, &ORIGIN).await;
        assert!(matches!(again, Err(Error::NotFound(Noun::TokenFamily))));
    }
}

#[tokio::test]
async fn a_user_revokes_their_own_programs_alone() {
    let terminal = Terminal::new().await;
    let issued = terminal.tokens().await;
    let family = families(&terminal).await[0].id;
    let eve = terminal.test.registered("eve@example.com").await;
    let proof = change(&terminal.test, &eve).await;
    let engine = &terminal.test.engine;
    let refused = engine.revoke_my_token_family(&proof, family, &ORIGIN).await;
    assert!(matches!(refused, Err(Error::NotFound(Noun::TokenFamily))));
    assert_eq!(terminal.ask(&issued).await, "token accepted");
    let unknown = TokenFamilyId::from_uuid(uuid::Uuid::nil());
    let refused = engine
        .revoke_token_family(&OPERATOR, unknown, &ORIGIN)
        .await;
    assert!(matches!(refused, Err(Error::NotFound(Noun::TokenFamily))));
}

#[tokio::test]
async fn must_survive_19_a_user_is_told_once_that_a_refresh_token_was_used_twice() {
    let terminal = Terminal::new().await;
    let engine = &terminal.test.engine;
    let user = &terminal.ada.current_user;
    let told = async || {
        let query = ListQuery::default();
        let mut told = engine.my_notifications(user, &query).await.unwrap().items;
        told.retain(|one| one.kind == NotificationKind::RefreshTokenReused);
        told
    };
    // What the user ends themselves, they are not told.
    terminal.tokens().await;
    let proof = change(&terminal.test, &terminal.ada).await;
    let family = families(&terminal).await[0].id;
    let revoked = engine.revoke_my_token_family(&proof, family, &ORIGIN);
    revoked.await.unwrap();
    assert!(told().await.is_empty());

    let issued = terminal.tokens().await;
    refresh(&terminal, &issued).await.unwrap();
    assert!(refresh(&terminal, &issued).await.is_err());
    // Once more: it has ended, and nobody is told again.
    assert!(refresh(&terminal, &issued).await.is_err());
    let notices = told().await;
    let [notice] = &notices[..] else {
        panic!("{notices:?}");
    };
    assert_eq!(
        (notice.subject.as_str(), notice.at, notice.is_read),
        ("Terminal", engine.now(), false)
    );
}
