//! Redis, as an operator sees it.

use crate::{
    harness::{CliSandbox, Output},
    redis_server::{RedisServer, programs},
    server::Server,
};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, UnixStream},
    runtime::Runtime,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// The finding about Redis: its status and its code.
fn doctor(sandbox: &CliSandbox, environment: &[(&str, &str)]) -> (String, String, Output) {
    let output = sandbox.run_in(environment, &["doctor", "--json"]);
    let findings: serde_json::Value = serde_json::from_str(&output.out).unwrap();
    let mut findings = findings["items"].as_array().unwrap().iter();
    let redis = findings
        .find(|finding| finding["check"] == "Redis")
        .unwrap();
    let text = |name: &str| redis[name].as_str().unwrap().to_owned();
    (text("code"), text("message"), output)
}

fn started(sandbox: &CliSandbox) {
    assert_eq!(sandbox.run(&["migrate"]).code, 0);
}

#[test]
fn the_doctor_says_what_is_wrong_with_redis() {
    let sandbox = CliSandbox::new();
    started(&sandbox);
    for program in programs() {
        let mut server = RedisServer::start(&program, &["--maxmemory-policy", "volatile-ttl"]);
        let url = server.url();
        let environment = [("LATCHKEY_REDIS_URL", url.as_str())];
        let (code, message, output) = doctor(&sandbox, &environment);
        assert_eq!((code.as_str(), output.code), ("redis_evicts", 0));
        assert!(message.contains("volatile-ttl"), "{message}");
        server.signal("STOP");
        let (code, message, output) = doctor(&sandbox, &environment);
        assert_eq!((code.as_str(), output.code), ("redis_unusable", 1));
        assert!(message.contains("does not respond in time"), "{message}");
        server.kill();
        let (code, _, output) = doctor(&sandbox, &environment);
        assert_eq!((code.as_str(), output.code), ("redis_unusable", 1));
        let wrong = format!("{url}?pass=secret");
        server.start_again();
        let (_, _, output) = doctor(&sandbox, &[("LATCHKEY_REDIS_URL", &wrong)]);
        assert!(!format!("{output:?}").contains("secret"), "{output:?}");
    }
}

#[test]
fn a_redis_url_is_checked_and_shown_without_its_password() {
    let sandbox = CliSandbox::new();
    let check = |url: &str| sandbox.run_in(&[("LATCHKEY_REDIS_URL", url)], &["config", "check"]);
    let output = check("rediss://ada:secret@cache.example.com:6380/1");
    assert!(
        output
            .out
            .contains("rediss://ada:***@cache.example.com:6380/1"),
        "{output:?}"
    );
    for url in [
        "cache:secret@example.com",
        "https://:secret@cache",
        "redis://:secret@cache/x",
    ] {
        let output = check(url);
        assert_eq!(output.code, 2, "{url}");
        assert!(
            output.err.contains("`redis_url` (LATCHKEY_REDIS_URL)"),
            "{output:?}"
        );
        assert!(!output.err.contains("secret"), "{output:?}");
    }
}

#[test]
fn an_outage_of_redis_is_in_the_log_once() {
    for program in programs() {
        let sandbox = CliSandbox::new();
        let mut redis = RedisServer::start(&program, &[]);
        redis.kill();
        let settings = format!("redis_url = \"{}\"\n[log]\nlevel = \"info\"\n", redis.url());
        sandbox.write("latchkey.toml", &settings);
        let server = Server::start_logged(&sandbox, "log");
        sandbox.wait_for_text("log", "uses cannot be marked in Redis");
        // Four more attempts to connect.
        thread::sleep(Duration::from_millis(1200));
        redis.start_again();
        let log = sandbox.wait_for_text("log", "uses can be marked in Redis again");
        assert_eq!(log.matches("uses cannot be marked").count(), 1, "{log}");
        drop(server);
    }
}

/// A listener with TLS in front of a server.
fn with_tls(runtime: &Runtime, socket: PathBuf) -> (SocketAddr, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = runtime
        .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (acceptor, socket) = (acceptor.clone(), socket.clone());
            tokio::spawn(async move {
                // A client that does not trust the certificate ends the handshake.
                let Ok(mut client) = acceptor.accept(client).await else {
                    return;
                };
                let mut server = UnixStream::connect(socket).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (address, made.cert.pem())
}

#[test]
fn redis_over_tls_needs_a_certificate_that_the_machine_trusts() {
    let sandbox = CliSandbox::new();
    started(&sandbox);
    for program in programs() {
        let redis = RedisServer::start(&program, &["--requirepass", "secret"]);
        let runtime = Runtime::new().unwrap();
        let (address, certificate) = with_tls(&runtime, redis.socket());
        sandbox.write("ca.pem", &certificate);
        let ca = sandbox.path().join("ca.pem");
        let url = format!("rediss://:secret@localhost:{}", address.port());
        let trusted = ("SSL_CERT_FILE", ca.to_str().unwrap());
        let (code, message, _) = doctor(&sandbox, &[("LATCHKEY_REDIS_URL", &url), trusted]);
        assert_eq!(code, "redis_ok", "{message}");
        let (code, message, _) = doctor(&sandbox, &[("LATCHKEY_REDIS_URL", &url)]);
        assert_eq!(code, "redis_unusable", "{message}");
        let insecure = format!("{url}#insecure");
        let check = [("LATCHKEY_REDIS_URL", insecure.as_str())];
        assert_eq!(sandbox.run_in(&check, &["config", "check"]).code, 2);
    }
}
