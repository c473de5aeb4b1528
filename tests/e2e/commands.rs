//! The commands that show a running lab, and those that run programs inside it.

use std::io::Write;
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::lab::Turn;
use crate::program::{self, LAB, command, finish, lab, run};

#[test]
fn exec_passes_on_how_its_program_ended() {
    let turn = Turn::begin();
    let lab = turn.lab_up("exec", &[]);
    lab.run(&["exec", "hub-vm", "--", "sh", "-c", "exit 7"])
        .exits(7);
    lab.run(&["exec", "hub-vm", "--", "sh", "-c", "kill -TERM $$"])
        .dies_by(Signal::SIGTERM);
    let missing = lab
        .run(&["exec", "hub-vm", "--", "no-such-program"])
        .exits(3);
    assert_eq!(
        missing.complained,
        "error: there is no `no-such-program` on this machine; install the package that has it\n"
    );
}

#[test]
fn a_command_line_in_quotes_is_refused_with_the_line_to_write() {
    let turn = Turn::begin();
    let lab = turn.lab_up("quotes", &[]);
    let refused = lab.run(&["exec", "hub-vm", "--", "ip -br link"]).exits(2);
    assert_eq!(
        refused.complained,
        "error: there is no program `ip -br link`: drop the quotes, as in `lab exec hub-vm -- ip -br link`\n"
    );
}

#[test]
fn a_node_has_its_own_host_name_and_the_machine_keeps_its_name() {
    let turn = Turn::begin();
    let lab = turn.lab_up("hostname", &[]);
    let kernel = || run("cat", &["/proc/sys/kernel/hostname"]).exits(0).said;
    let before = kernel();
    let inside = ["exec", "hub-vm", "--", "cat", "/proc/sys/kernel/hostname"];
    assert_eq!(lab.run(&inside).exits(0).said, "hub-vm\n");
    assert_eq!(kernel(), before);
}

#[test]
fn people_at_a_terminal_are_told_what_to_try_next_once() {
    let turn = Turn::begin();
    let lab = turn.lab("next", &[]);
    let words = format!("{LAB} up {}", lab.file);
    // `script` runs it on a terminal of its own.
    let up = || run("script", &["-qec", &words, "/dev/null"]).exits(0).said;
    let first = up().replace('\r', "");
    let next = "next: lab status\n      lab trace branch-vm loc1-vm\n      lab verify\n";
    assert!(first.ends_with(next), "{first}");
    assert!(!up().contains("next:"));
    lab.down().exits(0);
    let piped = program::lab(&["up", &lab.file]).exits(0).said;
    assert!(!piped.contains("next:"), "{piped}");
}

#[test]
fn programs_inside_know_the_labs_names() {
    let turn = Turn::begin();
    let lab = turn.lab_up("names", &[]);
    let by_lab = lab
        .run(&[
            "exec", "hub-vm", "--", "ping", "-c", "1", "-W", "1", "spoke-vm",
        ])
        .exits(0);
    assert!(by_lab.said.contains("10.11.30.4"), "{by_lab:#?}");
    let by_ip = lab
        .inside("hub-vm", &["getent", "hosts", "loc1-vm"])
        .exits(0);
    assert!(by_ip.said.starts_with("10.2.30.10 "), "{by_ip:#?}");
}

#[test]
fn shell_runs_what_it_is_told() {
    let turn = Turn::begin();
    let lab = turn.lab_up("shell", &[]);
    let mut shell = command(LAB, &["shell", "--lab", &lab.name, "loc1-vm"]);
    shell
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = shell.spawn().expect("a shell");
    let mut input = child.stdin.take().expect("its standard input");
    input
        .write_all(b"ip -br -4 address show dev eth0\nexit 4\n")
        .expect("a script that it reads");
    drop(input);
    let output = child.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("10.2.30.10/25"), "{said}");
    assert_eq!(output.status.code(), Some(4));
}

#[test]
fn trace_and_ping_tell_whether_they_arrived() {
    let turn = Turn::begin();
    let lab = turn.lab_up("arrivals", &[]);
    let quickly = ["--wait", "200ms"];
    for (command, options) in [
        ("trace", &quickly[..]),
        ("ping", &["--wait", "200ms", "-c", "1"]),
    ] {
        let reached = [&[command, "hub-vm", "loc1-vm", "--json"], options].concat();
        let arrived = lab.run(&reached).exits(0).json();
        assert_eq!(arrived["from"], "hub-vm");
        assert_eq!(arrived["to"], "loc1-vm");
        lab.run(&[&[command, "hub-vm", "10.2.30.10"], options].concat())
            .exits(0);
        lab.run(&[&[command, "branch-vm", "loc2-vm"], options].concat())
            .exits(1);
    }
    let trace = lab
        .run(&["trace", "hub-vm", "spoke-vm", "--json"])
        .exits(0)
        .json();
    assert_eq!(trace["reached"], true);
    assert_eq!(trace["hops"].as_array().map(Vec::len), Some(1));
    assert_eq!(trace["hops"][0]["address"], "10.11.30.4");
}

