//! Every pair of many hosts, in labs that `scripts/mesh` writes: no probe may be lost, even with simultaneous probes of
//! other processes, and a lost one is reported.

use std::thread;

use crate::lab::{Lab, Turn};
use crate::program::{self, run};
use crate::verification::Verification;

/// Enough for three districts, and for more probes than may be in flight at once.
const HOSTS: u64 = 24;

fn mesh(turn: &Turn, kind: &str) -> Lab {
    let text = run("scripts/mesh", &[&HOSTS.to_string(), kind])
        .exits(0)
        .said;
    let lab = turn.named_lab("mesh", &text);
    program::lab(&["up", &lab.file]).exits(0);
    lab
}

#[track_caller]
fn proves_every_pair(verification: &Verification) {
    assert_eq!(
        (verification.counts(), verification.lost()),
        ([HOSTS * (HOSTS - 1), 0, 0], 0),
        "passed, failed, skipped, and lost probes; {:#?}",
        verification.failures()
    );
}

#[test]
fn every_pair_is_proved_each_time_and_no_probe_is_lost() {
    let turn = Turn::begin();
    let lab = mesh(&turn, "plain");
    for _ in 0..5 {
        let verification = lab.verify();
        proves_every_pair(&verification);
        // A path has four hops within a district, else six; each is probed three times.
        let near = 2 * 10 * 9 + 4 * 3;
        let far = HOSTS * (HOSTS - 1) - near;
        assert_eq!(verification.sent(), 3 * (4 * near + 6 * far));
    }
}

#[test]
fn every_pair_of_an_azure_network_is_proved_and_what_is_to_be_silent_is() {
    let turn = Turn::begin();
    let lab = mesh(&turn, "azure");
    proves_every_pair(&lab.verify());
}

#[test]
fn three_verifications_at_a_time_take_no_answers_from_each_other() {
    let turn = Turn::begin();
    let lab = mesh(&turn, "plain");
    thread::scope(|scope| {
        let runs = [(); 3].map(|()| scope.spawn(|| lab.verify()));
        for run in runs {
            proves_every_pair(&run.join().expect("a verification that ended"));
        }
    });
}

#[test]
fn a_lost_probe_is_counted_though_the_path_is_proved() {
    let turn = Turn::begin();
    let lab = mesh(&turn, "plain");
    lab.run(&["impair", "r1-d1", "--loss", "3%"]).exits(0);
    let verification = lab.verify();
    let [passed, ..] = verification.counts();
    assert!(
        passed > HOSTS * (HOSTS - 3),
        "{:#?}",
        verification.failures()
    );
    assert!(
        verification.lost() > 0,
        "a link loses a part of its packets"
    );
}
