//! The rates, by group.

use std::collections::BTreeMap;

#[derive(Default)]
struct Count {
    of: u32,
    hits: u32,
}

impl Count {
    fn rate(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.of.max(1))
    }
}

/// How many attacks were noticed, and how often the innocent were asked for more than they gave.
#[derive(Default)]
pub(crate) struct Rates {
    noticed: BTreeMap<&'static str, Count>,
    asked: BTreeMap<&'static str, Count>,
    held: u32,
}

impl Rates {
    pub(crate) fn attack(&mut self, group: &'static str, is_noticed: bool) {
        let count = self.noticed.entry(group).or_default();
        count.of += 1;
        count.hits += u32::from(is_noticed);
    }

    pub(crate) fn innocent(&mut self, group: &'static str, is_asked: bool) {
        let count = self.asked.entry(group).or_default();
        count.of += 1;
        count.hits += u32::from(is_asked);
    }

    pub(crate) fn innocent_held(&mut self) {
        self.held += 1;
    }

    pub(crate) fn print(&self, title: &str) {
        println!("\n{title}");
        for (heading, counts) in [("noticed", &self.noticed), ("asked for more", &self.asked)] {
            for (group, count) in counts {
                let (hits, of, rate) = (count.hits, count.of, count.rate() * 100.0);
                println!("  {heading:<15} {group:<30} {hits:>5} of {of:>6}  {rate:>6.2} %");
            }
        }
        println!("  innocent sign-ins held: {}", self.held);
    }

    pub(crate) fn assert_noticed(&self, group: &str, least: f64) {
        let rate = self.noticed[group].rate();
        assert!(rate >= least, "{group}: {rate}");
    }

    pub(crate) fn assert_asked(&self, group: &str, most: f64) {
        let count = &self.asked[group];
        assert!(count.of > 100, "{group}: {} times", count.of);
        assert!(count.rate() <= most, "{group}: {}", count.rate());
    }

    pub(crate) fn assert_nobody_was_held(&self) {
        assert_eq!(self.held, 0);
    }
}
