//! What is being done, and how long it took: one line a step.

use std::{
    fmt,
    time::{Duration, Instant},
};

use anyhow::Result;

/// Does the work, then prints its name and its time.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let result = work()?;
    note(name, &Took(start.elapsed()));
    Ok(result)
}

/// Prints a line in the same columns as a step's.
pub(crate) fn note(name: &str, text: &dyn fmt::Display) {
    println!("  {name:<11} {text}");
}

/// A duration as people say it: `0.4 s`, `12 s`, `1 min 42 s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took(pub(crate) Duration);

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0.as_millis() + 50) / 100;
        if tenths < 100 {
            return write!(f, "{}.{} s", tenths / 10, tenths % 10);
        }
        let seconds = (self.0.as_millis() + 500) / 1000;
        match seconds {
            0..60 => write!(f, "{seconds} s"),
            _ => write!(f, "{} min {:02} s", seconds / 60, seconds % 60),
        }
    }
}

/// A number of bytes as people compare them: `612 B`, `38.4 KB`; 1 KB is 1000 bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size(pub(crate) usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..1000 => write!(f, "{} B", self.0),
            1000..100_000 => write!(f, "{}.{} KB", self.0 / 1000, self.0 % 1000 / 100),
            _ => write!(f, "{} KB", self.0 / 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        for (millis, text) in [
            (0, "0.0 s"),
            (440, "0.4 s"),
            (9_949, "9.9 s"),
            (9_950, "10 s"),
            (59_400, "59 s"),
            (59_600, "1 min 00 s"),
            (102_000, "1 min 42 s"),
        ] {
            assert_eq!(Took(Duration::from_millis(millis)).to_string(), text);
        }
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(Size(612).to_string(), "612 B");
        assert_eq!(Size(38_449).to_string(), "38.4 KB");
        assert_eq!(Size(383_120).to_string(), "383 KB");
    }
}
