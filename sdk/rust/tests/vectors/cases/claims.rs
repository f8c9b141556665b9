//! Types and registered claims.

use super::Cases;
use crate::signer::{
    NOW, changed, claims, header_with, identity_claims, key, sign as signed_token, signed,
    thumbprint,
};
use latchkey_jose::Algorithm::{self, Es256};
use serde_json::{Value, json};

pub(super) fn types(cases: &mut Cases) {
    let key = key(Algorithm::EdDsa);
    for (typ, is_accepted) in [
        ("AT+JWT", true),
        ("application/at+jwt", true),
        ("Application/At+Jwt", true),
        ("JWT", false),
        ("", false),
        ("text/at+jwt", false),
        ("application/", false),
        ("application/application/at+jwt", false),
        ("at+jwt ", false),
        ("at+jwt;v=1", false),
        ("dpop+jwt", false),
        ("secevent+jwt", false),
        ("at+\u{237}wt", false),
    ] {
        let expected = if is_accepted { claims() } else { "type".into() };
        let token = latchkey_jose::sign(&key, typ, &claims()).unwrap();
        cases.add("access", &format!("typ {typ:?}"), token, expected);
    }
    let id = key.id();
    for header in [
        format!(r#"{{"alg":"EdDSA","kid":"{id}"}}"#),
        format!(r#"{{"alg":"EdDSA","typ":null,"kid":"{id}"}}"#),
    ] {
        let token = signed(&header, claims().to_string());
        cases.add("access", &format!("no typ: {header}"), token, "type");
    }
}

pub(super) fn times(cases: &mut Cases) {
    for name in ["exp", "nbf", "iat", "auth_time"] {
        for wrong in [
            json!(NOW.to_string()),
            json!(""),
            json!(true),
            json!([NOW]),
            json!({}),
            json!(9_007_199_254_740_993_i64),
        ] {
            cases.claim(
                &format!("{name} is {wrong}"),
                &json!({ name: wrong }),
                "claims",
            );
        }
        for wrong in ["null", "1e300", "-1e300", "1e400"] {
            let payload = changed(claims(), &json!({ name: "PUT HERE" })).to_string();
            let payload = payload.replace("\"PUT HERE\"", wrong);
            let token = signed(header_with(""), payload);
            cases.refused(&format!("{name} is {wrong}"), token, "claims");
        }
        let fraction = NOW as f64 - 0.5 + if name == "exp" { 120.0 } else { 0.0 };
        cases.claim(
            &format!("{name} is a fraction"),
            &json!({ name: fraction }),
            "",
        );
    }
    for (name, change, code) in [
        ("exp 4 s ago", json!({"exp": NOW - 4}), ""),
        ("exp 5 s ago", json!({"exp": NOW - 5}), "expired"),
        (
            "exp 4.5 s ago, in whole seconds 5",
            json!({"exp": NOW as f64 - 4.5}),
            "expired",
        ),
        ("exp long ago", json!({"exp": 0}), "expired"),
        ("exp before the epoch", json!({"exp": -1.5}), "expired"),
        (
            "exp far in the future",
            json!({"exp": 9_007_199_254_740_991_i64}),
            "",
        ),
        ("nbf in 5 s", json!({"nbf": NOW + 5}), ""),
        ("nbf in 6 s", json!({"nbf": NOW + 6}), "not_yet_valid"),
        ("iat in 5 s", json!({"iat": NOW + 5}), ""),
        ("iat in 6 s", json!({"iat": NOW + 6}), "not_yet_valid"),
        (
            "iat in 6 s, nbf now",
            json!({"iat": NOW + 6, "nbf": NOW}),
            "not_yet_valid",
        ),
        (
            "nbf in 6 s, iat now",
            json!({"iat": NOW, "nbf": NOW + 6}),
            "not_yet_valid",
        ),
        (
            "auth_time in the future",
            json!({"auth_time": NOW + 600}),
            "",
        ),
        ("no exp", json!({"exp": null}), "claims"),
        ("no iat", json!({"iat": null}), "claims"),
    ] {
        cases.claim(name, &change, code);
    }
}

pub(super) fn registered(cases: &mut Cases) {
    for (change, code) in [
        (json!({"iss": "https://login.example.com/"}), "issuer"),
        (json!({"iss": "https://LOGIN.example.com"}), "issuer"),
        (json!({"iss": "https://evil.example"}), "issuer"),
        (json!({"iss": ["https://login.example.com"]}), "claims"),
        (json!({"iss": ""}), "claims"),
        (json!({"iss": null}), "claims"),
        (json!({"aud": "mail"}), "audience"),
        (json!({"aud": "Photos"}), "audience"),
        (json!({"aud": "photos "}), "audience"),
        (json!({"aud": ""}), "audience"),
        (json!({"aud": ["photos", "mail"]}), "audience"),
        (json!({"aud": ["photos", "photos"]}), "audience"),
        (json!({"aud": ["mail"]}), "audience"),
        (json!({"aud": ["photos", 1]}), "claims"),
        (json!({"aud": [["photos"]]}), "claims"),
        (json!({"aud": []}), "claims"),
        (json!({"aud": {"photos": true}}), "claims"),
        (json!({"aud": 1}), "claims"),
        (json!({"aud": null}), "claims"),
        (json!({"aud": ["photos"]}), ""),
        (json!({"sub": ""}), "claims"),
        (json!({"sub": 1}), "claims"),
        (json!({"sub": ["x"]}), "claims"),
        (json!({"sub": null}), "claims"),
        (json!({"sub": null, "__proto__": {"sub": "x"}}), "claims"),
        (json!({"jti": null}), "claims"),
        (json!({"jti": ""}), "claims"),
        (json!({"jti": 1}), "claims"),
        (json!({"scope": null}), ""),
        (json!({"scope": ""}), ""),
        (json!({"scope": ["photos:read"]}), ""),
        (json!({"cnf": {"jkt": thumbprint()}}), "dpop"),
        (json!({"cnf": {"x5t#S256": thumbprint()}}), "dpop"),
        (json!({"cnf": {}}), "dpop"),
        (json!({"cnf": "x"}), "dpop"),
        (
            json!({"nested": {"sub": "x", "cnf": 1}, "list": [1, "a", null, true, {}]}),
            "",
        ),
        (json!({"name": "Grace \u{1f512} Ñ \u{0} \"\\/"}), ""),
        (json!({"__proto__": {"admin": true}, "constructor": 1}), ""),
    ] {
        cases.claim(&format!("claims with {change}"), &change, code);
    }
}

pub(super) fn identity(cases: &mut Cases) {
    let sign = |algorithm, typ: &str, change: Value| {
        let claims = changed(identity_claims(), &change);
        latchkey_jose::sign(&key(algorithm), typ, &claims).unwrap()
    };
    for algorithm in Algorithm::ALL {
        let name = format!("identity token with {}", algorithm.as_str());
        let token = sign(algorithm, "JWT", json!({}));
        cases.add("identity", &name, token, identity_claims());
    }
    for (typ, is_accepted) in [
        ("jwt", true),
        ("application/jwt", true),
        ("at+jwt", false),
        ("dpop+jwt", false),
        ("", false),
    ] {
        let expected = if is_accepted {
            identity_claims()
        } else {
            "type".into()
        };
        let name = format!("identity token of type {typ:?}");
        cases.add("identity", &name, sign(Es256, typ, json!({})), expected);
    }
    for (name, change, code) in [
        ("for another service", json!({"aud": "mail"}), "audience"),
        (
            "of another issuer",
            json!({"iss": "https://evil.example"}),
            "issuer",
        ),
        (
            "that has expired",
            json!({"iat": NOW - 65, "nbf": NOW - 65, "exp": NOW - 5}),
            "expired",
        ),
        ("without a subject", json!({"sub": null}), "claims"),
        ("with an id that is a number", json!({"jti": 1}), "claims"),
        ("with exp as text", json!({"exp": "1800000060"}), "claims"),
        (
            "bound to a key",
            json!({"cnf": {"jkt": thumbprint()}}),
            "dpop",
        ),
    ] {
        let name = format!("identity token {name}");
        cases.add("identity", &name, sign(Es256, "JWT", change), code);
    }
    let token = sign(Es256, "JWT", json!({}));
    cases.refused("identity token as an access token", token, "type");
    let token = signed_token(Es256, &claims());
    cases.add(
        "identity",
        "access token as an identity token",
        token,
        "type",
    );
}
