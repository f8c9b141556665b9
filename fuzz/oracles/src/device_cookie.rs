//! The value of a device cookie: a text that decodes is the only spelling of its fields.

use latchkey_parsers::device_cookie::{DecodedCookie, encode};

/// Checks the value of a cookie.
pub fn check(text: &str) {
    let decoded = DecodedCookie::decode(text);
    if let Some((device, secret, expires_at)) = decoded.fields() {
        assert!(decoded.is_well_formed());
        let value = encode(device, &secret, expires_at, |signed| {
            assert_eq!(signed, decoded.signed());
            decoded.tag().try_into().unwrap()
        });
        assert_eq!(value.expose_secret(), text);
    }
}
