//! Comparing a behaviour: `cargo bench -p latchkey-domain --bench behaviour`.

use divan::{Bencher, black_box};
use latchkey_domain::{
    identity::device::AuthMethod,
    risk::behaviour::{
        sample::{BehaviourSample, MAX_VALUES},
        template::{MOST_SAMPLES, StrongSignIn, Template},
    },
};

fn main() {
    divan::main();
}

/// Times that differ from key to key and from sample to sample.
fn times(keys: usize, number: usize) -> (Vec<f64>, Vec<f64>) {
    let time =
        |usual: f64, key: usize| usual + ((key * 41 + number * 61 + key * number * 13) % 89) as f64;
    let holds = (0..keys).map(|key| time(70.0, key)).collect();
    let presses = (1..keys).map(|key| time(160.0, key)).collect();
    (holds, presses)
}

fn sample(keys: usize, number: usize) -> Option<BehaviourSample> {
    let (holds, presses) = times(keys, number);
    BehaviourSample::keystrokes(&holds, &presses).ok()
}

/// A full template.
fn template(keys: usize) -> Option<Template> {
    let proof = StrongSignIn::by(AuthMethod::PasskeySynced)?;
    let mut template = Template::begin(sample(keys, 0)?, proof).ok()?;
    for number in 1..MOST_SAMPLES {
        template = template.learn(sample(keys, number)?, proof).ok()?;
    }
    Some(template)
}

/// From the numbers of the request and the bytes of the row to the verdict: a code, an address, the longest.
#[divan::bench(args = [6, 20, MAX_VALUES])]
fn an_assessment(bencher: Bencher<'_, '_>, keys: usize) {
    let Some(stored) = template(keys).map(|template| template.to_bytes()) else {
        return;
    };
    let (holds, presses) = times(keys, MOST_SAMPLES);
    bencher.bench(|| {
        let template = Template::from_bytes(black_box(&stored));
        let sample = BehaviourSample::keystrokes(black_box(&holds), &presses).ok();
        template
            .zip(sample)
            .map(|(template, sample)| template.assess(&sample))
    });
}

/// The comparison alone.
#[divan::bench(args = [6, 20, MAX_VALUES])]
fn a_comparison(bencher: Bencher<'_, '_>, keys: usize) {
    let (Some(template), Some(sample)) = (template(keys), sample(keys, MOST_SAMPLES)) else {
        return;
    };
    bencher.bench(|| black_box(&template).assess(black_box(&sample)));
}
