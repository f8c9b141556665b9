use super::*;

const HEADER: &str = "subject_no,session,rep,H.a,DD.a.b,UD.a.b,H.b";

fn parse(text: &str) -> Result<Recording> {
    Recording::parse(text, "test")
}

fn refusal(text: &str) -> String {
    format!("{:#}", parse(text).unwrap_err())
}

#[test]
fn seconds_become_milliseconds_and_samples_are_in_order() {
    let text = format!("{HEADER}\n1,2,1,0.09,0.2,0.11,0.1\n1,1,2,0.08,0.3,0.22,0.1\n");
    let recording = parse(&text).unwrap();
    let samples = &recording.people[0].samples;
    assert_eq!((samples[0].session, samples[1].session), (1, 2));
    assert_eq!(samples[0].holds, [80.0, 100.0]);
    assert_eq!(samples[0].presses, [300.0]);
}

#[test]
fn other_delimiters_quotes_and_line_ends_are_read() {
    let expected = [90.0, 110.0];
    for text in [
        format!("{HEADER}\r\n7,1,1,90,200,110,110\r\n"),
        format!("{}\n7;1;1;90;200;110;110\n", HEADER.replace(',', ";")),
        format!("\u{feff}{}\n7\t1\t1\t90\t200\t110\t110", HEADER.replace(',', "\t")),
        "\"subject_no\",\"session\",\"rep\",\"H.a\",\"DD.a.b\",\"UD.a.b\",\"H.b\"\n\"7\",\"1\",\"1\",\"90\",\"200\",\"110\",\"110\"\n\n"
            .to_owned(),
    ] {
        let recording = parse(&text).unwrap();
        assert_eq!(recording.people[0].name, "7");
        assert_eq!(recording.people[0].samples[0].holds, expected, "{text}");
    }
}

#[test]
fn intervals_from_the_release_do_when_others_are_missing() {
    let recording = parse("subject_no,session,rep,H.a,UD.a.b,H.b\n7,1,1,90,110,110\n").unwrap();
    assert_eq!(recording.people[0].samples[0].presses, [200.0]);
}

#[test]
fn other_columns_are_of_the_touch() {
    let recording = parse("subject_no,session,rep,H.1,H.2,DD.1,touch.1\n7,1,1,90,80,200,0.25\n");
    let recording = recording.unwrap();
    assert!(recording.has_touch());
    assert_eq!(recording.people[0].samples[0].touch, [0.25]);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, expected) in [
        (String::new(), "no column subject_no"),
        ("a,b,c\n1,2,3\n".to_owned(), "no column subject_no"),
        (HEADER.to_owned(), "no sample"),
        (format!("{HEADER}\n1,1,1,90,200\n"), "line 2 has 5 values"),
        (
            format!("{HEADER}\n1,1,1,90,200,110,x\n"),
            "line 2: H.b is \"x\"",
        ),
        (
            format!("{HEADER}\n1,1,1,90,NaN,110,90\n"),
            "DD.a.b is \"NaN\"",
        ),
        (
            format!("{HEADER}\n1,1,1,inf,200,110,90\n"),
            "H.a is \"inf\"",
        ),
        (format!("{HEADER}\n1,1.5,1,90,200,110,90\n"), "whole number"),
        (
            format!("{HEADER}\n,1,1,90,200,110,90\n"),
            "subject_no is empty",
        ),
        (
            "subject_no,session,rep,H.a,H.b,H.c,DD.a.b\n1,1,1,9,9,9,9\n".to_owned(),
            "need 2 intervals",
        ),
        (
            "subject_no,session,rep,DD.a.b\n1,1,1,9\n".to_owned(),
            "0 hold times",
        ),
    ] {
        let refusal = refusal(&text);
        assert!(refusal.contains(expected), "{text:?}: {refusal}");
    }
}
