//! Tokens of a service of our own, whose models are those of the test vectors of WebAuthn L3 §16.

use super::*;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-26 12:00 UTC);

#[derive(Deserialize)]
struct Fixture {
    root: String,
    token: String,
    other_name: String,
}

impl Fixture {
    fn load() -> Self {
        serde_json::from_str(include_str!("../../../../tests/data/metadata.json")).unwrap()
    }

    fn read(&self, token: &str, models: &[Aaguid]) -> Result<TrustedModels, MetadataFault> {
        TrustedModels::read(token, &self.root(), models, NOW)
    }

    fn root(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(&self.root).unwrap()
    }
}

impl TrustedModels {
    /// Those of the fixture.
    pub(in crate::identity::passkey) fn of_vectors() -> Self {
        let fixture = Fixture::load();
        fixture.read(&fixture.token, &[]).unwrap()
    }
}

/// The model of a test vector.
fn model(hex: &str) -> Aaguid {
    Aaguid::from_uuid(hex.parse().unwrap()).unwrap()
}

fn trusted() -> Aaguid {
    model("876ca4f52071c3e9b25509ef2cdf7ed6")
}

fn revoked() -> Aaguid {
    model("e950dcda3bdae1d087cda380a897848b")
}

#[test]
fn the_root_of_the_service_is_that_of_globalsign() {
    let digest = ring::digest::digest(&ring::digest::SHA256, ROOT);
    assert_eq!(
        hex::encode(digest),
        "cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b"
    );
    anchor_from_trusted_cert(&CertificateDer::from(ROOT)).unwrap();
}

#[test]
fn the_models_of_a_signed_file_are_trusted_unless_they_are_revoked() {
    let fixture = Fixture::load();
    let all = fixture.read(&fixture.token, &[]).unwrap();
    assert_eq!(all.roots(trusted()).unwrap().len(), 1);
    assert!(all.roots(revoked()).is_none());
    assert!(
        all.roots(model("2fc0579f811347eab116bb5a8db9202a"))
            .is_none()
    );
}

#[test]
fn a_list_of_models_leaves_out_all_others() {
    let fixture = Fixture::load();
    let one = fixture
        .read(&fixture.token, &[trusted(), revoked()])
        .unwrap();
    assert_eq!(one.0.len(), 1);
    let none = fixture.read(&fixture.token, &[revoked()]);
    assert!(matches!(none, Err(MetadataFault::NoModel)));
}

#[test]
fn a_file_that_the_service_did_not_sign_is_refused() {
    let fixture = Fixture::load();
    let (signed, signature) = fixture.token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let (_, other_signature) = fixture.other_name.rsplit_once('.').unwrap();
    let changed = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
    let changed = String::from_utf8(changed)
        .unwrap()
        .replace("REVOKED", "FIDO_CERTIFIED");
    let changed = BASE64_URL_SAFE_NO_PAD.encode(changed);
    for (token, name) in [
        (format!("{header}.{changed}.{signature}"), "payload"),
        (format!("{signed}.{other_signature}"), "signature"),
    ] {
        let refused = fixture.read(&token, &[]);
        assert!(matches!(refused, Err(MetadataFault::Signature)), "{name}");
    }
    let other_name = fixture.read(&fixture.other_name, &[]);
    assert!(matches!(other_name, Err(MetadataFault::Untrusted(_))));
    let by_root = TrustedModels::read(&fixture.token, ROOT, &[], NOW);
    assert!(matches!(by_root, Err(MetadataFault::Untrusted(_))));
    let root = fixture.root();
    for then in [
        datetime!(2023-12-31 0:00 UTC),
        datetime!(2050-01-02 0:00 UTC),
    ] {
        let invalid = TrustedModels::read(&fixture.token, &root, &[], then);
        assert!(
            matches!(invalid, Err(MetadataFault::Untrusted(_))),
            "{then}"
        );
    }
    let header = |json: &str| {
        format!(
            "{}.{payload}.{signature}",
            BASE64_URL_SAFE_NO_PAD.encode(json)
        )
    };
    for token in [
        String::new(),
        "{}".to_owned(),
        payload.to_owned(),
        header(r#"{"alg":"none","x5c":[]}"#),
        header(r#"{"alg":"RS256","x5c":[]}"#),
        header(r#"{"alg":"HS256","x5c":["AAAA"]}"#),
    ] {
        let refused = fixture.read(&token, &[]);
        assert!(
            matches!(refused, Err(MetadataFault::Malformed)),
            "{token:.60}"
        );
    }
}
