//! Typists with stated parameters, from a seed: CI measures them, because recorded people are not in the repository.
//!
//! All times are log-normal. A text has a rhythm that everyone shares; each typist has a tempo and habits of their own, changes a
//! little from session to session, varies from one repetition to the next, and hesitates now and then. The parameters resemble
//! what was measured of people (`docs/behaviour.md`), as natural logarithms.

use std::f64::consts::TAU;

use super::data::{Person, Recording, Sample};

#[derive(Debug, Clone, Copy)]
pub(super) struct Parameters {
    pub(super) typists: usize,
    pub(super) keys: usize,
    pub(super) sessions: i64,
    pub(super) repetitions: i64,
    /// How much typists differ: 1 like people, 0 not at all.
    pub(super) between: f64,
}

impl Parameters {
    pub(super) const CI: Self = Self {
        typists: 40,
        keys: 11,
        sessions: 8,
        repetitions: 12,
        between: 1.0,
    };

    /// For tests, which are not optimised.
    #[cfg(test)]
    pub(super) const QUICK: Self = Self {
        typists: 16,
        repetitions: 8,
        ..Self::CI
    };
}

/// The median hold time and time from press to press, in milliseconds.
const HOLD: f64 = 95.0;
const PRESS: f64 = 240.0;

/// Deviations of the rhythm of the text, of tempo and habits between typists, between sessions, and between repetitions.
const HOLD_DEVIATIONS: Deviations = Deviations {
    text: 0.1,
    tempo: 0.18,
    habit: 0.17,
    session: 0.06,
    repetition: 0.15,
};
const PRESS_DEVIATIONS: Deviations = Deviations {
    text: 0.35,
    tempo: 0.25,
    habit: 0.3,
    session: 0.07,
    repetition: 0.24,
};

/// Of all intervals, so many are hesitations, which are longer by this factor on average.
const HESITATIONS: f64 = 0.05;
const HESITATION: f64 = 2.5;

#[derive(Debug, Clone, Copy)]
struct Deviations {
    text: f64,
    tempo: f64,
    habit: f64,
    session: f64,
    repetition: f64,
}

/// Generates them.
pub(super) fn typists(seed: u64, parameters: &Parameters) -> Recording {
    let mut random = Random(seed);
    let Parameters { typists, keys, .. } = *parameters;
    let text_holds = random.normals(keys, HOLD.ln(), HOLD_DEVIATIONS.text);
    let text_presses = random.normals(keys - 1, PRESS.ln(), PRESS_DEVIATIONS.text);
    let people = (1..=typists).map(|number| {
        let holds = habits(&mut random, &text_holds, HOLD_DEVIATIONS, parameters);
        let presses = habits(&mut random, &text_presses, PRESS_DEVIATIONS, parameters);
        Person {
            name: number.to_string(),
            samples: samples(&mut random, &holds, &presses, parameters),
        }
    });
    let people = people.collect();
    Recording::generated(people, keys, format!("generated with seed {seed}"))
}

fn habits(
    random: &mut Random,
    text: &[f64],
    deviations: Deviations,
    parameters: &Parameters,
) -> Vec<f64> {
    let tempo = parameters.between * deviations.tempo * random.normal();
    let habit =
        |common: &f64| common + tempo + parameters.between * deviations.habit * random.normal();
    text.iter().map(habit).collect()
}

fn samples(
    random: &mut Random,
    holds: &[f64],
    presses: &[f64],
    parameters: &Parameters,
) -> Vec<Sample> {
    let mut samples = Vec::new();
    for session in 1..=parameters.sessions {
        let hold_tempo = HOLD_DEVIATIONS.session * random.normal();
        let press_tempo = PRESS_DEVIATIONS.session * random.normal();
        for repetition in 1..=parameters.repetitions {
            let hold = |usual: &f64| {
                (usual + hold_tempo + HOLD_DEVIATIONS.repetition * random.normal()).exp()
            };
            let holds = holds.iter().map(hold).collect();
            let press = |usual: &f64| {
                let noise = PRESS_DEVIATIONS.repetition * random.normal();
                let usual = (usual + press_tempo + noise).exp();
                match random.uniform() < HESITATIONS {
                    true => usual * (1.0 - (HESITATION - 1.0) * random.uniform().ln()),
                    false => usual,
                }
            };
            samples.push(Sample {
                session,
                repetition,
                holds,
                presses: presses.iter().map(press).collect(),
                touch: Vec::new(),
            });
        }
    }
    samples
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers on every machine and with every version of a crate.
#[derive(Debug)]
struct Random(u64);

impl Random {
    /// Above 0, at most 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (TAU * self.uniform()).cos()
    }

    fn normals(&mut self, count: usize, mean: f64, deviation: f64) -> Vec<f64> {
        (0..count)
            .map(|_| mean + deviation * self.normal())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first output for seed 0 is 0xe220a8397b1dcdaf.
        let expected = ((0xe220_a839_7b1d_cdaf_u64 >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        assert_eq!(Random(0).uniform().to_bits(), expected.to_bits());
    }

    #[test]
    fn a_seed_makes_the_same_typists() {
        let holds = |seed| {
            let recording = typists(seed, &Parameters::QUICK);
            recording.people[3].samples[7].holds.clone()
        };
        assert_eq!(holds(5), holds(5));
        assert_ne!(holds(5), holds(6));
    }
}
