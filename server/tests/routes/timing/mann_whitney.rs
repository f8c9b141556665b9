//! The Mann-Whitney U test of two samples, by its normal approximation.

use std::fmt;

/// How the times of one sample compare with those of another.
pub(super) struct Comparison {
    pairs: usize,
    medians: [f64; 2],
    /// The probability that one of the first takes longer than one of the second, ties counting half: 0.5 is no difference.
    superiority: f64,
    p: f64,
}

impl Comparison {
    pub(super) fn of(first: &[f64], second: &[f64]) -> Self {
        let [n, m] = [first.len() as f64, second.len() as f64];
        let mut all: Vec<_> = first.iter().map(|time| (*time, true)).collect();
        all.extend(second.iter().map(|time| (*time, false)));
        all.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (mut rank_sum, mut start) = (0.0, 0);
        while start < all.len() {
            let end = start + all[start..].partition_point(|one| one.0 == all[start].0);
            // The mean of the ranks of equal times.
            let rank = (start + 1 + end) as f64 / 2.0;
            let of_first = all[start..end].iter().filter(|(_, is_first)| *is_first);
            rank_sum += rank * of_first.count() as f64;
            start = end;
        }
        let u = rank_sum - n * (n + 1.0) / 2.0;
        let z = (u - n * m / 2.0) / (n * m * (n + m + 1.0) / 12.0).sqrt();
        Self {
            pairs: first.len(),
            medians: [median(first), median(second)],
            superiority: u / (n * m),
            p: erfc(z.abs() / std::f64::consts::SQRT_2),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pairs,
            medians: [first, second],
            superiority,
            p,
        } = self;
        let difference = first - second;
        write!(
            f,
            "{pairs} pairs, medians {first:.1} and {second:.1} µs ({difference:+.1}), P(first > second) {superiority:.4}, p {p:.3}"
        )
    }
}

fn median(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The complementary error function, to 1.5e-7 (Abramowitz and Stegun 7.1.26).
fn erfc(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let polynomial = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ]
    .iter()
    .fold(0.0, |sum, factor| (sum + factor) * t);
    polynomial * (-x * x).exp()
}

#[test]
fn equal_samples_do_not_differ_and_shifted_ones_do() {
    let times: Vec<_> = (0..1000)
        .map(|time| f64::from(time * 7919 % 1000))
        .collect();
    let same = Comparison::of(&times, &times);
    assert!((same.superiority - 0.5).abs() < 1e-9 && same.p > 0.99);
    let later: Vec<_> = times.iter().map(|time| time + 100.0).collect();
    let shifted = Comparison::of(&later, &times);
    assert!((shifted.superiority - 0.595).abs() < 0.001 && shifted.p < 1e-6);
    assert!((erfc(1.0) - 0.157_299_2).abs() < 1e-6);
}
