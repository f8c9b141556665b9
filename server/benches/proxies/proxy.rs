//! A proxy with the configuration that Latchkey prints.

use crate::{
    common::{
        Result,
        load::Limit,
        server::{Server, cpu_time},
    },
    configuration,
    topology::{Ports, Topology},
};
use latchkey_app::snippet::Proxy;
use std::{
    env, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// From the start to the first response.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A running proxy.
pub(crate) struct RunningProxy {
    pub(crate) proxy: Proxy,
    child: Child,
    _dir: tempfile::TempDir,
}

/// The program of a proxy, if it is installed.
pub(crate) fn find(proxy: Proxy) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let candidates = env::split_paths(&path).map(|dir| dir.join(proxy.slug()));
    candidates.into_iter().find(|file| file.is_file())
}

/// Variables for Latchkey: a proxy that cannot send a token is authorized by its address.
pub(crate) const fn settings(proxy: Proxy) -> &'static [(&'static str, &'static str)] {
    match proxy {
        Proxy::Traefik => &[("LATCHKEY_PROXY_FORWARD_AUTH", "127.0.0.1/32")],
        _ => &[],
    }
}

impl RunningProxy {
    /// Starts it, and waits for its first response.
    pub(crate) async fn start(
        proxy: Proxy,
        program: &Path,
        topology: &Topology,
        data: &Path,
        server: &Server,
        backend: SocketAddr,
    ) -> Result<Self> {
        let dir = tempfile::tempdir()?;
        let at = dir.path().display().to_string();
        let ports = topology.ports(proxy);
        let token = topology.token(proxy);
        let printed = configuration::printed(proxy, data, server.internal)?;
        for (name, text) in configuration::files(proxy, printed, &at, ports, token, backend) {
            fs::write(dir.path().join(name), text)?;
        }
        let child = Command::new(program)
            .args(arguments(proxy, &at, ports))
            .current_dir(dir.path())
            .envs(["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"].map(|name| (name, &at)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(dir.path().join("log"))?)
            .spawn()?;
        let mut running = Self {
            proxy,
            child,
            _dir: dir,
        };
        running.wait(topology, ports).await?;
        Ok(running)
    }

    async fn wait(&mut self, topology: &Topology, ports: Ports) -> Result<()> {
        let name = self.proxy.slug();
        let load = topology.load(ports.authorized, name);
        let start = Instant::now();
        loop {
            let failed = match load.connect(1).await {
                Ok(connection) => match load.run(connection, Limit::requests(1)).await {
                    Ok(_) => return Ok(()),
                    Err(failed) => failed,
                },
                Err(failed) => failed,
            };
            if self.child.try_wait()?.is_some() || start.elapsed() > START_TIMEOUT {
                let log = fs::read_to_string(self._dir.path().join("log")).unwrap_or_default();
                return Err(format!("{name} does not respond as expected: {failed}\n{log}").into());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Its CPU time, with that of its workers.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        let id = self.child.id();
        let workers = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))?;
        let mut sum = cpu_time(id)?;
        for worker in workers.split_whitespace() {
            sum += cpu_time(worker.parse()?)?;
        }
        Ok(sum)
    }
}

impl Drop for RunningProxy {
    fn drop(&mut self) {
        // Workers end with their master on SIGTERM, but would survive its SIGKILL.
        let id = self.child.id().to_string();
        let signalled = Command::new("kill").args(["-TERM", &id]).status();
        let deadline = Instant::now() + Duration::from_secs(5);
        while signalled.is_ok() && Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn arguments(proxy: Proxy, at: &str, ports: Ports) -> Vec<String> {
    let text = |argument: &str| argument.replace('@', at);
    match proxy {
        Proxy::Nginx => ["-p", "@", "-c", "@/main.conf", "-e", "stderr"]
            .map(text)
            .into(),
        Proxy::Caddy => ["run", "--adapter", "caddyfile", "--config", "@/Caddyfile"]
            .map(text)
            .into(),
        Proxy::Haproxy => ["-db", "-f", "@/haproxy.cfg"].map(text).into(),
        Proxy::Traefik => vec![
            format!("--entryPoints.web.address=127.0.0.1:{}", ports.authorized),
            format!("--entryPoints.plain.address=127.0.0.1:{}", ports.plain),
            format!("--providers.file.directory={at}/dynamic"),
            "--global.checkNewVersion=false".to_owned(),
            "--global.sendAnonymousUsage=false".to_owned(),
        ],
        Proxy::Envoy => [
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
