//! What charts have in common: drawn with attributes alone, percentages horizontally and pixels vertically, so that text keeps its
//! size at every width and nothing needs a style attribute.

/// Where the scale's highest line is, from the top of the drawing.
const TOP: f64 = 12.0;
/// Where zero is.
pub(super) const BASE: f64 = 168.0;
/// The most lines of the scale, so that their numbers do not touch.
const MAX_LINES: u64 = 4;

/// Which number is how high.
pub(super) struct Scale {
    step: u64,
    top: u64,
}

impl Scale {
    /// Round steps of 1, 2 or 5 that reach the highest number in few lines.
    pub(super) fn up_to(highest: u64) -> Self {
        let highest = highest.max(1);
        let mut step = 1;
        for factor in [2, 5, 10].into_iter().cycle() {
            if highest.div_ceil(step) <= MAX_LINES {
                break;
            }
            step = match factor {
                5 => step / 2 * 5,
                _ => step * 2,
            };
        }
        Self {
            step,
            top: highest.div_ceil(step) * step,
        }
    }

    pub(super) fn height(&self, value: u64) -> f64 {
        (BASE - TOP) * value as f64 / self.top as f64
    }

    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        (1..=self.top / self.step)
            .map(|line| (line * self.step, BASE - self.height(line * self.step)))
    }
}

pub(super) fn pixels(value: f64) -> String {
    format!("{value:.1}")
}

pub(super) fn percent(value: f64) -> String {
    format!("{value:.2}%")
}

/// The left edge and the width of a column, in percent.
pub(super) fn place(index: usize, of: usize) -> (f64, f64) {
    let pitch = 100.0 / of as f64;
    (pitch * (index as f64 + 0.2), pitch * 0.6)
}

/// The class of a day's label: today is marked, and where there is no room, only every third one is shown.
pub(super) const fn label_class(index: usize, of: usize) -> Option<&'static str> {
    match of - 1 - index {
        0 => Some("chart-label-today"),
        distance if distance % 3 == 0 => None,
        _ => Some("chart-label-minor"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_round_and_reaches_the_highest_number() {
        for (highest, step, top) in [
            (0, 1, 1),
            (3, 1, 3),
            (4, 1, 4),
            (5, 2, 6),
            (9, 5, 10),
            (20, 5, 20),
            (21, 10, 30),
            (79, 20, 80),
            (80, 20, 80),
            (81, 50, 100),
            (1234, 500, 1500),
        ] {
            let scale = Scale::up_to(highest);
            assert_eq!((scale.step, scale.top), (step, top), "{highest}");
            assert!(
                scale.lines().all(|(_, y)| (TOP..BASE).contains(&y)),
                "{highest}"
            );
        }
    }
}
