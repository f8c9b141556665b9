use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody, to_bytes},
    http::{HeaderMap, Response, StatusCode, header},
};

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl TestResponse {
    pub(crate) async fn read<B>(response: Response<B>) -> Self
    where
        B: HttpBody<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(Body::new(body), usize::MAX).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.into()).unwrap(),
        }
    }

    /// A header that came at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).into_iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} came twice");
        value
    }

    pub(crate) fn location(&self) -> &str {
        self.header("location")
            .unwrap_or_else(|| panic!("{} has no Location: {}", self.status, self.body))
    }

    /// The `Set-Cookie` line for a cookie; others of its name may end those of narrower domains.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        let lines = self
            .headers
            .get_all(header::SET_COOKIE)
            .into_iter()
            .map(|line| line.to_str().unwrap());
        let mut ours: Vec<_> = lines
            .filter(|line| line.split('=').next() == Some(name))
            .collect();
        if ours.iter().any(|line| !line.contains("Max-Age=0")) {
            ours.retain(|line| !line.contains("Max-Age=0"));
        }
        assert!(ours.len() < 2, "{name} is set twice");
        ours.first().copied()
    }

    /// Why the client may not do this, if that is what the response says: the page that resolves it, or its code.
    pub(crate) fn denial(&self) -> Option<String> {
        const CODES: [&str; 6] = [
            "sign_in_required",
            "step_up_required",
            "passkey_required",
            "not_approved",
            "recovery",
            "forbidden",
        ];
        let is_cure =
            |page: &&str| *page == "/enrol/passkey" || page.starts_with("/login?return_to=");
        if let Some(page) = self.header("location").filter(is_cure) {
            return Some(page.to_owned());
        }
        let problem = serde_json::from_str::<serde_json::Value>(&self.body).ok();
        match problem
            .as_ref()
            .and_then(|problem| problem["error"].as_str())
        {
            Some(code) if CODES.contains(&code) => Some(code.to_owned()),
            code if self.status == StatusCode::FORBIDDEN => {
                Some(code.unwrap_or("forbidden").to_owned())
            }
            _ => None,
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// All that a client can compare: status, headers, body.
    pub(crate) fn fingerprint(&self) -> (StatusCode, Vec<(String, Vec<u8>)>, String) {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        headers.sort();
        (self.status, headers, self.body.clone())
    }
}
