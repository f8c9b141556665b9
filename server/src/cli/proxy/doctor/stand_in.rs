//! Standing in for the backend: what arrives here is what a proxy lets through.

use super::sight::Arrival;
use crate::{
    cli::failure::Failure,
    web::listen::{self, Kind},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{net::TcpListener, sync::oneshot};

/// A few requests of ours, and what the proxy's own clients send meanwhile.
const MAX_CONNECTIONS: usize = 256;

/// Waits in the backend's place until it is dropped.
pub(super) struct StandIn {
    arrived: Arrived,
    _stop: oneshot::Sender<()>,
}

/// Our own requests that arrived. Those of others are none of our business.
#[derive(Clone)]
struct Arrived {
    run: Arc<str>,
    requests: Arc<Mutex<Vec<Arrival>>>,
}

impl StandIn {
    /// Starts waiting, for requests of this run.
    pub(super) async fn start(address: SocketAddr, run: &str) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|cause| Failure::StandIn { address, cause })?;
        let arrived = Arrived {
            run: run.into(),
            requests: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let router = Router::new().fallback(take).with_state(arrived.clone());
        tokio::spawn(listen::serve(
            listener,
            Kind::Public,
            MAX_CONNECTIONS,
            listen::routed(router),
            async {
                // An error means that the sender is gone, which is a stop too.
                let _ = stopped.await;
            },
        ));
        Ok(Self {
            arrived,
            _stop: stop,
        })
    }

    /// The request with this mark, if it arrived.
    pub(super) fn arrival_of(&self, mark: &str) -> Option<Arrival> {
        let requests = self.arrived.requests.lock();
        let requests = requests.unwrap_or_else(PoisonError::into_inner);
        requests
            .iter()
            .find(|one| says(&one.headers, &format!("({mark})")))
            .cloned()
    }
}

async fn take(
    State(arrived): State<Arrived>,
    target: Uri,
    headers: HeaderMap,
) -> (StatusCode, &'static str) {
    if !says(&headers, &arrived.run) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "The proxy is being looked at. Please come back in a minute.\n",
        );
    }
    let target = target.to_string();
    let kept = arrived.requests.lock();
    kept.unwrap_or_else(PoisonError::into_inner)
        .push(Arrival { target, headers });
    (
        StatusCode::OK,
        "latchkey proxy doctor stands in for the backend.\n",
    )
}

fn says(headers: &HeaderMap, words: &str) -> bool {
    headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .is_some_and(|agent| agent.contains(words))
}
