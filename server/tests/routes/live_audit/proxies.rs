//! The live view behind real proxies, with the least that operators configure.

use super::{administrator, change};
use crate::{harness::TestApp, wire::Running};
use latchkey_engine::NewService;
use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep, timeout, timeout_at},
};

/// After how many seconds the proxies close a response that is silent: more than a heartbeat, as all of them do.
const IDLE: u64 = 17;

/// A proxy that ends with the test.
struct Proxy {
    kind: &'static str,
    address: SocketAddr,
    child: Child,
    _dir: TempDir,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn configuration(kind: &str, dir: &Path, address: SocketAddr, to: SocketAddr) -> String {
    let dir = dir.display();
    match kind {
        "nginx" => format!(
            "daemon off; master_process off; pid {dir}/pid; error_log stderr;
            events {{}}
            http {{
                access_log off;
                client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
                uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
                server {{
                    listen {address};
                    location / {{
                        proxy_pass http://{to};
                        proxy_http_version 1.1;
                        proxy_set_header Connection \"\";
                        proxy_set_header Host $http_host;
                        proxy_read_timeout {IDLE}s;
                    }}
                }}
            }}"
        ),
        "caddy" => format!(
            "{{
                admin off
                auto_https off
            }}
            http://:{} {{
                bind 127.0.0.1
                reverse_proxy {to} {{
                    transport http {{
                        read_timeout {IDLE}s
                    }}
                }}
            }}
            ",
            address.port()
        ),
        _ => format!(
            "defaults
                mode http
                timeout connect 5s
                timeout client {IDLE}s
                timeout server {IDLE}s
            frontend public
                bind {address}
                default_backend latchkey
            backend latchkey
                server latchkey {to}
            "
        ),
    }
}

/// Starts a proxy in front of an address; `None` where it is not installed.
async fn start(kind: &'static str, to: SocketAddr) -> Option<Proxy> {
    let dir = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let file = dir.path().join("configuration");
    let text = configuration(kind, dir.path(), address, to);
    // HAProxy takes a file without a last line end for one that was cut off.
    std::fs::write(&file, text.trim_end().to_owned() + "\n").unwrap();
    let mut command = Command::new(kind);
    match kind {
        "nginx" => command
            .arg("-p")
            .arg(dir.path())
            .args(["-e", "stderr", "-c"])
            .arg(&file),
        "caddy" => command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&file)
            .envs([
                ("HOME", dir.path()),
                ("XDG_CONFIG_HOME", dir.path()),
                ("XDG_DATA_HOME", dir.path()),
            ]),
        _ => command.args(["-db", "-f"]).arg(&file),
    };
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let child = match child {
        Ok(child) => child,
        Err(_) if std::env::var_os("CI").is_none() => return None,
        Err(cause) => panic!("{kind}: {cause}"),
    };
    let proxy = Proxy {
        kind,
        address,
        child,
        _dir: dir,
    };
    for _ in 0..200 {
        if TcpStream::connect(address).await.is_ok() {
            return Some(proxy);
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{kind} does not listen");
}

/// What a browser has read so far through a proxy.
struct Reader {
    kind: &'static str,
    connection: TcpStream,
    text: String,
}

impl Reader {
    /// Reads on until the text comes; a time-out means that the proxy kept it.
    async fn wait_for(&mut self, wanted: &str, seconds: u64) {
        let (kind, until) = (self.kind, Instant::now() + Duration::from_secs(seconds));
        while !self.text.contains(wanted) {
            let mut part = [0; 8192];
            let read = timeout_at(until, self.connection.read(&mut part)).await;
            let read = read.unwrap_or_else(|_| panic!("{kind} kept {wanted:?}: {}", self.text));
            let read = read.unwrap();
            assert_ne!(
                read, 0,
                "{kind} closed the stream before {wanted:?}: {}",
                self.text
            );
            self.text += &String::from_utf8_lossy(&part[..read]);
        }
        self.text.clear();
    }
}

#[tokio::test]
async fn events_come_through_proxies_at_once_outlast_their_time_outs_and_end_when_the_server_stops()
{
    let test = TestApp::open().await;
    let (_, admin) = administrator(&test).await;
    test.service("photos", NewService::default()).await;
    let running = Running::public(test.public.clone()).await;
    let request = admin.request(
        axum::http::Method::GET,
        "/admin/audit/events?filter=service",
    );
    let headers = request.headers_ref().unwrap().iter();
    let headers: String = headers
        .map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()))
        .collect();
    let (mut proxies, mut readers) = (Vec::new(), Vec::new());
    for kind in ["nginx", "caddy", "haproxy"] {
        let Some(proxy) = start(kind, running.address).await else {
            continue;
        };
        let mut connection = TcpStream::connect(proxy.address).await.unwrap();
        let text = format!("GET /admin/audit/events?filter=service HTTP/1.1\r\n{headers}\r\n");
        connection.write_all(text.as_bytes()).await.unwrap();
        let mut reader = Reader {
            kind: proxy.kind,
            connection,
            text: String::new(),
        };
        reader.wait_for("retry: 3000", 5).await;
        proxies.push(proxy);
        readers.push(reader);
    }
    change(&test, "at-once.example.com").await;
    for reader in &mut readers {
        reader.wait_for("at-once.example.com", 5).await;
    }
    // Nothing happens for longer than the proxies wait, but for heartbeats.
    sleep(Duration::from_secs(IDLE + 2)).await;
    change(&test, "later.example.com").await;
    for reader in &mut readers {
        reader.wait_for("later.example.com", 5).await;
    }
    // As serving does at a stop; clients have three seconds.
    test.web.stop_streams();
    timeout(Duration::from_secs(3), running.stop())
        .await
        .unwrap();
    for reader in &mut readers {
        reader.wait_for("0\r\n\r\n", 5).await;
    }
}
