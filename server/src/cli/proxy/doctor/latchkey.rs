//! Whether Latchkey itself can be reached: by proxies, and by people.

use super::{
    exchange::{Answer, Question},
    http::{Client, NoAnswer},
};
use crate::cli::finding::Finding;
use axum::http::StatusCode;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::Url;

/// Whether Latchkey answers where proxies ask it.
pub(super) async fn inside(client: &Client, internal: SocketAddr) -> Finding {
    const CHECK: &str = "Latchkey";
    let ip = match internal.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let place = SocketAddr::new(ip, internal.port());
    let Ok(url) = Url::parse(&format!("http://{place}/readyz")) else {
        return Finding::warning(CHECK, format!("{place} cannot be asked from here"));
    };
    match client.ask(Question::new(&url)).await {
        Ok(answer) if answer.status.is_success() => {
            Finding::ok(CHECK, format!("it answers at {internal}"))
        }
        Ok(answer) => Finding::failed(
            CHECK,
            format!(
                "{internal} says that it is not ready ({}); its log says why",
                answer.status.as_u16()
            ),
        ),
        Err(why) => Finding::warning(
            CHECK,
            format!("{why}; start it (latchkey serve), or run this where it runs"),
        ),
    }
}

/// Whether people find the sign-in page where everybody is led.
pub(super) async fn outside(client: &Client, public_url: &Url) -> Finding {
    let mut page = public_url.clone();
    page.set_path("/login");
    judge(&page, &client.ask(Question::page(&page)).await)
}

fn judge(page: &Url, answer: &Result<Answer, NoAnswer>) -> Finding {
    const CHECK: &str = "sign-in page";
    let message = match answer {
        Ok(answer) if answer.status == StatusCode::OK => {
            return Finding::ok(CHECK, format!("{page} is there"));
        }
        Ok(answer) if answer.status == StatusCode::MISDIRECTED_REQUEST => format!(
            "{page} is taken for another host's: the proxy in front of Latchkey must pass Host on as it came (nginx: proxy_set_header Host $http_host)"
        ),
        Ok(answer) => format!(
            "{page} answers {}: everybody is led there, so the proxy in front of Latchkey must lead to its public listener",
            answer.status.as_u16()
        ),
        // Where people are, it may be another matter.
        Err(why) => return Finding::warning(CHECK, why.to_string()),
    };
    Finding::failed(CHECK, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{finding::Status, proxy::doctor::judging};

    #[test]
    fn a_sign_in_page_that_is_not_there_is_found_and_a_lost_host_is_named() {
        let page = "https://login.example.com/login".parse().unwrap();
        let judge = |status| judge(&page, &Ok(judging::answer(status, &[], "")));
        assert_eq!(judge(200).status, Status::Ok);
        for status in [301, 302, 404, 421, 500, 502] {
            assert_eq!(judge(status).status, Status::Failed, "{status}");
        }
        assert!(judge(421).message.contains("pass Host on"));
        let unknown = Err(NoAnswer::Unknown("login.example.com".to_owned()));
        assert_eq!(super::judge(&page, &unknown).status, Status::Warning);
    }
}
