//! A simulated month of 200 users: how many attacks are noticed, and how often somebody innocent is asked for more.
//!
//! Before it, two weeks in which scores are only recorded, as after the first start. `cargo test -p latchkey-domain --test
//! risk_month -- --nocapture` prints the rates. They are those of these users and attackers; each number is said where it is
//! chosen.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod attacks;
mod report;
mod world;

use report::Rates;
use world::World;

fn run(has_location_file: bool) -> Rates {
    let mut world = World::new(200, has_location_file, 20_261_121);
    for day in 0..14 {
        world.live(day, None);
    }
    let mut rates = Rates::default();
    for day in 14..44 {
        world.live(day, Some(&mut rates));
    }
    attacks::all(&mut world, &mut rates);
    rates
}

#[test]
fn with_a_location_file_attacks_are_noticed_and_the_innocent_are_seldom_asked() {
    let rates = run(true);
    rates.print("with a location file");
    // A traveller who was in the attacker's town has it among their places.
    rates.assert_noticed("new device far away at night", 0.95);
    rates.assert_noticed("stolen cookie abroad", 0.95);
    rates.assert_noticed("credential stuffing", 0.95);
    rates.assert_noticed("slow drift", 0.95);
    rates.assert_asked("ordinary", 0.01);
    rates.assert_asked("traveller", 0.03);
    rates.assert_asked("night worker", 0.01);
    rates.assert_asked("family behind one address", 0.01);
    rates.assert_nobody_was_held();
}

#[test]
fn without_one_networks_stand_in() {
    let rates = run(false);
    rates.print("without a location file");
    rates.assert_noticed("new device far away at night", 1.0);
    rates.assert_noticed("stolen cookie abroad", 0.95);
    rates.assert_noticed("credential stuffing", 0.95);
    rates.assert_noticed("slow drift", 0.95);
    rates.assert_asked("ordinary", 0.01);
    rates.assert_asked("traveller", 0.03);
    rates.assert_asked("night worker", 0.02);
    rates.assert_asked("family behind one address", 0.02);
    rates.assert_nobody_was_held();
}

#[test]
fn cookies_that_are_used_at_services_alone_are_noticed_as_well() {
    for (has_location_file, title) in [(true, "with a location file"), (false, "without one")] {
        let mut world = World::at_services(100, has_location_file, 20_261_127);
        for day in 0..14 {
            world.live(day, None);
        }
        let mut rates = Rates::default();
        for day in 14..44 {
            world.live(day, Some(&mut rates));
        }
        attacks::at_services(&mut world, &mut rates);
        rates.print(&format!("at services only, {title}"));
        rates.assert_noticed("stolen cookie abroad", 0.9);
        rates.assert_noticed("stolen cookie in another browser", 1.0);
        rates.assert_noticed("slow drift", 0.9);
        rates.assert_asked("at services only", 0.03);
        rates.assert_nobody_was_held();
    }
}
