//! How long the routes of large labs take, whole and after one link has failed.

mod large;

use std::collections::BTreeSet;

use netns_lab::routing::{self, Failures};
use netns_lab::spec;
use netns_lab::topology::{self, LinkId, Topology};

fn main() {
    divan::main();
}

fn resolved(hubs: usize, spokes: usize) -> Topology {
    let text = large::lab(hubs, spokes);
    let spec = spec::parse(&text).expect("the large lab's file is well formed");
    topology::resolve(&spec).expect("the large lab obeys the rules")
}

/// 50 hubs with 19 spokes each are 1,000 virtual networks.
#[divan::bench(args = [5, 10, 25, 50])]
fn solve(bencher: divan::Bencher<'_, '_>, hubs: usize) {
    let topology = resolved(hubs, 19);
    let failures = Failures::default();
    bencher.bench_local(|| routing::solve(&topology, &failures));
}

#[divan::bench(args = [5, 50])]
fn solve_with_a_link_down(bencher: divan::Bencher<'_, '_>, hubs: usize) {
    let topology = resolved(hubs, 19);
    let failures = Failures::noticed(&topology, BTreeSet::from([LinkId(0)]));
    bencher.bench_local(|| routing::solve(&topology, &failures));
}
