//! A proxy with the configuration that Latchkey prints, and what stands around it.

use crate::{
    Outcome,
    load::Asker,
    server::{Server, processor},
    street::{Ports, Street},
};
use serde::Deserialize;
use std::{
    env, fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Until it answers.
const START_LIMIT: Duration = Duration::from_secs(20);

/// The proxies that Latchkey knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Caddy,
    Haproxy,
    Traefik,
    Envoy,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Nginx,
        Self::Caddy,
        Self::Haproxy,
        Self::Traefik,
        Self::Envoy,
    ];

    /// Its program, its word on the command line, and its service.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Haproxy => "haproxy",
            Self::Traefik => "traefik",
            Self::Envoy => "envoy",
        }
    }

    /// Where it is, if it is installed.
    pub(crate) fn find(self) -> Option<PathBuf> {
        let path = env::var_os("PATH")?;
        let places = env::split_paths(&path).map(|place| place.join(self.word()));
        places.into_iter().find(|file| file.is_file())
    }

    /// How Latchkey is started for it: one that cannot send a token is known by its address.
    pub(crate) const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Traefik => &[("LATCHKEY_PROXY_FORWARD_AUTH", "127.0.0.1/32")],
            _ => &[],
        }
    }
}

/// A running proxy.
pub(crate) struct Proxy {
    pub(crate) kind: Kind,
    child: Child,
    _dir: tempfile::TempDir,
}

#[derive(Deserialize)]
struct Files {
    items: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    text: String,
}

