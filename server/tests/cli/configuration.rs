//! `latchkey config …`, and what is said about a wrong configuration.

use crate::harness::CliSandbox;

#[test]
fn settings_come_from_file_then_environment_then_flags() {
    let sandbox = CliSandbox::new();
    sandbox.write("latchkey.toml", "public_url = \"https://login.example.com\"\npublic_addr = \"127.0.0.1:4000\"\n\n[proxy]\ntrusted = [\"10.0.0.0/8\"]\n");
    let output = sandbox.run_in(
        &[("LATCHKEY_PUBLIC_ADDR", "127.0.0.1:5000")],
        &["config", "check", "--data-dir", "elsewhere"],
    );
    assert_eq!(output.code, 0, "{}", output.err);
    let line = |key: &str| {
        output
            .out
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        line("public_url"),
        "public_url https://login.example.com latchkey.toml, line 1"
    );
    assert_eq!(
        line("public_addr"),
        "public_addr 127.0.0.1:5000 LATCHKEY_PUBLIC_ADDR"
    );
    assert_eq!(line("data_dir"), "data_dir elsewhere --data-dir");
    assert_eq!(
        line("proxy.trusted"),
        "proxy.trusted 10.0.0.0/8 latchkey.toml, line 5"
    );
    assert_eq!(
        line("internal_addr"),
        "internal_addr 127.0.0.1:3001 default"
    );
}

#[test]
fn audit_14_config_check_names_the_missing_setting_for_a_proxy_without_a_token() {
    let sandbox = CliSandbox::new();
    let note = "list it in proxy.forward_auth too";
    let trusted = ("LATCHKEY_PROXY_TRUSTED", "10.0.0.2");
    let both = [trusted, ("LATCHKEY_PROXY_FORWARD_AUTH", "10.0.0.2")];
    let check = &["config", "check"];
    assert!(sandbox.run_in(&[trusted], check).out.contains(note));
    assert!(!sandbox.run_in(&both, check).out.contains(note));
    assert!(!sandbox.run(check).out.contains(note));
    let refused = sandbox.run_in(&[("LATCHKEY_PROXY_FORWARD_AUTH", "0.0.0.0/0")], check);
    assert!(
        refused.err.contains("`proxy.forward_auth`") && refused.err.contains("that is everyone")
    );
}

#[test]
fn a_configuration_file_in_the_data_directory_is_found() {
    let sandbox = CliSandbox::new();
    sandbox.write("data/latchkey.toml", "[site]\nname = \"Front Door\"\n");
    let items = sandbox.json(&["config", "check"]);
    let name = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["key"] == "site.name")
        .unwrap()
        .clone();
    assert_eq!(name["value"], "Front Door");
}

#[test]
fn an_invalid_configuration_is_a_usage_error_with_a_hint() {
    let sandbox = CliSandbox::new();
    for (file, expected) in [
        (
            "public_ur = \"x\"",
            "error: unknown key `public_ur` in latchkey.toml, line 1: did you mean `public_url`?\n",
        ),
        (
            "public_url = \"login.example.com\"",
            "error: `public_url` (latchkey.toml, line 1) is `login.example.com`: that is not a URL; write it like https://login.example.com\n",
        ),
        (
            "[proxy]\ntrusted = [\"0.0.0.0/0\"]",
            "error: `proxy.trusted` (latchkey.toml, line 2) is `0.0.0.0/0`: that is everyone; list the proxies in front of Latchkey, like 127.0.0.1/32 or 10.0.0.0/8\n",
        ),
    ] {
        sandbox.write("latchkey.toml", file);
        let output = sandbox.run(&["config", "check"]);
        assert_eq!((output.code, output.err.as_str()), (2, expected));
    }
    sandbox.write("latchkey.toml", "[proxy]\ntrust = [\"127.0.0.1\"]");
    let output = sandbox.run(&["user", "list", "--json"]);
    assert_eq!(output.code, 2);
    let error: serde_json::Value = serde_json::from_str(&output.err).unwrap();
    assert_eq!(error["error"], "config");
    assert_eq!(
        error["message"],
        "unknown key `proxy.trust` in latchkey.toml, line 2: did you mean `proxy.trusted`?"
    );
    assert!(!sandbox.path().join("data").exists(), "nothing was made");
}

/// What Kubernetes sets in each container beside a Service named `latchkey`.
const INJECTED: [(&str, &str); 8] = [
    ("LATCHKEY_SERVICE_HOST", "10.96.12.7"),
    ("LATCHKEY_SERVICE_PORT", "3000"),
    ("LATCHKEY_SERVICE_PORT_PUBLIC", "3000"),
    ("LATCHKEY_PORT", "tcp://10.96.12.7:3000"),
    ("LATCHKEY_PORT_3000_TCP", "tcp://10.96.12.7:3000"),
    ("LATCHKEY_PORT_3000_TCP_PROTO", "tcp"),
    ("LATCHKEY_PORT_3000_TCP_PORT", "3000"),
    ("LATCHKEY_PORT_3000_TCP_ADDR", "10.96.12.7"),
];

