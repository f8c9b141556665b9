//! Project Wycheproof's cases for JWS (C2SP/wycheproof, `json_web_signature_test.json`, Apache-2.0), restated: the key, and
//! for each case its number, what it is about, the token and whether it is valid.

use latchkey_jose::{Algorithm, Jwk, KeySet, PublicKey};
use serde::Deserialize;

#[derive(Deserialize)]
struct Group {
    group: String,
    key: serde_json::Value,
    cases: Vec<(u32, String, String, bool)>,
}

#[test]
fn r33_each_case_is_accepted_or_refused_as_its_authors_say() {
    let groups: Vec<Group> =
        serde_json::from_str(include_str!("../vectors/wycheproof.json")).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for Group { group, key, cases } in groups {
        let name = key["alg"].as_str().unwrap_or_default().to_owned();
        let is_ours = Algorithm::from_name(&name).is_some();
        let jwk: Jwk = serde_json::from_value(key).unwrap_or_default();
        let key = PublicKey::from_jwk(&jwk);
        for (number, about, token, is_valid) in cases {
            // A key for another algorithm is none, so nothing is valid under it.
            let opened = key.as_ref().is_ok_and(|key| key.open(&token).is_ok());
            assert_eq!(opened, is_valid && is_ours, "{number} {group}: {about}");
            let set = KeySet::new(key.clone());
            assert_eq!(set.open(&token).is_ok(), opened, "{number} in a set");
            accepted += u32::from(opened);
            refused += u32::from(!opened);
        }
    }
    assert_eq!((accepted, refused), (10, 391));
}
