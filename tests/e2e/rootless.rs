//! Labs without root: the same commands, the same verdicts, and no remains.

use std::fs;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use serde_json::Value;

use crate::interrupts::{chain, end};
use crate::lab::Turn;
use crate::program::{self, Beside, command, finish, is_alive, pid, wait_until};
use crate::removal::traces;
use crate::user::User;
use crate::verification::Verification;

/// Forbids nested user namespaces in a user namespace, and runs a user's program there.
const FORBID: &str = r#"
echo 0 >/proc/sys/user/max_user_namespaces
exec setpriv --reuid=61811 --regid=61811 --clear-groups "$@"
"#;

#[test]
fn a_user_proves_what_root_proves() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = turn.lab_up("both", &[]);
    // Labs of root and of a user may have the same name without affecting each other.
    let up = user.lab(&["up", &lab.file]).exits(0);
    assert!(
        up.said.contains("22 nodes, 36 links and 2 tunnels"),
        "{up:#?}"
    );
    let verdicts = |ran: program::Ran| {
        let proved = ran.exits(0).json();
        let results = proved["results"].as_array().expect("results").clone();
        let verdict = |result: Value| {
            let hops = result["hops"].as_array().expect("hops");
            let addresses: Vec<_> = hops.iter().map(|hop| hop["address"].clone()).collect();
            let [from, to, state, verdict] =
                ["from", "to", "state", "verdict"].map(|key| result[key].clone());
            (from, to, state, verdict, addresses)
        };
        results.into_iter().map(verdict).collect::<Vec<_>>()
    };
    let by_root = verdicts(lab.run(&["verify", "--json"]));
    let by_user = verdicts(user.lab(&["verify", "--json"]));
    assert_eq!(by_root.len(), 72);
    assert_eq!(by_user, by_root);
    user.lab(&["status", "--check"]).exits(0);
    lab.down().exits(0);
    Verification::of(&user.lab(&["verify", "--steady", "--json"])).proves_all();
    user.lab(&["down", &lab.name]).exits(0);
    nothing_is_left(&lab);
}

#[test]
fn a_user_without_the_system_folders_in_path_has_the_systems_programs() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = turn.lab("pathless", &[]);
    let run = |words: &[&str]| {
        let path = format!("PATH={}", "/usr/bin:/bin");
        let words = [&["env", &path, user.program()], words].concat();
        finish(&mut user.command(&words))
    };
    assert_eq!(
        run(&["exec", "hub-vm", "--", "true"]).code,
        Some(2),
        "nothing is up"
    );
    run(&["up", &lab.file]).exits(0);
    run(&["exec", "hub-vm", "--", "nft", "list", "ruleset"]).exits(0);
    run(&["fault", "er1-primary", "--blackhole"]).exits(0);
    let doctor = run(&["doctor", "--json"]).exits(0).said;
    assert!(!doctor.contains("apt-get install"), "{doctor}");
    run(&["down", &lab.name]).exits(0);
    nothing_is_left(&lab);
}

#[test]
fn a_users_lab_takes_every_command() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = turn.lab("own", &[]);
    user.lab(&["up", &lab.file]).exits(0);
    assert_eq!(
        program::lab(&["status", &lab.name]).exits(2).said,
        "",
        "root has no such lab"
    );
    let ping = ["exec", "hub-vm", "--", "ping", "-nc1", "10.2.30.10"];
    assert!(user.lab(&ping).exits(0).said.contains("ttl=60"));
    let names = user
        .lab(&["exec", "hub-vm", "--", "getent", "hosts", "loc1-vm"])
        .exits(0)
        .said;
    assert!(names.contains("10.2.30.10"), "{names}");
    user.lab(&["exec", "hub-vm", "--", "sh", "-c", "exit 7"])
        .exits(7);
    let own_name = ["exec", "hub-vm", "--", "hostname"];
    assert_eq!(user.lab(&own_name).exits(0).said, "hub-vm\n");
    let words = ["exec", "hub-vm", "--", user.program(), "ls"];
    assert!(
        user.lab(&words).exits(0).said.contains("up     22"),
        "from inside the lab"
    );
    let trace = user.lab(&["trace", "loc1-vm", "hub-vm"]).exits(0).said;
    assert!(
        trace.contains("  4     *        *        *     Request timed out."),
        "{trace}"
    );
    let words = ["graph", "--lab", &lab.name, "--path", "hub-vm", "loc1-vm"];
    assert!(user.lab(&words).exits(0).said.contains("by a trace"));
    user.lab(&["ping", "hub-vm", "spoke-vm", "-c", "1"])
        .exits(0);
    user.lab(&["fault", "er1-primary"]).exits(0);
    user.lab(&["status", "--check"]).exits(0);
    user.lab(&["heal", "--all"]).exits(0);
    user.lab(&["impair", "er1-primary", "--delay", "9ms"])
        .exits(0);
    user.lab(&["routes", "hub-vm"]).exits(0);
    user.lab(&["why", "hub-vm", "loc1-vm"]).exits(0);
    let mut shell = user.lab_command(&["shell", "hub-vm"]);
    assert!(finish(shell.env("SHELL", "/bin/hostname")).code == Some(0));
    let other = turn.lab("further", &[]);
    user.lab(&["up", &other.file]).exits(0);
    let listed = user.lab(&["ls", "--json"]).exits(0).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    let removed = user.lab(&["down", "--all", "--json"]).exits(0).json();
    assert_eq!(
        [&removed[0]["namespaces"], &removed[1]["namespaces"]],
        [22, 22]
    );
    nothing_is_left(&lab);
    nothing_is_left(&other);
}

