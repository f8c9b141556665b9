use super::*;
use crate::cli::finding::Status;

fn findings(
    url: &str,
    public_url: &str,
    cookie_domain: Option<&str>,
    all: &[&str],
) -> Vec<Finding> {
    let hosts: Vec<HostPattern> = all.iter().map(|host| host.parse().unwrap()).collect();
    let cookie_domain = cookie_domain.map(|domain| domain.parse::<Host>().unwrap());
    let target = TargetUrl {
        url: &url.parse().unwrap(),
        service: "photos",
        hosts: &hosts[..1],
        public_url: &public_url.parse().unwrap(),
        cookie_domain: cookie_domain.as_ref(),
        origin: "latchkey.toml, line 4",
        all_hosts: &hosts,
    };
    target.check()
}

fn one(
    url: &str,
    public_url: &str,
    cookie_domain: Option<&str>,
    all: &[&str],
    check: &str,
) -> Option<(Status, String)> {
    findings(url, public_url, cookie_domain, all)
        .into_iter()
        .find(|finding| finding.check == check)
        .map(|finding| (finding.status, finding.message))
}

const URL: &str = "https://photos.example.com/album";
const LOGIN: &str = "https://login.example.com/";

#[test]
fn a_working_configuration_is_ok() {
    let found = findings(URL, LOGIN, Some("example.com"), &["photos.example.com"]);
    assert!(
        found.iter().all(|finding| finding.status == Status::Ok),
        "{found:?}"
    );
    let found = findings(
        "http://localhost:8080/",
        "http://localhost:3000/",
        None,
        &["localhost:8080"],
    );
    assert!(
        found.iter().all(|finding| finding.status == Status::Ok),
        "{found:?}"
    );
}

#[test]
fn a_wrong_host_is_reported_with_the_hosts_of_the_service() {
    let (status, message) = one(URL, LOGIN, None, &["wiki.example.com"], "host").unwrap();
    assert_eq!(status, Status::Failed);
    assert!(
        message.contains("the hosts of photos are wiki.example.com"),
        "{message}"
    );
    assert_eq!(
        one(
            "http://photos.example.com:81/",
            LOGIN,
            None,
            &["photos.example.com"],
            "host"
        )
        .unwrap()
        .0,
        Status::Failed
    );
}

#[test]
fn a_cookie_that_is_not_sent_is_reported_with_the_remedy() {
    let (status, message) = one(URL, LOGIN, None, &["photos.example.com"], "cookie").unwrap();
    assert_eq!(status, Status::Failed);
    assert!(message.ends_with("domain = \"example.com\""), "{message}");
    let (status, message) = one(
        URL,
        "https://login.example.org/",
        None,
        &["photos.example.com"],
        "cookie",
    )
    .unwrap();
    assert!(
        status == Status::Failed && message.contains("a name beside photos.example.com"),
        "{message}"
    );
    let (status, message) = one(
        "https://photos.example.org/",
        LOGIN,
        Some("example.com"),
        &["photos.example.org"],
        "cookie",
    )
    .unwrap();
    assert!(
        status == Status::Failed && message.contains("(latchkey.toml, line 4)"),
        "{message}"
    );
    assert_eq!(
        one(
            "https://photosexample.com/",
            LOGIN,
            Some("example.com"),
            &["photosexample.com"],
            "cookie"
        )
        .unwrap()
        .0,
        Status::Failed
    );
}

#[test]
fn plain_http_is_for_localhost_only() {
    let status = |url: &str, public_url: &str| {
        one(url, public_url, None, &["photos.example.com"], "scheme")
            .unwrap()
            .0
    };
    assert_eq!(status("http://photos.example.com/", LOGIN), Status::Failed);
    assert_eq!(
        status("http://photos.localhost/", "http://localhost:3000/"),
        Status::Ok
    );
    assert_eq!(status(URL, "http://localhost:3000/"), Status::Failed);
}

#[test]
fn a_cookie_domain_is_no_wider_than_the_services() {
    let width = |domain: &str, login: &str, all: &[&str]| {
        one(URL, login, Some(domain), all, "cookie domain")
    };
    let all = ["photos.apps.example.com", "*.apps.example.com"];
    let (status, message) = width("example.com", "https://login.apps.example.com/", &all).unwrap();
    assert!(
        status == Status::Warning && message.contains("write apps.example.com"),
        "{message}"
    );
    assert!(width("example.com", LOGIN, &all).is_none());
    assert!(width("apps.example.com", "https://login.apps.example.com/", &all).is_none());
    assert_eq!(
        width(
            "co.uk",
            "https://login.example.co.uk/",
            &["photos.example.co.uk"]
        )
        .unwrap()
        .0,
        Status::Failed
    );
    assert_eq!(
        width(
            "duckdns.org",
            "https://login.duckdns.org/",
            &["photos.duckdns.org"]
        )
        .unwrap()
        .0,
        Status::Failed
    );
    assert!(width("go.uk", "https://login.go.uk/", &["photos.go.uk"]).is_none());
}

#[test]
fn field_3_a_public_suffix_is_not_suggested_as_a_cookie_domain() {
    let (status, message) = one(
        "https://photos.duckdns.org/",
        "https://login.duckdns.org/",
        None,
        &["photos.duckdns.org"],
        "cookie",
    )
    .unwrap();
    assert_eq!(status, Status::Failed);
    assert!(
        message.contains("a name beside photos.duckdns.org (below photos.duckdns.org)"),
        "{message}"
    );
    assert!(!message.contains("domain = "), "{message}");
}
