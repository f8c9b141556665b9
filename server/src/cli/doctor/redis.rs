//! Whether uses can be marked in Redis, and stay marked.

use super::super::finding::{Finding, Findings};
use crate::message;
use latchkey_engine::Engine;

const REDIS: &str = "Redis";

pub(super) async fn check(engine: &Engine, findings: &mut Findings) {
    let finding = match engine.inspect_redis().await {
        None => return,
        Some(Ok(server)) => match message::redis::eviction(&server) {
            None => Finding::ok(REDIS, "redis_ok", message::redis::usable(&server)),
            Some(warning) => Finding::warning(REDIS, "redis_evicts", warning),
        },
        Some(Err(fault)) => {
            Finding::failed(REDIS, "redis_unusable", message::redis::unusable(&fault))
        }
    };
    findings.push(finding);
}
