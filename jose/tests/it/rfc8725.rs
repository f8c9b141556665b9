//! The best practices for tokens: RFC 8725 §3, and §3.13 to §3.15 of its successor (draft-ietf-oauth-rfc8725bis-10).
//!
//! [`TABLE`] says which test covers which practice; the tests of the modules here are those that no other file has.

mod keys;
mod kinds;
mod text;

/// Section, practice, and the tests that cover it.
const TABLE: [(&str, &str, &[&str]); 15] = [
    (
        "3.1",
        "Perform Algorithm Verification",
        &[
            "the_algorithm_is_the_keys_and_never_the_tokens",
            "rfc8725_3_1_a_key_is_for_one_algorithm",
            "rfc9449_4_3_5_the_algorithm_is_one_of_ours_and_the_one_of_the_key",
        ],
    ),
    (
        "3.2",
        "Use Appropriate Algorithms",
        &[
            "rfc8725_3_2_there_is_no_algorithm_that_is_weak_and_no_random_number_in_a_signature",
            "r33_each_case_is_accepted_or_refused_as_its_authors_say",
        ],
    ),
    (
        "3.3",
        "Validate All Cryptographic Operations",
        &[
            "any_changed_byte_is_noticed",
            "any_changed_byte_of_a_proof_is_noticed",
            "rfc8725_3_3_encrypted_and_nested_tokens_are_refused",
        ],
    ),
    (
        "3.4",
        "Validate Cryptographic Inputs",
        &[
            "rfc8725_3_4_what_is_not_a_point_of_the_curve_is_no_key",
            "rfc8725_3_4_a_key_with_the_exponent_1_verifies_nothing",
        ],
    ),
    (
        "3.5",
        "Ensure Cryptographic Keys Have Sufficient Entropy",
        &["rfc8725_3_5_secrets_and_short_keys_are_no_keys"],
    ),
    (
        "3.6",
        "Avoid Compression of Encryption Inputs",
        &["nothing_but_algorithm_type_and_key_id_is_accepted_in_a_header"],
    ),
    ("3.7", "Use UTF-8", &["rfc8725_3_7_only_utf_8_is_read"]),
    (
        "3.8",
        "Validate Issuer and Subject",
        &[
            "issuer_audience_subject_and_id_are_exact",
            "only_keys_of_the_set_count",
            "only_the_keys_of_the_expected_issuer_count",
        ],
    ),
    (
        "3.9",
        "Use and Validate Audience",
        &[
            "issuer_audience_subject_and_id_are_exact",
            "issuer_subject_audience_and_id_are_exact",
        ],
    ),
    (
        "3.10",
        "Do Not Trust Received Claims",
        &[
            "nothing_but_algorithm_type_and_key_id_is_accepted_in_a_header",
            "a_header_with_anything_beside_type_algorithm_and_key_is_refused",
            "rfc8725_3_10_a_key_id_is_only_compared",
            "a_claim_that_comes_twice_is_refused_at_any_depth",
        ],
    ),
    (
        "3.11",
        "Use Explicit Typing",
        &[
            "the_media_type_may_be_written_in_full_and_in_any_case",
            "rfc9449_4_3_4_the_type_is_dpop_jwt",
            "the_type_is_absent_generic_or_the_one_of_the_purpose",
        ],
    ),
    (
        "3.12",
        "Use Mutually Exclusive Validation Rules for Different Kinds of JWTs",
        &["rfc8725_3_12_a_token_of_one_kind_is_none_of_another"],
    ),
    (
        "3.13",
        "Limit Hash Iteration Count",
        &["rfc8725_3_3_encrypted_and_nested_tokens_are_refused"],
    ),
    (
        "3.14",
        "Check JWT Format Type",
        &[
            "rfc8725_3_14_only_letters_digits_and_dots_are_read",
            "a_text_that_is_not_three_parts_of_canonical_base64url_is_refused",
            "rfc9449_4_3_2_what_is_not_a_single_well_formed_jwt_is_refused",
        ],
    ),
    (
        "3.15",
        "Limit JWE Decompression Size",
        &["rfc8725_3_3_encrypted_and_nested_tokens_are_refused"],
    ),
];

#[test]
fn each_practice_has_a_test() {
    let sources = [
        include_str!("dpop.rs"),
        include_str!("rfc8725/kinds.rs"),
        include_str!("rfc8725/keys.rs"),
        include_str!("rfc8725/text.rs"),
        include_str!("verifier.rs"),
        include_str!("wycheproof.rs"),
        include_str!("../../src/assertion/tests.rs"),
        include_str!("../../src/dpop/tests/proof.rs"),
    ];
    for (section, practice, tests) in TABLE {
        assert!(!tests.is_empty(), "{section} {practice}");
        for test in tests {
            let is_there = sources
                .iter()
                .any(|source| source.contains(&format!("fn {test}(")));
            assert!(is_there, "{section} {practice}: {test}");
        }
    }
}
