//! Kinds and default names of devices, from the `User-Agent` of their browser.

use latchkey_domain::identity::device::{DeviceKind, default_name};

const APPLE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

#[test]
fn a_device_is_named_and_classified_after_its_user_agent() {
    for (agent, name, kind) in [
        (
            &*format!("{APPLE} Version/18.0 Mobile/15E148 Safari/604.1"),
            "Safari on iPhone",
            DeviceKind::Phone,
        ),
        (
            &format!("{APPLE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15"),
            "Firefox on iPhone",
            DeviceKind::Phone,
        ),
        (
            &format!("{APPLE} CriOS/140.0 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone",
            DeviceKind::Phone,
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPad",
            DeviceKind::Tablet,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36",
            "Chrome on Android",
            DeviceKind::Phone,
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; SM-X910) Chrome/140.0 Safari/537.36",
            "Chrome on Android",
            DeviceKind::Tablet,
        ),
        (
            "Mozilla/5.0 (Android 15; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0",
            "Firefox on Android",
            DeviceKind::Tablet,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
            DeviceKind::Computer,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/140.0 Safari/537.36 OPR/120.0",
            "Opera on Mac",
            DeviceKind::Computer,
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0 Safari/537.36",
            "Chrome on ChromeOS",
            DeviceKind::Computer,
        ),
        (
            "Mozilla/5.0 (CrOS) Chrome/140.0",
            "Chrome on ChromeOS",
            DeviceKind::Computer,
        ),
        (
            "Mozilla/5.0 (X11; OpenBSD amd64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
            DeviceKind::Computer,
        ),
        (
            "Mozilla/5.0 (Linux x86_64) Firefox/140.0",
            "Firefox on Linux",
            DeviceKind::Computer,
        ),
        ("Mobile Safari", "Safari", DeviceKind::Phone),
        (
            "Photos/1.0 (iPhone; iOS 18.0; Scale/3.00)",
            "iPhone",
            DeviceKind::Phone,
        ),
        ("Tablet", "New device", DeviceKind::Tablet),
        ("curl/8.0", "curl", DeviceKind::Other),
        ("Windows", "Windows", DeviceKind::Computer),
        ("", "New device", DeviceKind::Other),
    ] {
        assert_eq!(default_name(agent).as_str(), name, "{agent}");
        assert_eq!(DeviceKind::from_user_agent(agent), kind, "{agent}");
    }
}
