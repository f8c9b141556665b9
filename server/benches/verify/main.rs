//! What an answer of verify costs beside a bare route of the same framework, in the same process, with
//! the same bytes: `cargo xtask bench verify [--devices N] [--services N] [--seconds S] [--rounds N]`.
//!
//! 1. A data directory is filled: people with four devices each, a grant each to two of the services.
//! 2. The server is started as it is deployed, and every device is seen once, so that all are in memory.
//! 3. Each situation and its bare twin are asked in turn, round by round, over 1, 32 and 256 connections.
//!
//! The load comes from one thread of this process. It shares the machine with the server, so ratios
//! within a round are worth more than any figure alone, and the server's time on the processor more
//! than throughput.

mod crowd;
mod load;
mod report;
mod server;

use crowd::Crowd;
use load::{Asker, Load};
use report::{Pair, Situation};
use server::Server;
use std::{error::Error, time::Duration};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is measured, and how long.
struct Plan {
    devices: usize,
    services: usize,
    time: Duration,
    rounds: usize,
}

impl Plan {
    fn read(arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Self {
            devices: 10_000,
            services: 100,
            // Short and many: whatever else the machine does touches some rounds and not the median.
            time: Duration::from_millis(400),
            rounds: 25,
        };
        // Cargo adds `--bench`.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} wants a value"))?;
            match name.as_str() {
                "--devices" => plan.devices = value.parse()?,
                "--services" => plan.services = value.parse()?,
                "--seconds" => plan.time = Duration::from_secs_f64(value.parse()?),
                "--rounds" => plan.rounds = value.parse()?,
                _ => {
                    return Err(format!(
                        "there is no {name}: --devices, --services, --seconds, --rounds"
                    )
                    .into());
                }
            }
        }
        if plan.devices == 0 || plan.services < 2 || plan.rounds == 0 {
            return Err("at least one device, two services and one round".into());
        }
        Ok(plan)
    }
}

fn main() -> Outcome<()> {
    let plan = Plan::read(std::env::args().skip(1))?;
    let data = tempfile::tempdir()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(run(&plan, data.path()))
}

async fn run(plan: &Plan, data: &std::path::Path) -> Outcome<()> {
    eprintln!(
        "filling: {} devices, {} services",
        plan.devices, plan.services
    );
    let crowd = Crowd::gather(data, plan.devices, plan.services).await?;
    let server = Server::start(data, &[])?;

    let granted = Load::verify(
        server.internal,
        &crowd.service,
        &crowd.token,
        &crowd.granted,
        200,
    );
    // The services and the first device, so that what remains to be measured is devices.
    let one = granted.connect(1).await?;
    granted.run(one, Asker::times(1)).await?;
    let empty = server.resident_bytes()?;
    eprintln!("seeing every device once");
    let some = granted.connect(32).await?;
    granted.run(some, Asker::times(granted.cookies())).await?;
    server.settle().await?;
    let full = server.resident_bytes()?;

    let verify = |cookies, status| {
        Load::verify(
            server.internal,
            &crowd.service,
            &crowd.token,
            cookies,
            status,
        )
    };
    let situations = [
        (Situation::Granted, granted, "/granted"),
        (Situation::Forged, verify(&crowd.forged, 404), "/unknown"),
        (
            Situation::UnknownDevice,
            verify(&crowd.unknown, 404),
            "/unknown",
        ),
        (
            Situation::NoGrant,
            verify(&crowd.ungranted, 401),
            "/no-access",
        ),
    ];
    for (_, verify, _) in &situations {
        let some = verify.connect(32).await?;
        verify.run(some, Asker::times(verify.cookies())).await?;
    }
    let mut pairs = Vec::new();
    for connections in [1, 32, 256] {
        for (situation, verify, twin) in &situations {
            eprintln!("{situation}, {connections} connections");
            let bare = verify.bare(server.floor, twin);
            if bare.sample().await? != verify.sample().await? {
                return Err(format!("the bare route {twin} answers with other bytes").into());
            }
            let mut pair = Pair::new(*situation, connections);
            for _ in 0..plan.rounds {
                let bare = server.measure(&bare, connections, plan.time).await?;
                let verify = server.measure(verify, connections, plan.time).await?;
                pair.add(bare, verify)?;
            }
            pairs.push(pair);
        }
    }
    println!("{}", report::table(&pairs));
    println!("{}", report::memory(empty, full, crowd.granted.len()));
    server.stop()
}
