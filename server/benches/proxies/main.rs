//! What a request costs behind a proxy that asks, beside one that only forwards, for each proxy that is found:
//! `cargo xtask bench proxies [--seconds S] [--rounds N] [--only PROXY]`.
//!
//! 1. A data directory is filled: a service for each proxy, and a thousand devices that may enter all of them.
//! 2. Latchkey is started as it is deployed, and the proxy with the very configuration that Latchkey prints. A second port of
//!    the same proxy forwards to the same backend, over kept connections too, and asks nobody. nginx has more: one
//!    forwards as nginx does by default, over a connection for each request; one asks a location of its own that says 204, one
//!    asks Latchkey whether it is well. The last two show what a question costs before anything is decided.
//! 3. The ports are asked in turn, round by round, over 1 and 32 connections.
//!
//! Load, proxy, Latchkey and backend share one machine, so ratios within a round are worth more than any figure alone.

#[path = "../verify/crowd.rs"]
#[allow(dead_code, reason = "some of it is for verify's own benchmark")]
mod crowd;
#[path = "../verify/load.rs"]
#[allow(dead_code, reason = "some of it is for verify's own benchmark")]
mod load;
#[path = "../verify/server.rs"]
#[allow(dead_code, reason = "some of it is for verify's own benchmark")]
mod server;

mod backend;
mod proxy;
mod report;
mod street;

use load::{Asker, Load};
use proxy::{Kind, Proxy};
use report::{Figures, Line};
use server::Server;
use std::{
    error::Error,
    path::Path,
    time::{Duration, Instant},
};
use street::Street;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is measured, and how long.
struct Plan {
    time: Duration,
    rounds: usize,
    only: Option<String>,
}

impl Plan {
    fn read(arguments: impl Iterator<Item = String>) -> Outcome<Self> {
        let mut plan = Self {
            time: Duration::from_millis(400),
            rounds: 25,
            only: None,
        };
        // Cargo adds `--bench`.
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} wants a value"))?;
            match name.as_str() {
                "--seconds" => plan.time = Duration::from_secs_f64(value.parse()?),
                "--rounds" => plan.rounds = value.parse()?,
                "--only" => plan.only = Some(value),
                _ => return Err(format!("there is no {name}: --seconds, --rounds, --only").into()),
            }
        }
        if plan.rounds == 0 {
            return Err("at least one round".into());
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

async fn run(plan: &Plan, data: &Path) -> Outcome<()> {
    let backend = backend::start()?;
    let street = Street::build(data).await?;
    let mut lines = Vec::new();
    for kind in Kind::ALL {
        let is_wanted = plan.only.as_ref().is_none_or(|only| only == kind.word());
        match kind.find() {
            Some(program) if is_wanted => {
                let server = Server::start(data, kind.settings())?;
                let proxy = Proxy::start(kind, &program, &street, data, &server, backend).await?;
                measure(plan, &street, &server, &proxy, &mut lines).await?;
                server.stop()?;
            }
            Some(_) => {}
            None => eprintln!("{} is not here", kind.word()),
        }
    }
    println!("{}", report::table(&lines));
    Ok(())
}

/// All lines of a proxy.
async fn measure(
    plan: &Plan,
    street: &Street,
    server: &Server,
    proxy: &Proxy,
    lines: &mut Vec<Line>,
) -> Outcome<()> {
    let word = proxy.kind.word();
    let ports = street.ports(proxy.kind);
    let asking = street.page(ports.asking, word);
    let forwarding = street.page(ports.forwarding, "nobody");
    // Every device is in memory, and every connection of the proxy's is open.
    for load in [&asking, &forwarding] {
        let some = load.connect(32).await?;
        load.run(some, Asker::times(load.cookies())).await?;
    }
    let mut pairs = vec![(word.to_owned(), &forwarding, &asking)];
    let more = [ports.unkept, ports.itself, ports.health].map(|port| street.page(port, "nobody"));
    if proxy.kind == Kind::Nginx {
        let [unkept, itself, health] = &more;
        pairs.push(("nginx, plain by default".to_owned(), unkept, &asking));
        pairs.push(("nginx, asking itself".to_owned(), &forwarding, itself));
        pairs.push(("nginx, asking /healthz".to_owned(), &forwarding, health));
    }
    for connections in [1, 32] {
        eprintln!("{word}, {connections} connections");
        for (name, plain, asking) in &pairs {
            let mut line = Line::new(name, connections);
            for _ in 0..plan.rounds {
                let plain = ask(plan, plain, connections, server, proxy).await?;
                line.add(plain, ask(plan, asking, connections, server, proxy).await?);
            }
            lines.push(line);
        }
    }
    Ok(())
}

/// Asks for some time, and looks what it cost.
async fn ask(
    plan: &Plan,
    load: &Load,
    connections: usize,
    server: &Server,
    proxy: &Proxy,
) -> Outcome<Figures> {
    let connections = load.connect(connections).await?;
    let (latchkey, own, start) = (server.processor()?, proxy.processor()?, Instant::now());
    let latencies = load.run(connections, Asker::during(plan.time)).await?;
    Figures::of(
        latencies,
        start.elapsed(),
        server.processor()?.saturating_sub(latchkey),
        proxy.processor()?.saturating_sub(own),
    )
}