#[test]
fn a_path_is_shown_in_columns_and_over_a_picture() {
    let turn = Turn::begin();
    let lab = turn.lab_up("shown", &[]);
    let words = ["hub-vm", "loc1-vm", "--view", "grid", "--wait", "300ms"];
    let grid = lab.run(&[&["trace"][..], &words].concat()).exits(0).said;
    for line in [
        "1    er1-msee1  10.10.30.132  MSEE ",
        "2    loc1-ce1   *  ",
        "4    loc1-vm    10.2.30.10 ",
    ] {
        assert!(grid.contains(line), "no {line} in {grid}");
    }
    let drawn = lab
        .run(&["graph", "--path", "hub-vm", "loc1-vm", "--back"])
        .exits(0)
        .said;
    for part in [
        "there: hub-vm to 10.2.30.10, measured by a trace",
        "back: loc1-vm to 10.10.30.4, measured by a trace",
        "<g class=\"link circuit-link on-path\" data-link=\"er1-primary\"",
    ] {
        assert!(drawn.contains(part), "no {part} in {drawn}");
    }
    let lost = lab
        .run(&["graph", "--path", "branch-vm", "loc2-vm"])
        .exits(0)
        .said;
    assert!(
        lost.contains("lost: branch-vm has no route to 10.1.31.10"),
        "{lost}"
    );
}

#[test]
fn an_unknown_node_is_met_with_a_near_name() {
    let turn = Turn::begin();
    let lab = turn.lab_up("typo", &[]);
    let commands: [&[&str]; 5] = [
        &["trace", "hub-vm", "loc1-v"],
        &["graph", "--path", "hub-vm", "loc1-v"],
        &["ping", "loc1-v", "hub-vm"],
        &["exec", "loc1-v", "--", "true"],
        &["shell", "loc1-v"],
    ];
    for words in commands {
        let refused = lab.run(words).exits(2);
        assert!(
            refused.complained.contains("did you mean `loc1-vm`?"),
            "{refused:#?}"
        );
        assert_eq!(refused.complained.lines().count(), 1, "{refused:#?}");
    }
}

#[test]
fn a_circuit_and_a_network_name_their_parts() {
    let turn = Turn::begin();
    let lab = turn.lab_up("parts-of", &[]);
    let refused = lab.run(&["fault", "er1"]).exits(2).complained;
    let hint = "did you mean `er1-primary` or `er1-secondary`?\n";
    assert!(refused.ends_with(hint), "{refused}");
    let refused = lab.run(&["ping", "hub-vm", "spoke"]).exits(2).complained;
    assert!(refused.ends_with("did you mean `spoke-vm`?\n"), "{refused}");
}

#[test]
fn the_name_of_a_running_lab_means_it_and_its_picture_shows_what_is_down() {
    let turn = Turn::begin();
    let up = turn.lab_up("by-name", &[]);
    let name = up.name.as_str();
    for words in [["validate", name], ["plan", name], ["why", "--file"]] {
        let words = match words {
            ["why", file] => vec!["why", "hub-vm", "loc1-vm", file, name],
            words => words.to_vec(),
        };
        lab(&words).exits(0);
    }
    lab(&["diff", name, "hub-spoke"]).exits(0);
    let is_down = |picture: &str| picture.contains("circuit-link down\" data-link=\"er1-primary\"");
    assert!(!is_down(&lab(&["graph", name]).exits(0).said));
    up.run(&["fault", "er1-primary"]).exits(0);
    assert!(is_down(&lab(&["graph", name]).exits(0).said));
    assert!(is_down(&up.run(&["graph"]).exits(0).said));
    assert!(
        !is_down(&lab(&["graph", &up.file]).exits(0).said),
        "the file as such"
    );
    assert!(lab(&["up", name]).exits(0).said.contains("is up already"));
    up.down().exits(0);
    let refused = lab(&["graph", name]).exits(2).complained;
    assert!(refused.contains("there is no lab"), "{refused}");
}

#[test]
fn a_shell_gets_the_names_of_what_is_up() {
    let turn = Turn::begin();
    let up = turn.lab_up("complete", &[]);
    let candidates = |words: &[&str]| {
        let mut asked = command(LAB, &[&["--", "lab"], words].concat());
        asked.env("LAB_COMPLETE", "fish");
        finish(&mut asked).exits(0).said
    };
    assert_eq!(
        candidates(&["trace", "--lab", &up.name, "hub-v"]),
        "hub-vm\nhub-vpngw\n"
    );
    assert_eq!(candidates(&["fault", "er1-p"]), "er1-primary\n");
    assert_eq!(
        candidates(&["status", "complete-"]),
        format!("{}\n", up.name)
    );
    assert_eq!(
        candidates(&["why", "--file", "hub-nva", "nva"])
            .lines()
            .count(),
        2
    );
    up.down().exits(0);
    assert_eq!(candidates(&["status", "complete-"]), "");
    for shell in ["bash", "zsh", "fish"] {
        let script = lab(&["completions", shell]).exits(0).said;
        assert!(script.contains("LAB_COMPLETE"), "{script}");
    }
}

