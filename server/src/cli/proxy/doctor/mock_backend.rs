//! Listens in place of the backend and records what the proxy lets through.

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

/// For a few requests of this run, and those of the proxy's own clients meanwhile.
const MAX_CONNECTIONS: usize = 256;

/// Listens until it is dropped.
pub(super) struct MockBackend {
    received: Received,
    _stop: oneshot::Sender<()>,
}

/// A request as the backend received it.
#[derive(Debug, Clone)]
pub(super) struct ReceivedRequest {
    /// The request target.
    pub(super) target: String,
    pub(super) headers: HeaderMap,
}

/// The requests of this run that arrived; those of others are not recorded.
#[derive(Clone)]
struct Received {
    run_id: Arc<str>,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl MockBackend {
    /// Starts listening for requests of this run.
    pub(super) async fn start(address: SocketAddr, run_id: &str) -> Result<Self, Failure> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|cause| Failure::MockBackend { address, cause })?;
        let received = Received {
            run_id: run_id.into(),
            requests: Arc::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let router = Router::new().fallback(record).with_state(received.clone());
        tokio::spawn(listen::serve(
            listener,
            Kind::Public,
            MAX_CONNECTIONS,
            listen::routed(router),
            async {
                // An error means that the sender was dropped, which ends it too.
                let _ = stopped.await;
            },
        ));
        Ok(Self {
            received,
            _stop: stop,
        })
    }

    /// The request with this id, if it arrived.
    pub(super) fn received(&self, request_id: &str) -> Option<ReceivedRequest> {
        let requests = self.received.requests.lock();
        let requests = requests.unwrap_or_else(PoisonError::into_inner);
        requests
            .iter()
            .find(|request| user_agent_contains(&request.headers, &format!("({request_id})")))
            .cloned()
    }
}

async fn record(
    State(received): State<Received>,
    target: Uri,
    headers: HeaderMap,
) -> (StatusCode, &'static str) {
    if !user_agent_contains(&headers, &received.run_id) {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "The proxy is being checked. Please try again in a minute.\n",
        );
    }
    let target = target.to_string();
    let requests = received.requests.lock();
    requests
        .unwrap_or_else(PoisonError::into_inner)
        .push(ReceivedRequest { target, headers });
    (
        StatusCode::OK,
        "This is latchkey proxy doctor in place of the backend.\n",
    )
}

fn user_agent_contains(headers: &HeaderMap, text: &str) -> bool {
    headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .is_some_and(|agent| agent.contains(text))
}
