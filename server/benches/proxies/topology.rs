//! The services and the ports of the proxies, and devices with access to all services.

use crate::common::{Result, load::Load, seed};
use latchkey_app::snippet::Proxy;
use latchkey_domain::access::permission::Operator;
use latchkey_engine::{NewService, RequestOrigin};
use std::{net::TcpListener, path::Path};

const USERS: usize = 250;

/// The ports of a proxy.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// Authorizes with Latchkey.
    pub(crate) authorized: u16,
    /// Forwards without authorization.
    pub(crate) plain: u16,
    /// nginx only: forwards over a new connection for each request, its default.
    pub(crate) plain_default: u16,
    /// nginx only: authorizes with a location of its own that responds with 204.
    pub(crate) subrequest: u16,
    /// nginx only: authorizes with Latchkey's `/healthz`.
    pub(crate) health: u16,
}

/// What is in the data directory.
pub(crate) struct Topology {
    /// For each proxy, in the order of [`Proxy::ALL`], its ports and the token of its service, which has the proxy's name.
    services: Vec<(Ports, String)>,
    /// Cookies of devices with access.
    cookies: Vec<String>,
}

impl Topology {
    /// Fills a data directory.
    pub(crate) async fn seed(data: &Path) -> Result<Self> {
        let (operator, origin) = (Operator, RequestOrigin::default());
        let engine = seed::open(data).await?;
        let mut services = Vec::new();
        for proxy in Proxy::ALL {
            let (name, ports) = (proxy.slug(), Ports::free()?);
            let new = NewService {
                hosts: format!("{name}.localhost:{}", ports.authorized),
                ..NewService::default()
            };
            let added = engine.add_service(&operator, name, new, &origin).await?;
            let (_, token) = added.commit().await?;
            services.push((ports, token.expose_secret().to_owned()));
        }
        let names = Proxy::ALL.map(|proxy| proxy.slug().to_owned());
        let cookies = engine
            .seed_users(
                &operator,
                &seed::users(0, USERS),
                seed::DEVICES_EACH,
                &names,
            )
            .await?;
        engine.close().await;
        Ok(Self {
            services,
            cookies: seed::values(&cookies),
        })
    }

    fn service(&self, proxy: Proxy) -> &(Ports, String) {
        &self.services[proxy as usize]
    }

    /// Requests of a browser's script to this port.
    pub(crate) fn load(&self, port: u16, host: &str) -> Load {
        let head = format!(
            "GET /album/17.json HTTP/1.1\r\nhost: {host}.localhost:{port}\r\n\
             user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\naccept: */*\r\n\
             accept-language: en-GB,en;q=0.5\r\naccept-encoding: gzip, deflate\r\n\
             sec-fetch-mode: cors\r\nsec-fetch-site: same-origin\r\n"
        );
        Load::new(([127, 0, 0, 1], port).into(), &head, &self.cookies, 200)
    }

    /// The ports of a proxy.
    pub(crate) fn ports(&self, proxy: Proxy) -> Ports {
        self.service(proxy).0
    }

    /// The token of a proxy's service.
    pub(crate) fn token(&self, proxy: Proxy) -> &str {
        &self.service(proxy).1
    }
}

impl Ports {
    /// Free ports, held until all are chosen, so that they differ.
    fn free() -> Result<Self> {
        let free = || TcpListener::bind("127.0.0.1:0");
        let held = [free()?, free()?, free()?, free()?, free()?];
        let port = |held: &TcpListener| held.local_addr().map(|address| address.port());
        Ok(Self {
            authorized: port(&held[0])?,
            plain: port(&held[1])?,
            subrequest: port(&held[2])?,
            health: port(&held[3])?,
            plain_default: port(&held[4])?,
        })
    }
}
