//! Paths that two servers may read differently (CVE-2021-32637): where a rule depends on the path, none of
//! them may reach the backend as it is.

use crate::cli::{finding::Finding, proxy::doctor::observation::Observation};

/// Ambiguous targets at the root and below the path that was given. `nonce` makes each of them unique.
pub(in super::super) fn targets(path: &str, nonce: &str) -> Vec<String> {
    const AMBIGUOUS: [&str; 3] = ["%2e%2e/", "/", "..;/"];
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    let mut folders = vec!["/"];
    if folder != "/" {
        folders.push(folder);
    }
    folders
        .iter()
        .flat_map(|folder| {
            AMBIGUOUS
                .iter()
                .map(move |path| format!("{folder}{path}?{nonce}"))
        })
        .collect()
}

/// Fails if the backend received the target as it is. A proxy may normalize paths (Traefik does) if it sends
/// Latchkey the normalized path.
pub(in super::super) fn check(
    check: &'static str,
    target: &str,
    is_success: bool,
    observation: &Observation,
) -> Option<Finding> {
    let path = target.split('?').next().unwrap_or_default();
    match (observation.has_target(target), is_success) {
        (Some(true), _) => Some(Finding::failed(
            check,
            "ambiguous_path_forwarded",
            format!(
                "{path} reaches the backend: the proxy sends Latchkey another path than it forwards, so rules can be bypassed. Send the request target unchanged (nginx: $request_uri in X-Original-URL), and authorize every path"
            ),
        )),
        (None, true) => Some(Finding::warning(
            check,
            "ambiguous_path_not_observable",
            format!(
                "{path} gets a successful response, and the path that the backend received is unknown: a proxy may normalize paths before authorization, but must not send Latchkey another path than it forwards. To find out, point the proxy's upstream at this machine for a minute and add --listen ADDR:PORT"
            ),
        )),
        (Some(false), _) | (None, false) => None,
    }
}

/// None of them reached the backend.
pub(in super::super) fn all_blocked(check: &'static str, count: usize) -> Finding {
    Finding::ok(
        check,
        "ambiguous_paths_blocked",
        format!("none of {count} reaches the backend"),
    )
}

/// Nothing depends on the path.
pub(in super::super) fn no_rules(check: &'static str, service: &str) -> Finding {
    Finding::ok(
        check,
        "no_path_rules",
        format!("{service} has no rules, so access does not depend on the path"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixtures;
    use super::*;
    use crate::cli::finding::Status;
    use latchkey_domain::request::path::RequestPath;

    #[test]
    fn r22_must_survive_22_latchkey_refuses_every_ambiguous_path() {
        assert_eq!(targets("/", "7f"), ["/%2e%2e/?7f", "//?7f", "/..;/?7f"]);
        let below = targets("/assets/app.js", "7f");
        assert_eq!(
            below[3..],
            ["/assets/%2e%2e/?7f", "/assets//?7f", "/assets/..;/?7f"]
        );
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
    fn r22_an_ambiguous_path_that_reaches_the_backend_fails_and_a_normalized_one_does_not() {
        let status = |is_success, observation| {
            let found = check("ambiguous paths", "/..;/?7f", is_success, &observation);
            found.map(|found| found.status)
        };
        let received =
            |target: &str| Observation::Received(fixtures::received_request(target, &[]));
        let echoed = |target: &str| Observation::Echoed(format!("GET http://photos{target}"));
        for is_success in [true, false] {
            for observation in [received("/..;/?7f"), echoed("/..;/?7f")] {
                assert_eq!(status(is_success, observation), Some(Status::Failed));
            }
            for observation in [received("/?7f"), echoed("/?7f")] {
                assert_eq!(status(is_success, observation), None);
            }
        }
        for unobserved in [
            || Observation::NotReceived,
            || Observation::Opaque("/..;/?7f".to_owned()),
        ] {
            assert_eq!(status(true, unobserved()), Some(Status::Warning));
            assert_eq!(status(false, unobserved()), None);
        }
    }
}