#[test]
fn field_5_injected_variables_of_a_service_named_latchkey_are_ignored() {
    let sandbox = CliSandbox::new();
    let own = [("LATCHKEY_PUBLIC_ADDR", "127.0.0.1:5000")];
    let variables = [&INJECTED[..], &own].concat();
    let output = sandbox.run_in(&variables, &["config", "check"]);
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    assert!(output.out.contains("127.0.0.1:5000") && !output.out.contains("LATCHKEY_PORT"));
    assert!(!output.out.contains("ignored"), "{}", output.out);
}

#[test]
fn field_5_check_and_doctor_report_an_unknown_variable_without_failing() {
    let sandbox = CliSandbox::new();
    let slip = [("LATCHKEY_PUBLIC_UR", "https://login.example.com")];
    let words = "ignored: unknown key `LATCHKEY_PUBLIC_UR` in the environment: did you mean `LATCHKEY_PUBLIC_URL`?";
    let check = sandbox.run_in(&slip, &["config", "check"]);
    assert_eq!(check.code, 0);
    assert!(check.out.contains(words), "{}", check.out);
    let json = sandbox.run_in(&slip, &["config", "check", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["notes"], serde_json::json!([words]));
    let doctor = sandbox.run_in(&slip, &["doctor"]);
    assert_eq!(doctor.code, 0);
    assert!(doctor.out.contains(words), "{}", doctor.out);
}

#[test]
fn passwords_are_not_printed() {
    let sandbox = CliSandbox::new();
    let url = |url| [("LATCHKEY_DATABASE_URL", url)];
    let output = sandbox.run_in(&url("sqlite://ada:hunter2@db/x"), &["config", "check"]);
    assert!(
        output.code == 0
            && !output.out.contains("hunter2")
            && output.out.contains("sqlite://ada:***@db/x"),
        "{output:?}"
    );
}

#[test]
fn a_database_that_this_version_does_not_support_is_refused() {
    let sandbox = CliSandbox::new();
    for scheme in ["postgres", "postgresql", "mysql"] {
        let url = format!("{scheme}://ada:hunter2@db/latchkey");
        for command in [&["config", "check"][..], &["doctor"], &["user", "list"]] {
            let output = sandbox.run_in(&[("LATCHKEY_DATABASE_URL", url.as_str())], command);
            assert_eq!(output.code, 2, "{output:?}");
            let expected = format!(
                "error: `database_url` (LATCHKEY_DATABASE_URL) is `{scheme}://ada:***@db/latchkey`: this version supports SQLite only; "
            );
            assert!(output.err.starts_with(&expected), "{output:?}");
        }
    }
}

#[test]
fn help_explains_every_setting_even_when_the_file_is_broken() {
    let sandbox = CliSandbox::new();
    sandbox.write("latchkey.toml", "= = =");
    let output = sandbox.run(&["config", "help"]);
    assert_eq!(output.code, 0);
    assert!(output.out.contains("LATCHKEY_PROXY_TRUSTED") && output.out.contains("cookie.domain"));
}

#[test]
fn field_3_every_command_rejects_a_public_suffix_as_cookie_domain() {
    let sandbox = CliSandbox::new();
    sandbox.json(&[
        "service",
        "add",
        "photos",
        "--host",
        "photos.yours.duckdns.org",
    ]);
    let doctor = [
        "proxy",
        "doctor",
        "photos",
        "--url",
        "https://photos.yours.duckdns.org/",
    ];
    for command in [&["doctor"][..], &doctor, &["serve"], &["config", "check"]] {
        let settings = |domain| {
            [
                ("LATCHKEY_PUBLIC_URL", "https://login.yours.duckdns.org"),
                ("LATCHKEY_COOKIE_DOMAIN", domain),
            ]
        };
        let output = sandbox.run_in(&settings("duckdns.org"), command);
        assert_eq!(output.code, 2, "{command:?}");
        assert_eq!(
            output.err,
            "error: `cookie.domain` (LATCHKEY_COOKIE_DOMAIN) is `duckdns.org`: that is a public suffix, below which anyone can register a name: browsers keep no cookie for it; write a domain of your own, like yours.duckdns.org\n"
        );
    }
    let local = [("LATCHKEY_COOKIE_DOMAIN", "localhost")];
    let output = sandbox.run_in(&local, &["doctor"]);
    assert!(
        output.code == 2 && output.err.contains("browsers share no cookie below it"),
        "{}",
        output.err
    );
    // What is right is said too, and what it does not reach.
    let right = [
        ("LATCHKEY_PUBLIC_URL", "https://login.yours.duckdns.org"),
        ("LATCHKEY_COOKIE_DOMAIN", "yours.duckdns.org"),
    ];
    let output = sandbox.run_in(&right, &["doctor"]);
    assert!(
        output
            .out
            .contains("to yours.duckdns.org and all hosts below it"),
        "{}",
        output.out
    );
    let output = sandbox.run_in(&right[..1], &["doctor"]);
    assert!(
        output
            .out
            .contains("set cookie.domain to yours.duckdns.org"),
        "{}",
        output.out
    );
}
