//! The commands with which a client gets an access token, ready to paste.

use crate::messages::{Key, m};
use latchkey_domain::tokens::client::{ClientKind, ClientView, GrantType};

/// The environment variable with the secret of a client, so that it is not in the history of a shell.
pub const SECRET: &str = "CLIENT_SECRET";

/// The environment variable with the device code.
pub const DEVICE_CODE: &str = "DEVICE_CODE";

/// A command, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does.
    pub label: Key,
    /// Its text.
    pub text: String,
}

/// The commands, in order: for the client itself (RFC 6749 §4.4.2), and for a user who approves (RFC 8628 §3.1, §3.4). None
/// where requests are signed with a key, which curl cannot do.
#[must_use]
pub fn commands(issuer: &str, client: &ClientView) -> Vec<Command> {
    let request = |label, path, parameters: &[String]| {
        let parts = [format!("curl {issuer}/oauth/{path}"), credentials(client)];
        let parts: Vec<_> = parts.iter().chain(parameters).map(String::as_str).collect();
        Command {
            label,
            text: parts.join(" \\\n  "),
        }
    };
    let grant_type = |grant_type: GrantType| format!("-d grant_type={}", grant_type.as_str());
    // A client with several services has to name one.
    let audience = match client.audiences.as_slice() {
        [first, _, ..] => Some(format!("-d audience={first}")),
        _ => None,
    };
    let with_audience = |parameters: Option<String>| -> Vec<_> {
        parameters.into_iter().chain(audience.clone()).collect()
    };
    let is_signed = client.requires_dpop || client.has_keys;
    let has = |one: GrantType| client.grant_types.contains(&one) && !is_signed;
    let mut commands = Vec::new();
    if has(GrantType::ClientCredentials) {
        let parameters = with_audience(Some(grant_type(GrantType::ClientCredentials)));
        commands.push(request(m::COMMAND_TOKEN, "token", &parameters));
    }
    if has(GrantType::DeviceCode) {
        let parameters = with_audience(None);
        commands.push(request(m::COMMAND_DEVICE_CODE, "device", &parameters));
        let parameters = [
            grant_type(GrantType::DeviceCode),
            format!("-d \"device_code=${DEVICE_CODE}\""),
        ];
        commands.push(request(m::COMMAND_DEVICE_TOKEN, "token", &parameters));
    }
    commands
}

fn credentials(client: &ClientView) -> String {
    match client.kind {
        ClientKind::Confidential => format!("-u \"{}:${SECRET}\"", client.id),
        ClientKind::Public => format!("-d client_id={}", client.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::{
        access::service::ServiceName,
        id::ClientId,
        tokens::{access_token::TokenAlgorithm, scope::TokenScopes},
    };
    use time::OffsetDateTime;

    const ISSUER: &str = "https://login.example.com";
    const ID: &str = "01900000-0000-7000-8000-000000000001";

    fn client(kind: ClientKind, audiences: &[&str]) -> ClientView {
        let audience = |name: &&str| ServiceName::parse(name).unwrap();
        ClientView {
            id: ID.parse::<ClientId>().unwrap(),
            name: "Backup".parse().unwrap(),
            kind,
            grant_types: kind.usual_grant_types().into_iter().collect(),
            audiences: audiences.iter().map(audience).collect(),
            scopes: TokenScopes::default(),
            redirect_uris: Vec::new(),
            algorithm: TokenAlgorithm::default(),
            token_seconds: 120,
            has_keys: false,
            requires_dpop: false,
            created_at: OffsetDateTime::UNIX_EPOCH,
            secrets: Vec::new(),
        }
    }

    fn texts(client: &ClientView) -> Vec<String> {
        let commands = commands(ISSUER, client).into_iter();
        commands.map(|command| command.text).collect()
    }

    #[test]
    fn a_confidential_client_authenticates_with_a_secret_that_is_a_variable() {
        assert_eq!(
            texts(&client(ClientKind::Confidential, &["photos"])),
            [format!(
                "curl {ISSUER}/oauth/token \\\n  -u \"{ID}:$CLIENT_SECRET\" \\\n  -d grant_type=client_credentials"
            )]
        );
    }

    #[test]
    fn a_public_client_shows_a_code_and_then_asks_for_the_token() {
        let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
        assert_eq!(
            texts(&client(ClientKind::Public, &["photos"])),
            [
                format!("curl {ISSUER}/oauth/device \\\n  -d client_id={ID}"),
                format!(
                    "curl {ISSUER}/oauth/token \\\n  -d client_id={ID} \\\n  -d grant_type={grant_type} \\\n  -d \"device_code=$DEVICE_CODE\""
                ),
            ]
        );
    }

    #[test]
    fn a_client_with_several_services_names_one() {
        for kind in [ClientKind::Confidential, ClientKind::Public] {
            let texts = texts(&client(kind, &["photos", "wiki"]));
            assert!(texts[0].ends_with("\n  -d audience=photos"), "{texts:?}");
        }
    }

    #[test]
    fn curl_signs_nothing() {
        let client = client(ClientKind::Confidential, &["photos"]);
        let bound = ClientView {
            requires_dpop: true,
            ..client.clone()
        };
        let keys = ClientView {
            has_keys: true,
            ..client.clone()
        };
        let assertion = ClientView {
            grant_types: vec![GrantType::JwtBearer],
            ..client
        };
        for client in [bound, keys, assertion] {
            assert!(texts(&client).is_empty());
        }
    }
}
