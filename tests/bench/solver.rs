//! The time of the pure phases by the size of the lab, mainly of routing, for the whole lab and after one link failure.
//! It also reports peak allocations, the memory that a phase needs.

mod chain;
mod large;
mod phases;

use divan::{AllocProfiler, Bencher};
use netns_lab::topology::Topology;
use phases::Event;

#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// A circuit's link, whose networks lose one of two paths to a site.
const CIRCUIT: &str = "c0-primary";

/// A tunnel of a site, as its backup.
const TUNNEL: &str = "s0";

/// The only link of a machine.
const MACHINE: &str = "vm0-0";

fn main() {
    divan::main();
}

fn chain(routers: usize) -> Topology {
    phases::resolve(&phases::read(&chain::lab(routers)))
}

fn large(networks: usize, with_many_prefixes: bool) -> Topology {
    phases::resolve(&phases::read(&large::networks(
        networks,
        with_many_prefixes,
    )))
}

mod of_chain {
    use super::{Bencher, Event, chain, phases};

    const ROUTERS: [usize; 5] = [250, 500, 1000, 2000, 4000];

    #[divan::bench(args = ROUTERS)]
    fn parse(bencher: Bencher<'_, '_>, routers: usize) {
        let text = super::chain::lab(routers);
        bencher.bench_local(|| phases::read(&text));
    }

    #[divan::bench(args = ROUTERS)]
    fn resolve(bencher: Bencher<'_, '_>, routers: usize) {
        let spec = phases::read(&super::chain::lab(routers));
        bencher.bench_local(|| phases::resolve(&spec));
    }

    #[divan::bench(args = ROUTERS)]
    fn solve(bencher: Bencher<'_, '_>, routers: usize) {
        let topology = chain(routers);
        bencher.bench_local(|| phases::solve(&topology));
    }

    #[divan::bench(args = ROUTERS)]
    fn plan(bencher: Bencher<'_, '_>, routers: usize) {
        let topology = chain(routers);
        let tables = phases::solve(&topology);
        bencher.bench_local(|| phases::plan(&topology, &tables));
    }

    #[divan::bench(args = ROUTERS)]
    fn event(bencher: Bencher<'_, '_>, routers: usize) {
        let event = Event::new(chain(routers), "r5-r6");
        bencher.bench_local(|| event.follow());
    }
}

mod of_networks {
    use super::{Bencher, CIRCUIT, Event, MACHINE, TUNNEL, large, phases};

    const NETWORKS: [usize; 4] = [125, 250, 500, 1000];

    #[divan::bench(args = NETWORKS)]
    fn parse(bencher: Bencher<'_, '_>, networks: usize) {
        let text = super::large::networks(networks, true);
        bencher.bench_local(|| phases::read(&text));
    }

    #[divan::bench(args = NETWORKS)]
    fn resolve(bencher: Bencher<'_, '_>, networks: usize) {
        let spec = phases::read(&super::large::networks(networks, true));
        bencher.bench_local(|| phases::resolve(&spec));
    }

    #[divan::bench(args = NETWORKS)]
    fn solve(bencher: Bencher<'_, '_>, networks: usize) {
        let topology = large(networks, true);
        bencher.bench_local(|| phases::solve(&topology));
    }

    #[divan::bench(args = NETWORKS)]
    fn solve_few_prefixes(bencher: Bencher<'_, '_>, networks: usize) {
        let topology = large(networks, false);
        bencher.bench_local(|| phases::solve(&topology));
    }

    #[divan::bench(args = NETWORKS)]
    fn plan(bencher: Bencher<'_, '_>, networks: usize) {
        let topology = large(networks, true);
        let tables = phases::solve(&topology);
        bencher.bench_local(|| phases::plan(&topology, &tables));
    }

    #[divan::bench(args = [CIRCUIT, TUNNEL, MACHINE])]
    fn event(bencher: Bencher<'_, '_>, link: &str) {
        let event = Event::new(large(1000, true), link);
        bencher.bench_local(|| event.follow());
    }
}
