//! Access rules for parts of a service: which paths and methods are open to everybody, to administrators only,
//! or to nobody.
//!
//! One rule per line. The first that applies decides; if none does, users need a grant:
//!
//! ```text
//! public GET /assets/*
//! admins /settings/*
//! users GET,POST /api/*
//! nobody /api/*
//! ```

#[cfg(test)]
mod tests;

use crate::{
    request::path::{self, PathError, RequestPath},
    text::parsed_text,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{EnumString, IntoStaticStr};

/// The maximum number of rules of a service.
pub const MAX_RULES: usize = 64;
/// The longest text of a service's rules, in bytes.
pub const MAX_TEXT_BYTES: usize = 8192;

/// Methods that a rule can name (RFC 9110 §9, RFC 5789).
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Whom a rule admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Audience {
    /// Everybody, signed in or not.
    Public,
    /// Users with a grant; the default where no rule applies. Earlier versions wrote `people`.
    #[strum(to_string = "users", serialize = "people")]
    Users,
    /// Administrators with a grant.
    Admins,
    /// Nobody.
    Nobody,
}

impl Audience {
    /// The name in a rule.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether a rule admits at least those whom a service without rules admits.
    const fn is_permissive(self) -> bool {
        matches!(self, Self::Public | Self::Users)
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    audience: Audience,
    /// Empty for every method.
    methods: Vec<&'static str>,
    /// Decoded and without the `*`; a prefix ends with `/`.
    path: String,
    is_prefix: bool,
}

/// A service's rules, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rules(Vec<Rule>);

/// What is wrong, and in which line (from 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct RulesError {
    /// The line.
    pub line: usize,
    /// What is wrong with it.
    pub problem: RuleProblem,
}

/// What is wrong with a rule, or with a service's rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// All rules together are longer than [`MAX_TEXT_BYTES`].
    #[error("rules too long")]
    TooLong,
    /// More than [`MAX_RULES`].
    #[error("too many rules")]
    TooMany,
    /// It does not begin with an audience.
    #[error("unknown audience `{0}`")]
    UnknownAudience(String),
    /// It is not an audience, methods, and a path.
    #[error("malformed rule")]
    Malformed,
    /// A method that rules cannot name.
    #[error("unknown method `{0}`")]
    UnknownMethod(String),
    /// The `*` stands for a part of a segment.
    #[error("partial wildcard")]
    PartialWildcard,
    /// A `*` that is not at the end, or a query.
    #[error("wildcard or query in the path")]
    NotAPattern,
    /// The path cannot be one of a request.
    #[error("`{pattern}`: {cause}")]
    Path {
        /// The path as it was written.
        pattern: String,
        /// Why.
        cause: PathError,
    },
}

