//! `sdk/vectors.json`: tokens that every SDK must accept or refuse in the same way. This test writes them, and checks them with
//! the crate for signed tokens and with this SDK. `LATCHKEY_WRITE_VECTORS=1` puts a new file in place.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod cases;
mod signer;

use latchkey_jose::{Audience, Expected, KeySet};
use serde_json::{Value, json};
use signer::{AUDIENCE, ISSUER, METHOD, NOW, URL};
use std::{collections::BTreeSet, fmt::Write as _, path::PathBuf};

/// One case a line, so that a change shows what changed.
fn document() -> String {
    let mut text = format!(
        "{{\n\"issuer\": {},\n\"audience\": {},\n\"now\": {NOW},\n\"jwks\": {},\n\"cases\": [\n",
        json!(ISSUER),
        json!(AUDIENCE),
        signer::jwks(),
    );
    let cases = cases::all().into_iter().map(|case| {
        json!({
            "name": case.name, "as": case.presented_as, "token": case.token, "expected": case.expected,
        })
    });
    text.push_str(&lines(cases));
    let request = json!({"method": METHOD, "url": URL});
    write!(text, "],\n\"request\": {request},\n\"proofs\": [\n").unwrap();
    let proofs = cases::proofs().into_iter().map(|case| {
        json!({
            "name": case.name, "token": case.token, "proof": case.proof, "expected": case.expected,
        })
    });
    text.push_str(&lines(proofs));
    text.push_str("]\n}\n");
    text
}

fn lines(values: impl Iterator<Item = Value>) -> String {
    let lines: Vec<_> = values.map(|value| value.to_string()).collect();
    lines.join(",\n") + "\n"
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors.json")
}

#[test]
fn the_file_is_up_to_date() {
    let document = document();
    if std::env::var_os("LATCHKEY_WRITE_VECTORS").is_some() {
        std::fs::write(path(), &document).unwrap();
    }
    let file = std::fs::read_to_string(path()).unwrap();
    assert!(
        file == document,
        "sdk/vectors.json is not what this test writes; LATCHKEY_WRITE_VECTORS=1 writes it anew"
    );
}

#[test]
fn names_are_different_and_every_code_of_a_token_occurs() {
    let cases = cases::all();
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len());
    let proofs = cases::proofs();
    let names: BTreeSet<_> = proofs.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), proofs.len());
    let codes: BTreeSet<_> = cases.iter().filter_map(|c| c.expected.as_str()).collect();
    let all = [
        "algorithm",
        "audience",
        "claims",
        "dpop",
        "expired",
        "header",
        "issuer",
        "key_id",
        "malformed",
        "not_yet_valid",
        "signature",
        "too_long",
        "type",
    ];
    assert_eq!(codes, all.into());
}

/// The verifier of the server. It leaves `cnf` to its caller, and wants an id in every token, which an identity token has not.
#[test]
fn the_crate_for_signed_tokens_agrees() {
    let keys = KeySet::parse(&signer::jwks().to_string()).unwrap();
    let expected = Expected {
        typ: "at+jwt",
        issuer: ISSUER,
        audience: Audience::Only(AUDIENCE),
        now: NOW,
        leeway: 5,
    };
    for case in cases::all() {
        if case.presented_as != "access" || case.expected == "dpop" {
            continue;
        }
        let found = match expected.check(&keys, &case.token) {
            Ok(registered) => Value::Object(registered.claims),
            Err(error) => error.code().into(),
        };
        assert_eq!(found, case.expected, "{}", case.name);
    }
}
