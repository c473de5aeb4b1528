//! The rights of a lab's supervisor, and access to its socket.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use crate::change::EDITS;
use crate::lab::Turn;
use crate::program;

/// `KILL`, `NET_ADMIN`, `NET_RAW`, `SYS_PTRACE`, `SYS_ADMIN` and `SYS_NICE`, by their numbers in capabilities(7).
const FOR_CHANGES: u64 = 1 << 5 | 1 << 12 | 1 << 13 | 1 << 19 | 1 << 21 | 1 << 23;

/// `SYS_RESOURCE`, which building needs.
const FOR_ROOM: u64 = 1 << 24;

/// The names of the supervisor's threads that carry packets.
const CARRIERS: [&str; 2] = ["wires", "tunnel"];

#[test]
fn a_supervisor_keeps_no_right_that_it_does_not_need() {
    let turn = Turn::begin();
    let lab = turn.lab_up("confined", &[]);
    let tasks = format!("/proc/{}/task", lab.supervisor());
    let limits = fs::read_to_string(format!("/proc/{}/limits", lab.supervisor()));
    let limits = limits.expect("its limits");
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.into_iter().flat_map(str::split_whitespace).collect();
    assert_eq!(words[4..6], ["0", "0"], "a core dump would hold keys");
    // The limit does not apply to a dump that is piped to a program.
    let filter = fs::read_to_string(format!("/proc/{}/coredump_filter", lab.supervisor()));
    assert_eq!(filter.expect("its filter").trim(), "00000000");
    let mut carriers = 0;
    for task in fs::read_dir(tasks).expect("its threads").flatten() {
        let read = |file| fs::read_to_string(task.path().join(file)).expect("a thread");
        let (name, status) = (read("comm"), read("status"));
        let of = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            line.expect("a line of the thread's status").trim()
        };
        let set = |key| u64::from_str_radix(of(key), 16).expect("a set");
        assert_eq!(of("NoNewPrivs:"), "1");
        assert_eq!(of("Seccomp:"), "2");
        assert_eq!(
            set("CapBnd:") & !FOR_CHANGES & !FOR_ROOM,
            0,
            "{name}: {status}"
        );
        let is_carrier = CARRIERS.contains(&name.trim());
        carriers += usize::from(is_carrier);
        let allowed = if is_carrier { 0 } else { FOR_CHANGES };
        for kind in ["CapPrm:", "CapEff:", "CapInh:"] {
            assert_eq!(set(kind) & !allowed, 0, "{name}: {status}");
        }
    }
    // Both ends of two tunnels, and the wires.
    assert_eq!(carriers, 5);
    // The remaining rights suffice for everything that a running lab needs.
    let other = turn.other_file(&lab, "other", EDITS);
    program::lab(&["up", &other]).exits(0);
    lab.run(&["fault", "er1-primary"]).exits(0);
    lab.run(&["impair", "er2-primary", "--delay", "9ms"])
        .exits(0);
    lab.run(&["heal", "--all"]).exits(0);
    lab.run(&["status", "--check"]).exits(0);
}

#[test]
fn only_its_owner_may_talk_to_a_supervisor() {
    let turn = Turn::begin();
    let lab = turn.lab_up("private", &[]);
    let folder = format!("/run/netns-lab/{}", lab.name);
    let mode = |path: &str| {
        let data = fs::metadata(path).expect("a file of the lab's");
        assert_eq!((data.uid(), data.gid()), (0, 0), "{path}");
        data.permissions().mode() & 0o777
    };
    assert_eq!(mode(&format!("{folder}/control.sock")), 0o600);
    assert_eq!(mode(&format!("{folder}/supervisor.log")), 0o600);
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode("/run/netns-lab"), 0o700);
    program::lab(&["ls"]).exits(0);
}
