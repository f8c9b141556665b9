//! `latchkey proxy snippet`

use crate::harness::Desk;

#[test]
fn configuration_is_printed_for_each_proxy() {
    let desk = Desk::new();
    desk.json(&["service", "add", "photos", "--host", "photos.example.com"]);
    for proxy in ["nginx", "caddy", "traefik", "haproxy", "envoy"] {
        let said = desk.run(&["proxy", "snippet", "photos", "--for", proxy]);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.contains("/forward-auth"), "{}", said.out);
        let json = desk.json(&["proxy", "snippet", "photos", "--for", proxy]);
        assert!(json["items"][0]["text"].as_str().unwrap().ends_with('\n'));
    }
    assert_eq!(
        desk.run(&["proxy", "snippet", "photos", "--for", "apache"])
            .code,
        2
    );
    assert_eq!(
        desk.run(&["proxy", "snippet", "wiki", "--for", "nginx"])
            .code,
        1
    );
}

#[test]
fn the_readme_shows_what_is_printed() {
    let desk = Desk::new();
    desk.json(&["service", "add", "photos", "--host", "photos.example.com"]);
    let said = desk.run_in(
        &[("LATCHKEY_PUBLIC_URL", "https://login.example.com")],
        &["proxy", "snippet", "photos", "--for", "nginx"],
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(include_str!("../../../README.md").contains(&said.out));
}