impl Rules {
    /// Parses one rule per line: `audience [METHOD,…] /path` or `… /prefix/*`. Empty lines are ignored.
    ///
    /// # Errors
    /// [`RulesError`] with the line.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        let at = |line: usize| move |problem| RulesError { line, problem };
        if text.len() > MAX_TEXT_BYTES {
            return Err(at(1)(RuleProblem::TooLong));
        }
        let mut rules = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            rules.push(Rule::parse(line).map_err(at(number))?);
            if rules.len() > MAX_RULES {
                return Err(at(number)(RuleProblem::TooMany));
            }
        }
        Ok(Self(rules))
    }

    /// `nobody /*`, for stored rules that this version cannot parse.
    #[must_use]
    pub fn closed() -> Self {
        Self(vec![Rule {
            audience: Audience::Nobody,
            methods: Vec::new(),
            path: "/".to_owned(),
            is_prefix: true,
        }])
    }

    /// Whether there are none, so that a request's path does not matter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The audience of a request: that of the first rule that applies, or users with a grant.
    #[must_use]
    pub fn audience(&self, method: &str, path: &RequestPath) -> Audience {
        self.0
            .iter()
            .find(|rule| rule.applies(method, path.as_str()))
            .map_or(Audience::Users, |rule| rule.audience)
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Self, RuleProblem> {
        let mut words = line.split_ascii_whitespace();
        let audience = words.next().unwrap_or_default();
        let audience = audience
            .parse()
            .map_err(|_| RuleProblem::UnknownAudience(audience.to_owned()))?;
        let (methods, pattern) = match (words.next(), words.next(), words.next()) {
            (Some(pattern), None, _) => ("", pattern),
            (Some(methods), Some(pattern), None) => (methods, pattern),
            _ => return Err(RuleProblem::Malformed),
        };
        let known = |word: &str| {
            METHODS
                .into_iter()
                .find(|method| *method == word)
                .ok_or_else(|| RuleProblem::UnknownMethod(word.to_owned()))
        };
        let methods = methods
            .split(',')
            .filter(|_| !methods.is_empty())
            .map(known)
            .collect::<Result<_, _>>()?;
        let (path, is_prefix) = match pattern.strip_suffix('*') {
            Some(path) if path.ends_with('/') => (path, true),
            Some(_) => return Err(RuleProblem::PartialWildcard),
            None => (pattern, false),
        };
        if path.contains(['*', '?']) {
            return Err(RuleProblem::NotAPattern);
        }
        let path = RequestPath::parse(path).map_err(|cause| RuleProblem::Path {
            pattern: pattern.to_owned(),
            cause,
        })?;
        Ok(Self {
            audience,
            methods,
            path: path.as_str().to_owned(),
            is_prefix,
        })
    }

    /// Permissive rules are matched narrowly and restrictive ones widely, so that a server that ignores a
    /// path's case, a trailing slash or the difference of HEAD and GET does not bypass a rule.
    fn applies(&self, method: &str, path: &str) -> bool {
        self.matches_method(method) && self.matches_path(path)
    }

    fn matches_method(&self, method: &str) -> bool {
        self.methods.is_empty()
            || self.methods.contains(&method)
            || method == "HEAD" && self.methods.contains(&"GET")
            // Some servers treat an unknown method like a known one.
            || !self.audience.is_permissive() && !METHODS.contains(&method)
    }

    fn matches_path(&self, path: &str) -> bool {
        if self.audience.is_permissive() {
            return match self.is_prefix {
                true => path.starts_with(&self.path),
                false => path == self.path,
            };
        }
        let (path, own) = (normalize(path), normalize(&self.path));
        path == own
            || self.is_prefix
                && path
                    .strip_prefix(&own)
                    .is_some_and(|rest| own.is_empty() || rest.starts_with('/'))
    }
}

/// A path as the most lenient server interprets it: in any case (the capital of `ſ` is `S`, and the small Kelvin sign is
/// `k`), without a trailing slash, without white space around segments and without the trailing dots and spaces that
/// Windows removes, without invisible characters (HFS+ ignores them), and in ASCII instead of compatibility forms.
fn normalize(path: &str) -> String {
    let visible = path::to_ascii_forms(path).replace(path::is_invisible, "");
    visible
        .to_uppercase()
        .to_lowercase()
        .split('/')
        .map(|segment| {
            let is_dropped = |c: char| c == '.' || c.is_whitespace();
            segment.trim_start().trim_end_matches(is_dropped)
        })
        .filter(|segment| !segment.is_empty())
        .fold(String::with_capacity(path.len()), |path, segment| {
            path + "/" + segment
        })
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.audience.as_str())?;
        if !self.methods.is_empty() {
            write!(f, " {}", self.methods.join(","))?;
        }
        f.write_str(" ")?;
        // Escaped again, so that the printed rule parses to the same.
        for c in self.path.chars() {
            match c {
                '%' | '*' => write!(f, "%{:02X}", c as u32)?,
                c if c.is_ascii_graphic() => write!(f, "{c}")?,
                c => {
                    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                        write!(f, "%{byte:02X}")?;
                    }
                }
            }
        }
        f.write_str(if self.is_prefix { "*" } else { "" })
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

parsed_text!(Rules, RulesError);
