use super::*;

const SCRIPT: Asset = Asset {
    path: "/pkg/latchkey.0a.js",
    content_type: "text/javascript; charset=utf-8",
    etag: "W/\"0a\"",
    immutable: true,
    raw: b"raw",
    brotli: Some(b"brotli"),
    gzip: Some(b"gzip"),
};

const PICTURE: Asset = Asset {
    path: "/favicon.png",
    content_type: "image/png",
    etag: "W/\"1b\"",
    immutable: false,
    raw: b"picture",
    brotli: None,
    gzip: None,
};

fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn coding_for(asset: &Asset, accepted: Option<&str>) -> Option<&'static str> {
    let lines = accepted.map(|accepted| (header::ACCEPT_ENCODING, accepted));
    choose(asset, &headers(lines.as_slice())).0
}

#[test]
fn the_browser_gets_the_smallest_coding_it_accepts() {
    for (accepted, coding) in [
        (None, None),
        (Some(""), None),
        (Some("identity"), None),
        (Some("gzip, deflate, br, zstd"), Some("br")),
        (Some("gzip, deflate"), Some("gzip")),
        (Some("GZIP"), Some("gzip")),
        (Some("br;q=0, gzip"), Some("gzip")),
        (Some("br;q=0.5, gzip;q=0.8"), Some("gzip")),
        (Some("br; q=0.8, gzip;q=0.8"), Some("br")),
        (Some("gzip;q=0.5, identity"), None),
        (Some("*"), Some("br")),
        (Some("br;q=0, *"), Some("gzip")),
        (Some("*;q=0"), None),
        (Some("br;q=nonsense"), Some("br")),
    ] {
        assert_eq!(
            coding_for(&SCRIPT, accepted),
            coding,
            "Accept-Encoding: {accepted:?}"
        );
    }
    assert_eq!(coding_for(&PICTURE, Some("br, gzip")), None);
}

#[test]
fn a_name_with_a_hash_is_cached_as_immutable_another_is_revalidated() {
    let caching = |asset| {
        let response = respond(asset, &Method::GET, &HeaderMap::new());
        response.headers()[header::CACHE_CONTROL]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(caching(&SCRIPT), "public, max-age=31536000, immutable");
    assert_eq!(caching(&PICTURE), "public, max-age=300");
}

#[tokio::test]
async fn get_has_a_body_and_head_only_its_length() {
    let accepts = headers(&[(header::ACCEPT_ENCODING, "br")]);
    for (method, expected) in [(Method::GET, &b"brotli"[..]), (Method::HEAD, b"")] {
        let response = respond(&SCRIPT, &method, &accepts);
        assert_eq!(response.status(), StatusCode::OK);
        let sent = response.headers();
        assert_eq!(sent[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(sent[header::CONTENT_ENCODING], "br");
        assert_eq!(sent[header::CONTENT_LENGTH], "6");
        assert_eq!(sent[header::VARY], "accept-encoding");
        let body = axum::body::to_bytes(response.into_body(), 1000)
            .await
            .unwrap();
        assert_eq!(body, expected, "{method}");
    }
}

#[tokio::test]
async fn unchanged_content_is_not_sent_again() {
    for (known, status) in [
        ("W/\"0a\"", 304),
        ("\"0a\"", 304),
        ("\"ff\", W/\"0a\"", 304),
        ("*", 304),
        ("\"ff\"", 200),
    ] {
        let response = respond(
            &SCRIPT,
            &Method::GET,
            &headers(&[(header::IF_NONE_MATCH, known)]),
        );
        assert_eq!(response.status(), status, "If-None-Match: {known}");
        assert_eq!(response.headers()[header::ETAG], "W/\"0a\"");
        assert_eq!(
            response.headers()["cross-origin-resource-policy"],
            "cross-origin",
            "its headers replace the stored ones"
        );
        let body = axum::body::to_bytes(response.into_body(), 1000)
            .await
            .unwrap();
        assert_eq!(body.is_empty(), status == 304);
    }
}

#[test]
fn a_post_is_not_allowed() {
    let response = respond(&SCRIPT, &Method::POST, &HeaderMap::new());
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "GET, HEAD");
}

#[test]
fn only_whole_paths_are_found() {
    let assets = [PICTURE, SCRIPT];
    let found = |path| find(&assets, path).map(|asset| asset.path);
    assert_eq!(found("/favicon.png"), Some("/favicon.png"));
    assert_eq!(found("/pkg/latchkey.0a.js"), Some("/pkg/latchkey.0a.js"));
    for other in [
        "/",
        "",
        "favicon.png",
        "/favicon.png/",
        "/pkg/../favicon.png",
        "/pkg/latchkey.0a",
    ] {
        assert_eq!(found(other), None, "{other}");
    }
}

#[test]
fn the_embedded_table_is_sorted_and_complete() {
    assert!(ASSETS.is_sorted_by(|a, b| a.path < b.path));
    for asset in ASSETS {
        assert!(asset.path.starts_with('/') && !asset.content_type.is_empty());
    }
    // Without a site there is a name too, because pages refer to a script.
    assert!(OUTPUT_NAME.starts_with("latchkey"));
    assert!(STYLESHEET.is_empty() || asset(STYLESHEET).is_some());
}

#[tokio::test]
async fn another_path_is_not_found() {
    let response = serve(
        Method::GET,
        Uri::from_static("/pkg/other.js"),
        HeaderMap::new(),
    )
    .await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}
