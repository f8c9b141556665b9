//! The characters of tokens in HTTP headers.

/// Whether a byte may stand in a token (RFC 9110 §5.6.2): a method, a header's name, a cookie's name.
pub(crate) const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether a byte may stand in a token68 (RFC 9110 §11.2), the form of bearer tokens (RFC 6750 §2.1).
pub(crate) const fn is_token68_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_characters_of_their_rfc() {
        let of = |is: fn(u8) -> bool| -> String {
            (0..=255).filter(|byte| is(*byte)).map(char::from).collect()
        };
        let digits_and_upper = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let lower = "abcdefghijklmnopqrstuvwxyz";
        assert_eq!(
            of(is_token_byte),
            format!("!#$%&'*+-.{digits_and_upper}^_`{lower}|~")
        );
        assert_eq!(
            of(is_token68_byte),
            format!("+-./0123456789={}_{lower}~", &digits_and_upper[10..])
        );
    }
}
