use super::*;

fn file(text: &str) -> Result<Values, ConfigError> {
    let mut values = Values::defaults();
    values
        .read_toml(text, Path::new("latchkey.toml"))
        .map(|()| values)
}

fn environment(pairs: &[(&str, &str)]) -> Result<(Values, Vec<String>), ConfigError> {
    let mut values = Values::defaults();
    let variables = pairs.iter().map(|(name, text)| (name.into(), text.into()));
    let warnings = values.read_environment(variables)?;
    Ok((values, warnings))
}

#[test]
fn a_file_has_top_level_keys_and_sections() {
    let values = file("public_url = \"https://login.example.com\"\n\n[proxy]\ntrusted = [\"10.0.0.0/8\", \"::1\"]\n").unwrap();
    assert_eq!(values.text("public_url"), "https://login.example.com");
    assert_eq!(values.list("proxy.trusted"), ["10.0.0.0/8", "::1"]);
    assert_eq!(
        values.origin("proxy.trusted").to_string(),
        "latchkey.toml, line 4"
    );
    assert_eq!(values.origin("public_addr"), Source::Default);
}

#[test]
fn an_unknown_key_is_reported_with_its_line_and_the_most_similar_key() {
    let message = |result: Result<Values, ConfigError>| result.unwrap_err().to_string();
    assert_eq!(
        message(file("data_dir = \"x\"\n\npublic_ur = \"y\"")),
        "unknown key `public_ur` in latchkey.toml, line 3: did you mean `public_url`?"
    );
    assert_eq!(
        message(file("[proxy]\ntrust = []")),
        "unknown key `proxy.trust` in latchkey.toml, line 2: did you mean `proxy.trusted`?"
    );
    assert_eq!(
        message(file("zzz = 1")),
        "unknown key `zzz` in latchkey.toml, line 1; `latchkey config help` lists them all"
    );
}

#[test]
fn field_5_an_unknown_variable_is_a_warning_and_an_injected_one_is_ignored() {
    let (values, warnings) = environment(&[
        ("LATCHKEY_PUBLIC_UR", "y"),
        ("LATCHKEY_XYZZY", ""),
        ("LATCHKEY_PORT", "tcp://10.96.12.7:3000"),
        ("LATCHKEY_SERVICE_HOST", "10.96.12.7"),
        ("LATCHKEY_PUBLIC_ADDR", "0.0.0.0:3000"),
    ])
    .unwrap();
    assert_eq!(
        warnings,
        [
            "ignored: unknown key `LATCHKEY_PUBLIC_UR` in the environment: did you mean `LATCHKEY_PUBLIC_URL`?",
            "ignored: unknown key `LATCHKEY_XYZZY` in the environment; `latchkey config help` lists them all",
        ]
    );
    assert_eq!(values.text("public_addr"), "0.0.0.0:3000");
}

#[test]
fn a_wrong_type_is_reported_with_the_remedy() {
    let message = |text| file(text).unwrap_err().to_string();
    assert_eq!(
        message("public_url = 5"),
        "`public_url` (latchkey.toml, line 1) is of the type integer: it must be a string; write it like public_url = \"…\""
    );
    assert_eq!(
        message("[proxy]\ntrusted = \"10.0.0.0/8\""),
        "`proxy.trusted` (latchkey.toml, line 2) is of the type string: it must be a list of strings; write it like trusted = [\"…\", \"…\"]"
    );
    assert!(message("public_url = ").starts_with("latchkey.toml, line 1: "));
}

#[test]
fn the_environment_takes_precedence_over_the_file_and_empty_variables_are_ignored() {
    let mut values =
        file("public_addr = \"127.0.0.1:1\"\ninternal_addr = \"127.0.0.1:2\"").unwrap();
    let variables = [
        ("LATCHKEY_PUBLIC_ADDR", "127.0.0.1:9"),
        ("LATCHKEY_INTERNAL_ADDR", ""),
        ("LATCHKEY_BIN", "x"),
        ("HOME", "/"),
    ];
    values
        .read_environment(
            variables
                .into_iter()
                .map(|(name, text)| (name.into(), text.into())),
        )
        .unwrap();
    assert_eq!(
        (values.text("public_addr"), values.text("internal_addr")),
        ("127.0.0.1:9", "127.0.0.1:2")
    );
    assert_eq!(
        values.origin("public_addr").to_string(),
        "LATCHKEY_PUBLIC_ADDR"
    );
}

#[test]
fn lists_in_variables_are_separated_by_commas() {
    let (values, _) =
        environment(&[("LATCHKEY_PROXY_TRUSTED", "127.0.0.1/32, 10.0.0.0/8,")]).unwrap();
    assert_eq!(values.list("proxy.trusted"), ["127.0.0.1/32", "10.0.0.0/8"]);
}

#[test]
fn a_secret_can_be_in_a_file_that_a_variable_names() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("url");
    std::fs::write(&path, "smtps://ada:secret@mail.example.com\n").unwrap();
    let path = path.to_str().unwrap();
    let (values, warnings) = environment(&[("LATCHKEY_MAIL_URL_FILE", path)]).unwrap();
    assert_eq!(
        values.text("mail.url"),
        "smtps://ada:secret@mail.example.com"
    );
    assert_eq!(
        values.origin("mail.url").to_string(),
        "LATCHKEY_MAIL_URL_FILE"
    );
    assert!(warnings.is_empty(), "{warnings:?}");
    for both in [
        [
            ("LATCHKEY_MAIL_URL_FILE", path),
            ("LATCHKEY_MAIL_URL", "smtp://x"),
        ],
        [
            ("LATCHKEY_MAIL_URL", "smtp://x"),
            ("LATCHKEY_MAIL_URL_FILE", path),
        ],
    ] {
        let error = environment(&both).unwrap_err().to_string();
        assert!(
            error.contains("sets it too") && !error.contains("secret"),
            "{error}"
        );
    }
    assert!(environment(&[("LATCHKEY_MAIL_URL_FILE", "/nowhere/url")]).is_err());
    // What has no password is not read from files.
    let (_, warnings) = environment(&[("LATCHKEY_SITE_NAME_FILE", path)]).unwrap();
    assert_eq!(warnings.len(), 1);
}
