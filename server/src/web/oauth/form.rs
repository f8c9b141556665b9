//! The form of a request to the token endpoint, and with what its client authenticates (RFC 6749 §2.3, §3.2).

use axum::http::{HeaderMap, header};
use latchkey_engine::{ClientCredentials, TokenError};
use latchkey_parsers::basic::{BasicCredentials, basic_credentials};
use std::collections::HashMap;

/// The parameters of a form, each at most once.
pub(super) struct Form(HashMap<String, String>);

/// With what a client authenticates.
pub(super) struct Authentication {
    basic: Option<BasicCredentials>,
    form: (Option<String>, Option<String>),
    assertion: Option<String>,
}

/// The type of an assertion that authenticates a client (RFC 7523 §2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Form {
    /// Reads a form; a parameter that comes twice makes it unreadable, one without a value counts as absent (RFC 6749 §3.2).
    ///
    /// # Errors
    /// [`TokenError::InvalidRequest`].
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, TokenError> {
        let mut lines = headers.get_all(header::CONTENT_TYPE).into_iter();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return Err(TokenError::InvalidRequest);
        };
        let line = line.to_str().unwrap_or_default();
        let media_type = line.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(TokenError::InvalidRequest);
        }
        let mut parameters = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(body) {
            if !value.is_empty()
                && parameters
                    .insert(name.into_owned(), value.into_owned())
                    .is_some()
            {
                return Err(TokenError::InvalidRequest);
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

impl Authentication {
    /// Reads the credentials of a client, which authenticates in one way only.
    ///
    /// # Errors
    /// [`TokenError::InvalidRequest`] for two ways, [`TokenError::InvalidClient`] for a header that cannot be read.
    pub(super) fn read(headers: &HeaderMap, form: &Form) -> Result<Self, TokenError> {
        let basic = basic_credentials(headers).map_err(|_| TokenError::InvalidClient)?;
        let assertion = form.get("client_assertion");
        let is_known_type = form.get("client_assertion_type") == Some(JWT_BEARER);
        if assertion.is_some()
            && (!is_known_type || basic.is_some() || form.get("client_secret").is_some())
        {
            return Err(TokenError::InvalidRequest);
        }
        let of_form = (
            form.get("client_id").map(str::to_owned),
            form.get("client_secret").map(str::to_owned),
        );
        // The id may be repeated, if it is the same.
        let is_clear = match (&basic, &of_form) {
            (None, _) | (Some(_), (None, None)) => true,
            (Some(basic), (Some(id), None)) => *id == basic.id,
            (Some(_), (_, Some(_))) => false,
        };
        match is_clear {
            true => Ok(Self {
                assertion: assertion.map(str::to_owned),
                basic,
                form: of_form,
            }),
            false => Err(TokenError::InvalidRequest),
        }
    }

    /// The credentials.
    pub(super) fn credentials(&self) -> ClientCredentials<'_> {
        match &self.basic {
            Some(basic) => ClientCredentials {
                id: Some(&basic.id),
                secret: Some(&basic.secret),
                assertion: None,
            },
            None => ClientCredentials {
                id: self.form.0.as_deref(),
                secret: self.form.1.as_deref(),
                assertion: self.assertion.as_deref(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(lines: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    fn form(body: &str) -> Option<Form> {
        let headers = headers(&[(header::CONTENT_TYPE, "application/x-www-form-urlencoded")]);
        Form::read(&headers, body.as_bytes()).ok()
    }

    #[test]
    fn a_form_has_each_parameter_once() {
        let read = form("grant_type=client_credentials&scope=a+b&empty=").unwrap();
        assert_eq!(read.get("grant_type"), Some("client_credentials"));
        assert_eq!((read.get("scope"), read.get("empty")), (Some("a b"), None));
        assert!(form("a=1&a=1").is_none() && form("").is_some());
        for lines in [
            &[][..],
            &[(header::CONTENT_TYPE, "application/json")],
            &[
                (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
                (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            ],
        ] {
            assert!(Form::read(&headers(lines), b"a=1").is_err(), "{lines:?}");
        }
        let charset = "Application/X-WWW-Form-Urlencoded; charset=utf-8";
        assert!(Form::read(&headers(&[(header::CONTENT_TYPE, charset)]), b"a=1").is_ok());
    }

    #[test]
    fn a_client_authenticates_in_one_way() {
        let basic = headers(&[(header::AUTHORIZATION, "Basic YTpi")]);
        let read = |headers: &HeaderMap, body: &str| {
            let read = Authentication::read(headers, &form(body).unwrap());
            let of = |read: Authentication| {
                let found = read.credentials();
                (found.id.map(str::to_owned), found.secret.map(str::to_owned))
            };
            read.map(of).map_err(|error| error.to_string())
        };
        let pair = |id: &str, secret: &str| Ok((Some(id.to_owned()), Some(secret.to_owned())));
        assert_eq!(read(&basic, ""), pair("a", "b"));
        assert_eq!(read(&basic, "client_id=a"), pair("a", "b"));
        assert_eq!(
            read(&HeaderMap::new(), "client_id=c&client_secret=d"),
            pair("c", "d")
        );
        assert_eq!(read(&HeaderMap::new(), ""), Ok((None, None)));
        for body in [
            "client_id=b",
            "client_secret=b",
            "client_id=a&client_secret=b",
        ] {
            assert_eq!(
                read(&basic, body),
                Err("invalid_request".to_owned()),
                "{body}"
            );
        }
        let bearer = headers(&[(header::AUTHORIZATION, "Bearer x")]);
        assert_eq!(read(&bearer, ""), Err("invalid_client".to_owned()));
    }
}
