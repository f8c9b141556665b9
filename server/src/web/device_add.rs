//! `POST /device/add`: registers a device without a page, for scripts and old browsers.
//!
//! 1. Form or JSON: `email`, `code`, `device_name`.
//! 2. Whatever is wrong with e-mail and code, the answer is the same 401, in the same time.
//! 3. When they fit, the answer carries the device cookie.
//!
//! Nothing about the cookies that came along matters, so that a stale one locks nobody out.

use super::{
    error::{fail, short},
    route::Route,
    route_policy::{BodyLimit, Checks, Csrf, ErrorForm, RoutePolicy},
};
use axum::{
    Json,
    body::Bytes,
    extract::Extension,
    http::{HeaderMap, Method, header},
    response::{IntoResponse, Response},
    routing::post,
};
use latchkey_app::{
    error::{AppError, Code},
    request_context::{RequestContext, ResponseEffect},
    routes::{Access, Rate},
};
use latchkey_domain::{id::DeviceId, name::DisplayName};
use latchkey_engine::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was sent; a field that is missing, doubled or no text is empty.
#[derive(Debug, Default, PartialEq, Eq)]
struct Form {
    email: String,
    code: String,
    device_name: String,
}

#[derive(Serialize)]
struct Registered {
    status: &'static str,
    device_id: DeviceId,
}

/// Its route.
pub(super) fn routes() -> impl Iterator<Item = Route> {
    [Route {
        router: "device_add",
        method: Method::POST,
        path: "/device/add".into(),
        policy: RoutePolicy::Checked(Checks {
            access: Access::Public,
            csrf: Csrf::SameOriginOrNoBrowser,
            rate: Rate::Attempt,
            body: BodyLimit::Form,
            prolongs_session: true,
            errors: ErrorForm::Negotiated,
        }),
        handler: post(add),
    }]
    .into_iter()
}

async fn add(
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&headers, &body) {
        Ok(form) => form,
        Err(error) => return short(&error),
    };
    // Before the code is looked at: a name that is refused afterwards would use the code up, and
    // tell that it was right.
    if !form.device_name.trim().is_empty()
        && let Err(error) = DisplayName::parse(&form.device_name)
    {
        return short(&AppError::device_name(error));
    }
    let facts = context.facts();
    let result = context
        .engine()
        .register_device(
            &form.email,
            &form.code,
            &form.device_name,
            facts.browser,
            &facts.origin,
        )
        .await;
    match result {
        Ok(signed_in) => {
            let device_id = signed_in.current_user.device_id;
            context.push_effect(ResponseEffect::SignIn(Box::new(signed_in)));
            Json(Registered {
                status: "registered",
                device_id,
            })
            .into_response()
        }
        Err(cause @ (Error::Internal(_) | Error::Busy { .. } | Error::UsesUnknown)) => {
            fail(&cause, &headers)
        }
        Err(
            error @ (Error::Throttled { .. }
            | Error::BadInput {
                field: "device_name",
                ..
            }),
        ) => short(&(&error).into()),
        // Everything else was wrong with e-mail or code, and which of them is not said.
        Err(
            Error::Refused(_)
            | Error::Denied(_)
            | Error::BadInput { .. }
            | Error::NotFound(_)
            | Error::Conflict { .. }
            | Error::PreconditionFailed,
        ) => short(&Code::InvalidCredentials.into()),
    }
}

fn not_a_form() -> AppError {
    AppError::from(Code::UnsupportedMediaType).in_field("content_type")
}

impl Form {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, AppError> {
        let mut lines = headers.get_all(header::CONTENT_TYPE).into_iter();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return Err(not_a_form());
        };
        let media_type = line
            .to_str()
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match media_type.as_str() {
            "application/x-www-form-urlencoded" => Ok(Self::of_pairs(body)),
            "application/json" => Self::of_json(body),
            _ => Err(not_a_form()),
        }
    }

    fn of_pairs(body: &[u8]) -> Self {
        let only = |name: &str| {
            let mut values = url::form_urlencoded::parse(body)
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned());
            match (values.next(), values.next()) {
                (Some(value), None) => value,
                _ => String::new(),
            }
        };
        Self {
            email: only("email"),
            code: only("code"),
            device_name: only("device_name"),
        }
    }

    fn of_json(body: &[u8]) -> Result<Self, AppError> {
        // A derived reader refuses a key that comes twice.
        #[derive(Deserialize)]
        struct Fields {
            #[serde(default)]
            email: Value,
            #[serde(default)]
            code: Value,
            #[serde(default)]
            device_name: Value,
        }
        let text = |value: Value| match value {
            Value::String(text) => text,
            _ => String::new(),
        };
        // It would also read a list, by position.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err(AppError::not_json());
        }
        let fields: Fields = serde_json::from_slice(body).map_err(|_| AppError::not_json())?;
        Ok(Self {
            email: text(fields.email),
            code: text(fields.code),
            device_name: text(fields.device_name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn read(content_type: &'static str, body: &str) -> Result<Form, AppError> {
        let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))]
            .into_iter()
            .collect();
        Form::read(&headers, body.as_bytes())
    }

    fn form(email: &str, code: &str, device_name: &str) -> Form {
        Form {
            email: email.to_owned(),
            code: code.to_owned(),
            device_name: device_name.to_owned(),
        }
    }

    #[test]
    fn forms_and_json_are_parsed_alike() {
        let expected = form("a@b.c", "123456", "Küche");
        assert_eq!(
            read(
                "application/x-www-form-urlencoded",
                "email=a%40b.c&code=123456&device_name=K%C3%BCche"
            )
            .as_ref(),
            Ok(&expected)
        );
        assert_eq!(
            read(
                "application/json; charset=utf-8",
                r#"{"email":"a@b.c","code":"123456","device_name":"Küche"}"#
            )
            .as_ref(),
            Ok(&expected)
        );
        for other in ["text/plain", "multipart/form-data", "", "application/jsonx"] {
            assert_eq!(read(other, "email=a"), Err(not_a_form()), "{other}");
        }
    }

    #[test]
    fn missing_duplicate_and_non_text_fields_are_empty() {
        assert_eq!(
            read("application/x-www-form-urlencoded", ""),
            Ok(Form::default())
        );
        assert_eq!(
            read(
                "application/x-www-form-urlencoded",
                "email=a&email=b&code=1"
            ),
            Ok(form("", "1", ""))
        );
        assert_eq!(
            read(
                "application/json",
                r#"{"email":5,"code":["1"],"device_name":null}"#
            ),
            Ok(Form::default())
        );
        for broken in ["", "{", "[]", r#"{"email":"a","email":"b"}"#, "\u{0}"] {
            assert_eq!(
                read("application/json", broken),
                Err(AppError::not_json()),
                "{broken}"
            );
        }
    }
}
