//! What is wrong with Redis.

use latchkey_engine::{RedisFault, RedisServer};

/// It is as it should be.
pub(crate) fn usable(server: &RedisServer) -> String {
    format!("version {}, marks used tokens", server.version)
}

/// That marks can be lost, if they can.
pub(crate) fn eviction(server: &RedisServer) -> Option<String> {
    let policy = server.maxmemory_policy.as_deref().unwrap_or_default();
    server.evicts().then(|| {
        format!("maxmemory-policy is {policy}: when its memory is full, it deletes marks, and a used token could be used again; set it to noeviction")
    })
}

/// Why it cannot be used. Tokens that are accepted once are denied meanwhile.
pub(crate) fn unusable(fault: &RedisFault) -> String {
    let (cause, remedy) = match fault {
        RedisFault::TimedOut => (
            "it does not respond in time".to_owned(),
            "check the address in redis_url, the firewall and whether it runs",
        ),
        RedisFault::Refused(error) => (
            error.to_string(),
            "check redis_url, the permissions of its user and whether the server is a primary with free memory",
        ),
        RedisFault::Unidentified => (
            "its INFO has no run_id".to_owned(),
            "use Redis or Valkey itself, not a proxy in front of it",
        ),
    };
    format!(
        "tokens that are accepted once are denied, because uses cannot be marked: {cause}; {remedy}"
    )
}
