//! Which browser on which system a device is, as far as it says: families, not versions, because these change by themselves.

use std::{fmt, str::FromStr};
use strum::{EnumString, IntoStaticStr};

/// The most that one device is known as. What was added first is forgotten first.
const MOST: usize = 4;

/// What a system is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Platform {
    /// Windows.
    Windows,
    /// macOS; also an iPad that asks for the pages of computers.
    Mac,
    /// iOS and iPadOS.
    Ios,
    /// Android.
    Android,
    /// ChromeOS.
    ChromeOs,
    /// Any other Linux or Unix; also an Android phone that asks for the pages of computers.
    Linux,
}

/// Which family a browser is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Browser {
    /// Edge.
    Edge,
    /// Opera.
    Opera,
    /// Samsung Internet.
    Samsung,
    /// Firefox.
    Firefox,
    /// Chrome, and what calls itself so.
    Chrome,
    /// Safari.
    Safari,
    /// No browser.
    Program,
}

/// What a browser says of itself. `None` is unknown, and contradicts nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BrowserProfile {
    /// Its family.
    pub browser: Option<Browser>,
    /// Its system.
    pub platform: Option<Platform>,
}

impl BrowserProfile {
    /// Reads a `User-Agent` header. Every browser's begins with `Mozilla/`.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        if !user_agent.starts_with("Mozilla/") {
            return Self {
                browser: Some(Browser::Program),
                platform: None,
            };
        }
        let has = |word: &str| user_agent.contains(word);
        let platform = if has("iPhone") || has("iPad") || has("iPod") {
            Some(Platform::Ios)
        } else if has("Android") {
            Some(Platform::Android)
        } else if has("Windows") {
            Some(Platform::Windows)
        } else if has("Macintosh") {
            Some(Platform::Mac)
        } else if has("CrOS") {
            Some(Platform::ChromeOs)
        } else if has("Linux") || has("X11") {
            Some(Platform::Linux)
        } else {
            None
        };
        let browser = if has("Edg") {
            Some(Browser::Edge)
        } else if has("OPR/") {
            Some(Browser::Opera)
        } else if has("SamsungBrowser") {
            Some(Browser::Samsung)
        } else if has("Firefox") || has("FxiOS") {
            Some(Browser::Firefox)
        } else if has("CriOS") || has("Chrom") {
            Some(Browser::Chrome)
        } else if has("Safari") {
            Some(Browser::Safari)
        } else {
            None
        };
        Self { browser, platform }
    }

    const fn is_known(self) -> bool {
        self.browser.is_some() || self.platform.is_some()
    }

    /// Whether both cannot be said by one browser.
    fn contradicts(self, other: Self) -> bool {
        fn differ<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            one.zip(other).is_some_and(|(one, other)| one != other)
        }
        differ(self.browser, other.browser) || differ(self.platform, other.platform)
    }
}

/// As it is stored: `firefox/linux`, with `?` for what is unknown.
impl fmt::Display for BrowserProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let browser = self.browser.map_or("?", Into::into);
        let platform = self.platform.map_or("?", Into::into);
        write!(f, "{browser}/{platform}")
    }
}

/// Not the profile of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the profile of a browser")]
pub struct ProfileError;

impl FromStr for BrowserProfile {
    type Err = ProfileError;

    fn from_str(text: &str) -> Result<Self, ProfileError> {
        fn part<T: FromStr>(text: &str) -> Result<Option<T>, ProfileError> {
            match text {
                "?" => Ok(None),
                name => name.parse().map(Some).map_err(|_| ProfileError),
            }
        }
        let (browser, platform) = text.split_once('/').ok_or(ProfileError)?;
        Ok(Self {
            browser: part(browser)?,
            platform: part(platform)?,
        })
    }
}

/// What a device has called itself when its user authenticated on it as was asked for. A phone may ask for the pages of computers, so there may be several.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownBrowsers(Vec<BrowserProfile>);

