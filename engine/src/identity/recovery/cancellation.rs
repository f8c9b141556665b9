//! Cancelling recoveries, which takes a device without a limit and nothing more: it must be possible at once.

use crate::{
    Engine, RequestOrigin, Result, identity,
    identity::cascade::{self, EndedPasskeys},
};
use latchkey_domain::{access::permission::RecoveryCancellation, event::RecoveryCancelled};

impl Engine {
    /// Cancels all recoveries of this user: their devices are revoked. Returns how many.
    ///
    /// # Errors
    /// Denied on a limited device.
    pub async fn cancel_recoveries(
        &self,
        proof: &RecoveryCancellation,
        origin: &RequestOrigin,
    ) -> Result<u64> {
        let (user, by) = (proof.current_user().user_id, proof.current_user().device_id);
        let mut tx = self.begin(proof, origin).await?;
        let devices = identity::store::device::list_active_by_user(&tx, user).await?;
        let mut cancelled = 0;
        for device in devices {
            if !device.limit.is_recovery() {
                continue;
            }
            let event = RecoveryCancelled {
                device: device.clone(),
                by,
            };
            tx.apply(event).await?;
            cascade::end_device(&mut tx, device, EndedPasskeys::None, self.now()).await?;
            cancelled += 1;
        }
        tx.commit().await?;
        Ok(cancelled)
    }
}
