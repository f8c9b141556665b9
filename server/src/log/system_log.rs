//! The log in the journal (systemd's native protocol) or in syslog (RFC 5424), one datagram for each event.
//!
//! Times are those of the receiver. A datagram that cannot be sent goes to standard error, so that a receiver that is restarted, or
//! too slow, costs neither an event nor time.

use crate::config::log::Output;
use std::{
    io::{self, Write},
    os::unix::net::UnixDatagram,
    path::PathBuf,
    process,
};
use tracing_subscriber::fmt::MakeWriter;

/// The longest message: receivers cut longer ones or refuse them.
const MAX_BYTES: usize = 8 * 1024;

/// The facility of daemons (RFC 5424 §6.2.1).
const DAEMON: u8 = 3;

/// A receiver of events.
pub(super) struct SystemLog {
    socket: UnixDatagram,
    path: PathBuf,
    output: Output,
}

impl SystemLog {
    /// One that sends to a socket, which does not have to be there yet.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn new(output: Output, path: PathBuf) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket,
            path,
            output,
        })
    }

    fn send(&self, priority: u8, message: &[u8]) -> io::Result<()> {
        let message = &message[..message.len().min(MAX_BYTES)];
        let mut datagram = match self.output {
            Output::Syslog => {
                let (pri, pid) = (DAEMON * 8 + priority, process::id());
                format!("<{pri}>1 - - latchkey {pid} - - ").into_bytes()
            }
            Output::Stderr | Output::Journald => {
                format!("PRIORITY={priority}\nSYSLOG_IDENTIFIER=latchkey\nMESSAGE=").into_bytes()
            }
        };
        datagram.extend_from_slice(message);
        if self.output == Output::Journald {
            datagram.push(b'\n');
        }
        self.socket.send_to(&datagram, &self.path).map(drop)
    }
}

/// Takes one event, without line ends: they would be fields of their own for the journal.
pub(super) struct Event<'l> {
    log: &'l SystemLog,
    priority: u8,
}

impl Write for Event<'_> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let message = event.trim_ascii();
        if self.log.send(self.priority, message).is_err() {
            io::stderr().write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for SystemLog {
    type Writer = super::OneLine<Event<'l>>;

    fn make_writer(&'l self) -> Self::Writer {
        let priority = priority(tracing::Level::INFO);
        super::OneLine(Event {
            log: self,
            priority,
        })
    }

    fn make_writer_for(&'l self, event: &tracing::Metadata<'_>) -> Self::Writer {
        let priority = priority(*event.level());
        super::OneLine(Event {
            log: self,
            priority,
        })
    }
}

/// The severity (RFC 5424 §6.2.1), which is the journal's priority too.
const fn priority(level: tracing::Level) -> u8 {
    match level {
        tracing::Level::ERROR => 3,
        tracing::Level::WARN => 4,
        tracing::Level::INFO => 6,
        _ => 7,
    }
}
