//! `latchkey serve`

use super::{Context, OPERATOR, descriptors, failure::Failure, local_origin, runtime, stop};
#[cfg(feature = "bench")]
use crate::baseline;
use crate::{
    checkpoints,
    config::server::Server,
    demo, mail, site,
    web::{
        Web, internal,
        listen::{self, Kind},
        public,
    },
};
use clap::Args;
use descriptors::ConnectionLimits;
use latchkey_app::enrolment_url::enrolment_url;
use latchkey_domain::secret::SecretText;
use latchkey_engine::EnrolmentCode;
use serde::Serialize;
use std::{net::SocketAddr, process::ExitCode};
use tokio::{net::TcpListener, sync::watch};

/// Serves browsers, proxies and services.
#[derive(Args)]
pub(super) struct Serve {
    /// Fill an empty data directory with sample data first
    #[arg(long)]
    demo: bool,
    /// The address that users open in their browsers
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The address of the public listener
    #[arg(long, value_name = "ADDR:PORT")]
    public_addr: Option<String>,
    /// The address of the internal listener
    #[arg(long, value_name = "ADDR:PORT")]
    internal_addr: Option<String>,
    /// The address of the benchmark's baseline
    #[cfg(feature = "bench")]
    #[arg(long, value_name = "ADDR:PORT")]
    baseline: Option<SocketAddr>,
}

/// The bound listeners.
struct Listeners {
    public: TcpListener,
    internal: TcpListener,
    #[cfg(feature = "bench")]
    baseline: Option<TcpListener>,
}

#[derive(Serialize)]
struct Started<'a> {
    public_url: &'a str,
    public_addr: SocketAddr,
    internal_addr: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    demo_url: Option<&'a str>,
    #[cfg(feature = "bench")]
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_addr: Option<SocketAddr>,
}

impl Serve {
    /// The arguments that are settings too.
    pub(super) fn flags(&self) -> Vec<(&'static str, &'static str, String)> {
        [
            ("public_url", "--public-url", &self.public_url),
            ("public_addr", "--public-addr", &self.public_addr),
            ("internal_addr", "--internal-addr", &self.internal_addr),
        ]
        .into_iter()
        .filter_map(|(name, flag, value)| Some((name, flag, value.clone()?)))
        .collect()
    }

    pub(super) async fn run(self, context: &mut Context) -> Result<ExitCode, Failure> {
        for warning in context.config.warnings() {
            tracing::warn!("{warning}");
        }
        let limits = descriptors::connection_limits();
        let runtime = runtime::public()?;
        // Before the data: a second server, started by mistake, must not touch what the first one uses.
        let listeners = self.bind(&context.config.server, &runtime)?;
        let server = &mut context.config.server;
        let public_port = bound_address(&listeners.public, server.public_addr).port();
        server.public_url.replace_port_zero(public_port);
        let context = &*context;
        let demo_administrator = match self.demo {
            true => Some(demo::fill(context.settings()?).await?),
            false => None,
        };
        if site::asset(site::STYLESHEET).is_none() {
            tracing::warn!(
                "this binary was built without the site, so pages have no styles and passkeys do not work; build it with cargo xtask build"
            );
        }
        let engine = context.engine().await?;
        engine.spawn_change_feed();
        engine.connect_redis();
        let checkpoints = tokio::spawn(checkpoints::run(
            engine.clone(),
            context.config.audit.clone(),
        ));
        let mails = context.config.mail.clone().map(|mail| {
            let site = context.site();
            runtime.handle.spawn(mail::run(engine.clone(), mail, site))
        });
        // Before the line below, because its reader may stop the process at once.
        let stop_signal = stop::signal()?;
        let code = match demo_administrator {
            Some(administrator) => Some(
                engine
                    .invite_user(&OPERATOR, administrator, true, &local_origin())
                    .await?,
            ),
            None => engine.setup_code().await?,
        };
        let output = context.output;
        let public_url = context.config.server.public_url.url().as_str();
        let started = |code: Option<&EnrolmentCode>| {
            let link = code.map(|code| enrolment_url(public_url, code));
            let started = self.started(&context.config.server, &listeners, link.as_ref());
            output.line(started.text(), &started)
        };
        match code {
            Some(code) => drop(output.reveal(code, |code| started(Some(code))).await?),
            // Serving goes on, for example if standard output is a log on a full disk.
            None => {
                if let Err(failure) = output.write(&started(None)) {
                    tracing::warn!("{failure}");
                }
            }
        }

        let web = Web::new(engine.clone(), &context.config, self.demo);
        let result = serve(web, listeners, limits, &runtime, stop_signal).await;
        // A checkpoint that is being made could not go on without the database.
        checkpoints.abort();
        if let Some(mails) = mails {
            mails.abort();
        }
        result
    }

