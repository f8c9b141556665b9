//! File descriptors: how many this process may have, and how they are shared out.

use crate::web::progress::MAX_LEAVING;

/// Kept back for the database (three a connection), the runtimes, the log, what a start needs, and public
/// connections that have lost their places and are not closed yet.
const RESERVED: usize = 128 + MAX_LEAVING;

/// Idle connections of proxies; more than that, and a proxy is asked to wait.
const MAX_INTERNAL: usize = 4096;

/// Connections of anybody. A begun head and a body may weigh 56 KiB together, and all of them must stay below
/// the memory that a flood may take.
const MAX_PUBLIC: usize = 896;

/// Places for connections, of both listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) public: usize,
    pub(super) internal: usize,
}

/// Takes as many descriptors as the system gives, and shares them out.
pub(super) fn share_out() -> Places {
    of(limit())
}

/// A flood on one listener leaves descriptors for the other and for the database.
fn of(limit: usize) -> Places {
    let shared = limit.saturating_sub(RESERVED).max(16);
    let public = MAX_PUBLIC.min(shared / 2);
    Places {
        public,
        internal: MAX_INTERNAL.min(shared - public),
    }
}

/// The limit of this process, raised to what it may raise it to: shells and service managers start
/// programs with 1024, for the sake of ones that use select(2).
#[cfg(unix)]
fn limit() -> usize {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = rustix::process::Rlimit {
            current: limit.maximum,
            ..limit
        };
        // macOS names a maximum that it does not grant.
        if setrlimit(Resource::Nofile, raised).is_ok() {
            limit = raised;
        }
    }
    // None is no limit.
    limit.current.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

/// Windows counts handles, and has millions.
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
            let Places { public, internal } = of(limit);
            assert!(public + internal + RESERVED <= limit, "{limit}");
            assert!(public >= 32 && internal >= public, "{limit}");
        }
        assert_eq!(of(usize::MAX).internal, MAX_INTERNAL);
        assert!(of(0).public > 0 && of(0).internal > 0);
    }
}