#[test]
fn nothing_outlives_a_users_lab_whose_supervisor_was_killed() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = turn.lab("slain", &[]);
    user.lab(&["up", &lab.file]).exits(0);
    let mut words = user.lab_command(&["exec", "hub-vm", "--", "sleep", "600"]);
    let sleeper = Beside::start(&mut words);
    let supervisor = user.lab(&["status", "--json"]).json()["supervisor"]["pid"].as_u64();
    let supervisor = u32::try_from(supervisor.expect("a process")).expect("a process");
    let is_asleep = || {
        let words = fs::read(format!("/proc/{}/cmdline", sleeper.pid())).unwrap_or_default();
        words.starts_with(b"sleep")
    };
    wait_until("the user's program runs", is_asleep);
    kill(pid(supervisor), Signal::SIGKILL).expect("a running supervisor");
    wait_until("the supervisor is gone", || !is_alive(supervisor));
    let status = user.lab(&["status", "--json"]).exits(1).json();
    assert_eq!(status["state"], "broken");
    assert!(user.lab(&["ls"]).exits(0).said.contains("broken"));
    let down = user.lab(&["down", &lab.name, "--json"]).exits(0).json();
    assert_eq!(down[0]["ended_processes"], 1);
    drop(sleeper);
    nothing_is_left(&lab);
}

#[test]
fn what_a_user_interrupts_is_rolled_back() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let lab = chain(&turn);
    let mut words = user.lab_command(&["up", &lab.file]);
    let mut up = Beside::start(words.stdout(Stdio::null()).stderr(Stdio::piped()));
    let etc = User::labs().join(&lab.name).join("etc");
    wait_until("its namespaces are being made", || etc.exists());
    kill(pid(up.pid()), Signal::SIGINT).expect("a running build");
    let (code, complained) = end(up.streams());
    assert_eq!(code, Some(130), "{complained}");
    let told = format!("what was built of lab {} is removed\n", lab.name);
    assert!(complained.ends_with(&told), "{complained}");
    nothing_is_left(&lab);
}

/// In a user namespace that forbids nested ones, like a machine with this setting.
#[test]
fn where_users_may_not_the_setting_is_named() {
    let turn = Turn::begin();
    let user = User::of(&turn);
    let mut holder = command("unshare", &["-U", "cat"]);
    let mut holder = Beside::start(holder.stdin(Stdio::piped()).stdout(Stdio::null()));
    let own = fs::read_link("/proc/self/ns/user").expect("a namespace");
    let process = format!("/proc/{}", holder.pid());
    let theirs = format!("{process}/ns/user");
    wait_until("it has a user namespace", || {
        fs::read_link(&theirs).is_ok_and(|it| it != own)
    });
    for map in ["uid_map", "gid_map"] {
        fs::write(format!("{process}/{map}"), "0 0 100000").expect("root may map all");
    }
    let holder_pid = holder.pid().to_string();
    let mut words = command("nsenter", &["-t", &holder_pid, "-U", "-S", "0", "-G", "0"]);
    words.args(["sh", "-c", FORBID, "sh", user.program(), "up", "hub-spoke"]);
    let complained = finish(&mut words).exits(3).complained;
    drop(holder.streams().stdin.take());
    assert!(!User::labs().exists(), "{}", User::labs().display());
    assert!(
        complained.starts_with(
            "error: cannot make a user namespace, which labs without root need: \
             `sudo sysctl user.max_user_namespaces=10000`, or run it with sudo\n  because: "
        ),
        "{complained}"
    );
}

fn nothing_is_left(lab: &crate::lab::Lab) {
    wait_until("the user's last process ends", || {
        User::processes().is_empty()
    });
    assert!(!User::labs().exists(), "{}", User::labs().display());
    assert_eq!(traces(lab), Vec::<String>::new());
}
