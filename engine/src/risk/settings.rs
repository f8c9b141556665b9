//! What an operator says of risk.

use latchkey_domain::risk::Weights;
use std::path::PathBuf;

/// What scores do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskMode {
    /// Shadow for 14 days after the first start, then enforce: baselines have to be learnt first.
    Automatic,
    /// This.
    Fixed(latchkey_domain::risk::Mode),
}

/// What an operator says of risk.
#[derive(Debug, Clone)]
pub struct RiskSettings {
    /// What scores do.
    pub mode: RiskMode,
    /// Whether it is compared how users type, point and touch.
    pub behaviour: bool,
    /// How many points each factor has.
    pub weights: Weights,
    /// A file in MaxMind's format that says where addresses are.
    pub location_file: Option<PathBuf>,
    /// Files of addresses with a bad reputation.
    pub block_lists: Vec<PathBuf>,
}

impl RiskSettings {
    /// Nothing is assessed: for tests and benchmarks of other things.
    #[must_use]
    pub fn off() -> Self {
        Self {
            mode: RiskMode::Fixed(latchkey_domain::risk::Mode::Off),
            behaviour: false,
            weights: Weights::default(),
            location_file: None,
            block_lists: Vec::new(),
        }
    }
}
