//! Repeats one pure phase for `valgrind --tool=callgrind`: scripts/instructions computes the instructions of one
//! repetition from the difference between two runs.

mod chain;
mod large;
mod phases;

use std::hint::black_box;

use phases::Event;

/// A phase with its input, to be repeated.
type Phase = Box<dyn Fn()>;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [phase, lab, size, times] = arguments.as_slice() else {
        // `cargo bench` and `cargo test` start every such program, with other arguments.
        return;
    };
    let size = size.parse().expect("a size is a number");
    let times: usize = times.parse().expect("how often is a number");
    let run = prepared(phase, lab, size);
    for _ in 0..times {
        run();
    }
}

fn text_of(lab: &str, size: usize) -> String {
    match lab {
        "chain" => chain::lab(size),
        "networks" => large::networks(size, true),
        _ => panic!("there is no lab `{lab}`"),
    }
}

/// A phase, after all earlier phases have run.
fn prepared(phase: &str, lab: &str, size: usize) -> Phase {
    let text = text_of(lab, size);
    if phase == "parse" {
        return Box::new(move || drop(black_box(phases::read(&text))));
    }
    let spec = phases::read(&text);
    if phase == "resolve" {
        return Box::new(move || drop(black_box(phases::resolve(&spec))));
    }
    let topology = phases::resolve(&spec);
    if phase == "event" {
        let link = if lab == "chain" {
            "r5-r6"
        } else {
            "c0-primary"
        };
        let event = Event::new(topology, link);
        return Box::new(move || drop(black_box(event.follow())));
    }
    if phase == "solve" {
        return Box::new(move || drop(black_box(phases::solve(&topology))));
    }
    assert_eq!(phase, "plan", "there is no such phase");
    let tables = phases::solve(&topology);
    Box::new(move || drop(black_box(phases::plan(&topology, &tables))))
}
