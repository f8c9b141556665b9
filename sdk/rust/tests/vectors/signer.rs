//! Fixed keys, and tokens that [`latchkey_jose::sign`] would not make.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use latchkey_jose::{
    Algorithm::{self, Es256, Rs256},
    SigningKey,
};
use ring::{digest, hmac, signature::Ed25519KeyPair};
use serde_json::{Value, json};

/// When the vectors are verified.
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const ISSUER: &str = "https://login.example.com";
pub(crate) const AUDIENCE: &str = "photos";

/// The request in which the proofs are.
pub(crate) const METHOD: &str = "GET";
pub(crate) const URL: &str = "https://photos.example.com/album";

const CLIENT_SEED: u8 = 20;
const ED25519_SEED: [u8; 32] = [1; 32];

/// The key of the set for an algorithm.
pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    let bytes = match algorithm {
        Algorithm::EdDsa => ED25519_SEED.to_vec(),
        Algorithm::Es256 => [2; 32].to_vec(),
        // The key of RFC 7515, appendix A.2.
        Algorithm::Rs256 => {
            include_bytes!("../../../../jose/tests/vectors/rfc7515_a2.pk8").to_vec()
        }
    };
    SigningKey::from_bytes(algorithm, &bytes).unwrap()
}

/// A key that is not in the set.
pub(crate) fn unknown_key() -> SigningKey {
    SigningKey::from_bytes(Algorithm::EdDsa, &[3; 32]).unwrap()
}

/// An Ed25519 key under an id of our choice.
pub(crate) fn ed25519(byte: u8, id: &str) -> SigningKey {
    let key = SigningKey::from_bytes(Algorithm::EdDsa, &[byte; 32]).unwrap();
    key.with_id(id.to_owned())
}

/// A key whose JWK has a number with a zero in front: a second spelling of the same key.
pub(crate) fn padded(algorithm: Algorithm) -> SigningKey {
    key(algorithm).with_id(format!("padded-{}", algorithm.as_str()))
}

fn with_zero(number: &Value) -> String {
    let bytes = BASE64.decode(number.as_str().unwrap()).unwrap();
    BASE64.encode([&[0][..], &bytes].concat())
}

/// A JWK with members changed; `null` removes one.
pub(crate) fn changed(mut value: Value, change: &Value) -> Value {
    let members = value.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    value
}

pub(crate) fn jwk(key: &SigningKey) -> Value {
    serde_json::to_value(key.public().jwk()).unwrap()
}

/// Keys that must be left out of a set, by id: each would verify the token that [`ed25519`] with `7` and this id signs if
/// the member that makes it unusable were not looked at.
pub(crate) const UNUSABLE: [&str; 7] = [
    "for-encryption",
    "not-to-verify",
    "for-another-algorithm",
    "on-another-curve",
    "too-short",
    "twice",
    "a-list",
];

/// The published set: three keys, and keys that must be left out.
pub(crate) fn jwks() -> Value {
    let mut keys: Vec<Value> = Algorithm::ALL.map(|algorithm| jwk(&key(algorithm))).into();
    let unusable = |id: &str, change: Value| changed(jwk(&ed25519(7, id)), &change);
    keys.extend([
        unusable("for-encryption", json!({"use": "enc"})),
        unusable("not-to-verify", json!({"key_ops": ["sign"]})),
        unusable("for-another-algorithm", json!({"alg": "ES256"})),
        unusable("on-another-curve", json!({"crv": "Ed448"})),
        unusable("too-short", json!({"x": BASE64.encode([7; 31])})),
        changed(jwk(&padded(Es256)), &json!({"x": with_zero(&jwk(&padded(Es256))["x"])})),
        changed(jwk(&padded(Rs256)), &json!({"n": with_zero(&jwk(&padded(Rs256))["n"])})),
        json!({"kty": "RSA", "kid": "too-long", "e": "AQAB", "n": BASE64.encode([0xc1; 513])}),
        unusable("twice", json!({})),
        jwk(&ed25519(8, "twice")),
        // A symmetric key must never be published; one that is must not make HS256 acceptable.
        json!({"kty": "oct", "kid": "symmetric", "k": BASE64.encode([9; 32]), "alg": "HS256"}),
        json!({"kty": "RSA", "kid": "weak", "e": "AQAB", "n": "1s0Jbul5-H1pH85phOscek1bjpYiAjiO20WnvzVeqQJ0eaWNrfdTmDVP7M3L2bGU1Kg7c2vXVzfRoddk6hsVyTGuxaexfn_sU8ZoRbbNr0gzad5XX8554y7BO4ycLTer_rCYW1flTCJadprld2fwYXqSTgNbn3Ayq3DkA1OWffE"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "not-on-curve", "x": BASE64.encode([5; 32]), "y": BASE64.encode([6; 32])}),
        json!({"kty": "EC", "crv": "P-384", "kid": "p-384", "x": BASE64.encode([5; 48]), "y": BASE64.encode([6; 48])}),
        json!({"kty": "unheard-of", "kid": "unheard-of"}),
        json!("not a key"),
        json!(["OKP", "Ed25519", "EdDSA", "sig", null, "a-list", jwk(&ed25519(7, "a-list"))["x"]]),
    ]);
    json!({ "keys": keys })
}

/// What a good access token claims.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "5f9f28b81e27a96bde3e393b1effb7c8", "client_id": "backup", "jti": "j1",
        "iat": NOW, "exp": NOW + 120, "scope": "photos:read photos:write",
    })
}

