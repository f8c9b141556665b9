//! What a build is for, and what follows from it.

/// What the build is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What people deploy: small, and fast at run time.
    Release,
    /// The same site in a server that is built in less time.
    Quick,
    /// What a developer waits for after each change.
    Dev,
}

impl Profile {
    /// The name of the directory of what is kept between builds.
    pub(crate) fn cache_name(self) -> &'static str {
        match self {
            Self::Release | Self::Quick => "release",
            Self::Dev => "dev",
        }
    }

    /// Cargo's profile for the server, and the directory that Cargo gives it.
    pub(crate) fn server_profile(self) -> (&'static str, &'static str) {
        match self {
            Self::Release => ("release", "release"),
            Self::Quick => ("quick", "quick"),
            Self::Dev => ("dev", "debug"),
        }
    }

    /// The site's own directory: a debug build does not make the next release build compile the server again.
    pub(crate) fn site_dir(self) -> &'static str {
        match self {
            Self::Release | Self::Quick => "site",
            Self::Dev => "site-dev",
        }
    }
}
