use super::*;
use axum::http::HeaderName;
use std::{path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

fn client(ca: Option<PathBuf>, resolve: &[&str]) -> Client {
    let resolve = resolve.iter().map(|text| text.parse().unwrap()).collect();
    Client::new(Tls::new(ca.as_deref()).unwrap(), resolve, "run".to_owned())
}

/// A server with a certificate for this name, that echoes its request; returns its certificate.
async fn server(name: &str) -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap();
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
                .await;
            let _ = stream.write_all(&head[..length]).await;
            let _ = stream.shutdown().await;
        }
    });
    (address, made.cert.pem())
}

#[tokio::test]
async fn a_certificate_is_trusted_if_its_authority_is_known_and_its_name_matches() {
    let (address, pem) = server("photos.example.com").await;
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let resolve = [
        format!("photos.example.com:{address}"),
        format!("wiki.example.com:{address}"),
    ];
    let resolve: Vec<_> = resolve.iter().map(String::as_str).collect();
    let page = |host: &str| {
        ProbeRequest::page(&format!("https://{host}/%2e%2e//a").parse().unwrap())
            .with_target("/%2e%2e//a")
    };
    let client_with_ca = client(Some(ca), &resolve);
    let response = client_with_ca
        .send(page("photos.example.com"))
        .await
        .unwrap();
    assert!(
        response.body.starts_with("GET /%2e%2e//a HTTP/1.1\r\n"),
        "{}",
        response.body
    );
    assert!(
        response.body.contains("host: photos.example.com\r\n") && response.body.contains("(run-0)"),
        "{}",
        response.body
    );
    assert!(matches!(
        client_with_ca.send(page("wiki.example.com")).await,
        Err(NoResponse::Tls(..))
    ));
    let untrusted = client(None, &resolve)
        .send(page("photos.example.com"))
        .await;
    assert!(matches!(untrusted, Err(NoResponse::Tls(..))));
}

#[tokio::test]
async fn a_secret_is_sent_over_tls_or_stays_on_this_machine() {
    let send = async |resolve: &str| {
        let page = ProbeRequest::page(&"http://photos.localhost/".parse().unwrap());
        let page = page.with_secret_header(HeaderName::from_static("cookie"), "a=SECRET");
        assert!(!format!("{page:?}").contains("SECRET"));
        client(None, &[resolve]).send(page).await.unwrap_err()
    };
    // An address for documentation (RFC 5737): the client refuses before it connects.
    assert!(matches!(
        send("photos.localhost:192.0.2.7").await,
        NoResponse::Plaintext(_)
    ));
    assert!(matches!(
        send("photos.localhost:127.0.0.1:9").await,
        NoResponse::Unreachable(..)
    ));
}
