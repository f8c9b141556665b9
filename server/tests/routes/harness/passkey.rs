use super::{Browser, TestResponse};
use webauthn_authenticator_rs::{AuthenticatorBackend, softpasskey::SoftPasskey};
use webauthn_rs_proto::{
    AllowCredentials, CreationChallengeResponse, RegisterPublicKeyCredential,
    RequestChallengeResponse,
};

/// A passkey in a software authenticator.
pub(crate) struct Passkey {
    authenticator: SoftPasskey,
    credential: RegisterPublicKeyCredential,
    user: Vec<u8>,
}

impl Browser<'_> {
    /// Makes a passkey on this device, as the island on the page does.
    pub(crate) async fn add_passkey(&mut self) -> TestResponse {
        self.make_passkey().await.1
    }

    /// The same, to use it again.
    pub(crate) async fn make_passkey(&mut self) -> (Passkey, TestResponse) {
        let begun = self
            .fetch("/actions/passkey/begin-registration", "{}")
            .await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
        let handle = begun["handle"].clone();
        let options: CreationChallengeResponse = serde_json::from_value(begun).unwrap();
        let mut options = options.public_key;
        // The software authenticator finds no credential by itself; what follows does not depend on it.
        if let Some(selection) = &mut options.authenticator_selection {
            (selection.require_resident_key, selection.resident_key) = (false, None);
        }
        let origin = self.app().origin.parse().unwrap();
        let user = options.user.id.to_vec();
        let mut authenticator = SoftPasskey::new(true);
        let credential = (authenticator.perform_register(origin, options, 1000)).unwrap();
        let body = serde_json::json!({ "credential": credential, "handle": handle, "name": "" });
        let response = self
            .fetch("/actions/passkey/finish-registration", &body.to_string())
            .await;
        let passkey = Passkey {
            authenticator,
            credential,
            user,
        };
        (passkey, response)
    }

    /// Signs in with a passkey.
    pub(crate) async fn use_passkey(&mut self, passkey: &mut Passkey) -> TestResponse {
        let begun = self.fetch("/actions/passkey/begin-login", "{}").await;
        let begun: serde_json::Value = serde_json::from_str(&begun.body).unwrap();
        let handle = begun["handle"].clone();
        let options: RequestChallengeResponse = serde_json::from_value(begun).unwrap();
        let mut options = options.public_key;
        options.allow_credentials = vec![AllowCredentials {
            type_: "public-key".to_owned(),
            id: passkey.credential.raw_id.clone(),
            transports: None,
        }];
        let origin = self.app().origin.parse().unwrap();
        let mut credential = (passkey.authenticator)
            .perform_auth(origin, options, 1000)
            .unwrap();
        credential.response.user_handle = Some(passkey.user.clone());
        let body = serde_json::json!({ "credential": credential, "handle": handle });
        let response = self
            .fetch("/actions/passkey/finish-login", &body.to_string())
            .await;
        assert_eq!(response.status, 200, "{}", response.body);
        response
    }
}
