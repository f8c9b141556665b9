//! The runtimes of the two listeners.

use super::failure::Failure;
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for blocking calls (checking the database file, trimming memory, resolving host names): few and
/// short. Tokio's default is 512, each with memory of its own.
const MAX_BLOCKING: usize = 8;

/// The niceness of the public listener's threads (nice(1)): with 5, the internal listener gets three times their
/// share of a busy processor.
#[cfg(target_os = "linux")]
const PUBLIC_NICENESS: i32 = 5;

/// A runtime with one thread for each processor.
pub(super) fn main() -> Result<Runtime, Failure> {
    builder("latchkey").build().map_err(Failure::Runtime)
}

/// A second one for the public listener: under load there, the system still schedules the internal listener's
/// threads.
pub(super) fn public() -> Result<Public, Failure> {
    let mut builder = builder("latchkey-public");
    #[cfg(target_os = "linux")]
    builder.on_thread_start(|| {
        // On Linux it applies to this thread only (setpriority(2)). If it is not allowed, all threads are equal.
        let _ = rustix::process::setpriority_process(None, PUBLIC_NICENESS);
    });
    let runtime = builder.build().map_err(Failure::Runtime)?;
    Ok(Public {
        handle: runtime.handle().clone(),
        runtime: Some(runtime),
    })
}

fn builder(name: &str) -> Builder {
    let mut builder = Builder::new_multi_thread();
    builder
        .enable_all()
        .thread_name(name)
        .max_blocking_threads(MAX_BLOCKING);
    builder
}

/// The runtime of the public listener. It can be dropped within another runtime.
pub(super) struct Public {
    pub(super) handle: Handle,
    runtime: Option<Runtime>,
}

impl Drop for Public {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
