//! The configuration files of the proxies.

use crate::{common::Result, topology::Ports};
use latchkey_app::snippet::Proxy;
use serde::Deserialize;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Command,
};

/// The output of `latchkey proxy snippet`.
#[derive(Deserialize)]
struct Files {
    items: Vec<File>,
}

/// One of the files in it.
#[derive(Deserialize)]
pub(crate) struct File {
    path: String,
    text: String,
}

/// What `latchkey proxy snippet` prints.
pub(crate) fn printed(proxy: Proxy, data: &Path, internal: SocketAddr) -> Result<Vec<File>> {
    let name = proxy.slug();
    let output = Command::new(env!("CARGO_BIN_EXE_latchkey"))
        .args(["proxy", "snippet", name, "--for", name, "--json"])
        .arg("--data-dir")
        .arg(data)
        .env_clear()
        .env("LATCHKEY_INTERNAL_ADDR", internal.to_string())
        .current_dir(data)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let files: Files = serde_json::from_slice(&output.stdout)?;
    Ok(files.items)
}

/// The names and texts of the configuration files: what was printed, and a port without authorization.
pub(crate) fn files(
    proxy: Proxy,
    printed: Vec<File>,
    at: &str,
    ports: Ports,
    token: &str,
    backend: SocketAddr,
) -> Vec<(String, String)> {
    let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
    let mut texts: Vec<_> = printed
        .into_iter()
        .map(|File { path, text }| {
            // What operators have to fill in, and the paths of files.
            let text = text
                .replace("<token>", token)
                .replace("127.0.0.1:8080", &backend.to_string())
                .replace(
                    "port_value: 8080",
                    &format!("port_value: {}", backend.port()),
                )
                .replace("/etc/haproxy/", &format!("{at}/"));
            let lines = text
                .lines()
                .filter(|line| has_ipv6 || !line.contains("listen [::]"));
            let text = lines.fold(String::new(), |text, line| text + line + "\n");
            let name = path.rsplit('/').next().unwrap_or(&path);
            (name.split(',').next().unwrap_or(name).to_owned(), text)
        })
        .collect();
    let plain = ports.plain;
    match proxy {
        Proxy::Nginx => texts.push(("main.conf".to_owned(), nginx(at, ports, backend))),
        Proxy::Caddy => {
            let text = &mut texts[0].1;
            *text = format!(
                "{{\n\tadmin off\n\tauto_https off\n}}\n{text}\nhttp://:{plain} {{\n\treverse_proxy {backend}\n}}\n"
            );
        }
        Proxy::Haproxy => {
            if let Some((_, text)) = texts.last_mut() {
                *text += &format!(
                    "\nfrontend plain\n    bind 127.0.0.1:{plain}\n    default_backend haproxy\n"
                );
            }
        }
        Proxy::Traefik => {
            let _ = fs::create_dir(format!("{at}/dynamic"));
            for (name, _) in &mut texts {
                name.insert_str(0, "dynamic/");
            }
            let text = "http:\n  routers:\n    plain:\n      rule: PathPrefix(`/`)\n      entryPoints: [plain]\n      service: traefik\n";
            texts.push(("dynamic/plain.yaml".to_owned(), text.to_owned()));
        }
        Proxy::Envoy => {
            let text = envoy(&texts[0].1, &texts[1].1, ports);
            texts = vec![("envoy.yaml".to_owned(), text)];
        }
    }
    texts
}

fn nginx(at: &str, ports: Ports, backend: SocketAddr) -> String {
    let Ports {
        plain,
        plain_default,
        subrequest,
        health,
        ..
    } = ports;
    let forward = "proxy_pass http://plain; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $http_host; \
        proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;";
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("{name}_temp_path {at}/{name};\n"))
        .collect();
    format!(
        "daemon off; worker_processes auto; pid {at}/pid; error_log stderr warn; events {{}}
http {{
access_log off; keepalive_requests 1000000000;
{temporary}
include {at}/nginx.conf;
upstream plain {{ server {backend}; keepalive 64; }}
server {{ listen 127.0.0.1:{plain}; location / {{ {forward} }} }}
server {{ listen 127.0.0.1:{plain_default}; location / {{ proxy_pass http://{backend}; }} }}
server {{
    listen 127.0.0.1:{subrequest};
    location / {{ auth_request /_subrequest; {forward} }}
    location = /_subrequest {{ internal; return 204; }}
}}
server {{
    listen 127.0.0.1:{health};
    location / {{ auth_request /_health; {forward} }}
    location = /_health {{
        internal; proxy_pass http://latchkey_nginx/healthz; proxy_http_version 1.1; proxy_set_header Connection \"\";
        proxy_method HEAD; proxy_pass_request_body off; proxy_set_header Content-Length \"\";
    }}
}}
}}
"
    )
}

/// Like the other proxies, Envoy uses one thread per CPU.
fn envoy(filters: &str, clusters: &str, ports: Ports) -> String {
    let indented = |text: &str, by: usize| -> String {
        let lines = text.lines();
        lines
            .map(|line| format!("{}{line}\n", " ".repeat(by)))
            .collect()
    };
    let listener = |port: u16, filters: &str| {
        format!(
            "    - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
      filter_chains:
        - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                \"@type\": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: service
                use_remote_address: true
                route_config:
                  virtual_hosts: [{{ name: service, domains: [\"*\"], routes: [{{ match: {{ prefix: \"/\" }}, route: {{ cluster: service_envoy }} }}] }}]
                http_filters:
{}                  - name: envoy.filters.http.router
                    # Times in headers would vary the length of responses.
                    typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, suppress_envoy_headers: true }}
",
            indented(filters, 18)
        )
    };
    format!(
        "static_resources:\n  clusters:\n{}  listeners:\n{}{}",
        indented(clusters, 4),
        listener(ports.authorized, filters),
        listener(ports.plain, "")
    )
}
