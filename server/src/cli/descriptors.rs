//! The limit of file descriptors, and how many connections each listener may hold.

use crate::web::connection_limit::MAX_LEAVING;

/// Reserved for the database (three per connection), the runtimes, the log, the start, and public connections that
/// were evicted and are not closed yet.
const RESERVED: usize = 128 + MAX_LEAVING;

/// Connections of proxies, mostly idle; further ones wait.
const MAX_INTERNAL: usize = 4096;

/// Public connections. A partial head and a body take up to 56 KiB together, and all connections together must
/// stay below the memory limit.
const MAX_PUBLIC: usize = 896;

/// How many connections each listener may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ConnectionLimits {
    pub(super) public: usize,
    pub(super) internal: usize,
}

/// Raises the limit of descriptors, and divides them among the listeners.
pub(super) fn connection_limits() -> ConnectionLimits {
    divide(limit())
}

/// Both listeners together leave descriptors for the database, and each for the other.
fn divide(limit: usize) -> ConnectionLimits {
    let shared = limit.saturating_sub(RESERVED).max(16);
    let public = MAX_PUBLIC.min(shared / 2);
    ConnectionLimits {
        public,
        internal: MAX_INTERNAL.min(shared - public),
    }
}

/// The limit of this process, raised as far as allowed: shells and service managers start programs with 1024,
/// because of programs that use select(2).
#[cfg(unix)]
fn limit() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit {
            current: limit.maximum,
            ..limit
        };
        // macOS reports a maximum that it does not grant.
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    // None means unlimited.
    limit.current.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

/// Windows has no such limit.
#[cfg(not(unix))]
const fn limit() -> usize {
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_3_both_listeners_together_leave_descriptors_for_the_database() {
        for limit in [512, 1024, 4096, 20_000, usize::MAX] {
            let ConnectionLimits { public, internal } = divide(limit);
            assert!(public + internal + RESERVED <= limit, "{limit}");
            assert!(public >= 32 && internal >= public, "{limit}");
        }
        assert_eq!(divide(usize::MAX).internal, MAX_INTERNAL);
        assert!(divide(0).public > 0 && divide(0).internal > 0);
    }
}
