//! Load: connections that send the next request as soon as they have the response.

use super::Result;
use std::{
    cell::Cell,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// The step from one cookie to the next, a prime: each is used once per round, in an order that no cache favours.
const STRIDE: usize = 999_999_937;

/// A request that is repeated with different cookies.
#[derive(Clone)]
pub(crate) struct Load {
    address: SocketAddr,
    before: Rc<str>,
    cookies: Rc<[String]>,
    after: &'static str,
    status: u16,
}

/// When to stop.
#[derive(Clone)]
pub(crate) struct Limit {
    left: Rc<Cell<usize>>,
    until: Option<Instant>,
    next: Rc<Cell<usize>>,
}

impl Limit {
    /// After this many requests over all connections together.
    pub(crate) fn requests(count: usize) -> Self {
        Self {
            left: Rc::new(Cell::new(count)),
            until: None,
            next: Rc::default(),
        }
    }

    /// After this time.
    pub(crate) fn time(time: Duration) -> Self {
        Self {
            left: Rc::new(Cell::new(usize::MAX)),
            until: Some(Instant::now() + time),
            next: Rc::default(),
        }
    }

    fn next_number(&self, now: Instant) -> Option<usize> {
        let left = self.left.get().checked_sub(1)?;
        self.left.set(left);
        let number = self.next.get();
        self.next.set(number + 1);
        self.until.is_none_or(|until| now < until).then_some(number)
    }
}

impl Load {
    /// A verification with each of the cookies.
    pub(crate) fn verify(
        address: SocketAddr,
        service: &str,
        token: &str,
        cookies: &[String],
        status: u16,
    ) -> Self {
        let head = format!(
            "GET /verify/{service} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n"
        );
        Self::new(address, &head, cookies, status)
    }

    /// A request whose last header is the cookie.
    pub(crate) fn new(address: SocketAddr, head: &str, cookies: &[String], status: u16) -> Self {
        Self {
            address,
            before: format!("{head}cookie: __Host-latchkey=").into(),
            cookies: cookies.into(),
            after: "\r\n\r\n",
            status,
        }
    }

    /// How many cookies there are.
    pub(crate) fn cookies(&self) -> usize {
        self.cookies.len()
    }

    /// The same request to the baseline, with the same headers, because the framework parses them.
    pub(crate) fn to_baseline(&self, address: SocketAddr, path: &str) -> Self {
        let (_, headers) = self.before.split_once(" HTTP/1.1").unwrap_or_default();
        Self {
            address,
            before: format!("GET {path} HTTP/1.1{headers}").into(),
            ..self.clone()
        }
    }

    /// Opens this many connections.
    pub(crate) async fn connect(&self, connections: usize) -> Result<Vec<TcpStream>> {
        let mut opened = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            opened.push(stream);
        }
        Ok(opened)
    }

    /// Sends requests over all connections. Returns the latency of each response, in nanoseconds.
    pub(crate) async fn run(&self, connections: Vec<TcpStream>, limit: Limit) -> Result<Vec<u32>> {
        let tasks = LocalSet::new();
        let mut running = Vec::new();
        for stream in connections {
            running.push(tasks.spawn_local(self.clone().send(stream, limit.clone())));
        }
        tasks.await;
        let mut all = Vec::new();
        for task in running {
            all.extend(task.await??);
        }
        Ok(all)
    }

    async fn send(
        self,
        mut stream: TcpStream,
        limit: Limit,
    ) -> std::result::Result<Vec<u32>, String> {
        let failed = |cause: std::io::Error| format!("no response: {cause}");
        let expected = format!("HTTP/1.1 {} ", self.status);
        let (mut request, mut response) = (Vec::with_capacity(1024), vec![0; 4096]);
        let mut latencies = Vec::new();
        // All responses of a situation have the same length.
        let mut length = None;
        let mut start = Instant::now();
        while let Some(number) = limit.next_number(start) {
            request.clear();
            request.extend_from_slice(self.before.as_bytes());
            request.extend_from_slice(
                self.cookies[number.wrapping_mul(STRIDE) % self.cookies.len()].as_bytes(),
            );
            request.extend_from_slice(self.after.as_bytes());
            stream.write_all(&request).await.map_err(failed)?;
            let mut got = 0;
            while length.is_none_or(|length| got < length) {
                let read = stream.read(&mut response[got..]).await.map_err(failed)?;
                if read == 0 {
                    return Err("the server closed the connection".to_owned());
                }
                got += read;
                if length.is_none() {
                    length = message_length(&response[..got]);
                }
            }
            if !response.starts_with(expected.as_bytes()) || length != Some(got) {
                return Err(format!(
                    "unexpected response (not {expected}): {}",
                    String::from_utf8_lossy(&response[..got])
                ));
            }
            let end = Instant::now();
            latencies.push(u32::try_from((end - start).as_nanos()).unwrap_or(u32::MAX));
            start = end;
        }
        Ok(latencies)
    }

    /// The length of one response.
    pub(crate) async fn response_length(&self) -> Result<usize> {
        let mut stream = TcpStream::connect(self.address).await?;
        let request = format!("{}{}{}", self.before, self.cookies[0], self.after);
        stream.write_all(request.as_bytes()).await?;
        let mut response = vec![0; 4096];
        let mut got = 0;
        loop {
            got += stream.read(&mut response[got..]).await?;
            if let Some(length) = message_length(&response[..got]) {
                return Ok(length);
            }
        }
    }
}

/// The length of a response, once its head is complete.
fn message_length(response: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(response).ok()?;
    let end = head.find("\r\n\r\n")? + 4;
    let body = head[..end]
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")?
                .parse::<usize>()
                .ok()
        })
        .unwrap_or(0);
    Some(end + body)
}
