//! The server, and what it uses.

use super::{
    Result,
    load::{Limit, Load},
};
use serde::Deserialize;
use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running server.
pub(crate) struct Server {
    child: Child,
    pub(crate) internal: SocketAddr,
    pub(crate) baseline: SocketAddr,
}

/// One measurement.
pub(crate) struct Sample {
    pub(crate) requests: usize,
    pub(crate) seconds: f64,
    /// The server's CPU time.
    pub(crate) cpu: Duration,
    /// The latency of each response, in nanoseconds.
    pub(crate) latencies: Vec<u32>,
}

#[derive(Deserialize)]
struct Started {
    internal_addr: SocketAddr,
    baseline_addr: SocketAddr,
}

impl Server {
    /// Starts it with these variables.
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_latchkey"))
            .args(["serve", "--json", "--public-addr", "127.0.0.1:0"])
            .args([
                "--internal-addr",
                "127.0.0.1:0",
                "--baseline",
                "127.0.0.1:0",
            ])
            .env_clear()
            .envs(settings.iter().copied())
            .current_dir(data)
            .arg("--data-dir")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let mut output = String::new();
        let mut lines = BufReader::new(stdout);
        let started: Started = loop {
            if lines.read_line(&mut output)? == 0 {
                return Err(format!("the server ended: {output}").into());
            }
            if let Ok(started) = serde_json::from_str(&output) {
                break started;
            }
        };
        Ok(Self {
            child,
            internal: started.internal_addr,
            baseline: started.baseline_addr,
        })
    }

    /// Sends load for some time, and measures the CPU time.
    pub(crate) async fn measure(
        &self,
        load: &Load,
        connections: usize,
        time: Duration,
    ) -> Result<Sample> {
        let connections = load.connect(connections).await?;
        let (before, start) = (self.cpu_time()?, Instant::now());
        let latencies = load.run(connections, Limit::time(time)).await?;
        Ok(Sample {
            requests: latencies.len(),
            seconds: start.elapsed().as_secs_f64(),
            cpu: self.cpu_time()?.saturating_sub(before),
            latencies,
        })
    }

    /// Waits until it has written the last uses of devices, and is idle.
    pub(crate) async fn wait_until_idle(&self) -> Result<()> {
        let (mut idle_seconds, second) = (0, Duration::from_secs(1));
        // Longer than the interval between two batches of last uses.
        while idle_seconds < 12 {
            let before = self.cpu_time()?;
            tokio::time::sleep(second).await;
            let is_idle = self.cpu_time()?.saturating_sub(before) < second / 20;
            idle_seconds = if is_idle { idle_seconds + 1 } else { 0 };
        }
        Ok(())
    }

    /// Its CPU time.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        cpu_time(self.child.id())
    }

    /// Resident memory.
    pub(crate) fn resident_bytes(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .ok_or("no VmRSS")?;
        let kilobytes: f64 = line.split_whitespace().next().ok_or("no size")?.parse()?;
        Ok(kilobytes * 1024.0)
    }

    pub(crate) fn stop(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// The CPU time of a process, of all its threads together (proc(5), schedstat).
pub(crate) fn cpu_time(process: u32) -> Result<Duration> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        sum += text
            .split(' ')
            .next()
            .unwrap_or_default()
            .parse::<u64>()
            .unwrap_or(0);
    }
    Ok(Duration::from_nanos(sum))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
