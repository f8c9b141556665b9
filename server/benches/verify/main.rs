//! Measures a verification against the baseline, a plain route of the same framework in the same process with the
//! same bytes: `cargo xtask bench verify [--devices N] [--services N] [--seconds S] [--rounds N]`.
//!
//! 1. A data directory is filled: users with four devices each, and a grant to each of two services.
//! 2. The server is started, and every device is used once, so that all are in memory.
//! 3. Each situation and its baseline are measured in turn, round by round, over 1, 32 and 256 connections.
//!
//! The load comes from one thread of this process and shares the machine with the server. So the ratios within a
//! round are more reliable than absolute figures, and the server's CPU time more than its throughput.

#[path = "../common/mod.rs"]
mod common;
mod devices;
mod report;

use clap::Parser;
use common::{
    Result,
    arguments::Measurement,
    load::{Limit, Load},
    server::Server,
};
use devices::Devices;
use report::{Comparison, Situation};
use std::path::Path;

/// Measures a verification against the baseline.
#[derive(Parser)]
struct Arguments {
    /// How many devices there are
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    devices: u32,
    /// How many services there are
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(2..))]
    services: u32,
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
    let Arguments {
        devices, services, ..
    } = *arguments;
    eprintln!("filling: {devices} devices, {services} services");
    let devices = Devices::seed(data, devices as usize, services as usize).await?;
    let server = Server::start(data, &[])?;

    let verify = |cookies, status| {
        Load::verify(
            server.internal,
            &devices.service,
            &devices.token,
            cookies,
            status,
        )
    };
    let granted = verify(&devices.granted, 200);
    // The services and the first device, so that the difference is the memory of the devices.
    let connection = granted.connect(1).await?;
    granted.run(connection, Limit::requests(1)).await?;
    let empty = server.resident_bytes()?;
    eprintln!("using every device once");
    use_once(&granted).await?;
    server.wait_until_idle().await?;
    let full = server.resident_bytes()?;

    let situations = [
        (Situation::Granted, granted, "/granted"),
        (Situation::Forged, verify(&devices.forged, 404), "/unknown"),
        (
            Situation::UnknownDevice,
            verify(&devices.unknown, 404),
            "/unknown",
        ),
        (
            Situation::NoGrant,
            verify(&devices.ungranted, 401),
            "/no-access",
        ),
    ];
    for (_, verify, _) in &situations {
        use_once(verify).await?;
    }
    let measurement = &arguments.measurement;
    let mut comparisons = Vec::new();
    for connections in [1, 32, 256] {
        for (situation, verify, path) in &situations {
            eprintln!("{situation}, {connections} connections");
            let baseline = verify.to_baseline(server.baseline, path);
            if baseline.response_length().await? != verify.response_length().await? {
                return Err(format!("the baseline {path} responds with other bytes").into());
            }
            let mut comparison = Comparison::new(*situation, connections);
            for _ in 0..measurement.rounds {
                let baseline = server
                    .measure(&baseline, connections, measurement.time)
                    .await?;
                let verify = server
                    .measure(verify, connections, measurement.time)
                    .await?;
                comparison.add(baseline, verify)?;
            }
            comparisons.push(comparison);
        }
    }
    println!("{}", report::table(&comparisons));
    println!("{}", report::memory(empty, full, devices.granted.len()));
    server.stop()
}

/// Uses every cookie once.
async fn use_once(load: &Load) -> Result<()> {
    let connections = load.connect(32).await?;
    load.run(connections, Limit::requests(load.cookies()))
        .await?;
    Ok(())
}