impl KnownBrowsers {
    /// Reads what is stored. What cannot be read is left out: nothing is then compared with it.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        let profiles = text.split(' ').filter_map(|profile| profile.parse().ok());
        Self(profiles.take(MOST).collect())
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, profile: BrowserProfile) -> Self {
        self.0.retain(|known| *known != profile);
        if profile.is_known() {
            if self.0.len() >= MOST {
                self.0.remove(0);
            }
            self.0.push(profile);
        }
        self
    }

    /// Whether a cookie that came with this moved to another browser; `None` if nothing is known to compare with.
    #[must_use]
    pub fn contradicted_by(&self, claimed: BrowserProfile) -> Option<bool> {
        let is_other = || self.0.iter().all(|known| known.contradicts(claimed));
        (!self.0.is_empty()).then(is_other)
    }
}

/// As they are stored, separated by spaces.
impl fmt::Display for KnownBrowsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, profile) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{profile}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
    const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
    const ANDROID_DESKTOP: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
    const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";

    #[test]
    fn browsers_are_known_by_family_and_system() {
        for (agent, profile) in [
            (FIREFOX, "firefox/linux"),
            (IPHONE, "safari/ios"),
            (ANDROID, "chrome/android"),
            (ANDROID_DESKTOP, "chrome/linux"),
            (EDGE, "edge/windows"),
            ("curl/8.5.0", "program/?"),
            ("", "program/?"),
            ("Mozilla/5.0", "?/?"),
        ] {
            let found = BrowserProfile::of(agent);
            assert_eq!(found.to_string(), profile, "{agent}");
            assert_eq!(profile.parse(), Ok(found));
        }
        for text in [
            "",
            "firefox",
            "firefox/",
            "netscape/linux",
            "firefox/linux/1",
        ] {
            assert_eq!(text.parse::<BrowserProfile>(), Err(ProfileError), "{text}");
        }
    }

    #[test]
    fn a_cookie_does_not_move_to_another_browser_or_system() {
        let known = |agent| KnownBrowsers::default().with(BrowserProfile::of(agent));
        let is_other =
            |known: &KnownBrowsers, agent| known.contradicted_by(BrowserProfile::of(agent));
        let updated = FIREFOX.replace("140", "147");
        assert_eq!(is_other(&known(FIREFOX), &updated), Some(false));
        for agent in [IPHONE, ANDROID, ANDROID_DESKTOP, EDGE, "curl/8.5.0", ""] {
            assert_eq!(is_other(&known(FIREFOX), agent), Some(true), "{agent}");
        }
        assert_eq!(is_other(&known(FIREFOX), "Mozilla/5.0"), Some(false));
        assert_eq!(is_other(&KnownBrowsers::default(), FIREFOX), None);
        assert_eq!(is_other(&known("Mozilla/5.0"), FIREFOX), None);
    }

    #[test]
    fn a_phone_that_asks_for_the_pages_of_computers_is_known_as_both() {
        let known = KnownBrowsers::default().with(BrowserProfile::of(ANDROID));
        let desktop = BrowserProfile::of(ANDROID_DESKTOP);
        assert_eq!(known.contradicted_by(desktop), Some(true));
        let known = known.with(desktop);
        assert_eq!(known.contradicted_by(desktop), Some(false));
        assert_eq!(
            known.contradicted_by(BrowserProfile::of(ANDROID)),
            Some(false)
        );
        assert_eq!(known.to_string(), "chrome/android chrome/linux");
        assert_eq!(KnownBrowsers::from_stored(&known.to_string()), known);
    }

    #[test]
    fn they_are_bounded_and_what_cannot_be_read_is_left_out() {
        let many = [FIREFOX, IPHONE, ANDROID, ANDROID_DESKTOP, EDGE];
        let known = many
            .into_iter()
            .fold(KnownBrowsers::default(), |known, agent| {
                known.with(BrowserProfile::of(agent))
            });
        let stored = "safari/ios chrome/android chrome/linux edge/windows";
        assert_eq!(known.to_string(), stored);
        assert_eq!(
            KnownBrowsers::from_stored(&format!("x/y {stored} a")),
            known
        );
        assert_eq!(KnownBrowsers::from_stored(""), KnownBrowsers::default());
    }
}
