//! DPoP proofs: the examples of RFC 9449, and what nobody thought of.

use crate::tokens::key;
use latchkey_jose::{
    Algorithm, Jwk,
    dpop::{Binding, Expected, Proof, ProofError, prove},
};
use proptest::prelude::*;

/// The key of all examples, by its thumbprint (§6.1).
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
/// §4.1, figure 2; §4.2 says what is in it.
const TOKEN_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
/// §5, figure 7: an hour later, with a refresh token, which is bound to the same key.
const REFRESH_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA";
/// §7.1, figure 13, with this access token.
const RESOURCE_REQUEST: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
const ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

const TOKEN_ENDPOINT: Expected<'_> = Expected {
    method: "POST",
    url: "https://server.example.com/token",
    now: 1_562_262_616,
    binding: Binding::None,
    nonces: None,
};
const RESOURCE: Expected<'_> = Expected {
    method: "GET",
    url: "https://resource.example.org/protectedresource",
    now: 1_562_262_618,
    binding: Binding::AccessToken {
        token: ACCESS_TOKEN,
        thumbprint: THUMBPRINT,
    },
    nonces: None,
};

#[test]
fn rfc_9449_the_examples_are_accepted_for_their_requests_at_their_times() {
    let refresh = Expected {
        now: 1_562_265_296,
        binding: Binding::Key(THUMBPRINT),
        ..TOKEN_ENDPOINT
    };
    let examples = [
        (TOKEN_REQUEST, TOKEN_ENDPOINT, "-BwC3ESc6acc2lTc"),
        (REFRESH_REQUEST, refresh, "-BwC3ESc6acc2lTc"),
        (RESOURCE_REQUEST, RESOURCE, "e1j3V_bKic8-LAEB"),
    ];
    for (proof, expected, id) in examples {
        let key = Jwk {
            kty: "EC".to_owned(),
            crv: Some("P-256".to_owned()),
            x: Some("l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".to_owned()),
            y: Some("9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".to_owned()),
            ..Jwk::default()
        };
        let accepted = Proof {
            key,
            thumbprint: THUMBPRINT.to_owned(),
            id: id.to_owned(),
            issued_at: expected.now,
            usable_from: expected.now - 5,
            usable_until: expected.now + 65,
            nonce: None,
        };
        assert_eq!(expected.check(proof), Ok(accepted));
        for (seconds, code) in [
            (-6, Some("not_yet_valid")),
            (-5, None),
            (65, None),
            (66, Some("expired")),
        ] {
            let now = expected.now + seconds;
            let checked = Expected { now, ..expected }.check(proof);
            assert_eq!(checked.err().map(ProofError::code), code, "{seconds}");
        }
    }
}

#[test]
fn rfc_9449_no_example_is_accepted_for_the_request_of_another() {
    for (proof, expected) in [
        (RESOURCE_REQUEST, TOKEN_ENDPOINT),
        (TOKEN_REQUEST, RESOURCE),
        (REFRESH_REQUEST, TOKEN_ENDPOINT),
        (REFRESH_REQUEST, RESOURCE),
    ] {
        assert!(expected.check(proof).is_err());
    }
    let other_token = Expected {
        binding: Binding::AccessToken {
            token: "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxV",
            thumbprint: THUMBPRINT,
        },
        ..RESOURCE
    };
    let refused = other_token.check(RESOURCE_REQUEST);
    assert_eq!(refused, Err(ProofError::AccessToken));
}

proptest! {
    #[test]
    fn any_changed_byte_of_a_proof_is_noticed(place in any::<prop::sample::Index>(), byte in any::<u8>(), pick in 0usize..3) {
        let ours = prove(&key(Algorithm::EdDsa, 1), "GET", RESOURCE.url, RESOURCE.now, "j1", None, Some("n1")).unwrap();
        let unbound = Expected { binding: Binding::None, ..RESOURCE };
        let (proof, expected) = [
            (TOKEN_REQUEST, TOKEN_ENDPOINT), (RESOURCE_REQUEST, RESOURCE), (&*ours, unbound),
        ][pick];
        prop_assert!(expected.check(proof).is_ok());
        let mut bytes = proof.as_bytes().to_vec();
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != byte);
        bytes[place] = byte;
        if let Ok(changed) = String::from_utf8(bytes) {
            prop_assert!(expected.check(&changed).is_err());
        }
    }

    #[test]
    fn any_removed_or_added_byte_of_a_proof_is_noticed(place in any::<prop::sample::Index>(), more in "[ -~]{0,2}") {
        let place = place.index(TOKEN_REQUEST.len());
        let (before, after) = TOKEN_REQUEST.split_at(place);
        let changed = match more.as_str() {
            "" => format!("{before}{}", &after[1..]),
            more => format!("{before}{more}{after}"),
        };
        prop_assert!(TOKEN_ENDPOINT.check(&changed).is_err());
    }

    #[test]
    fn a_proof_is_for_its_request_alone(
        method in "(GET|POST|PUT)", path in "/[a-c]{0,2}", url_of_request in "/[a-c]{0,2}", method_of_request in "(GET|POST|PUT)",
    ) {
        let url = format!("https://a.example{url_of_request}?page=1");
        let proof = prove(
            &key(Algorithm::EdDsa, 1), &method, &format!("HTTPS://A.example:443{path}#top"), RESOURCE.now, "j1", None, None,
        ).unwrap();
        let expected = Expected { method: &method_of_request, url: &url, binding: Binding::None, ..RESOURCE };
        let is_same = method == method_of_request && path == url_of_request;
        prop_assert_eq!(expected.check(&proof).is_ok(), is_same);
    }

    #[test]
    fn no_text_makes_the_verifier_of_proofs_panic(text in "\\PC{0,200}") {
        prop_assert!(RESOURCE.check(&text).is_err());
    }
}
