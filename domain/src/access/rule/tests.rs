use super::*;

const RULES: &str = "public GET /assets/*\nadmins /settings/*\n\nusers GET,POST /api/*\nnobody /api/*\npublic /health\nnobody DELETE /*";

fn audience(method: &str, target: &str) -> Audience {
    let rules = Rules::parse(RULES).unwrap();
    rules.audience(method, &RequestPath::parse(target).unwrap())
}

#[test]
fn the_first_rule_that_applies_decides() {
    for (method, target, expected) in [
        ("GET", "/assets/app.js", Audience::Public),
        ("HEAD", "/assets/app.js", Audience::Public),
        ("POST", "/assets/app.js", Audience::Users),
        ("GET", "/assets", Audience::Users),
        ("GET", "/settings/users", Audience::Admins),
        ("GET", "/settings", Audience::Admins),
        ("GET", "/settingsx", Audience::Users),
        ("POST", "/api/x", Audience::Users),
        ("PUT", "/api/x", Audience::Nobody),
        ("GET", "/health", Audience::Public),
        ("GET", "/health/x", Audience::Users),
        ("DELETE", "/album", Audience::Nobody),
        ("GET", "/album", Audience::Users),
    ] {
        assert_eq!(audience(method, target), expected, "{method} {target}");
    }
}

#[test]
fn r22_a_query_matches_no_rule() {
    for target in ["/album?/assets/app.js", "/?x=/assets/", "/album?#/assets/x"] {
        let path = RequestPath::parse(target);
        let public = path.is_ok_and(|path| {
            Rules::parse(RULES).unwrap().audience("GET", &path) == Audience::Public
        });
        assert!(!public, "{target}");
    }
}

#[test]
fn must_survive_22_restrictive_rules_match_widely_and_permissive_ones_narrowly() {
    for (method, target, expected) in [
        ("GET", "/Settings/users", Audience::Admins),
        ("GET", "/SETTINGS", Audience::Admins),
        ("GET", "/settings/", Audience::Admins),
        ("GET", "/s%65ttings/users", Audience::Admins),
        ("GET", "/settings./users", Audience::Admins),
        ("GET", "/settings%20", Audience::Admins),
        ("GET", "/settingsx/users", Audience::Users),
        ("GET", "/Assets/app.js", Audience::Users),
        ("GET", "/Health", Audience::Users),
        ("GET", "/health/", Audience::Users),
        ("delete", "/album", Audience::Nobody),
        ("BREW", "/album", Audience::Nobody),
    ] {
        assert_eq!(audience(method, target), expected, "{method} {target}");
    }
}

#[test]
fn rules_print_as_they_parse() {
    let text = "public GET /assets/*\nadmins /a%20b/%C3%A4\nnobody /100%25";
    let rules = Rules::parse(text).unwrap();
    assert_eq!(rules.to_string(), text);
    assert_eq!(Rules::parse(&rules.to_string()).unwrap(), rules);
    assert!(Rules::parse(" \n\n").unwrap().is_empty());
}

#[test]
fn closed_rules_admit_nobody() {
    let rules = Rules::closed();
    assert_eq!(Rules::parse("nobody /*").as_ref(), Ok(&rules));
    for (method, target) in [("GET", "/"), ("BREW", "/a"), ("POST", "/a/b/")] {
        let path = RequestPath::parse(target).unwrap();
        assert_eq!(rules.audience(method, &path), Audience::Nobody);
    }
}

#[test]
fn the_error_of_a_rule_has_its_line_and_what_is_wrong() {
    let path = |pattern: &str, cause| RuleProblem::Path {
        pattern: pattern.to_owned(),
        cause,
    };
    for (text, line, problem) in [
        (
            "public /a\neverybody /b",
            2,
            RuleProblem::UnknownAudience("everybody".to_owned()),
        ),
        ("public", 1, RuleProblem::Malformed),
        ("public GET /a /b", 1, RuleProblem::Malformed),
        (
            "public get /a",
            1,
            RuleProblem::UnknownMethod("get".to_owned()),
        ),
        (
            "public GET, /a",
            1,
            RuleProblem::UnknownMethod(String::new()),
        ),
        ("public /a*", 1, RuleProblem::PartialWildcard),
        ("public /*/a", 1, RuleProblem::NotAPattern),
        ("public /a?b", 1, RuleProblem::NotAPattern),
        ("public a", 1, path("a", PathError::Malformed)),
        ("public /a/../b", 1, path("/a/../b", PathError::Ambiguous)),
    ] {
        assert_eq!(Rules::parse(text), Err(RulesError { line, problem }));
    }
    assert!(Rules::parse(&"public /a\n".repeat(65)).is_err());
}

