//! A service for each proxy, and devices that may enter all of them.

use crate::{Outcome, crowd, load::Load, proxy::Kind};
use latchkey_domain::{access::permission::Administrator, identity::user::Role};
use latchkey_engine::{NewService, NewUser, RequestOrigin};
use std::{net::TcpListener, path::Path};

/// Four devices each.
const PEOPLE: usize = 250;
const DEVICES_EACH: usize = 4;

/// Where a proxy listens.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// It asks Latchkey here.
    pub(crate) asking: u16,
    /// It asks nobody here.
    pub(crate) forwarding: u16,
    /// It forwards here as it does by default, if it is nginx.
    pub(crate) unkept: u16,
    /// It asks itself here, if it is nginx.
    pub(crate) itself: u16,
    /// It asks here whether Latchkey is well, if it is nginx.
    pub(crate) health: u16,
}

/// What the data directory has.
pub(crate) struct Street {
    /// For each proxy its ports and the token of its service, which has the proxy's name.
    services: Vec<(Kind, Ports, String)>,
    /// Devices that may enter.
    cookies: Vec<String>,
}

impl Street {
    /// Fills a data directory.
    pub(crate) async fn build(data: &Path) -> Outcome<Self> {
        let (operator, client) = (Administrator::operator(), RequestOrigin::default());
        let engine = crowd::open(data).await?;
        let mut services = Vec::new();
        for kind in Kind::ALL {
            let (word, ports) = (kind.word(), Ports::free()?);
            let new = NewService {
                hosts: format!("{word}.localhost:{}", ports.asking),
                ..NewService::default()
            };
            let added = engine.add_service(&operator, word, new, &client).await?;
            let (_, token) = added.commit().await?;
            services.push((kind, ports, token.expose_secret().to_owned()));
        }
        let people: Vec<_> = (0..PEOPLE)
            .map(|number| NewUser {
                email: format!("person-{number}@bench.example"),
                name: "Bench Person".to_owned(),
                role: Role::User,
            })
            .collect();
        let names = Kind::ALL.map(|kind| kind.word().to_owned());
        let cookies = engine
            .seed_users(&operator, &people, DEVICES_EACH, &names)
            .await?;
        engine.close().await;
        Ok(Self {
            services,
            cookies: crowd::values(&cookies),
        })
    }

    fn service(&self, kind: Kind) -> &(Kind, Ports, String) {
        &self.services[kind as usize]
    }

    /// A file of a page, as a browser's script asks for it.
    pub(crate) fn page(&self, port: u16, host: &str) -> Load {
        let head = format!(
            "GET /album/17.json HTTP/1.1\r\nhost: {host}.localhost:{port}\r\n\
             user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\naccept: */*\r\n\
             accept-language: en-GB,en;q=0.5\r\naccept-encoding: gzip, deflate\r\n\
             sec-fetch-mode: cors\r\nsec-fetch-site: same-origin\r\n"
        );
        Load::new(([127, 0, 0, 1], port).into(), &head, &self.cookies, 200)
    }

    /// Where a proxy listens.
    pub(crate) fn ports(&self, kind: Kind) -> Ports {
        self.service(kind).1
    }

    /// The token of a proxy's service.
    pub(crate) fn token(&self, kind: Kind) -> &str {
        &self.service(kind).2
    }
}

impl Ports {
    /// Some that were free a moment ago, held together so that they differ.
    fn free() -> Outcome<Self> {
        let free = || TcpListener::bind("127.0.0.1:0");
        let held = [free()?, free()?, free()?, free()?, free()?];
        let port = |held: &TcpListener| held.local_addr().map(|address| address.port());
        Ok(Self {
            asking: port(&held[0])?,
            forwarding: port(&held[1])?,
            itself: port(&held[2])?,
            health: port(&held[3])?,
            unkept: port(&held[4])?,
        })
    }
}
