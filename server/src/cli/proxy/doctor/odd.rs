//! Paths that two servers may read in two ways (CVE-2021-32637): where a rule depends on the path,
//! none of them gets to the backend as it is.

use super::sight::Sight;
use crate::cli::finding::Finding;

/// Odd targets at the root, and below the path that was given, as they are written. `random` makes each one
/// a text that stands nowhere else.
pub(super) fn targets(path: &str, random: &str) -> Vec<String> {
    const ODD: [&str; 3] = ["%2e%2e/", "/", "..;/"];
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    let mut folders = vec!["/"];
    if folder != "/" {
        folders.push(folder);
    }
    folders
        .iter()
        .flat_map(|folder| ODD.iter().map(move |odd| format!("{folder}{odd}?{random}")))
        .collect()
}

/// One that was answered with a success, or arrived at the backend. A proxy may clean paths (Traefik
/// does) when it asks about the clean one.
pub(super) fn judge(
    check: &'static str,
    target: &str,
    is_success: bool,
    sight: &Sight,
) -> Option<Finding> {
    let path = target.split('?').next().unwrap_or_default();
    match (sight.has_target(target), is_success) {
        (Some(true), _) => Some(Finding::failed(
            check,
            format!(
                "{path} gets through: the proxy asks Latchkey about another path than it forwards, so a rule can be walked around. Send the target as it came (nginx: $request_uri in X-Original-URL), and ask before every path"
            ),
        )),
        (None, true) => Some(Finding::warning(
            check,
            format!(
                "{path} is answered with a success, and what the backend was asked for cannot be seen: a proxy that cleans paths before it asks is fine, one that asks Latchkey about another path than it forwards is not. Point the proxy's upstream at this machine for a minute and run this with --listen ADDR:PORT to see which it is"
            ),
        )),
        (Some(false), _) | (None, false) => None,
    }
}

/// None gets through.
pub(super) fn fine(check: &'static str, count: usize) -> Finding {
    Finding::ok(check, format!("none of {count} gets through"))
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
    use crate::cli::{finding::Status, proxy::doctor::judging};
    use latchkey_domain::request::path::RequestPath;

    #[test]
    fn r22_must_survive_22_every_odd_path_is_one_that_latchkey_refuses() {
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
    fn r22_an_odd_path_that_gets_through_is_a_problem_and_a_cleaned_one_is_none() {
        let judge = |is_success, sight| {
            let found = judge("odd paths", "/..;/?7f", is_success, &sight);
            found.map(|found| found.status)
        };
        let arrived = |target: &str| Sight::Arrived(judging::arrival(target, &[]));
        let echoed = |target: &str| Sight::Echoed(format!("GET http://photos{target}"));
        for is_success in [true, false] {
            for sight in [arrived("/..;/?7f"), echoed("/..;/?7f")] {
                assert_eq!(judge(is_success, sight), Some(Status::Failed));
            }
            for sight in [arrived("/?7f"), echoed("/?7f")] {
                assert_eq!(judge(is_success, sight), None);
            }
        }
        for unseen in [|| Sight::Absent, || Sight::Hidden("/..;/?7f".to_owned())] {
            assert_eq!(judge(true, unseen()), Some(Status::Warning));
            assert_eq!(judge(false, unseen()), None);
        }
    }
}
