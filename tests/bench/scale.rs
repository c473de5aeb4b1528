//! The time of whole labs compared with the kernel's own cost, its growth, and the memory of labs.
//!
//! Numbers on the command line: the runs of each size, then the size of the largest lab (0 for none). It needs root.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

#[path = "scale/figures.rs"]
mod figures;
#[path = "scale/kernel.rs"]
mod kernel;
#[path = "scale/labs.rs"]
mod labs;

use figures::{exponent, median};
use labs::{Chain, lab, mebibytes, name, processor_time, supervisor, told};

/// The sizes from which growth is computed.
const GROWTH: [usize; 5] = [50, 100, 200, 400, 800];

/// Additional measured sizes.
const FURTHER: [usize; 1] = [1000];

/// The least time of a phase, in milliseconds: shorter ones would distort growth.
const LEAST: f64 = 0.001;

/// The size of the chain that is changed and watched.
const CHANGED: usize = 1000;

/// The number of links that fail and are healed, one after the other.
const EVENTS: usize = 20;

/// The measurements of a chain, in milliseconds.
struct Chained {
    nodes: usize,
    kernel: f64,
    up: f64,
    down: f64,
    /// Of `up`.
    phases: Vec<(String, f64)>,
}

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse::<usize>().ok());
    let runs = numbers.next().unwrap_or(5);
    let largest = numbers.next().unwrap_or_default();
    grow(runs);
    hub_spoke(runs);
    change(runs);
    if largest > 0 {
        weigh(largest);
    }
}

/// Labs and the kernel's own cost in turn, so that other load on the machine affects both alike.
fn grow(runs: usize) {
    println!(
        "chains of routers, whole processes, medians of {runs} runs in ms; the kernel alone makes as many namespaces, joined alike"
    );
    println!(
        "{:>6} {:>9} {:>9} {:>9} {:>11} {:>9}",
        "nodes", "kernel", "up", "down", "up/kernel", "down/up"
    );
    let sizes = GROWTH.iter().chain(&FURTHER);
    let measured: Vec<Chained> = sizes.map(|nodes| chained(*nodes, runs)).collect();
    let grown: Vec<&Chained> = measured
        .iter()
        .filter(|one| GROWTH.contains(&one.nodes))
        .collect();
    let growth = |of: fn(&Chained) -> f64| {
        let costs: Vec<(usize, f64)> = grown.iter().map(|one| (one.nodes, of(one))).collect();
        exponent(&costs)
    };
    println!(
        "grows with the number of nodes to the power of: kernel {:.2}, up {:.2}, down {:.2}",
        growth(|one| one.kernel),
        growth(|one| one.up),
        growth(|one| one.down),
    );
    phases(&grown);
}

/// How the phases of `lab up` grow. A chain of N nodes has N - 1 links and twice as many addresses and routes.
fn phases(grown: &[&Chained]) {
    let Some(largest) = grown.last() else { return };
    let exponents = largest.phases.iter().map(|(phase, _)| {
        let costs = grown.iter().filter_map(|one| {
            let found = one.phases.iter().find(|(name, _)| name == phase)?;
            Some((one.nodes, found.1.max(LEAST)))
        });
        format!("{phase} {:.2}", exponent(&costs.collect::<Vec<_>>()))
    });
    println!("its phases: {}\n", exponents.collect::<Vec<_>>().join(", "));
}

