//! Kills `lab up` before it reports that its lab is up, and runs `lab down` right after that.

use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use nix::sys::signal::Signal;

use crate::labs::Lab;
use crate::machine::{
    LAB, Machine, about, assert_clean, end, number, programs, seed, send, traces, wait_until,
};

/// The default number of rounds.
const ROUNDS: u64 = 40;

/// The variable for the number of rounds.
const KILLS: &str = "LAB_CRASH_KILLS_OF_UP";

/// `lab up` is killed within this time of its start.
const SPAN: Duration = Duration::from_millis(40);

#[test]
fn down_after_a_kill_of_up_finds_nothing_or_waits_and_removes_it() {
    let Some(_machine) =
        Machine::enter("begun::down_after_a_kill_of_up_finds_nothing_or_waits_and_removes_it")
    else {
        return;
    };
    let mut rng = Rng::with_seed(seed());
    let labs = [Lab::hub_spoke("begun"), Lab::row("few", 3)];
    let rounds = number(KILLS).unwrap_or(ROUNDS);
    let (mut absent, mut longest) = (0, Duration::ZERO);
    for round in 0..rounds {
        let lab = rng.choice(&labs).expect("one of them");
        let mut command = about(&lab.name, LAB, &["up", &lab.files[0]]);
        let up = command.spawn().expect("the program under test");
        thread::sleep(SPAN.mul_f64(rng.f64()));
        send(up.id(), Signal::SIGKILL);
        let down = lab.down().exits(0);
        let began = Instant::now();
        end(up);
        absent += u64::from(down.said.contains("is not up"));
        let left = not_programs(&lab.name);
        assert!(left.is_empty(), "{round}: {down:#?} and {left:?}");
        // As long as a process exists, it may still build the lab.
        wait_until("no process is left that could build", || {
            programs(&lab.name).is_empty()
        });
        longest = longest.max(began.elapsed());
        let left = traces(&lab.name);
        assert!(left.is_empty(), "{round}: {down:#?} and {left:?}");
        // A killed process completes its system call, which may create the directory of labs after `down` has ended.
        lab.down().exits(0);
        assert_clean();
    }
    println!(
        "{rounds} kills: {absent} times there was no lab; processes were gone {longest:?} after `down`"
    );
}

/// Everything with a lab's name except processes: a process without resources may still be about to end.
fn not_programs(name: &str) -> Vec<String> {
    let mut found = traces(name);
    found.retain(|trace| trace.starts_with('/') || trace.contains(" - "));
    found
}

/// The command has ended before its lab is up, so its report is not read.
#[test]
fn a_lab_that_nobody_waits_for_is_taken_back_by_its_builder() {
    let Some(_machine) =
        Machine::enter("begun::a_lab_that_nobody_waits_for_is_taken_back_by_its_builder")
    else {
        return;
    };
    let lab = Lab::row("alone", 40);
    for pins in ["alone.r1", "alone.r40"] {
        let mut command = about("alone", LAB, &["up", &lab.files[0]]);
        let up = command.spawn().expect("the program under test");
        wait_until("namespaces are there", || {
            std::path::Path::new("/run/netns").join(pins).exists()
        });
        send(up.id(), Signal::SIGKILL);
        end(up);
        wait_until("the builder has ended", || programs("alone").is_empty());
        assert_clean();
    }
}
