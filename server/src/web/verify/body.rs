//! What a service learns, as JSON. It is written for every request, so what is always the same is
//! written as it is: a serializer looks at each letter of each name.

use latchkey_domain::{
    access::access_grant::Scopes, access::subject::Subject, identity::device::Assurance,
    identity::user::Role,
};

/// The answer's body.
pub(super) struct Body<'a> {
    pub(super) subject: Subject,
    pub(super) scopes: Scopes,
    pub(super) username: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) role: Option<Role>,
    pub(super) assurance: Assurance,
    /// Seconds since the epoch, as `auth_time` in OpenID Connect Core §2.
    pub(super) auth_time: i64,
    /// As `amr` (RFC 8176).
    pub(super) auth_methods: &'static [&'static str],
}

impl Body<'_> {
    /// # Errors
    /// None: there is always room in memory.
    pub(super) fn json(&self) -> serde_json::Result<Vec<u8>> {
        let mut json = Json(Vec::with_capacity(320));
        json.raw("{\"subject\":");
        json.value(&self.subject)?;
        json.raw(",\"scopes\":");
        json.words(self.scopes.iter().map(|scope| scope.as_str()));
        if let Some(name) = self.username {
            json.raw(",\"username\":");
            json.value(name)?;
        }
        if let Some(email) = self.email {
            json.raw(",\"email\":");
            json.value(email)?;
        }
        if let Some(role) = &self.role {
            json.raw(",\"role\":");
            json.value(role.as_str())?;
        }
        json.raw(",\"device\":{\"assurance\":");
        json.word(self.assurance.as_str());
        json.raw("},\"auth\":{\"time\":");
        json.value(&self.auth_time)?;
        json.raw(",\"methods\":");
        json.words(self.auth_methods.iter().copied());
        json.raw("}}");
        Ok(json.0)
    }
}

struct Json(Vec<u8>);

impl Json {
    fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Whatever it holds.
    fn value(&mut self, value: &(impl serde::Serialize + ?Sized)) -> serde_json::Result<()> {
        serde_json::to_writer(&mut self.0, value)
    }

    /// A word of ours, which has nothing to escape.
    fn word(&mut self, word: &'static str) {
        self.raw("\"");
        self.raw(word);
        self.raw("\"");
    }

    fn words(&mut self, words: impl Iterator<Item = &'static str>) {
        self.raw("[");
        for (place, word) in words.enumerate() {
            if place > 0 {
                self.raw(",");
            }
            self.word(word);
        }
        self.raw("]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::access::access_grant::Scope;
    use proptest::{prelude::*, sample::subsequence};
    use serde_json::{Value, json};

    /// Whatever a name may hold, and what would end a text too soon.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC*", "[\"\\\\/{}\u{0}-\u{1f}a]*"]
    }

    fn without_nothing(mut value: Value) -> Value {
        if let Some(members) = value.as_object_mut() {
            members.retain(|_, member| !member.is_null());
        }
        value
    }

    proptest! {
        #[test]
        fn a_body_is_valid_json_with_its_fields_whatever_characters_names_have(
            subject in any::<[u8; 16]>(),
            scopes in subsequence(&Scope::ALL[..], 0..=Scope::ALL.len()),
            username in prop::option::of(text()),
            email in prop::option::of(text()),
            role in prop::option::of(prop::sample::select(vec![Role::Member, Role::Admin])),
            assurance in prop::sample::select(vec![Assurance::Registered, Assurance::Passkey]),
            auth_time in any::<i64>(),
            auth_methods in prop::sample::select(vec![&[][..], &["otp"], &["hwk", "user"]]),
        ) {
            let subject = Subject::from_bytes(subject);
            let body = Body {
                subject,
                scopes: scopes.iter().copied().collect(),
                username: username.as_deref(),
                email: email.as_deref(),
                role,
                assurance,
                auth_time,
                auth_methods,
            };
            let expected = without_nothing(json!({
                "subject": subject.to_string(),
                "scopes": scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(),
                "username": username,
                "email": email,
                "role": role.map(|role| role.to_string()),
                "device": {"assurance": assurance.as_str()},
                "auth": {"time": auth_time, "methods": auth_methods},
            }));
            let said: Value = serde_json::from_slice(&body.json().unwrap()).unwrap();
            prop_assert_eq!(said, expected);
        }
    }
}