/// What the proxy's identity token claims.
pub(crate) fn identity_claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "5f9f28b81e27a96bde3e393b1effb7c8", "iat": NOW, "nbf": NOW, "exp": NOW + 60,
        "auth_time": NOW - 3600, "amr": ["hwk", "user"], "assurance": "passkey", "scope": "read:username", "name": "Grace",
    })
}

/// The header of a good access token with more members behind the usual ones.
pub(crate) fn header_with(more: &str) -> String {
    let id = key(Algorithm::EdDsa).id().to_owned();
    format!(r#"{{"alg":"EdDSA","typ":"at+jwt","kid":"{id}"{more}}}"#)
}

/// Header and payload as they are, signed with the Ed25519 key of the set.
pub(crate) fn signed(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    signed_with(ED25519_SEED[0], header, payload)
}

/// The same, signed with the Ed25519 key whose seed repeats this byte.
pub(crate) fn signed_with(byte: u8, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    let text = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
    let pair = Ed25519KeyPair::from_seed_unchecked(&[byte; 32]).unwrap();
    let signature = BASE64.encode(pair.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// A token of the key of the set for this algorithm.
pub(crate) fn sign(algorithm: Algorithm, claims: &Value) -> String {
    latchkey_jose::sign(&key(algorithm), "at+jwt", claims).unwrap()
}

/// `alg: HS256`, with a text that everybody knows as the secret.
pub(crate) fn hmac_signed(secret: &[u8], id: &str) -> String {
    let header = format!(r#"{{"alg":"HS256","typ":"at+jwt","kid":"{id}"}}"#);
    let text = format!(
        "{}.{}",
        BASE64.encode(header),
        BASE64.encode(claims().to_string())
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", BASE64.encode(tag))
}

/// The three parts of a token.
pub(crate) fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<_> = token.split('.').collect();
    parts.try_into().unwrap()
}

/// The token with one bit of its decoded signature changed.
pub(crate) fn with_changed_signature(token: &str) -> String {
    let [header, payload, signature] = parts(token);
    let mut bytes = BASE64.decode(signature).unwrap();
    bytes[10] ^= 1;
    format!("{header}.{payload}.{}", BASE64.encode(bytes))
}

/// The token with another signature, given as bytes.
pub(crate) fn with_signature(token: &str, signature: &[u8]) -> String {
    let [header, payload, _] = parts(token);
    format!("{header}.{payload}.{}", BASE64.encode(signature))
}

/// The same signature with the order of the group added to its scalar, which RFC 8032 §5.1.7 forbids.
pub(crate) fn with_larger_scalar(token: &str) -> String {
    const ORDER: [u8; 16] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14,
    ];
    let mut bytes = BASE64.decode(parts(token)[2]).unwrap();
    let mut order = [0_u8; 32];
    order[..16].copy_from_slice(&ORDER);
    order[31] = 0x10;
    let mut carry = 0_u16;
    for (byte, more) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        *byte = (sum & 0xff) as u8;
        carry = sum >> 8;
    }
    with_signature(token, &bytes)
}

/// The signature of an ES256 token in DER, as X.509 has it (RFC 7518 §3.4 wants 64 bytes).
pub(crate) fn with_der_signature(token: &str) -> String {
    let bytes = BASE64.decode(parts(token)[2]).unwrap();
    let signature = p256::ecdsa::Signature::from_slice(&bytes).unwrap();
    with_signature(token, signature.to_der().as_bytes())
}

/// A text whose last base64url character has spare bits that are not zero.
pub(crate) fn with_spare_bits(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = ALPHABET.find(text.chars().last().unwrap()).unwrap();
    let other = ALPHABET.chars().nth(place + 1).unwrap();
    format!("{}{other}", &text[..text.len() - 1])
}

/// The JWK's thumbprint of somebody's key, as `cnf.jkt` has it.
pub(crate) fn thumbprint() -> String {
    BASE64.encode(digest::digest(&digest::SHA256, b"a key of the client"))
}

/// A good token of exactly this many bytes.
pub(crate) fn of_length(length: usize) -> String {
    let payload =
        |filler: usize| changed(claims(), &json!({"filler": "x".repeat(filler)})).to_string();
    let shortest = payload(0).len();
    // Not every length is one of base64url: spaces behind the header are the other way to make a token longer.
    for spaces in 0..4 {
        let header = format!("{}{}", header_with(""), " ".repeat(spaces));
        let fixed = BASE64.encode(&header).len() + 2 + 86;
        let filler = (0..length).find(|more| fixed + ((shortest + more) * 4).div_ceil(3) == length);
        if let Some(filler) = filler {
            return signed(&header, payload(filler));
        }
    }
    panic!("no token has {length} bytes");
}

/// The key of a client, to which tokens are bound.
pub(crate) fn client_key(algorithm: Algorithm) -> SigningKey {
    match algorithm {
        Algorithm::Rs256 => key(algorithm),
        _ => SigningKey::from_bytes(algorithm, &[CLIENT_SEED; 32]).unwrap(),
    }
}

/// The client's key as proofs have it.
pub(crate) fn client_jwk(algorithm: Algorithm) -> Value {
    let more = json!({"alg": null, "kid": null, "use": null});
    changed(jwk(&client_key(algorithm)), &more)
}

/// The header of a good proof.
pub(crate) fn proof_header() -> Value {
    json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": client_jwk(Algorithm::EdDsa)})
}

/// Header and payload as they are, signed with the client's Ed25519 key.
pub(crate) fn signed_by_client(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    signed_with(CLIENT_SEED, header, payload)
}

/// The hash of a token, as `ath` has it.
pub(crate) fn token_hash(token: &str) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, token.as_bytes()))
}