#[test]
fn rules_of_earlier_versions_are_read_and_printed_in_todays_words() {
    let rules = Rules::parse("people GET /a\nnobody /*").unwrap();
    assert_eq!(rules.to_string(), "users GET /a\nnobody /*");
    assert_eq!(Rules::parse("users GET /a\nnobody /*"), Ok(rules));
}

#[test]
fn r22_restrictive_rules_match_letters_of_another_case() {
    let rules = Rules::parse("nobody /settings/*\nnobody /keys").unwrap();
    for target in ["/%c5%bfettings/x", "/setting%C5%BF/x", "/%E2%84%AAeys"] {
        let path = RequestPath::parse(target).unwrap();
        assert_eq!(rules.audience("GET", &path), Audience::Nobody, "{target}");
    }
}

#[test]
fn audit_15_restrictive_rules_ignore_blanks_that_servers_remove() {
    let rules = Rules::parse("nobody /settings/*\nnobody /keys").unwrap();
    for target in [
        "/settings%C2%A0/x",
        "/%C2%A0settings/x",
        "/%20settings",
        "/set%E2%80%8Btings/x",
        "/settings.%E3%80%80./x",
        "/keys%EF%BB%BF",
        "/%EF%BD%8Beys",
        "/settings%EF%BC%8Fx",
    ] {
        let path = RequestPath::parse(target).unwrap();
        assert_eq!(rules.audience("GET", &path), Audience::Nobody, "{target}");
    }
    let opened = Rules::parse("public /assets/*\nnobody /*").unwrap();
    for target in ["/assets%C2%A0/x", "/%E2%80%8Bassets/x", "/%EF%BD%81ssets/x"] {
        let path = RequestPath::parse(target).unwrap();
        assert_eq!(opened.audience("GET", &path), Audience::Nobody, "{target}");
    }
}

#[test]
fn rules_have_a_longest_text_and_a_maximum_number() {
    let longest = format!("public /a{}", "\n".repeat(MAX_TEXT_BYTES - 9));
    assert_eq!(longest.len(), MAX_TEXT_BYTES);
    assert!(!Rules::parse(&longest).unwrap().is_empty());
    let problem = RuleProblem::TooLong;
    assert_eq!(
        Rules::parse(&format!("{longest}\n")),
        Err(RulesError { line: 1, problem })
    );
    let most = "\npublic /a".repeat(MAX_RULES);
    assert!(Rules::parse(&most).is_ok());
    let problem = RuleProblem::TooMany;
    assert_eq!(
        Rules::parse(&format!("{most}\npublic /a")),
        Err(RulesError { line: 66, problem })
    );
}

#[test]
fn a_rule_applies_to_its_methods_and_its_path_only() {
    let audience = |rule: &str, method: &str, target: &str| {
        let rules = Rules::parse(rule).unwrap();
        rules.audience(method, &RequestPath::parse(target).unwrap())
    };
    for (rule, method, target, applies) in [
        ("public GET /a", "GET", "/a", true),
        ("public GET /a", "HEAD", "/a", true),
        ("public GET /a", "POST", "/a", false),
        ("public GET /a", "BREW", "/a", false),
        ("public POST /a", "HEAD", "/a", false),
        ("public GET /a", "GET", "/a/b", false),
        ("public /a/*", "GET", "/a/b", true),
        ("public /a/*", "GET", "/ab", false),
        ("nobody GET /a", "GET", "/a", true),
        ("nobody GET /a", "HEAD", "/a", true),
        ("nobody GET /a", "BREW", "/a", true),
        ("nobody GET /a", "POST", "/a", false),
        ("nobody /a", "GET", "/a/b", false),
        ("nobody /a", "GET", "/ab", false),
        ("nobody /a/*", "GET", "/a", true),
        ("nobody /a/*", "GET", "/a/b", true),
        ("nobody /a/*", "GET", "/ab", false),
        ("nobody /a/*", "GET", "/b/a/b", false),
        // Three dots in one character, which Windows removes at the end of a name.
        ("nobody /a", "GET", "/a%E2%80%A6", true),
    ] {
        assert_eq!(
            audience(rule, method, target) != Audience::Users,
            applies,
            "{rule}: {method} {target}"
        );
    }
}

#[test]
fn rules_convert_from_and_to_text() {
    let text = "nobody GET,POST /a%2Ab%25/*".to_owned();
    let rules = Rules::try_from(text.clone()).unwrap();
    assert_eq!(text.parse(), Ok(rules.clone()));
    assert_eq!(String::from(rules), text);
}
