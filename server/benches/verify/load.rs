//! A load: connections that ask again as soon as they are answered.

use crate::Outcome;
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

/// From one cookie to the next, a prime: in an order that memory knows nothing of, each one once a round.
const STRIDE: usize = 999_999_937;

/// A question, asked again and again with another cookie.
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
pub(crate) struct Asker {
    left: Rc<Cell<usize>>,
    until: Option<Instant>,
    next: Rc<Cell<usize>>,
}

impl Asker {
    /// After so many questions, by all connections together.
    pub(crate) fn times(count: usize) -> Self {
        Self {
            left: Rc::new(Cell::new(count)),
            until: None,
            next: Rc::default(),
        }
    }

    /// After so much time.
    pub(crate) fn during(time: Duration) -> Self {
        Self {
            left: Rc::new(Cell::new(usize::MAX)),
            until: Some(Instant::now() + time),
            next: Rc::default(),
        }
    }

    fn may_ask(&self, now: Instant) -> Option<usize> {
        let left = self.left.get().checked_sub(1)?;
        self.left.set(left);
        let number = self.next.get();
        self.next.set(number + 1);
        self.until.is_none_or(|until| now < until).then_some(number)
    }
}

impl Load {
    /// Verify, with the cookies in turn.
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

    /// How many there are to ask with.
    pub(crate) fn cookies(&self) -> usize {
        self.cookies.len()
    }

    /// The bare twin: a request of the same form and size, because reading it is the framework's part.
    pub(crate) fn bare(&self, address: SocketAddr, path: &str) -> Self {
        let (_, headers) = self.before.split_once(" HTTP/1.1").unwrap_or_default();
        Self {
            address,
            before: format!("GET {path} HTTP/1.1{headers}").into(),
            ..self.clone()
        }
    }

    /// Opens so many connections.
    pub(crate) async fn connect(&self, connections: usize) -> Outcome<Vec<TcpStream>> {
        let mut opened = Vec::with_capacity(connections);
        for _ in 0..connections {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            opened.push(stream);
        }
        Ok(opened)
    }

    /// Asks over all of these; the nanoseconds that each answer took.
    pub(crate) async fn run(&self, connections: Vec<TcpStream>, asker: Asker) -> Outcome<Vec<u32>> {
        let tasks = LocalSet::new();
        let mut running = Vec::new();
        for stream in connections {
            running.push(tasks.spawn_local(self.clone().ask(stream, asker.clone())));
        }
        tasks.await;
        let mut all = Vec::new();
        for task in running {
            all.extend(task.await??);
        }
        Ok(all)
    }

    async fn ask(self, mut stream: TcpStream, asker: Asker) -> Result<Vec<u32>, String> {
        let wrong = |cause: std::io::Error| format!("the server did not answer: {cause}");
        let expected = format!("HTTP/1.1 {} ", self.status);
        let (mut question, mut answer) = (Vec::with_capacity(1024), vec![0; 4096]);
        let mut taken = Vec::new();
        // All answers of a situation have the same length; the first one tells it.
        let mut length = None;
        let mut start = Instant::now();
        while let Some(number) = asker.may_ask(start) {
            question.clear();
            question.extend_from_slice(self.before.as_bytes());
            question.extend_from_slice(
                self.cookies[number.wrapping_mul(STRIDE) % self.cookies.len()].as_bytes(),
            );
            question.extend_from_slice(self.after.as_bytes());
            stream.write_all(&question).await.map_err(wrong)?;
            let mut got = 0;
            while length.is_none_or(|length| got < length) {
                let read = stream.read(&mut answer[got..]).await.map_err(wrong)?;
                if read == 0 {
                    return Err("the server hung up".to_owned());
                }
                got += read;
                if length.is_none() {
                    length = whole(&answer[..got]);
                }
            }
            if !answer.starts_with(expected.as_bytes()) || length != Some(got) {
                return Err(format!(
                    "not what was expected ({expected}): {}",
                    String::from_utf8_lossy(&answer[..got])
                ));
            }
            let end = Instant::now();
            taken.push(u32::try_from((end - start).as_nanos()).unwrap_or(u32::MAX));
            start = end;
        }
        Ok(taken)
    }

    /// The bytes of one answer without its date.
    pub(crate) async fn sample(&self) -> Outcome<usize> {
        let mut stream = TcpStream::connect(self.address).await?;
        let question = format!("{}{}{}", self.before, self.cookies[0], self.after);
        stream.write_all(question.as_bytes()).await?;
        let mut answer = vec![0; 4096];
        let mut got = 0;
        loop {
            got += stream.read(&mut answer[got..]).await?;
            if let Some(length) = whole(&answer[..got]) {
                return Ok(length);
            }
        }
    }
}

/// The length of an answer, once its head is there.
fn whole(answer: &[u8]) -> Option<usize> {
    let head = std::str::from_utf8(answer).ok()?;
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
