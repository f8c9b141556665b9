//! Proofs of possession (RFC 9449) for tokens that are bound to a key. The rules are those of `latchkey_jose::dpop`.

use super::Proof;
use crate::signer::{
    METHOD, NOW, URL, changed, claims as token_claims, client_jwk, client_key, proof_header, sign,
    signed_by_client, token_hash,
};
use latchkey_jose::{
    Algorithm::{self, EdDsa, Es256},
    dpop::prove,
};
use serde_json::{Value, json};

#[derive(Default)]
pub(super) struct Proofs(pub(super) Vec<Proof>);

/// A token that is bound to the client's key.
fn bound_token(algorithm: Algorithm) -> (Value, String) {
    let thumbprint = client_key(algorithm).public().thumbprint();
    let claims = changed(token_claims(), &json!({"cnf": {"jkt": thumbprint}}));
    let token = sign(EdDsa, &claims);
    (claims, token)
}

impl Proofs {
    /// What a good proof claims; each has an id of its own, because one that is accepted is used.
    fn good_claims(&self) -> Value {
        let id = format!("p{}", self.0.len());
        let (_, token) = bound_token(EdDsa);
        json!({"jti": id, "htm": METHOD, "htu": URL, "iat": NOW, "ath": token_hash(&token)})
    }

    fn add(&mut self, name: &str, token: String, proof: String, expected: impl Into<Value>) {
        self.0.push(Proof {
            name: name.to_owned(),
            token,
            proof,
            expected: expected.into(),
        });
    }

    /// A good token with this proof.
    fn proof(&mut self, name: &str, proof: String, is_accepted: bool) {
        let (claims, token) = bound_token(EdDsa);
        match is_accepted {
            true => self.add(name, token, proof, claims),
            false => self.add(name, token, proof, "dpop"),
        }
    }

    fn header(&mut self, change: &Value, is_accepted: bool) {
        let header = changed(proof_header(), change).to_string();
        let proof = signed_by_client(header, self.good_claims().to_string());
        self.proof(
            &format!("proof with the header {change}"),
            proof,
            is_accepted,
        );
    }

    fn jwk(&mut self, change: &Value, is_accepted: bool) {
        let jwk = changed(proof_header()["jwk"].clone(), change);
        let header = changed(proof_header(), &json!({"jwk": jwk})).to_string();
        let proof = signed_by_client(header, self.good_claims().to_string());
        self.proof(&format!("proof with a jwk of {change}"), proof, is_accepted);
    }

    fn claims(&mut self, change: &Value, is_accepted: bool) {
        let claims = changed(self.good_claims(), change).to_string();
        let mut name = format!("proof with the claims {change}");
        name.truncate(100);
        self.proof(
            &name,
            signed_by_client(proof_header().to_string(), claims),
            is_accepted,
        );
    }
}

