//! What a service asks of devices that were unusual, as it is stored.

use latchkey_domain::access::service::{RaisedLevel, RiskPolicy};

pub(super) fn risk(
    tells_level: bool,
    passkey_from: Option<&str>,
    device_bound_from: Option<&str>,
) -> RiskPolicy {
    RiskPolicy {
        tells_level,
        passkey_from: passkey_from.map(RaisedLevel::from_word),
        device_bound_from: device_bound_from.map(RaisedLevel::from_word),
    }
}

pub(super) fn level(from: Option<RaisedLevel>) -> Option<String> {
    from.map(|from| from.as_str().to_owned())
}
