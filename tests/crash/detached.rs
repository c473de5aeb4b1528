//! A supervisor inherits nothing from the command that started it. Also tests its end, and how it runs with few
//! resources.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::labs::Lab;
use crate::machine::{
    LAB, Machine, Ran, about, assert_clean, end, folder, holds_lock, programs, send, supervisor,
    wait_until,
};
use crate::truth::{Told, told};

/// Runs a shell script about a lab, with the program under test and the lab's file as its arguments.
fn script(lab: &Lab, text: &str) -> Ran {
    let words = ["-c", text, "bash", LAB, &lab.files[0]];
    about(&lab.name, "bash", &words)
        .output()
        .expect("bash")
        .into()
}

#[test]
fn no_file_that_was_open_stays_open() {
    let Some(_machine) = Machine::enter("detached::no_file_that_was_open_stays_open") else {
        return;
    };
    let lab = Lab::row("files", 2);
    let locked = "exec 8>/run/lock 300>&8; flock 8; \"$1\" up \"$2\"; exec 8>&- 300>&-; \
                  flock --nonblock /run/lock true";
    script(&lab, locked).exits(0);
    assert_eq!(told(&lab), Told::Up);
    lab.down().exits(0);
}

#[test]
fn modes_do_not_depend_on_the_users_mask() {
    let Some(_machine) = Machine::enter("detached::modes_do_not_depend_on_the_users_mask") else {
        return;
    };
    let lab = Lab::row("modes", 2);
    for mask in ["000", "077", "022"] {
        script(&lab, &format!("umask {mask}; \"$1\" up \"$2\"")).exits(0);
        let own = |path: &str| format!("{}/{path}", folder("modes").display());
        let all = [
            ("/run/netns".to_owned(), 0o755),
            ("/etc/netns".to_owned(), 0o755),
            ("/etc/netns/modes.r1/hosts".to_owned(), 0o644),
            ("/run/netns-lab".to_owned(), 0o700),
            (own(""), 0o700),
            (own("etc"), 0o755),
            (own("control.sock"), 0o600),
            (own("supervisor.log"), 0o600),
        ];
        for (path, mode) in all {
            let data = fs::metadata(&path).expect("a file of the lab's");
            let found = data.permissions().mode() & 0o777;
            assert_eq!(found, mode, "{path} with umask {mask}: {found:o}");
        }
        lab.down().exits(0);
    }
}

#[test]
fn a_signal_ends_a_supervisor_and_removes_its_lab() {
    let Some(_machine) = Machine::enter("detached::a_signal_ends_a_supervisor_and_removes_its_lab")
    else {
        return;
    };
    let lab = Lab::hub_spoke("signal");
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        // A program inherits ignored signals from its parent.
        script(
            &lab,
            "env --ignore-signal=TERM,INT,HUP,CHLD \"$1\" up \"$2\"",
        )
        .exits(0);
        send(supervisor("signal").expect("a supervisor"), signal);
        wait_until("the supervisor has ended", || programs("signal").is_empty());
        assert_clean();
    }
}

#[test]
fn a_signal_ends_a_supervisor_that_builds() {
    let Some(_machine) = Machine::enter("detached::a_signal_ends_a_supervisor_that_builds") else {
        return;
    };
    let lab = Lab::row("builds", 40);
    let mut command = about("builds", LAB, &["up", &lab.files[0]]);
    let up = command.spawn().expect("the program under test");
    let mut found = None;
    wait_until("a supervisor has the lock", || {
        found = supervisor("builds").filter(|pid| holds_lock(*pid, "builds"));
        found.is_some()
    });
    let pid = found.expect("it was waited for");
    send(pid, Signal::SIGSTOP);
    assert!(!folder("builds").join("control.sock").exists());
    send(pid, Signal::SIGTERM);
    send(pid, Signal::SIGCONT);
    let ran = end(up).exits(3);
    let said = "interrupted: what was built of lab builds is removed";
    assert!(ran.complained.contains(said), "{ran:#?}");
    assert_clean();
}

/// Enough descriptors for the standard streams, signals and a reserve: all other open ones have higher numbers, and no
/// more can be opened.
const FEW: &str = "--nofile=20:20";

#[test]
fn a_supervisor_without_descriptors_answers_and_ends() {
    let Some(_machine) =
        Machine::enter("detached::a_supervisor_without_descriptors_answers_and_ends")
    else {
        return;
    };
    let lab = Lab::hub_spoke("few");
    for by_signal in [false, true] {
        lab.up().exits(0);
        let pid = supervisor("few").expect("a supervisor");
        let limit = Command::new("prlimit")
            .args(["--pid", &pid.to_string(), FEW])
            .status();
        assert!(limit.expect("util-linux's prlimit").success());
        let calls: Vec<UnixStream> = (0..30).map(|_| watcher()).collect();
        assert_eq!(told(&lab), Told::Up);
        lab.run(&["fault", "er1-primary"]).exits(0);
        lab.run(&["heal", "--all"]).exits(0);
        if by_signal {
            send(pid, Signal::SIGTERM);
            wait_until("the supervisor has ended", || programs("few").is_empty());
        } else {
            lab.down().exits(0);
        }
        drop(calls);
        assert_clean();
    }
}

/// A connection that watches for changes.
fn watcher() -> UnixStream {
    let mut stream =
        UnixStream::connect(folder("few").join("control.sock")).expect("a supervisor's socket");
    // A refused connection is closed at once.
    let _ = stream.write_all(b"\"watch\"\n");
    stream
}

/// No command waits for a stopped supervisor.
#[test]
fn a_stopped_supervisor_is_named_with_the_remedy() {
    let Some(_machine) = Machine::enter("detached::a_stopped_supervisor_is_named_with_the_remedy")
    else {
        return;
    };
    let lab = Lab::hub_spoke("stopped");
    lab.up().exits(0);
    let pid = supervisor("stopped").expect("a supervisor");
    send(pid, Signal::SIGSTOP);
    let named = format!("process {pid}");
    let remedy = format!("`kill -CONT {pid}`");
    let commands: [&[&str]; 12] = [
        &["up", &lab.files[0]],
        &["status"],
        &["fault", "er1-primary"],
        &["heal", "--all"],
        &["impair", "er1-primary", "--delay", "1ms"],
        &["routes", "hub-vm"],
        &["why", "hub-vm", "loc1-vm"],
        &["ping", "hub-vm", "loc1-vm"],
        &["trace", "hub-vm", "loc1-vm"],
        &["exec", "hub-vm", "--", "true"],
        &["matrix", "stopped"],
        &["verify", &lab.files[0]],
    ];
    for words in commands {
        let ran = lab.run(&[words, &["--timeout", "8s"]].concat());
        let ran = if words[0] == "exec" {
            lab.run(words)
        } else {
            ran
        };
        let all = format!("{}{}", ran.said, ran.complained);
        assert!(ran.code != Some(0), "{words:?}: {ran:#?}");
        assert!(
            all.contains(&named) && all.contains(&remedy),
            "{words:?}: {ran:#?}"
        );
    }
    send(pid, Signal::SIGCONT);
    assert_eq!(told(&lab), Told::Up);
    lab.down().exits(0);
}
