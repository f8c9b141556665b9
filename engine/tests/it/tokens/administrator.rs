//! Tokens of administrators, and what a service learns of a user from a token.

use super::{device_grant::Terminal, *};
use latchkey_domain::{identity::user::Role, request::host::Host, tokens::client::GrantType};
use latchkey_engine::{ForwardDecision, NewService, OriginalRequest, Requester, VerifyDecision};

/// A terminal of a user with this role, at `photos`, where `/settings` is for administrators.
pub(super) async fn terminal(role: Role, scopes: &str) -> Terminal {
    let test = TestEngine::on_disk().await;
    let service = test.service("photos").await;
    let engine = &test.engine;
    let new = NewService {
        hosts: "photos.example.com".to_owned(),
        rules: "admins /settings/*".to_owned(),
        ..NewService::default()
    };
    let changed = engine.change_service(&OPERATOR, "photos", new, &ORIGIN);
    changed.await.unwrap();
    let reusable = TokenUse::Reusable;
    let changed = engine.change_access_tokens(
        &OPERATOR,
        "photos",
        NewAccessTokens::new("read", reusable),
        &ORIGIN,
    );
    changed.await.unwrap();
    let new = NewClient {
        kind: ClientKind::Public,
        grant_types: [GrantType::DeviceCode, GrantType::RefreshToken].into(),
        ..new_client("Terminal", "photos", &format!("read {scopes}"))
    };
    let client = TestClient::add(engine, new).await;
    let (id, uri) = test.provisioned("ada@example.com").await;
    test.set_role(id, role).await;
    let ada = test.sign_in("ada@example.com", &uri).await;
    let (ada, ..) = crate::passkey::with_passkey(&test, &ada).await;
    test.grant("ada@example.com", "photos", scopes).await;
    Terminal {
        test,
        service,
        client,
        ada,
    }
}

pub(super) async fn tokens(terminal: &Terminal, scope: &str) -> String {
    let parameters = TokenParameters {
        scope: Some(scope),
        ..TokenParameters::default()
    };
    let credentials = terminal.client.credentials();
    let engine = &terminal.test.engine;
    let begun = engine.begin_device_authorization(credentials, parameters, &ORIGIN);
    let begun = begun.await.unwrap();
    terminal.approve(&begun.user_code).await.unwrap();
    let issued = terminal.fetch(&begun).await.unwrap();
    issued.access_token.expose_secret().to_owned()
}

#[tokio::test]
async fn a_rule_for_administrators_lets_in_tokens_of_administrators_alone() {
    for (role, expected) in [(Role::Admin, "let in"), (Role::Member, "no access")] {
        let terminal = terminal(role, "").await;
        let token = tokens(&terminal, "read").await;
        for (target, expected) in [("/", "let in"), ("/settings/", expected)] {
            let request = OriginalRequest {
                method: "GET",
                is_https: true,
                host: &Host::parse("photos.example.com").unwrap(),
                target,
            };
            let caller = CallerCredentials {
                cookie: None,
                origin: latchkey_engine::CallerOrigin::default(),
                access_token: Some(&bearer(&token)),
            };
            let engine = &terminal.test.engine;
            let decision = engine.forward_auth(Requester::Trusted, request, &caller);
            let found = match decision.await {
                ForwardDecision::TokenAccepted(_) => "let in",
                ForwardDecision::NoAccess => "no access",
                other => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{role} {target}");
        }
    }
}

#[tokio::test]
async fn a_service_learns_from_a_token_what_its_scopes_allow() {
    let terminal = terminal(Role::Admin, "read:username read:email read:user-role").await;
    for (scope, username, email, role) in [
        ("read", None, None, None),
        ("read:username", Some("ada"), None, None),
        ("read:email", None, Some("ada@example.com"), None),
        ("read:user-role", None, None, Some(Role::Admin)),
    ] {
        let token = tokens(&terminal, scope).await;
        let caller = CallerCredentials {
            cookie: None,
            origin: latchkey_engine::CallerOrigin::default(),
            access_token: Some(&bearer(&token)),
        };
        let decision = (terminal.test.engine)
            .verify("photos", Some(&terminal.service), caller)
            .await;
        let VerifyDecision::TokenAccepted(accepted) = decision else {
            panic!("{}", word(&decision));
        };
        assert_eq!(
            (accepted.username(), accepted.email(), accepted.role()),
            (username, email, role)
        );
    }
}

#[tokio::test]
async fn r35_the_approval_of_an_administrator_creates_their_grant() {
    let terminal = terminal(Role::Admin, "").await;
    let engine = &terminal.test.engine;
    let removed = engine.remove_grant(&OPERATOR, "ada@example.com", "photos", &ORIGIN);
    removed.await.unwrap();
    let token = tokens(&terminal, "read").await;
    assert_eq!(
        ask(engine, "photos", &terminal.service, &token).await,
        "token accepted"
    );
}
