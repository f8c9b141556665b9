//! The server as it is deployed, and what the system says about it.

use crate::{
    Outcome,
    load::{Asker, Load},
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
    pub(crate) floor: SocketAddr,
}

/// One measurement.
pub(crate) struct Sample {
    pub(crate) requests: usize,
    pub(crate) seconds: f64,
    /// The server's time on the processor.
    pub(crate) processor: Duration,
    /// Of each answer, in nanoseconds.
    pub(crate) latencies: Vec<u32>,
}

#[derive(Deserialize)]
struct Started {
    internal_addr: SocketAddr,
    floor_addr: SocketAddr,
}

impl Server {
    /// Starts one with these settings.
    pub(crate) fn start(data: &Path, settings: &[(&str, &str)]) -> Outcome<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_latchkey"))
            .args(["serve", "--json", "--public-addr", "127.0.0.1:0"])
            .args(["--internal-addr", "127.0.0.1:0", "--floor", "127.0.0.1:0"])
            .env_clear()
            .envs(settings.iter().copied())
            .current_dir(data)
            .arg("--data-dir")
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let mut said = String::new();
        let mut lines = BufReader::new(out);
        let started: Started = loop {
            if lines.read_line(&mut said)? == 0 {
                return Err(format!("the server ended: {said}").into());
            }
            if let Ok(started) = serde_json::from_str(&said) {
                break started;
            }
        };
        Ok(Self {
            child,
            internal: started.internal_addr,
            floor: started.floor_addr,
        })
    }

    /// Asks for some time, and looks what it cost.
    pub(crate) async fn measure(
        &self,
        load: &Load,
        connections: usize,
        time: Duration,
    ) -> Outcome<Sample> {
        let connections = load.connect(connections).await?;
        let (before, start) = (self.processor()?, Instant::now());
        let latencies = load.run(connections, Asker::during(time)).await?;
        Ok(Sample {
            requests: latencies.len(),
            seconds: start.elapsed().as_secs_f64(),
            processor: self.processor()?.saturating_sub(before),
            latencies,
        })
    }

    /// Waits until it has written down what it was asked, and rests.
    pub(crate) async fn settle(&self) -> Outcome<()> {
        let (mut quiet, second) = (0, Duration::from_secs(1));
        // Longer than between two batches of last uses.
        while quiet < 12 {
            let before = self.processor()?;
            tokio::time::sleep(second).await;
            let is_quiet = self.processor()?.saturating_sub(before) < second / 20;
            quiet = if is_quiet { quiet + 1 } else { 0 };
        }
        Ok(())
    }

    /// Its time on the processor.
    pub(crate) fn processor(&self) -> Outcome<Duration> {
        processor(self.child.id())
    }

    /// Resident memory.
    pub(crate) fn resident_bytes(&self) -> Outcome<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .ok_or("no VmRSS")?;
        let kilobytes: f64 = line.split_whitespace().next().ok_or("no size")?.parse()?;
        Ok(kilobytes * 1024.0)
    }

    pub(crate) fn stop(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

/// The time on the processor of a process, all its threads together (proc(5), schedstat).
pub(crate) fn processor(process: u32) -> Outcome<Duration> {
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