fn chained(nodes: usize, runs: usize) -> Chained {
    let chain = Chain::of(nodes);
    let mut figures = [const { Vec::new() }; 3];
    let mut laps: Vec<(String, Vec<f64>)> = Vec::new();
    for _ in 0..runs {
        kernel::settle();
        figures[0].push(kernel::chain(nodes).as_secs_f64() * 1000.0);
        kernel::settle();
        let (up, phases) = labs::up(&chain.file);
        figures[1].push(up);
        for (phase, took) in phases {
            match laps.iter_mut().find(|(name, _)| *name == phase) {
                Some((_, all)) => all.push(took),
                None => laps.push((phase, vec![took])),
            }
        }
        figures[2].push(lab(&["down", &name()]));
    }
    let [kernel, up, down] = figures.map(|figures| median(&figures));
    println!(
        "{nodes:>6} {kernel:>9.1} {up:>9.1} {down:>9.1} {:>11.2} {:>9.2}",
        up / kernel,
        down / up
    );
    Chained {
        nodes,
        kernel,
        up,
        down,
        phases: laps
            .into_iter()
            .map(|(phase, all)| (phase, median(&all)))
            .collect(),
    }
}

fn hub_spoke(runs: usize) {
    let mut figures = [const { Vec::new() }; 3];
    let mut weight = 0.0;
    for _ in 0..runs {
        kernel::settle();
        figures[0].push(lab(&["up", "hub-spoke"]));
        figures[1].push(lab(&["verify", "hub-spoke", "--steady"]));
        weight = mebibytes(
            &format!("/proc/{}/status", supervisor("hub-spoke")),
            "VmHWM",
        );
        figures[2].push(lab(&["down", "hub-spoke"]));
    }
    let [up, verify, down] = figures.map(|figures| median(&figures));
    println!(
        "hub-spoke: up {up:.0} ms, verify --steady {verify:.0} ms, down {down:.0} ms, down/up {:.2}; its supervisor took {weight:.1} MiB at the most\n",
        down / up
    );
}

/// Adds a link to a running lab, and measures the cost of watching the lab.
fn change(runs: usize) {
    let chain = Chain::of(CHANGED);
    lab(&["up", &chain.file]);
    let mut figures = [const { Vec::new() }; 2];
    for _ in 0..runs {
        figures[0].push(lab(&["up", &chain.with_a_link]));
        figures[1].push(lab(&["up", &chain.file]));
    }
    let [more, fewer] = figures.map(|figures| median(&figures));
    println!(
        "a chain of {CHANGED} changed by `lab up`: one link more {more:.1} ms, one fewer {fewer:.1} ms, whole processes"
    );
    let process = supervisor(&name());
    let before = processor_time(process);
    let mut reroutes = Vec::new();
    for link in 0..EVENTS {
        let link = format!("r{}-r{}", link + 10, link + 11);
        for command in ["fault", "heal"] {
            let changed = told(&[command, &link, "--lab", &name(), "--json"]);
            reroutes.extend(changed["elapsed_ms"].as_f64());
        }
    }
    let spent =
        (processor_time(process) - before) / (2.0 * f64::from(u32::try_from(EVENTS).unwrap_or(1)));
    println!(
        "its supervisor: {:.1} MiB; a link that fails or is mended has its routes in {:.1} ms (median), for {spent:.1} ms of processor time\n",
        mebibytes(&format!("/proc/{process}/status"), "VmRSS"),
        median(&reroutes),
    );
    lab(&["down", &name()]);
}

/// Measures the largest lab, once.
fn weigh(nodes: usize) {
    let chain = Chain::of(nodes);
    kernel::settle();
    let kernel = kernel::chain(nodes).as_secs_f64() * 1000.0;
    kernel::settle();
    let before = mebibytes("/proc/meminfo", "MemAvailable");
    let up = lab(&["up", &chain.file]);
    let taken = before - mebibytes("/proc/meminfo", "MemAvailable");
    let process = supervisor(&name());
    let own = mebibytes(&format!("/proc/{process}/status"), "VmRSS");
    let down = lab(&["down", &name()]);
    let each = taken * 1024.0 / f64::from(u32::try_from(nodes).unwrap_or(u32::MAX));
    println!(
        "a chain of {nodes}: up {up:.0} ms, the kernel alone {kernel:.0} ms, down {down:.0} ms; {each:.0} KiB of memory for each node, its supervisor {own:.1} MiB"
    );
}