#[test]
fn ls_and_status_tell_of_every_part() {
    let turn = Turn::begin();
    let up = turn.lab_up("parts", &[]);
    let labs = lab(&["ls", "--json"]).exits(0).json();
    let listed = labs
        .as_array()
        .expect("a list of labs")
        .iter()
        .find(|one| one["lab"] == up.name);
    let listed = listed.expect("the lab that is up");
    assert_eq!(
        (&listed["state"], &listed["nodes"]),
        (&"up".into(), &22.into())
    );
    assert!(lab(&["ls"]).exits(0).said.contains(&up.name));
    let all = lab(&["ls", "--all", "--json"]).exits(0).json();
    let all = all.as_array().expect("a list of labs").iter();
    let listing: Vec<_> = all
        .map(|one| (one["lab"].clone(), one["state"].clone()))
        .collect();
    assert!(
        listing.contains(&(up.name.clone().into(), "up".into())),
        "{listing:?}"
    );
    assert!(
        listing.contains(&("hub-nva".into(), serde_json::Value::Null)),
        "{listing:?}"
    );

    let status = up.run(&["status", "--json"]).exits(0).json();
    assert_eq!(
        (&status["lab"], &status["state"]),
        (&up.name.clone().into(), &"up".into())
    );
    assert_eq!(status["problems"].as_array().map(Vec::len), Some(0));
    let nodes = status["nodes"].as_array().expect("a list of nodes");
    assert_eq!(nodes.len(), 22);
    assert!(nodes.iter().all(|node| node["state"] == "up"), "{status:#}");
    let links = status["links"].as_array().expect("a list of links");
    let down: Vec<_> = links
        .iter()
        .filter(|link| link["state"] != "up")
        .map(|link| &link["name"])
        .collect();
    assert_eq!(down, ["er1-secondary"], "the one link that the file shuts");
    let tunnels = status["tunnels"].as_array().expect("a list of tunnels");
    assert_eq!(tunnels.len(), 2);
    assert!(
        tunnels.iter().all(|tunnel| tunnel["state"] == "up"),
        "{status:#}"
    );
}

/// Enters a chroot whose root is no mount point, and then one whose root is one.
const IN_A_CHROOT: &str = r#"
set -e
root=$1 lab=$2
shift 2
for path in /bin /sbin /lib /lib64; do
    if [ -L $path ]; then cp -a $path "$root"; fi
done
for path in /usr /etc /proc /sys /dev /run $(dirname "$lab"); do
    mkdir -p "$root$path"
    mount --rbind $path "$root$path"
done
chroot "$root" "$lab" doctor | grep 'mounts inside nodes' >&2
chroot "$root" setpriv --reuid 65534 --regid 65534 --clear-groups "$lab" doctor | head -1 >&2
chroot "$root" "$lab" "$@" || echo "$?"
mount --rbind "$root" "$root"
chroot "$root" "$lab" "$@"
"#;

#[test]
fn a_chroot_whose_root_is_no_mount_point_is_named_with_what_to_do() {
    let turn = Turn::begin();
    let lab = turn.lab_up("chroot", &[]);
    let root = turn.folder().join("root");
    std::fs::create_dir(&root).expect("a folder of the test's own");
    let root = root.to_str().expect("a plain name");
    let exec = ["exec", "--lab", &lab.name, "hub-vm", "--", "echo", "inside"];
    let words = [
        &["--mount", "bash", "-c", IN_A_CHROOT, "bash", root, LAB],
        &exec[..],
    ]
    .concat();
    let ran = run("unshare", &words).exits(0);
    assert_eq!(ran.said, "3\ninside\n", "{ran:#?}");
    let lines: Vec<&str> = ran.complained.lines().collect();
    let error = "error: no program can run in a node, because / is no mount point, as in a chroot: outside of it, run \
                 `mount --rbind DIR DIR` for its folder DIR, and enter it again";
    assert!(lines.contains(&error), "{ran:#?}");
    let is_row = |line: &&str| line.starts_with("mounts inside nodes ") && line.contains(" no ");
    assert!(lines.iter().any(is_row), "{ran:#?}");
    let is_table = |line: &&str| line.starts_with("ABILITY ");
    assert!(lines.iter().any(is_table), "{ran:#?}");
}
