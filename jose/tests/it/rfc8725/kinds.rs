//! Kinds of tokens.

use crate::tokens::{NOW, key, signed};
use latchkey_jose::{
    Algorithm, Audience, Expected, KeySet,
    assertion::{self, Purpose},
    dpop::{self, Binding},
};
use serde_json::json;

const ISSUER: &str = "https://login.example.com";

#[test]
fn rfc8725_3_12_a_token_of_one_kind_is_none_of_another() {
    let key = key(Algorithm::EdDsa, 1);
    let keys = KeySet::new([key.public().clone()]);
    // Every claim that any of them requires, so that only the kind is left to decide.
    let claims = json!({
        "iss": ISSUER, "sub": ISSUER, "aud": ISSUER, "jti": "j1", "iat": NOW, "exp": NOW + 60, "htm": "POST", "htu": ISSUER,
    });
    let (id, mut jwk) = (key.id(), serde_json::to_value(key.public().jwk()).unwrap());
    jwk["kid"].take();
    let tokens = [
        (json!({ "typ": "at+jwt", "kid": id }), "access token"),
        (json!({ "typ": "dpop+jwt", "jwk": jwk }), "proof"),
        (
            json!({ "typ": "client-authentication+jwt", "kid": id }),
            "client",
        ),
        (json!({ "typ": "JWT", "kid": id }), "client, grant"),
        (json!({ "kid": id }), "client, grant"),
        (json!({ "typ": "dpop+jwt", "kid": id }), ""),
        (json!({ "typ": "at+jwt", "jwk": jwk }), ""),
        (json!({ "typ": "JWT", "jwk": jwk }), ""),
        (json!({ "typ": "at+jwt", "jwk": jwk, "kid": id }), ""),
        (json!({ "typ": "dpop+jwt", "jwk": jwk, "kid": id }), ""),
        (json!({ "jwk": jwk }), ""),
    ];
    let access_token = Expected {
        typ: "at+jwt",
        issuer: ISSUER,
        audience: Audience::Only(ISSUER),
        now: NOW,
        leeway: 5,
    };
    let proof = dpop::Expected {
        method: "POST",
        url: ISSUER,
        now: NOW,
        binding: Binding::None,
        nonces: None,
    };
    let assertion = |purpose| assertion::Expected {
        purpose,
        audience: ISSUER,
        now: NOW,
    };
    let client = assertion(Purpose::ClientAuthentication { client_id: ISSUER });
    let grant = assertion(Purpose::AuthorizationGrant {
        issuer: ISSUER,
        subject: ISSUER,
    });
    for (mut header, expected) in tokens {
        header["alg"] = json!("EdDSA");
        let token = signed(&header.to_string(), &claims.to_string());
        let accepted = [
            ("access token", access_token.check(&keys, &token).is_ok()),
            ("proof", proof.check(&token).is_ok()),
            ("client", client.check(&keys, &token).is_ok()),
            ("grant", grant.check(&keys, &token).is_ok()),
        ];
        let accepted = accepted
            .into_iter()
            .filter_map(|(kind, is_ok)| is_ok.then_some(kind));
        assert_eq!(
            accepted.collect::<Vec<_>>().join(", "),
            expected,
            "{header}"
        );
    }
}
