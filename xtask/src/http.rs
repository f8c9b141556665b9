//! Requests to a server of this machine.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use anyhow::{Context, Result};

/// How long a response may take.
const LIMIT: Duration = Duration::from_secs(10);

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    /// Status line and headers.
    head: String,
    /// The body.
    pub(crate) body: String,
}

impl Response {
    /// The value of the first header with this name, in lower case as our servers write it.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }
}

/// Posts a form whose values need no encoding to a port of this machine.
pub(crate) fn post(port: u16, path: &str, form: &[(&str, &str)]) -> Result<Response> {
    let fields = form.iter().map(|(name, value)| format!("{name}={value}"));
    let body = fields.collect::<Vec<_>>().join("&");
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    send(port, &request)
}

/// Gets a document from a port of this machine.
pub(crate) fn get(port: u16, path: &str) -> Result<Response> {
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n");
    send(port, &request)
}

fn send(port: u16, request: &str) -> Result<Response> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(LIMIT))?;
    stream.write_all(request.as_bytes())?;
    let mut response = String::new();
    stream.read_to_string(&mut response)?;
    let (head, body) = response
        .split_once("\r\n\r\n")
        .context("the response has no end of its headers")?;
    Ok(Response {
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
