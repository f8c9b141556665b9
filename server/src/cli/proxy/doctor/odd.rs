//! Paths that two servers may read in two ways (CVE-2021-32637): where a rule depends on the path,
//! none of them is answered.

use crate::cli::finding::Finding;

/// Odd targets at the root, and below the path that was given, as they are written.
pub(super) fn targets(path: &str) -> Vec<String> {
    const ODD: [&str; 3] = ["%2e%2e/", "/", "..;/"];
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    let mut folders = vec!["/"];
    if folder != "/" {
        folders.push(folder);
    }
    folders
        .iter()
        .flat_map(|folder| ODD.iter().map(move |odd| format!("{folder}{odd}")))
        .collect()
}

/// One that was answered with a success, or arrived at the backend.
pub(super) fn judge(
    check: &'static str,
    target: &str,
    status: u16,
    has_arrived: bool,
) -> Option<Finding> {
    let is_answered = (200..300).contains(&status) || has_arrived;
    is_answered.then(|| {
        Finding::failed(
            check,
            format!("{target} is answered with {status}: the proxy asks Latchkey about another path than it forwards, so a rule can be walked around. Send the target as it came (nginx: $request_uri in X-Original-URL), and ask before every path"),
        )
    })
}

/// None was answered.
pub(super) fn fine(check: &'static str, count: usize) -> Finding {
    Finding::ok(check, format!("none of {count} is answered"))
}

/// Nothing depends on the path.
pub(super) fn no_rules(check: &'static str, service: &str) -> Finding {
    Finding::ok(
        check,
        format!("{service} has no rules, so nothing depends on how a path is spelled"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use latchkey_domain::path::RequestPath;

    #[test]
    fn r22_must_survive_22_every_odd_path_is_one_that_latchkey_refuses() {
        assert_eq!(targets("/"), ["/%2e%2e/", "//", "/..;/"]);
        let below = targets("/assets/app.js");
        assert_eq!(below[3..], ["/assets/%2e%2e/", "/assets//", "/assets/..;/"]);
        for target in below {
            assert!(RequestPath::parse(&target).is_err(), "{target}");
            assert_eq!(
                target.parse::<axum::http::Uri>().unwrap().to_string(),
                target,
                "it is sent as it is"
            );
        }
    }

    #[test]
    fn r1_an_odd_path_that_is_answered_is_a_problem() {
        assert!(
            judge("odd paths", "//", 200, false)
                .unwrap()
                .message
                .contains("// is answered with 200")
        );
        assert!(judge("odd paths", "//", 206, false).is_some());
        assert!(judge("odd paths", "//", 404, true).is_some());
        for status in [301, 302, 400, 401, 403, 404, 500] {
            assert!(
                judge("odd paths", "//", status, false).is_none(),
                "{status}"
            );
        }
    }
}