    fn bind(&self, server: &Server, runtime: &runtime::Public) -> Result<Listeners, Failure> {
        let public = {
            let _in = runtime.handle.enter();
            bind(server.public_addr, "public_addr")?
        };
        Ok(Listeners {
            public,
            internal: bind(server.internal_addr, "internal_addr")?,
            #[cfg(feature = "bench")]
            baseline: match self.baseline {
                Some(address) => Some(bind(address, "--baseline")?),
                None => None,
            },
        })
    }

    fn started<'a>(
        &self,
        server: &'a Server,
        listeners: &Listeners,
        link: Option<&'a SecretText>,
    ) -> Started<'a> {
        let link = link.map(SecretText::expose_secret);
        Started {
            public_url: server.public_url.url().as_str(),
            public_addr: bound_address(&listeners.public, server.public_addr),
            internal_addr: bound_address(&listeners.internal, server.internal_addr),
            setup_url: link.filter(|_| !self.demo),
            demo_url: link.filter(|_| self.demo),
            #[cfg(feature = "bench")]
            baseline_addr: listeners
                .baseline
                .as_ref()
                .and_then(|baseline| baseline.local_addr().ok()),
        }
    }
}

/// Serves on all listeners until the signal, or until the public one fails.
async fn serve(
    web: Web,
    listeners: Listeners,
    limits: ConnectionLimits,
    runtime: &runtime::Public,
    stop_signal: impl Future<Output = ()>,
) -> Result<ExitCode, Failure> {
    #[cfg(feature = "bench")]
    if let Some(baseline) = listeners.baseline {
        tokio::spawn(baseline::serve(baseline));
    }
    let (stop, stopped) = watch::channel(());
    let until_stopped = |mut stopped: watch::Receiver<()>| async move {
        // An error means that the sender was dropped, which is a stop too.
        let _ = stopped.changed().await;
    };
    let public = runtime.handle.spawn(listen::serve(
        listeners.public,
        Kind::Public,
        limits.public,
        listen::routed(public::router(&web)),
        until_stopped(stopped.clone()),
    ));
    let stopping = web.clone();
    let (public, ..) = tokio::join!(
        async {
            let result = public.await;
            if result.is_err() {
                // It panicked, and the panic is logged. A service manager restarts the process.
                let _ = stop.send(());
            }
            result
        },
        listen::serve(
            listeners.internal,
            Kind::Internal,
            limits.internal,
            move |peer, request| internal::answer(web.clone(), peer, request),
            until_stopped(stopped)
        ),
        async {
            stop_signal.await;
            let _ = stop.send(());
            stopping.stop_streams();
        }
    );
    public.map_err(|cause| Failure::Runtime(cause.into()))?;
    Ok(ExitCode::SUCCESS)
}

fn bind(address: SocketAddr, setting: &'static str) -> Result<TcpListener, Failure> {
    listen::bind(address).map_err(|cause| Failure::Listen {
        address,
        setting,
        cause,
    })
}

/// The address in use: with port 0, the system has chosen a port.
fn bound_address(listener: &TcpListener, configured: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(configured)
}

impl Started<'_> {
    fn text(&self) -> String {
        let mut text = format!(
            "Latchkey {} is running.\n  for users:    {} (listening on {})\n  for services: http://{}\n",
            env!("CARGO_PKG_VERSION"),
            self.public_url,
            self.public_addr,
            self.internal_addr
        );
        if let Some(url) = self.setup_url {
            text += &format!(
                "\nSet up Latchkey: {url}\n  There is no administrator yet. The link works once, for 30 minutes; restart for a new one.\n"
            );
        }
        if let Some(url) = self.demo_url {
            text += &format!(
                "\nSample data is shown. Sign in as its administrator: {url}\n  The link works once; scan the code with an authenticator app, or add it to a password manager.\n"
            );
        }
        text.trim_end().to_owned()
    }
}
