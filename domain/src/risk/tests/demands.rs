//! What levels ask for, and devices owe.

use super::*;

#[test]
fn audit_51_what_a_level_asks_for() {
    use Demand::{Approval, Authentication, Nothing, Passkey};
    for (level, has_passkey, is_new, expected) in [
        (Level::Low, true, true, Nothing),
        (Level::Low, false, true, Nothing),
        (Level::Medium, true, true, Authentication),
        (Level::Medium, false, true, Authentication),
        (Level::High, true, true, Passkey),
        (Level::High, true, false, Passkey),
        (Level::High, false, true, Approval),
        (Level::High, false, false, Authentication),
        (Level::Held, true, false, Approval),
        (Level::Held, false, true, Approval),
    ] {
        assert_eq!(
            Demand::of(level, has_passkey, is_new),
            expected,
            "{level:?} {has_passkey} {is_new}"
        );
        // A returning device is never held: its copied cookie could make its owner wait.
        assert_ne!(Demand::of_return(level, has_passkey), Approval);
    }
    use AuthMethod::*;
    for (demand, met_by) in [
        (
            Authentication,
            &[
                Code,
                LinkAndCode,
                PasskeySynced,
                PasskeyDeviceBound,
                AuthMethod::Approval,
            ][..],
        ),
        (
            Passkey,
            &[PasskeySynced, PasskeyDeviceBound, AuthMethod::Approval],
        ),
        (Demand::Approval, &[AuthMethod::Approval]),
    ] {
        for method in AuthMethod::ALL {
            assert_eq!(
                demand.is_met_by(method),
                met_by.contains(&method),
                "{demand:?} {method:?}"
            );
        }
    }
    assert_eq!(Demand::from_word("tomorrow"), Demand::Approval);
}

#[test]
fn levels_begin_at_20_50_and_80() {
    for (score, level) in [
        (0, Level::Low),
        (19, Level::Low),
        (20, Level::Medium),
        (49, Level::Medium),
        (50, Level::High),
        (79, Level::High),
        (80, Level::Held),
        (100, Level::Held),
    ] {
        assert_eq!(Level::of(score), level, "{score}");
    }
}

#[test]
fn a_challenge_ends_with_what_it_asks_for_and_is_never_lowered() {
    let owes = |demand| Some(Challenge { at: START, demand });
    let later = START + Duration::HOUR;
    for (before, demand, method, after) in [
        (None, Demand::Nothing, AuthMethod::Code, None),
        (
            None,
            Demand::Passkey,
            AuthMethod::Code,
            Some(Demand::Passkey),
        ),
        (None, Demand::Passkey, AuthMethod::PasskeySynced, None),
        (
            Some(Demand::Passkey),
            Demand::Nothing,
            AuthMethod::Code,
            Some(Demand::Passkey),
        ),
        (
            Some(Demand::Authentication),
            Demand::Nothing,
            AuthMethod::Code,
            None,
        ),
        (
            Some(Demand::Authentication),
            Demand::Passkey,
            AuthMethod::Code,
            Some(Demand::Passkey),
        ),
        (
            Some(Demand::Approval),
            Demand::Nothing,
            AuthMethod::PasskeySynced,
            Some(Demand::Approval),
        ),
        (
            Some(Demand::Approval),
            Demand::Nothing,
            AuthMethod::Approval,
            None,
        ),
        (
            Some(Demand::Passkey),
            Demand::Approval,
            AuthMethod::PasskeySynced,
            Some(Demand::Approval),
        ),
    ] {
        let found = Challenge::after(before.and_then(owes), demand, method, later);
        assert_eq!(
            found.map(|found| found.demand),
            after,
            "{before:?} {demand:?} {method:?}"
        );
    }
    let returned = Challenge::on_return(owes(Demand::Passkey), Demand::Authentication, later);
    assert_eq!(returned, owes(Demand::Passkey));
}
