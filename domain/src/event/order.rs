//! Which events the audit log does not have to order when they are written.

use super::{
    CodeLockoutStarted, DeviceApprovalDenied, DeviceApprovalGranted, DeviceAssessed,
    DeviceRegistered, Event, NativeDeviceRegistered, PasskeyUsed, SignInRefused, SignInsRefused,
    SignedIn, TokenFamilyStarted, TokenIssued, TokenReplayed,
};

/// An event that has no order with the events of other users. Sign-ins and refusals are frequent, and must not wait for each
/// other: they are written beside the log and become entries of it a moment later. A sign-in, also one that registers a
/// device, is ordered with the others of its user, and with changes of authority; so is the approval of a browser.
pub trait Unordered: Into<Event> {}

impl Unordered for SignedIn {}
impl Unordered for TokenFamilyStarted {}
impl Unordered for TokenIssued {}
impl Unordered for TokenReplayed {}
impl Unordered for DeviceRegistered {}
impl Unordered for DeviceAssessed {}
impl Unordered for DeviceApprovalGranted {}
impl Unordered for DeviceApprovalDenied {}
impl Unordered for NativeDeviceRegistered {}
impl Unordered for PasskeyUsed {}
impl Unordered for SignInRefused {}
impl Unordered for SignInsRefused {}
impl Unordered for CodeLockoutStarted {}
