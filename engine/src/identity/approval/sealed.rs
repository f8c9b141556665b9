//! A request as bytes: sealed for those who have a part in it, and hashed into the challenge.

use crate::{
    Engine, Refusal, Result,
    keys::{keyring::digest, seal},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use latchkey_domain::{
    id::{DeviceId, UserId},
    identity::{
        approval::{ApprovalRequest, Numbers},
        device::DeviceKind,
    },
    name::DisplayName,
};
use std::net::IpAddr;
use time::OffsetDateTime;

/// The longest text that is parsed, in characters. A request with the longest name has fewer.
const MAX_LENGTH: usize = 480;

/// What a sealed request is for; one that was sealed for one is none of the other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Copy {
    /// For whoever scans it.
    Link,
    /// For the browser that asks.
    Ticket,
    /// For the user and the device that picked its number: a link that somebody sent cannot skip that.
    Picked(UserId, DeviceId),
}

impl Copy {
    fn associated_data(self) -> Vec<u8> {
        match self {
            Self::Link => b"device approval link".to_vec(),
            Self::Ticket => b"device approval ticket".to_vec(),
            Self::Picked(user, device) => [
                &b"device approval picked"[..],
                user.uuid().as_bytes(),
                device.uuid().as_bytes(),
            ]
            .concat(),
        }
    }
}

const KINDS: [DeviceKind; 5] = [
    DeviceKind::Other,
    DeviceKind::Phone,
    DeviceKind::Tablet,
    DeviceKind::Computer,
    DeviceKind::Program,
];

/// Fixed fields first, so that two requests never have the same bytes.
pub(super) fn encode(request: &ApprovalRequest) -> Vec<u8> {
    let kind = KINDS.iter().position(|kind| *kind == request.kind);
    let kind = kind.and_then(|place| u8::try_from(place).ok());
    let mut bytes = request.id.to_vec();
    bytes.extend(request.created_at.unix_timestamp().to_le_bytes());
    bytes.push(kind.unwrap_or_default());
    match request.ip {
        None => bytes.push(0),
        Some(IpAddr::V4(ip)) => {
            bytes.push(4);
            bytes.extend(ip.octets());
        }
        Some(IpAddr::V6(ip)) => {
            bytes.push(16);
            bytes.extend(ip.octets());
        }
    }
    bytes.extend(request.browser.as_str().as_bytes());
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Option<ApprovalRequest> {
    let (id, rest) = bytes.split_first_chunk::<16>()?;
    let (created_at, rest) = rest.split_first_chunk::<8>()?;
    let ([kind, length], rest) = rest.split_first_chunk::<2>()?;
    let (ip, browser) = rest.split_at_checked(usize::from(*length))?;
    let ip = match (length, <[u8; 4]>::try_from(ip), <[u8; 16]>::try_from(ip)) {
        (0, ..) => None,
        (4, Ok(ip), _) => Some(IpAddr::from(ip)),
        (16, _, Ok(ip)) => Some(IpAddr::from(ip)),
        _ => return None,
    };
    Some(ApprovalRequest {
        id: *id,
        browser: DisplayName::parse(std::str::from_utf8(browser).ok()?).ok()?,
        kind: *KINDS.get(usize::from(*kind))?,
        ip,
        created_at: OffsetDateTime::from_unix_timestamp(i64::from_le_bytes(*created_at)).ok()?,
    })
}

/// By what the decision about a request is found.
pub(super) fn lookup_digest(request: &ApprovalRequest) -> [u8; 32] {
    digest("device approval", &request.id)
}

/// Its three numbers. Nobody who cannot open it knows its id.
pub(super) fn numbers(request: &ApprovalRequest) -> Numbers {
    Numbers::of(&digest("device approval numbers", &request.id))
}

impl Engine {
    pub(super) fn seal_request(&self, copy: Copy, request: &ApprovalRequest) -> Result<String> {
        let (keys, rng) = (&self.inner.keys, &self.inner.settings.rng);
        let sealed = seal::seal(keys, rng, &copy.associated_data(), &encode(request))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    /// A request that has not expired.
    ///
    /// # Errors
    /// [`Refusal::ApprovalExpired`], also if it is forged, or sealed under a removed master key.
    pub(super) fn open_request(&self, copy: Copy, text: &str) -> Result<ApprovalRequest, Refusal> {
        let opened = (text.len() <= MAX_LENGTH).then(|| {
            let sealed = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
            let bytes = seal::open(&self.inner.keys, &copy.associated_data(), &sealed).ok()?;
            decode(&bytes)
        });
        (opened.flatten())
            .filter(|request| self.now() < request.expires_at())
            .ok_or(Refusal::ApprovalExpired)
    }
}

#[cfg(test)]
mod tests;
