//! Measures requests through a proxy with and without authorization, for each proxy that is installed:
//! `cargo xtask bench proxies [--seconds S] [--rounds N] [--only PROXY]`.
//!
//! 1. A data directory is filled: a service for each proxy, and a thousand devices with access to all of them.
//! 2. Latchkey is started, and the proxy with the configuration that Latchkey prints. A second port of the same proxy
//!    forwards to the same backend without authorization, also over persistent connections. nginx has three more: one
//!    forwards over a new connection for each request, its default; one authorizes with a location of its own that
//!    responds with 204; one authorizes with Latchkey's `/healthz`. The last two show the cost of a subrequest alone.
//! 3. The ports are measured in turn, round by round, over 1 and 32 connections.
//!
//! Load, proxy, Latchkey and backend share one machine, so the ratios within a round are more reliable than absolute
//! figures.

mod backend;
#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "the other benchmark uses the rest")]
mod common;
mod configuration;
mod proxy;
mod report;
mod topology;

use clap::Parser;
use common::{
    Result,
    arguments::Measurement,
    load::{Limit, Load},
    server::Server,
};
use latchkey_app::snippet::Proxy;
use proxy::RunningProxy;
use report::{Figures, Line};
use std::{path::Path, time::Instant};
use topology::Topology;

/// Measures requests through a proxy with and without authorization.
#[derive(Parser)]
struct Arguments {
    /// Measure only this proxy
    #[arg(long, value_name = "PROXY")]
    only: Option<Proxy>,
    #[command(flatten)]
    measurement: Measurement,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = tempfile::tempdir()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(&arguments, data.path()))
}

async fn run(arguments: &Arguments, data: &Path) -> Result<()> {
    let backend = backend::start()?;
    let topology = Topology::seed(data).await?;
    let mut lines = Vec::new();
    let is_wanted = |proxy: &Proxy| arguments.only.is_none_or(|only| only == *proxy);
    for proxy in Proxy::ALL.into_iter().filter(is_wanted) {
        let Some(program) = proxy::find(proxy) else {
            eprintln!("{} is not installed", proxy.slug());
            continue;
        };
        let server = Server::start(data, proxy::settings(proxy))?;
        let running =
            RunningProxy::start(proxy, &program, &topology, data, &server, backend).await?;
        measure(
            &arguments.measurement,
            &topology,
            &server,
            &running,
            &mut lines,
        )
        .await?;
        server.stop()?;
    }
    println!("{}", report::table(&lines));
    Ok(())
}

/// Measures all ports of a proxy.
async fn measure(
    measurement: &Measurement,
    topology: &Topology,
    server: &Server,
    running: &RunningProxy,
    lines: &mut Vec<Line>,
) -> Result<()> {
    let name = running.proxy.slug();
    let ports = topology.ports(running.proxy);
    let authorized = topology.load(ports.authorized, name);
    let plain = topology.load(ports.plain, "plain");
    // Afterwards every device is in memory, and the connections of the proxy are open.
    for load in [&authorized, &plain] {
        let connections = load.connect(32).await?;
        load.run(connections, Limit::requests(load.cookies()))
            .await?;
    }
    let mut pairs = vec![(name.to_owned(), &plain, &authorized)];
    let more = [ports.plain_default, ports.subrequest, ports.health]
        .map(|port| topology.load(port, "plain"));
    if running.proxy == Proxy::Nginx {
        let [plain_default, subrequest, health] = &more;
        pairs.push((
            "nginx, plain by default".to_owned(),
            plain_default,
            &authorized,
        ));
        pairs.push(("nginx, own subrequest".to_owned(), &plain, subrequest));
        pairs.push(("nginx, /healthz".to_owned(), &plain, health));
    }
    for connections in [1, 32] {
        eprintln!("{name}, {connections} connections");
        for (name, plain, authorized) in &pairs {
            let mut line = Line::new(name, connections);
            for _ in 0..measurement.rounds {
                let plain = measure_once(measurement, plain, connections, server, running).await?;
                let authorized =
                    measure_once(measurement, authorized, connections, server, running).await?;
                line.add(plain, authorized);
            }
            lines.push(line);
        }
    }
    Ok(())
}

/// Sends load for some time, and measures the CPU time.
async fn measure_once(
    measurement: &Measurement,
    load: &Load,
    connections: usize,
    server: &Server,
    running: &RunningProxy,
) -> Result<Figures> {
    let connections = load.connect(connections).await?;
    let (of_latchkey, of_proxy) = (server.cpu_time()?, running.cpu_time()?);
    let start = Instant::now();
    let latencies = load.run(connections, Limit::time(measurement.time)).await?;
    Figures::of(
        latencies,
        start.elapsed(),
        server.cpu_time()?.saturating_sub(of_latchkey),
        running.cpu_time()?.saturating_sub(of_proxy),
    )
}