pub(super) fn keys(proofs: &mut Proofs) {
    for algorithm in Algorithm::ALL {
        let (claims, token) = bound_token(algorithm);
        let key = client_key(algorithm);
        let proof = prove(
            &key,
            METHOD,
            URL,
            NOW,
            algorithm.as_str(),
            Some(&token),
            None,
        )
        .unwrap();
        let name = format!("proof with {}", algorithm.as_str());
        proofs.add(&name, token.clone(), proof, claims);
        let stolen = prove(
            &client_key(EdDsa).with_id(String::new()),
            METHOD,
            URL,
            NOW,
            "p1",
            Some(&token),
            None,
        );
        if algorithm != EdDsa {
            let name = format!(
                "proof with another key than the one of {}",
                algorithm.as_str()
            );
            proofs.add(&name, token, stolen.unwrap(), "dpop");
        }
    }
    let good = signed_by_client(proof_header().to_string(), proofs.good_claims().to_string());
    let (text, signature) = good.rsplit_once('.').unwrap();
    for (name, proof) in [
        ("no proof", String::new()),
        ("two proofs that a proxy joined", format!("{good}, {good}")),
        ("proof without a signature", format!("{text}.")),
        (
            "proof with the signature of something else",
            format!("{text}A.{signature}"),
        ),
        ("proof of two parts", text.to_owned()),
        ("proof with padding", format!("{good}=")),
    ] {
        proofs.proof(name, proof, false);
    }
    proofs.header(&json!({"jwk": client_jwk(Es256)}), false);
    proofs.header(&json!({"alg": "ES256"}), false);
    for alg in ["none", "HS256", "eddsa", ""] {
        proofs.header(&json!({"alg": alg}), false);
    }
    for (typ, is_accepted) in [
        ("application/DPoP+jwt", true),
        ("JWT", false),
        ("at+jwt", false),
        ("", false),
    ] {
        proofs.header(&json!({"typ": typ}), is_accepted);
    }
    for change in [
        json!({"typ": null}),
        json!({"jwk": null}),
        json!({"kid": "1"}),
        json!({"jwk": "x"}),
        json!({"crit": []}),
    ] {
        proofs.header(&change, false);
    }
    for (change, is_accepted) in [
        (json!({"kid": "1", "use": "sig", "alg": "EdDSA"}), true),
        // Another name, although some readers of JSON ignore the case.
        (json!({"X": client_jwk(Es256)["x"]}), true),
        (json!({"\u{212a}ty": "EC"}), true),
        (json!({"use": "enc"}), false),
        (json!({"alg": "ES256"}), false),
        (json!({"key_ops": ["sign"]}), false),
        (json!({"d": "AQAB"}), false),
        (json!({"k": "AQAB"}), false),
        (json!({"y": "AQAB"}), false),
        (json!({"n": "AQAB", "e": "AQAB"}), false),
        (json!({"x": null}), false),
        (json!({"x": "AQAB"}), false),
        (json!({"crv": "Ed448"}), false),
        (json!({"kty": "oct"}), false),
    ] {
        proofs.jwk(&change, is_accepted);
    }
    let twice = proof_header()
        .to_string()
        .replacen('{', r#"{"typ":"dpop+jwt","#, 1);
    let proof = signed_by_client(twice, proofs.good_claims().to_string());
    proofs.proof("proof with a header that has something twice", proof, false);
}

pub(super) fn requests(proofs: &mut Proofs) {
    for method in ["POST", "get", "", "GET "] {
        proofs.claims(&json!({"htm": method}), false);
    }
    for url in [
        "HTTPS://Photos.EXAMPLE.com:443/album?page=2#top",
        "https://photos.example.com:/album",
        "https://photos.example.com/%61lbum",
        "https://photos.example.com/a/../album",
        "https://photos.example.com/./album",
    ] {
        proofs.claims(&json!({"htu": url}), true);
    }
    for url in [
        "https://mail.example.com/album",
        "http://photos.example.com/album",
        "https://photos.example.com:444/album",
        "https://photos.example.com:0443/album",
        "https://photos.example.com:+443/album",
        "https://photos.example.com:65979/album",
        "https://ada@photos.example.com/album",
        "https://photos.example.com./album",
        "https://photos..example.com/album",
        "https://photos.example.com/Album",
        "https://photos.example.com/album/",
        "https://photos.example.com//album",
        "https://photos.example.com/album/.",
        "https://photos.example.com/../album",
        "https://photos.example.com/a%2Fb/../album",
        "https://photos.example.com/a;/../album",
        "https://photos.example.com/%zzalbum",
        "https://photos.example.com/alb\u{fc}m",
        "https://photos.example.com/al bum",
        "https://photos.example.com\\album",
        " https://photos.example.com/album",
        "https:photos.example.com/album",
        "//photos.example.com/album",
        "/album",
        "",
    ] {
        proofs.claims(&json!({"htu": url}), false);
    }
    let (_, token) = bound_token(Es256);
    for ath in [
        json!(null),
        json!(""),
        json!(1),
        json!(token_hash(&token)),
        json!(token_hash("")),
    ] {
        proofs.claims(&json!({"ath": ath}), false);
    }
}

pub(super) fn claims(proofs: &mut Proofs) {
    for (change, is_accepted) in [
        (json!({"iat": NOW - 65}), true),
        (json!({"iat": NOW - 66}), false),
        (json!({"iat": NOW + 5}), true),
        (json!({"iat": NOW + 6}), false),
        (json!({"iat": null}), false),
        (json!({"iat": NOW.to_string()}), false),
        (json!({"iat": true}), false),
        (json!({"exp": NOW - 4}), true),
        (json!({"exp": NOW - 5}), false),
        (json!({"exp": "x"}), false),
        (json!({"nbf": NOW + 5}), true),
        (json!({"nbf": NOW + 6}), false),
        (json!({"jti": null}), false),
        (json!({"jti": ""}), false),
        (json!({"jti": 1}), false),
        (json!({"nonce": "n"}), true),
        (json!({"nonce": ""}), false),
        (json!({"nonce": 1}), false),
        (json!({"htm": 1}), false),
        (json!({"htu": 1}), false),
        (json!({"more": {"a": 1}}), true),
    ] {
        proofs.claims(&change, is_accepted);
    }
    let twice = proofs
        .good_claims()
        .to_string()
        .replacen('{', r#"{"jti":"p","#, 1);
    let proof = signed_by_client(proof_header().to_string(), twice);
    proofs.proof("proof with a claim twice", proof, false);
}

/// What is wrong with the token counts first.
pub(super) fn tokens(proofs: &mut Proofs) {
    let thumbprint = client_key(EdDsa).public().thumbprint();
    for (change, expected) in [
        (json!({}), "dpop"),
        (json!({"cnf": {}}), "dpop"),
        (json!({"cnf": {"jkt": 1}}), "dpop"),
        (json!({"cnf": thumbprint}), "dpop"),
        (json!({"cnf": {"jkt": thumbprint, "x5t#S256": "x"}}), "dpop"),
        (
            json!({"cnf": {"jkt": thumbprint}, "exp": NOW - 5}),
            "expired",
        ),
        (
            json!({"cnf": {"jkt": thumbprint}, "aud": "mail"}),
            "audience",
        ),
    ] {
        let token = sign(EdDsa, &changed(token_claims(), &change));
        let ath = token_hash(&token);
        let claims = changed(proofs.good_claims(), &json!({"ath": ath})).to_string();
        let proof = signed_by_client(proof_header().to_string(), claims);
        proofs.add(
            &format!("token with {change} and a proof"),
            token,
            proof,
            expected,
        );
    }
}
