//! A local issuer: it serves keys, counts requests, and can fail, hang and stop.

use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use latchkey_client::{Clock, Verifier};
use serde::Deserialize;
use serde_json::Value;
use std::{
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) name: String,
    #[serde(rename = "as")]
    pub(crate) presented_as: String,
    pub(crate) token: String,
    pub(crate) expected: Value,
}

/// A bound token and a proof in `request`.
#[derive(Deserialize)]
pub(crate) struct ProofCase {
    pub(crate) name: String,
    pub(crate) token: String,
    pub(crate) proof: String,
    pub(crate) expected: Value,
}

#[derive(Deserialize)]
pub(crate) struct ProvenRequest {
    pub(crate) method: String,
    pub(crate) url: String,
}

#[derive(Deserialize)]
pub(crate) struct Vectors {
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) now: i64,
    pub(crate) jwks: Value,
    pub(crate) cases: Vec<Case>,
    pub(crate) request: ProvenRequest,
    pub(crate) proofs: Vec<ProofCase>,
}

pub(crate) static VECTORS: LazyLock<Vectors> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../vectors.json")).unwrap());

/// The token of the case with this name.
pub(crate) fn token(name: &str) -> &'static str {
    let mut cases = VECTORS.cases.iter();
    &cases.find(|case| case.name == name).unwrap().token
}

/// A clock that stands still until it is told to go on; tokens are verified at the time of the vectors.
#[derive(Clone, Default)]
pub(crate) struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    pub(crate) fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> i64 {
        VECTORS.now
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct Received {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Clone)]
struct Shared {
    answer: Arc<Mutex<(StatusCode, Vec<u8>)>>,
    received: Arc<Mutex<Vec<Received>>>,
    gate: watch::Receiver<bool>,
}

pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) clock: ManualClock,
    shared: Shared,
    gate: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (gate, opened) = watch::channel(true);
        let keys = VECTORS.jwks.to_string().into_bytes();
        let shared = Shared {
            answer: Arc::new(Mutex::new((StatusCode::OK, keys))),
            received: Arc::default(),
            gate: opened,
        };
        let app = Router::new().fallback(respond).with_state(shared.clone());
        let task = tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            clock: ManualClock::default(),
            shared,
            gate,
            task,
        }
    }

    /// A verifier of the vectors' issuer whose keys are here.
    pub(crate) fn verifier(&self) -> Verifier {
        let url = format!("{}/.well-known/jwks.json", self.url);
        let clock = self.clock.clone();
        Verifier::with_clock(&VECTORS.issuer, &VECTORS.audience, &url, clock).unwrap()
    }

    pub(crate) fn answer(&self, status: u16, body: impl Into<Vec<u8>>) {
        let status = StatusCode::from_u16(status).unwrap();
        *self.shared.answer.lock().unwrap() = (status, body.into());
    }

    pub(crate) fn requests(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }

    /// Takes the oldest request.
    pub(crate) fn received(&self) -> Received {
        self.shared.received.lock().unwrap().remove(0)
    }

    /// Whether responses are sent.
    pub(crate) fn open_gate(&self, is_open: bool) {
        self.gate.send(is_open).unwrap();
    }

    pub(crate) async fn stop(&mut self) {
        self.task.abort();
        assert!((&mut self.task).await.is_err());
    }
}

async fn respond(State(shared): State<Shared>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    shared.received.lock().unwrap().push(Received {
        path: head.uri.to_string(),
        headers: head.headers,
        body,
    });
    let answer = shared.answer.lock().unwrap().clone();
    shared
        .gate
        .clone()
        .wait_for(|is_open| *is_open)
        .await
        .unwrap();
    // One request for each connection: none outlives a server that was stopped.
    let headers = [
        (header::CONNECTION, "close"),
        (header::RETRY_AFTER, "2"),
        (header::LOCATION, "/elsewhere"),
    ];
    (answer.0, headers, answer.1).into_response()
}
