//! Turns of devices: of the requests of one device, one is assessed at a time.

use latchkey_domain::id::DeviceId;
use tokio::sync::{Mutex, MutexGuard};

/// How many devices can be assessed at a time. Two may have one turn: then one waits.
const TURNS: usize = 64;

/// The turns.
pub(super) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::default()))
    }
}

impl Turns {
    /// Waits until it is a device's turn. The end of its id is random.
    pub(super) async fn wait(&self, device: DeviceId) -> MutexGuard<'_, ()> {
        let [.., last] = *device.uuid().as_bytes();
        let turn = &self.0[usize::from(last) % TURNS];
        turn.lock().await
    }
}
