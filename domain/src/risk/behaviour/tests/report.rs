//! What a page sends, and what is made of it.

use crate::risk::behaviour::{
    anomaly::Anomaly,
    finding::Finding,
    likelihood::Likelihood,
    matcher::Model,
    report::{BehaviourReport, Field, Observed},
    template::{Unknown, Verdict},
};
use proptest::prelude::*;

const CODE: &str = "code h80,81,82,83,84,85 p100,101,102,103,104";

fn read(text: &str, email_keys: usize) -> Option<Observed> {
    BehaviourReport::received(text)?.read(email_keys)
}

fn fields(text: &str) -> Option<Vec<Field>> {
    let observed = read(text, 3)?;
    Some(observed.samples().iter().map(|(field, _)| *field).collect())
}

#[test]
fn a_page_sends_each_field_at_most_once() {
    let all = format!(
        "email h80,90.5,70 p150,160;{CODE};pointer s1,2,3,4,5 c0,0.01,0.1,0.2,1 r0,120,300;touch z0.1,0.2,0.3 t200,400"
    );
    assert_eq!(
        fields(&all),
        Some(vec![
            Field::Email,
            Field::Code,
            Field::Pointer,
            Field::Touch
        ])
    );
    assert_eq!(fields(CODE), Some(vec![Field::Code]));
}

#[test]
fn an_address_of_another_length_is_another_text() {
    let text = "email h80,90,70 p150,160";
    assert_eq!(read(text, 3).unwrap().samples().len(), 1);
    assert!(read(text, 4).unwrap().samples().is_empty());
    // Of a longer address, the first 48 keys are measured.
    let holds = ["80"; 48].join(",");
    let presses = ["150"; 47].join(",");
    let long = format!("email h{holds} p{presses}");
    assert_eq!(read(&long, 60).unwrap().samples().len(), 1);
    assert!(read(&long, 47).unwrap().samples().is_empty());
}

#[test]
fn audit_53_a_line_that_is_not_valid_is_unknown() {
    let many = format!("email h{} p1", ["80"; 49].join(","));
    let long = format!("{CODE};email h{}", "1".repeat(2048));
    for text in [
        "",
        " ",
        ";",
        "code",
        "code h80",
        "h80 p100",
        "password h80,90 p100",
        "code h80,81,82,83,84 p100,101,102,103",
        "code h80,81,82,83,84,85 p100,101,102,103",
        "code h80,81,82,83,84,85 p100,101,102,103,104 z1",
        "code p100,101,102,103,104 h80,81,82,83,84,85",
        "code hNaN,81,82,83,84,85 p100,101,102,103,104",
        "code hnan,81,82,83,84,85 p100,101,102,103,104",
        "code hinf,81,82,83,84,85 p100,101,102,103,104",
        "code h-1,81,82,83,84,85 p100,101,102,103,104",
        "code h1e9,81,82,83,84,85 p100,101,102,103,104",
        "code h1000000000,81,82,83,84,85 p100,101,102,103,104",
        "code h.,81,82,83,84,85 p100,101,102,103,104",
        "code h,81,82,83,84,85 p100,101,102,103,104",
        "code h 80,81,82,83,84,85 p100,101,102,103,104",
        "pointer s1 c1 r1",
        "code h80,81,82,83,84,85 p100,101,102,103,104;",
        "code h80,81,82,83,84,85 p100,101,102,103,104;code h80,81,82,83,84,85 p100,101,102,103,104",
        "[80,81]",
        &many,
        &long,
    ] {
        assert_eq!(fields(text), None, "{text}");
    }
}

#[test]
fn a_line_does_not_show_in_logs() {
    let report = BehaviourReport::received(CODE).unwrap();
    assert_eq!(format!("{report:?}"), "BehaviourReport(…)");
}

fn likelihood(log_ratio: i16) -> Likelihood {
    // A model of one value, and a sample as far from it.
    let model = Model::fit(&[super::speeds(&[0]), super::speeds(&[-500])]).unwrap();
    model.likelihood(&super::speeds(&[log_ratio])).unwrap()
}

#[test]
fn verdicts_are_fused() {
    let (good, bad) = (
        Verdict::Compared(likelihood(-500)),
        Verdict::Compared(likelihood(3000)),
    );
    let copied = Verdict::Anomalous(Anomaly::Replayed);
    let unknown = Verdict::Unknown(Unknown::NotEnrolled);
    let value = |verdicts: &[Verdict]| Finding::of(verdicts).likelihood.map(|found| found.get());
    assert!(value(&[good]).unwrap() > 0.5 && value(&[bad]).unwrap() < 0.5);
    assert!(value(&[bad, bad]).unwrap() < value(&[bad]).unwrap());
    assert!(value(&[good, bad]).unwrap() > value(&[bad]).unwrap());
    assert_eq!(value(&[unknown, bad]), value(&[bad]));
    assert_eq!(value(&[copied, bad]), value(&[bad]));
    for (verdicts, is_synthetic) in [
        (&[][..], None),
        (&[unknown], Some(false)),
        (&[good], Some(false)),
        (&[good, copied], Some(true)),
    ] {
        assert_eq!(Finding::of(verdicts).is_synthetic, is_synthetic);
    }
    assert_eq!(value(&[unknown, copied]), None);
}

proptest! {
    /// Whatever is sent, reading it ends and leaves what is bounded.
    #[test]
    fn any_line_is_a_sample_or_unknown(text in "[a-z0-9.,; -]{0,200}", keys in 0_usize..100) {
        if let Some(observed) = read(&text, keys) {
            prop_assert!(observed.samples().len() <= 4);
        }
    }
}
