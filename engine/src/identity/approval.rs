//! Approving a browser from another device (cross-device flows: RFC 10027).
//!
//! 1. The browser asks ([`Engine::begin_approval`]). Its request is sealed twice, and nothing is written: as the *link*, which the
//!    page shows as a QR code, and as the *ticket*, which the browser keeps in a cookie. Whoever has the link cannot make the
//!    ticket from it, and so cannot collect the approval. The page shows a number of two digits.
//! 2. A user opens the link on a registered device and sees what asks ([`Engine::asked_approval`]).
//! 3. They pick the number out of three ([`Engine::pick_approval_number`]). Another number ends the request. What they get for the
//!    right one is sealed for them and their device, so nobody can send them a link that skips this step.
//! 4. They approve with a passkey ([`Engine::begin_approval_assertion`], [`Engine::finish_approval`]). The challenge is a hash over
//!    this very request and a nonce, so an assertion for anything else is worth nothing here, and this one nothing elsewhere.
//! 5. The decision is a row: the first about a request counts. It ends with the device and the passkey that it rests on.
//! 6. The browser collects it once ([`Engine::collect_approval`]) and becomes a device of the user. In the transaction, the user, the
//!    approving device and its passkey are read again.

mod assertion;
mod collection;
mod decision;
mod sealed;

pub use collection::AskingBrowser;
pub use decision::{ApprovalObstacle, AskedApproval};
