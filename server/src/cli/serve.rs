//! `latchkey serve`

use super::{Context, OPERATOR, descriptors, failure::Failure, nobody, runtime, stop};
use crate::{
    checkpoints, demo, floor, site,
    web::{
        Web, internal,
        listen::{self, Kind},
        public,
    },
};
use clap::Args;
use latchkey_app::enrolment_url::enrolment_url;
use latchkey_domain::secret::SecretText;
use latchkey_engine::EnrolmentCode;
use serde::Serialize;
use std::{net::SocketAddr, process::ExitCode};
use tokio::{net::TcpListener, sync::watch};

/// Answers browsers, proxies and services.
#[derive(Args)]
pub(super) struct Serve {
    /// Fill an empty data directory with sample data first
    #[arg(long)]
    demo: bool,
    /// The address that people type
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Where the public listener waits
    #[arg(long, value_name = "ADDR:PORT")]
    public_addr: Option<String>,
    /// Where the internal listener waits
    #[arg(long, value_name = "ADDR:PORT")]
    internal_addr: Option<String>,
    /// Where the framework's own floor waits, to measure against
    #[arg(long, value_name = "ADDR:PORT", hide = true)]
    floor: Option<SocketAddr>,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    floor_addr: Option<SocketAddr>,
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
        // The ports before the data: a second server by mistake must not touch what the first one uses.
        let places = descriptors::share_out();
        let runtime = runtime::public()?;
        let public = {
            let _in = runtime.handle.enter();
            bind(context.config.server.public_addr, "public_addr")?
        };
        let server = &mut context.config.server;
        let public_port = local(&public, server.public_addr).port();
        server.public_url.replace_port_zero(public_port);
        let server = &context.config.server;
        let internal = bind(server.internal_addr, "internal_addr")?;
        let floor = match self.floor {
            Some(address) => Some(bind(address, "--floor")?),
            None => None,
        };
        let demo_administrator = match self.demo {
            true => Some(demo::fill(context.settings()?).await?),
            false => None,
        };
        if site::asset(site::STYLESHEET).is_none() {
            tracing::warn!(
                "this was built without the site, so pages look naked and passkeys do not work; build with cargo xtask build"
            );
        }
        let engine = context.engine().await?;
        engine.spawn_change_feed();
        let signing = tokio::spawn(checkpoints::keep(
            engine.clone(),
            context.config.audit.clone(),
        ));
        let code = match demo_administrator {
            Some(ada) => Some(engine.invite_user(&OPERATOR, ada, &nobody()).await?),
            None => engine.setup_code().await?,
        };
        let output = context.output;
        let public_url = server.public_url.url().as_str();
        let started = |code: Option<&EnrolmentCode>| {
            let link = code.map(|code| enrolment_url(public_url, code));
            let link = link.as_ref().map(SecretText::expose_secret);
            let started = Started {
                public_url,
                public_addr: local(&public, server.public_addr),
                internal_addr: local(&internal, server.internal_addr),
                setup_url: link.filter(|_| !self.demo),
                demo_url: link.filter(|_| self.demo),
                floor_addr: floor.as_ref().and_then(|floor| floor.local_addr().ok()),
            };
            output.line(started.text(), &started)
        };
        // Whoever reads that we are running may stop us at once.
        let asked_to_stop = stop::signal()?;
        match code {
            Some(code) => drop(output.reveal(code, |code| started(Some(code))).await?),
            // A log on a full disk must not keep everybody out.
            None => {
                if let Err(failure) = output.write(&started(None)) {
                    tracing::warn!("{failure}");
                }
            }
        }

        if let Some(floor) = floor {
            tokio::spawn(floor::serve(floor));
        }
        let web = Web::new(engine.clone(), &context.config, self.demo);
        let (stop, stopped) = watch::channel(());
        let until_stopped = |mut stopped: watch::Receiver<()>| async move {
            // An error means that the sender is gone, which is a stop too.
            let _ = stopped.changed().await;
        };
        let public = runtime.handle.spawn(listen::serve(
            public,
            Kind::Public,
            places.public,
            listen::routed(public::router(&web)),
            until_stopped(stopped.clone()),
        ));
        let (ended, ..) = tokio::join!(
            async {
                let ended = public.await;
                if ended.is_err() {
                    // It panicked, and has said where. A service manager starts us again.
                    let _ = stop.send(());
                }
                ended
            },
            listen::serve(
                internal,
                Kind::Internal,
                places.internal,
                move |peer, request| internal::answer(web.clone(), peer, request),
                until_stopped(stopped)
            ),
            async {
                asked_to_stop.await;
                let _ = stop.send(());
            }
        );
        // It may be half-way along the log, and could not go on without the database.
        signing.abort();
        ended.map_err(|cause| Failure::Runtime(cause.into()))?;
        Ok(ExitCode::SUCCESS)
    }
}

fn bind(address: SocketAddr, setting: &'static str) -> Result<TcpListener, Failure> {
    listen::bind(address).map_err(|cause| Failure::Listen {
        address,
        setting,
        cause,
    })
}

/// The address in use: with port 0 the system has chosen one.
fn local(listener: &TcpListener, asked: SocketAddr) -> SocketAddr {
    listener.local_addr().unwrap_or(asked)
}

impl Started<'_> {
    fn text(&self) -> String {
        let mut text = format!(
            "Latchkey {} is running.\n  for people:   {} (listening on {})\n  for services: http://{}\n",
            env!("CARGO_PKG_VERSION"),
            self.public_url,
            self.public_addr,
            self.internal_addr
        );
        if let Some(url) = self.setup_url {
            text += &format!(
                "\nSet up Latchkey: {url}\n  Nobody administers yet. The link works once, for 30 minutes; start again for a new one.\n"
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
