//! What sort of thing a device is, and its first name, as far as its browser says.

use crate::name::DisplayName;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// What sort of thing it is, as far as its browser says. For icons and default names; never for a decision.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Default,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum DeviceKind {
    /// A phone.
    Phone,
    /// A tablet.
    Tablet,
    /// A desktop or laptop computer.
    Computer,
    /// A program with a key of its own, on any machine.
    Program,
    /// Anything else: a script, a television.
    #[default]
    Other,
}

impl DeviceKind {
    /// The stored name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Reads a stored name; unknown ones are [`DeviceKind::Other`].
    #[must_use]
    pub fn from_word(name: &str) -> Self {
        name.parse().unwrap_or_default()
    }

    /// Guesses from a `User-Agent` header.
    #[must_use]
    pub fn from_user_agent(agent: &str) -> Self {
        let has = |word: &str| agent.contains(word);
        if has("iPad") || has("Tablet") || (has("Android") && !has("Mobile")) {
            Self::Tablet
        } else if has("iPhone") || has("Mobile") {
            Self::Phone
        } else if has("Windows") || has("Macintosh") || has("X11") || has("CrOS") || has("Linux") {
            Self::Computer
        } else {
            Self::Other
        }
    }
}

/// The first name whose mark a `User-Agent` contains.
fn first(agent: &str, pairs: &[(&str, &'static str)]) -> Option<&'static str> {
    let found = pairs.iter().find(|(mark, _)| agent.contains(mark));
    found.map(|(_, name)| *name)
}

/// The browser that a `User-Agent` names.
fn browser(agent: &str) -> Option<&'static str> {
    first(
        agent,
        &[
            ("Edg", "Edge"),
            ("OPR", "Opera"),
            ("Firefox", "Firefox"),
            ("FxiOS", "Firefox"),
            ("CriOS", "Chrome"),
            ("Chrom", "Chrome"),
            ("Safari", "Safari"),
            ("curl", "curl"),
        ],
    )
}

/// A device's name with its browser, unless the name tells it: "Laptop (Firefox)".
#[must_use]
pub fn name_with_browser(name: &DisplayName, agent: &str) -> String {
    match browser(agent).filter(|browser| !name.as_str().contains(browser)) {
        Some(browser) => format!("{name} ({browser})"),
        None => name.to_string(),
    }
}

/// A first name for a device, from its `User-Agent`: "Firefox on Windows".
#[must_use]
pub fn default_name(agent: &str) -> DisplayName {
    let system = first(
        agent,
        &[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Macintosh", "Mac"),
            ("CrOS", "ChromeOS"),
            ("Linux", "Linux"),
            ("X11", "Linux"),
        ],
    );
    let name = match (browser(agent), system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "New device".to_owned(),
    };
    DisplayName::parse(&name)
        .unwrap_or_else(|_| unreachable!("the names above are short and plain"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_are_derived_from_the_user_agent() {
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(
            (
                default_name(phone).as_str(),
                DeviceKind::from_user_agent(phone)
            ),
            ("Safari on iPhone", DeviceKind::Phone)
        );
        let laptop = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(
            (
                default_name(laptop).as_str(),
                DeviceKind::from_user_agent(laptop)
            ),
            ("Firefox on Linux", DeviceKind::Computer)
        );
        assert_eq!(
            (default_name("").as_str(), DeviceKind::from_user_agent("")),
            ("New device", DeviceKind::Other)
        );
    }

    #[test]
    fn a_browser_is_named_once() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        for (name, agent, shown) in [
            ("Laptop", firefox, "Laptop (Firefox)"),
            ("Firefox on Linux", firefox, "Firefox on Linux"),
            ("Firefox on Linux", "curl/8.5.0", "Firefox on Linux (curl)"),
            ("Laptop", "", "Laptop"),
        ] {
            let name = DisplayName::parse(name).unwrap();
            assert_eq!(name_with_browser(&name, agent), shown);
        }
    }
}
