//! Size of the site, memory, start-up time and the cost of an assessment, against their budgets.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    budget::{Budget, median},
    build,
    interrupt::STOP_LIMIT,
    process,
    profile::Profile,
    proxies, serve,
    workspace::Workspace,
};

/// Odd, so that the median is one that was measured.
const STARTS: usize = 5;

/// Long enough for the first start's migrations on a slow disk.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Between two tries to connect; also the error of the measured start-up time.
const RETRY: Duration = Duration::from_millis(1);

/// Builds, measures, prints each number with its budget; fails if one is exceeded.
pub(crate) fn bench(workspace: &Workspace) -> Result<ExitCode> {
    let built = build::build(workspace, Profile::Release)?;
    let data = tempfile::tempdir()?;

    // The first start migrates the database; its time is another matter.
    let (first, _) = Server::start(workspace, &built.binary, data.path())?;
    get(first.public, "/login").context("GET /login")?;
    let memory = first.resident_megabytes();
    first.stop()?;

    let mut start_ups = Vec::new();
    for _ in 0..STARTS {
        let (server, took) = Server::start(workspace, &built.binary, data.path())?;
        start_ups.push(took.as_secs_f64() * 1000.0);
        server.stop()?;
    }

    let download = built.site.js.brotli + built.site.wasm.brotli;
    let budgets = [
        Budget {
            name: "/login, JavaScript and wasm (brotli)",
            unit: "KB",
            limit: 250.0,
            measured: Some(download as f64 / 1000.0),
        },
        Budget {
            name: "memory after the first page (RSS)",
            unit: "MB",
            limit: 40.0,
            measured: memory,
        },
        Budget {
            name: "start to first response (median of 5)",
            unit: "ms",
            limit: 200.0,
            measured: median(start_ups),
        },
    ];
    println!();
    for budget in &budgets {
        println!("{budget}");
    }
    risk(workspace)?;
    let kept = budgets.iter().all(Budget::kept);
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Builds, then measures what a verify costs; arguments and results are those of
/// `server/benches/verify`.
pub(crate) fn verify(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    build::benchmark(workspace, "verify", args, None)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds, then measures what a token costs; results are those of `engine/benches/tokens`.
pub(crate) fn tokens(workspace: &Workspace) -> Result<ExitCode> {
    let bench = ["bench", "--package", "latchkey-engine", "--bench", "tokens"];
    process::run(&mut workspace.cargo(&bench))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds, then measures what comparing a behaviour costs; results are those of `domain/benches/behaviour`.
pub(crate) fn behaviour(workspace: &Workspace) -> Result<ExitCode> {
    of_domain(workspace, "behaviour")
}

/// Builds, then measures what an assessment costs; results and the budget are those of `domain/benches/risk`.
pub(crate) fn risk(workspace: &Workspace) -> Result<ExitCode> {
    of_domain(workspace, "risk")
}

fn of_domain(workspace: &Workspace, bench: &str) -> Result<ExitCode> {
    let bench = ["bench", "--package", "latchkey-domain", "--bench", bench];
    process::run(&mut workspace.cargo(&bench))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs the measurements among the tests of routes, which are ignored otherwise.
pub(crate) fn timing(workspace: &Workspace) -> Result<ExitCode> {
    let tests = [
        "test",
        "--package",
        "latchkey",
        "--test",
        "routes",
        "timing",
    ];
    let mut command = workspace.cargo(&tests);
    command.args(["--", "--ignored", "--nocapture", "--test-threads=1"]);
    process::run(&mut command)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds, then measures what a request costs behind each proxy that is found; arguments and results are those of
/// `server/benches/proxies`.
pub(crate) fn proxies(workspace: &Workspace, args: &[String]) -> Result<ExitCode> {
    let path = proxies::prepare(workspace)?;
    build::benchmark(workspace, "proxies", args, Some(path))?;
    Ok(ExitCode::SUCCESS)
}

/// A running server on ports of its own.
#[derive(Debug)]
struct Server {
    child: Child,
    public: SocketAddr,
}

impl Server {
    /// Starts it and waits for its first successful response; also returns how long that took.
    fn start(workspace: &Workspace, binary: &Path, data: &Path) -> Result<(Self, Duration)> {
        let [public, internal] = free_addresses()?;
        let mut command = serve::server(workspace, binary);
        process::forget_settings(&mut command);
        command
            // Away from a latchkey.toml in the checkout.
            .current_dir(data)
            .env("LATCHKEY_DATA_DIR", data)
            // One program asks as often as it can.
            .env("LATCHKEY_LIMITS_PROGRAM_REQUESTS", "0")
            .env("LATCHKEY_PUBLIC_ADDR", public.to_string())
            .env("LATCHKEY_INTERNAL_ADDR", internal.to_string())
            .env(
                "LATCHKEY_PUBLIC_URL",
                format!("http://localhost:{}", public.port()),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let start = Instant::now();
        let child = command.spawn().context("could not start the server")?;
        let mut server = Self { child, public };
        while get(internal, "/healthz").is_err() {
            if let Some(status) = server.child.try_wait()? {
                bail!("the server ended before its first response ({status}); it says why above");
            }
            if start.elapsed() > START_LIMIT {
                bail!(
                    "/healthz did not respond with 200 for {} s",
                    START_LIMIT.as_secs()
                );
            }
            thread::sleep(RETRY);
        }
        Ok((server, start.elapsed()))
    }

    /// Resident memory in MB (2^20 bytes), where the system tells it the way Linux does.
    fn resident_megabytes(&self) -> Option<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        resident_kilobytes(&status).map(|kilobytes| kilobytes / 1024.0)
    }

    fn stop(mut self) -> Result<()> {
        process::stop(&mut self.child, STOP_LIMIT)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Only an error comes here with the server still running; that error is the one to report.
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Two addresses that are free now, held together so that they differ.
fn free_addresses() -> Result<[SocketAddr; 2]> {
    let free = || TcpListener::bind(("127.0.0.1", 0));
    let held = [free()?, free()?];
    Ok([held[0].local_addr()?, held[1].local_addr()?])
}

/// The smallest client there is (RFC 1945): one request, the response ends with the connection.
fn get(address: SocketAddr, path: &str) -> Result<()> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    let host = format!("localhost:{}", address.port());
    write!(
        connection,
        "GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )?;
    let mut response = Vec::new();
    connection.read_to_end(&mut response)?;
    let response = String::from_utf8_lossy(&response);
    let status = response.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        bail!(
            "the server responded with {}",
            response.lines().next().unwrap_or("nothing")
        );
    }
    Ok(())
}

/// The number in the line `VmRSS:     12345 kB`.
fn resident_kilobytes(status: &str) -> Option<f64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_size_is_parsed() {
        let status = "Name:\tlatchkey\nVmHWM:\t   99 kB\nVmRSS:\t   12345 kB\n";
        assert_eq!(resident_kilobytes(status), Some(12345.0));
        assert_eq!(resident_kilobytes("Name:\tlatchkey\n"), None);
    }

    #[test]
    fn two_free_addresses_differ() {
        let [one, two] = free_addresses().unwrap();
        assert_ne!(one, two);
    }
}
