//! Behavioural biometrics: whether somebody types, points and touches like the user (ISO/IEC 30107 calls copies of it presentation attacks).
//!
//! 1. The browser computes times and summaries. No key and no raw event leaves the page; what arrives is bounded and validated
//!    ([`sample`]).
//! 2. At least five samples of strong sign-ins enrol; the last twenty are kept ([`template`]).
//! 3. A further sample is compared feature by feature: scaled Manhattan distance (Killourhy and Maxion 2009) and a robust variant
//!    ([`matcher`]), fused to a likelihood ratio ([`likelihood`]).
//! 4. Copied and synthetic samples are a signal of their own ([`anomaly`]).
//!
//! This is evidence and never proof: a likelihood is bounded, and whatever cannot be compared is unknown, which counts neither way.
//! `docs/behaviour.md` has the measured error rates.

pub mod anomaly;
pub mod feature;
pub mod finding;
pub mod likelihood;
pub mod matcher;
pub mod report;
pub mod sample;
pub mod template;

#[cfg(test)]
mod tests;
