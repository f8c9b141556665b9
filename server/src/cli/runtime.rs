//! Runtimes: the threads on which things are answered.

use super::failure::Failure;
use tokio::runtime::{Builder, Handle, Runtime};

/// Threads for calls that block (the database file's name is looked at, memory is trimmed, host names are
/// resolved): few and short. Tokio would make 512, each with memory of its own.
const MAX_BLOCKING: usize = 8;

/// How much later than others the threads of the public listener are served when there is more to do than
/// processors (nice(1)): with 5, an answer to a proxy gets three times the share of a page.
#[cfg(target_os = "linux")]
const PUBLIC_NICENESS: i32 = 5;

/// A runtime with one thread for each processor.
pub(super) fn main() -> Result<Runtime, Failure> {
    builder("latchkey").build().map_err(Failure::Runtime)
}

/// A second one, for the public listener: however much is asked there, the system shares the processors
/// between its threads and those that answer proxies.
pub(super) fn public() -> Result<Public, Failure> {
    let mut builder = builder("latchkey-public");
    #[cfg(target_os = "linux")]
    builder.on_thread_start(|| {
        // On Linux that is of this thread alone (setpriority(2)). Where it is not allowed, all are equal.
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

/// The runtime of the public listener. It may be dropped within another one.
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
