//! The service to which a browser was redirected recently, as a cookie.

use latchkey_domain::request::return_to::ReturnTo;
use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    str::FromStr,
};

/// The service to which a browser was redirected recently, and how often; none by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SignInRedirects {
    /// Of the target, which may be longer than a cookie.
    digest: u64,
    times: u8,
}

impl SignInRedirects {
    fn digest_of(target: &ReturnTo) -> u64 {
        let mut hasher = DefaultHasher::new();
        target.as_str().hash(&mut hasher);
        hasher.finish()
    }

    pub(super) fn times_to(self, target: &ReturnTo) -> u8 {
        if self.digest == Self::digest_of(target) {
            self.times
        } else {
            0
        }
    }

    /// The same, after one more redirect.
    #[must_use]
    pub fn once_more_to(self, target: &ReturnTo) -> Self {
        Self {
            digest: Self::digest_of(target),
            times: self.times_to(target).saturating_add(1),
        }
    }
}

/// The value of the cookie.
impl fmt::Display for SignInRedirects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:x}", self.times, self.digest)
    }
}

impl FromStr for SignInRedirects {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (times, digest) = text.split_once('.').ok_or(())?;
        Ok(Self {
            digest: u64::from_str_radix(digest, 16).map_err(|_| ())?,
            times: times.parse().map_err(|_| ())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_3_only_values_that_we_wrote_are_parsed() {
        let photos = ReturnTo::home();
        let twice = SignInRedirects::default()
            .once_more_to(&photos)
            .once_more_to(&photos);
        assert_eq!(twice.to_string().parse(), Ok(twice));
        for text in [
            "",
            "1",
            "1.",
            ".1",
            "300.1",
            "1.g",
            "-1.1",
            "1.11111111111111111",
        ] {
            assert_eq!(text.parse::<SignInRedirects>(), Err(()), "{text}");
        }
        let often = (0..300).fold(SignInRedirects::default(), |redirects, _| {
            redirects.once_more_to(&photos)
        });
        assert_eq!(often.times_to(&photos), u8::MAX);
    }
}
