//! Refresh tokens: used once, and what happens to one that is used twice.

use super::{device_grant::Terminal, *};

async fn refresh(terminal: &Terminal, token: &str) -> Result<IssuedToken, TokenError> {
    let parameters = TokenParameters {
        grant_type: Some("refresh_token"),
        refresh_token: Some(token),
        ..TokenParameters::default()
    };
    terminal
        .client
        .request(&terminal.test.engine, parameters)
        .await
}

fn refresh_token(issued: &IssuedToken) -> String {
    issued
        .refresh_token
        .as_ref()
        .unwrap()
        .expose_secret()
        .to_owned()
}

#[tokio::test]
async fn a_refresh_token_is_replaced_at_each_use() {
    let terminal = Terminal::new().await;
    let mut issued = terminal.tokens().await;
    let mut seen = vec![refresh_token(&issued)];
    for _ in 0..5 {
        terminal.test.wait(120);
        issued = refresh(&terminal, seen.last().unwrap()).await.unwrap();
        assert_eq!(terminal.ask(&issued).await, "token accepted");
        let next = refresh_token(&issued);
        assert!(next.starts_with("lkr_") && !seen.contains(&next));
        seen.push(next);
    }
}

#[tokio::test]
async fn a_used_refresh_token_ends_its_family() {
    let terminal = Terminal::new().await;
    let first = terminal.tokens().await;
    let second = refresh(&terminal, &refresh_token(&first)).await.unwrap();
    assert_eq!(terminal.ask(&second).await, "token accepted");
    let reused = refresh(&terminal, &refresh_token(&first))
        .await
        .unwrap_err();
    assert_eq!(reused.to_string(), "invalid_grant");
    assert_eq!(terminal.ask(&first).await, "unknown");
    assert_eq!(terminal.ask(&second).await, "unknown");
    let ended = refresh(&terminal, &refresh_token(&second))
        .await
        .unwrap_err();
    assert_eq!(ended.to_string(), "invalid_grant");
}

#[tokio::test]
async fn a_forged_refresh_token_ends_nothing() {
    let terminal = Terminal::new().await;
    let issued = terminal.tokens().await;
    let token = refresh_token(&issued);
    for index in 0..token.len() {
        let letter = if &token[index..=index] == "A" {
            "B"
        } else {
            "A"
        };
        let forged = format!("{}{letter}{}", &token[..index], &token[index + 1..]);
        let refused = refresh(&terminal, &forged).await.unwrap_err();
        assert_eq!(refused.to_string(), "invalid_grant", "letter {index}");
    }
    for forged in ["", "lkr_", "abc", &"lkr_A".repeat(1000)] {
        assert!(refresh(&terminal, forged).await.is_err());
    }
    assert!(refresh(&terminal, &token).await.is_ok());
}

#[tokio::test]
async fn rfc9700_4_14_a_refresh_token_is_its_clients_alone() {
    let terminal = Terminal::new().await;
    let token = refresh_token(&terminal.tokens().await);
    let other = NewClient {
        kind: ClientKind::Public,
        ..new_client("Other", "photos", "read")
    };
    let other = TestClient::add(&terminal.test.engine, other).await;
    let parameters = TokenParameters {
        grant_type: Some("refresh_token"),
        refresh_token: Some(&token),
        ..TokenParameters::default()
    };
    let refused = other.request(&terminal.test.engine, parameters).await;
    assert_eq!(refused.unwrap_err().to_string(), "invalid_grant");
    // It ends nothing: whoever has a stolen token must not be able to sign its user out.
    assert!(refresh(&terminal, &token).await.is_ok());
}

#[tokio::test]
async fn a_family_without_a_key_ends_after_sixteen_hours_however_often_it_is_used() {
    let terminal = Terminal::new().await;
    let mut token = refresh_token(&terminal.tokens().await);
    for _ in 0..15 {
        terminal.test.wait(3600);
        token = refresh_token(&refresh(&terminal, &token).await.unwrap());
    }
    terminal.test.wait(3599);
    let last = refresh(&terminal, &token).await.unwrap();
    terminal.test.wait(1);
    assert_eq!(terminal.ask(&last).await, "unknown");
    let refused = refresh(&terminal, &refresh_token(&last)).await.unwrap_err();
    assert_eq!(refused.to_string(), "invalid_grant");
}

#[tokio::test]
async fn a_refresh_can_ask_for_less_and_not_for_more() {
    let terminal = Terminal::new().await;
    let token = refresh_token(&terminal.tokens().await);
    let ask = async |token: &str, scope| {
        let parameters = TokenParameters {
            grant_type: Some("refresh_token"),
            refresh_token: Some(token),
            scope: Some(scope),
            ..TokenParameters::default()
        };
        terminal
            .client
            .request(&terminal.test.engine, parameters)
            .await
    };
    for scope in ["write", "read write", "read:username"] {
        let refused = ask(&token, scope).await.unwrap_err();
        assert_eq!(refused.to_string(), "invalid_scope", "{scope}");
    }
    // A refusal uses nothing up.
    let issued = ask(&token, "read").await.unwrap();
    assert_eq!(issued.scopes.to_string(), "read");
}