impl Proxy {
    /// Starts one, and waits until it answers.
    pub(crate) async fn start(
        kind: Kind,
        program: &Path,
        street: &Street,
        data: &Path,
        server: &Server,
        backend: SocketAddr,
    ) -> Outcome<Self> {
        let dir = tempfile::tempdir()?;
        let at = dir.path().display().to_string();
        let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
        let mut texts = Vec::new();
        for File { path, text } in printed(kind, data, server.internal)? {
            // What the page tells people to write themselves, and where files lie.
            let text = text
                .replace("<token>", street.token(kind))
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
            texts.push((name.split(',').next().unwrap_or(name).to_owned(), text));
        }
        let ports = street.ports(kind);
        for (name, text) in around(kind, texts, &at, ports, backend) {
            fs::write(dir.path().join(name), text)?;
        }
        let child = Command::new(program)
            .args(arguments(kind, &at, ports))
            .current_dir(dir.path())
            .envs(["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, &at)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.path().join("said"))?)
            .spawn()?;
        let mut proxy = Self {
            kind,
            child,
            _dir: dir,
        };
        proxy.answers(street, ports).await?;
        Ok(proxy)
    }

    async fn answers(&mut self, street: &Street, ports: Ports) -> Outcome<()> {
        let word = self.kind.word();
        let load = street.page(ports.asking, word);
        let start = Instant::now();
        loop {
            let failed = match load.connect(1).await {
                Ok(one) => match load.run(one, Asker::times(1)).await {
                    Ok(_) => return Ok(()),
                    Err(failed) => failed,
                },
                Err(failed) => failed,
            };
            if self.child.try_wait()?.is_some() || start.elapsed() > START_LIMIT {
                let said = fs::read_to_string(self._dir.path().join("said")).unwrap_or_default();
                return Err(
                    format!("{word} does not answer as it should: {failed}\n{said}").into(),
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Its time on the processor, with its workers'.
    pub(crate) fn processor(&self) -> Outcome<Duration> {
        let id = self.child.id();
        let workers = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let mut sum = processor(id)?;
        for worker in workers.split_whitespace() {
            sum += processor(worker.parse()?)?;
        }
        Ok(sum)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Workers end with their master when that is asked to; when it is killed, they would stay.
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        let patience = Instant::now() + Duration::from_secs(5);
        while asked.is_ok() && Instant::now() < patience {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `latchkey proxy snippet` prints.
fn printed(kind: Kind, data: &Path, internal: SocketAddr) -> Outcome<Vec<File>> {
    let word = kind.word();
    let output = Command::new(env!("CARGO_BIN_EXE_latchkey"))
        .args(["proxy", "snippet", word, "--for", word, "--json"])
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

fn arguments(kind: Kind, at: &str, ports: Ports) -> Vec<String> {
    let text = |argument: &str| argument.replace('@', at);
    match kind {
        Kind::Nginx => ["-p", "@", "-c", "@/main.conf", "-e", "stderr"]
            .map(text)
            .into(),
        Kind::Caddy => ["run", "--adapter", "caddyfile", "--config", "@/Caddyfile"]
            .map(text)
            .into(),
        Kind::Haproxy => ["-db", "-f", "@/haproxy.cfg"].map(text).into(),
        Kind::Traefik => vec![
            format!("--entryPoints.web.address=127.0.0.1:{}", ports.asking),
            format!("--entryPoints.plain.address=127.0.0.1:{}", ports.forwarding),
            format!("--providers.file.directory={at}/dynamic"),
            "--global.checkNewVersion=false".to_owned(),
            "--global.sendAnonymousUsage=false".to_owned(),
        ],
        Kind::Envoy => [
            "--config-path",
            "@/envoy.yaml",
            "--disable-hot-restart",
            "--log-level",
            "warning",
        ]
        .map(text)
        .into(),
    }
}

/// What was printed, with what stands around it: a port that forwards to the same backend and asks nobody.
fn around(
    kind: Kind,
    texts: Vec<(String, String)>,
    at: &str,
    ports: Ports,
    backend: SocketAddr,
) -> Vec<(String, String)> {
    let mut texts = texts;
    let plain = ports.forwarding;
    match kind {
        Kind::Nginx => texts.push(("main.conf".to_owned(), nginx(at, ports, backend))),
        Kind::Caddy => {
            let text = &mut texts[0].1;
            *text = format!(
                "{{\n\tadmin off\n\tauto_https off\n}}\n{text}\nhttp://:{plain} {{\n\treverse_proxy {backend}\n}}\n"
            );
        }
        Kind::Haproxy => {
            if let Some((_, text)) = texts.last_mut() {
                *text += &format!(
                    "\nfrontend plain\n    bind 127.0.0.1:{plain}\n    default_backend haproxy\n"
                );
            }
        }
        Kind::Traefik => {
            let _ = fs::create_dir(format!("{at}/dynamic"));
            for (name, _) in &mut texts {
                name.insert_str(0, "dynamic/");
            }
            let text = "http:\n  routers:\n    plain:\n      rule: PathPrefix(`/`)\n      entryPoints: [plain]\n      service: traefik\n";
            texts.push(("dynamic/plain.yaml".to_owned(), text.to_owned()));
        }
        Kind::Envoy => {
            let text = envoy(&texts[0].1, &texts[1].1, ports);
            texts = vec![("envoy.yaml".to_owned(), text)];
        }
    }
    texts
}

fn nginx(at: &str, ports: Ports, backend: SocketAddr) -> String {
    let Ports {
        forwarding,
        itself,
        health,
        unkept,
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
server {{ listen 127.0.0.1:{forwarding}; location / {{ {forward} }} }}
server {{ listen 127.0.0.1:{unkept}; location / {{ proxy_pass http://{backend}; }} }}
server {{
    listen 127.0.0.1:{itself};
    location / {{ auth_request /_nobody; {forward} }}
    location = /_nobody {{ internal; return 204; }}
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

/// Envoy has one thread for each processor, as the others.
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
                    # Times in a header would make answers of several lengths.
                    typed_config: {{ \"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, suppress_envoy_headers: true }}
",
            indented(filters, 18)
        )
    };
    format!(
        "static_resources:\n  clusters:\n{}  listeners:\n{}{}",
        indented(clusters, 4),
        listener(ports.asking, filters),
        listener(ports.forwarding, "")
    )
}
