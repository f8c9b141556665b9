//! `latchkey proxy snippet`

use crate::harness::CliSandbox;

#[test]
fn a_configuration_is_printed_for_each_proxy() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos", "--host", "photos.example.com"]);
    for proxy in ["nginx", "caddy", "traefik", "haproxy", "envoy"] {
        let output = sandbox.run(&["proxy", "snippet", "photos", "--for", proxy]);
        assert_eq!(output.code, 0, "{}", output.err);
        assert!(output.out.contains("/forward-auth"), "{}", output.out);
        let json = sandbox.json(&["proxy", "snippet", "photos", "--for", proxy]);
        assert!(json["items"][0]["text"].as_str().unwrap().ends_with('\n'));
    }
    assert_eq!(
        sandbox
            .run(&["proxy", "snippet", "photos", "--for", "apache"])
            .code,
        2
    );
    assert_eq!(
        sandbox
            .run(&["proxy", "snippet", "wiki", "--for", "nginx"])
            .code,
        1
    );
}

#[test]
fn the_readme_shows_what_is_printed() {
    let sandbox = CliSandbox::new();
    sandbox.json(&["service", "add", "photos", "--host", "photos.example.com"]);
    let output = sandbox.run_in(
        &[("LATCHKEY_PUBLIC_URL", "https://login.example.com")],
        &["proxy", "snippet", "photos", "--for", "nginx"],
    );
    assert_eq!(output.code, 0, "{}", output.err);
    assert!(include_str!("../../../README.md").contains(&output.out));
}
