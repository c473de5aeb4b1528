//! Leftovers of others: half a folder, half a record, another version's record, files without a lab, processes without
//! a socket. `up` repairs the lab, `down` removes it, and no output is wrong.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use nix::mount::{MsFlags, mount, umount};
use nix::sys::signal::Signal;
use nix::sys::statvfs::statvfs;

use crate::labs::Lab;
use crate::machine::{
    self, LAB, Machine, about, assert_clean, end, entries, folder, lab, send, settle, supervisor,
    traces, wait_until,
};
use crate::truth::{Told, told};

/// Invalid records, each with its error message.
const RECORDS: [(&str, &str); 5] = [
    ("", "is not a lab's record"),
    ("{\"format\":1,\"file\":\"x.ya", "is not a lab's record"),
    ("{\"format\":1}", "is not a lab's record"),
    (
        "{\"format\":999,\"what\":{}}",
        "was built by another version",
    ),
    (
        "{\"file\":\"x\",\"text\":\"name: odd\",\"carriers\":null}",
        "was built by another version",
    ),
];

#[test]
fn a_record_that_cannot_be_read_hides_nothing_and_hinders_nothing() {
    let Some(_machine) =
        Machine::enter("leftovers::a_record_that_cannot_be_read_hides_nothing_and_hinders_nothing")
    else {
        return;
    };
    let [odd, fine] = [Lab::row("odd", 3), Lab::row("fine", 2)];
    fine.up().exits(0);
    for (text, said) in RECORDS {
        for is_up in [false, true] {
            if is_up {
                odd.up().exits(0);
            }
            leave_record(&odd, text);
            let status = odd.status().exits(3);
            assert!(status.complained.contains(said), "{status:#?}");
            assert!(status.complained.contains("`lab down odd`"), "{status:#?}");
            let listed = lab("", &["ls", "--json"]).exits(0).json();
            assert_eq!(listed[0]["state"], "up", "{listed}");
            assert_eq!(listed[1]["state"], "broken", "{listed}");
            odd.down().exits(0);
            assert_eq!(traces("odd"), Vec::<String>::new());
            leave_record(&odd, text);
            odd.up().exits(0);
            assert_eq!(told(&odd), Told::Up);
            odd.down().exits(0);
        }
    }
    leave_record(&odd, RECORDS[1].0);
    lab("", &["down", "--all"]).exits(0);
    assert_clean();
}

/// The record of a running lab was damaged or removed.
#[test]
fn up_writes_the_record_of_a_lab_that_is_up_again() {
    let Some(_machine) =
        Machine::enter("leftovers::up_writes_the_record_of_a_lab_that_is_up_again")
    else {
        return;
    };
    let lab = Lab::row("odd", 3);
    lab.up().exits(0);
    let before = supervisor("odd");
    let damaged = RECORDS.iter().map(|(text, said)| (Some(*text), *said));
    for (text, said) in damaged.chain([(None, "the record of lab odd is gone")]) {
        let commands: [&[&str]; 3] = [
            &["up", &lab.files[0]],
            &["verify", &lab.files[0], "--allow-empty"],
            &["up", &lab.files[1]],
        ];
        for words in commands {
            if words[1] == lab.files[0] {
                lab.up().exits(0);
            }
            match text {
                Some(text) => leave_record(&lab, text),
                None => fs::remove_file(folder("odd").join("lab.json"))
                    .expect("a file of a machine's own"),
            }
            let status = lab.status().exits(3);
            assert!(status.complained.contains(said), "{status:#?}");
            assert!(
                status.complained.contains("`lab up`") || text.is_some(),
                "{status:#?}"
            );
            lab.run(words).exits(0);
            assert_eq!(told(&lab), Told::Up, "after {text:?} and {words:?}");
            assert_eq!(supervisor("odd"), before);
        }
    }
    lab.down().exits(0);
}

/// A program that was started in a node, and then moved to another namespace.
#[test]
fn down_ends_programs_that_have_left_their_node() {
    let Some(_machine) = Machine::enter("leftovers::down_ends_programs_that_have_left_their_node")
    else {
        return;
    };
    let [left, other] = [Lab::row("left", 2), Lab::row("other", 2)];
    let programs: [&[&str]; 4] = [
        &[
            LAB, "exec", "--lab", "left", "r1", "--", "unshare", "--net", "sleep", "600",
        ],
        &[
            "ip", "netns", "exec", "left.r1", "unshare", "--net", "sleep", "600",
        ],
        &[
            LAB, "exec", "--lab", "left", "r1", "--", "ip", "netns", "exec", "other.r1", "sleep",
            "600",
        ],
        &[
            LAB, "exec", "--lab", "left", "r1", "--", "unshare", "--net", "--mount", "sleep", "600",
        ],
    ];
    other.up().exits(0);
    left.up().exits(0);
    let stays = ["netns", "exec", "other.r1", "sleep", "600"];
    let mut stays = about("", "ip", &stays).spawn().expect("iproute2");
    for words in programs {
        let program = about("", words[0], &words[1..]).spawn();
        let program = program.expect("a program");
        let comm = format!("/proc/{}/comm", program.id());
        wait_until("it has left its node", || {
            fs::read_to_string(&comm).is_ok_and(|name| name.trim() == "sleep")
        });
        let removed = left.run(&["down", "left", "--json"]).exits(0).json();
        assert_eq!(removed[0]["ended_processes"], 1, "{words:?}: {removed}");
        let ended = end(program);
        assert_eq!(ended.code, None, "{words:?}: {ended:#?}");
        left.up().exits(0);
    }
    assert!(
        stays.try_wait().expect("a child").is_none(),
        "of another lab"
    );
    other.down().exits(0);
    assert_eq!(end(stays).code, None);
    left.down().exits(0);
}

#[test]
fn a_folder_without_a_record_is_no_lab_that_is_up() {
    let Some(_machine) =
        Machine::enter("leftovers::a_folder_without_a_record_is_no_lab_that_is_up")
    else {
        return;
    };
    let lab = Lab::row("begun", 2);
    for all in [false, true] {
        fs::create_dir_all(folder("begun").join("etc")).expect("a file of a machine's own");
        fs::write(folder("begun").join("lab.new"), "{").expect("a file of a machine's own");
        assert_eq!(told(&lab), Told::Absent);
        let listed = crate::machine::lab("", &["ls", "--json"]).exits(0).json();
        assert_eq!(listed[0]["state"], "broken");
        lab.up().exits(0);
        assert_eq!(told(&lab), Told::Up);
        lab.down().exits(0);
        fs::create_dir_all(folder("begun")).expect("a file of a machine's own");
        let which = if all { "--all" } else { "begun" };
        lab.run(&["down", which]).exits(0);
        assert_clean();
    }
}

#[test]
fn down_removes_files_whose_lab_was_never_made() {
    let Some(_machine) = Machine::enter("leftovers::down_removes_files_whose_lab_was_never_made")
    else {
        return;
    };
    let lab = Lab::row("files", 2);
    for has_folder in [true, false] {
        leave_files(has_folder);
        let removed = lab.run(&["down", "files", "--json"]).exits(0).json();
        assert_eq!(removed[0]["was_up"], true, "{removed}");
        assert_eq!(traces("files"), Vec::<String>::new());
        leave_files(has_folder);
        lab.up().exits(0);
        assert_eq!(told(&lab), Told::Up);
        lab.down().exits(0);
        assert_eq!(traces("files"), Vec::<String>::new());
    }
    // In this test the directories belonged to the user; one is a mount, as `ip netns` makes it.
    umount("/run/netns").expect("a file of a machine's own");
    for directory in ["/run/netns", "/etc/netns"] {
        fs::remove_dir(directory).expect("a file of a machine's own");
    }
}

/// Files without a pinned namespace, hard-linked if possible, and the nodes' files in /etc.
fn leave_files(has_folder: bool) {
    if has_folder {
        fs::create_dir_all(folder("files")).expect("a file of a machine's own");
    }
    for directory in ["/run/netns", "/etc/netns"] {
        fs::create_dir_all(directory).expect("a file of a machine's own");
    }
    fs::write("/run/netns/files.r1", "").expect("a file of a machine's own");
    fs::hard_link("/run/netns/files.r1", "/run/netns/files.r2").expect("a file of a machine's own");
    symlink(folder("files").join("etc"), "/etc/netns/files.r1").expect("a file of a machine's own");
    fs::hard_link("/etc/netns/files.r1", "/etc/netns/files.r2").expect("a file of a machine's own");
}

#[test]
fn down_removes_all_but_the_namespace_that_cannot_be_removed() {
    let test = "leftovers::down_removes_all_but_the_namespace_that_cannot_be_removed";
    let Some(_machine) = Machine::enter(test) else {
        return;
    };
    let lab = Lab::row("stuck", 3);
    lab.up().exits(0);
    // A directory: it can be neither unmounted nor removed.
    let stuck = Path::new("/run/netns/stuck.a");
    fs::create_dir_all(stuck.join("b")).expect("a directory of a machine's own");
    let refused = lab.down().exits(3);
    let words = "cannot remove namespace stuck.a";
    assert!(refused.complained.contains(words), "{refused:#?}");
    let mut left = entries("/run/netns");
    left.extend(entries("/etc/netns"));
    assert_eq!(left, [stuck]);
    fs::remove_dir_all(stuck).expect("a directory of a machine's own");
    lab.down().exits(0);
}

#[test]
fn every_down_sweeps_what_only_labs_needed() {
    let Some(_machine) = Machine::enter("leftovers::every_down_sweeps_what_only_labs_needed")
    else {
        return;
    };
    let lab = Lab::row("swept", 2);
    for which in ["--all", "swept"] {
        lab.up().exits(0);
        let root = hold_root();
        lab.down().exits(0);
        // A process with the root's lock is about to begin a lab: the directories for it stay.
        for path in ["/run/netns", "/etc/netns", "/run/netns-lab"] {
            assert!(Path::new(path).exists(), "{path}");
        }
        lab.run(&["down", which]).exits(0);
        assert!(Path::new("/run/netns").exists());
        drop(root);
        lab.run(&["down", which]).exits(0);
        assert_clean();
    }
}

/// The lock of another lab that begins.
fn hold_root() -> Flock<File> {
    let root = File::open("/run/netns-lab").expect("a file of a machine's own");
    Flock::lock(root, FlockArg::LockShared)
        .map_err(|(_, errno)| errno)
        .expect("a file of a machine's own")
}

#[test]
fn a_sweep_that_was_interrupted_is_done_by_the_next() {
    let Some(_machine) =
        Machine::enter("leftovers::a_sweep_that_was_interrupted_is_done_by_the_next")
    else {
        return;
    };
    for gone in [&[][..], &["/run/netns"], &["/run/netns", "/etc/netns"]] {
        let root = Path::new("/run/netns-lab");
        fs::create_dir_all(root).expect("a file of a machine's own");
        for marker in [".made-run-netns", ".made-etc-netns"] {
            fs::write(root.join(marker), "").expect("a file of a machine's own");
        }
        for directory in ["/run/netns", "/etc/netns"] {
            if !gone.contains(&directory) {
                fs::create_dir_all(directory).expect("a file of a machine's own");
            }
        }
        lab("", &["down", "never-there"]).exits(0);
        assert_clean();
    }
}

#[test]
fn a_socket_of_the_dead_is_no_obstacle() {
    let Some(_machine) = Machine::enter("leftovers::a_socket_of_the_dead_is_no_obstacle") else {
        return;
    };
    let lab = Lab::row("dead", 2);
    for command in ["up", "down"] {
        fs::create_dir_all(folder("dead")).expect("a file of a machine's own");
        drop(
            UnixListener::bind(folder("dead").join("control.sock"))
                .expect("a file of a machine's own"),
        );
        if command == "up" {
            lab.up().exits(0);
            assert_eq!(told(&lab), Told::Up);
        }
        lab.down().exits(0);
        assert_clean();
    }
}

/// Its socket, or all of its folder, was removed.
#[test]
fn a_supervisor_that_cannot_be_asked_is_found() {
    let Some(_machine) = Machine::enter("leftovers::a_supervisor_that_cannot_be_asked_is_found")
    else {
        return;
    };
    let lab = Lab::row("mute", 3);
    for is_all in [false, true] {
        for command in ["down", "up"] {
            lab.up().exits(0);
            let before = supervisor("mute").expect("a supervisor");
            if is_all {
                fs::remove_dir_all(folder("mute")).expect("a file of a machine's own");
            } else {
                fs::remove_file(folder("mute").join("control.sock"))
                    .expect("a file of a machine's own");
            }
            if command == "up" {
                lab.up().exits(0);
                assert_ne!(supervisor("mute"), Some(before));
                assert_eq!(told(&lab), Told::Up);
            }
            lab.down().exits(0);
            assert_eq!(traces("mute"), Vec::<String>::new());
        }
    }
}

#[test]
fn a_supervisor_that_does_not_answer_is_ended() {
    let Some(_machine) = Machine::enter("leftovers::a_supervisor_that_does_not_answer_is_ended")
    else {
        return;
    };
    let lab = Lab::row("stopped", 2);
    lab.up().exits(0);
    send(
        supervisor("stopped").expect("a supervisor"),
        Signal::SIGSTOP,
    );
    lab.down().exits(0);
    assert_eq!(traces("stopped"), Vec::<String>::new());
}

/// The command that began the build was killed, and so was its supervisor.
#[test]
fn a_builder_that_was_killed_holds_nothing_up() {
    let Some(_machine) = Machine::enter("leftovers::a_builder_that_was_killed_holds_nothing_up")
    else {
        return;
    };
    let lab = Lab::row("built", 40);
    for command in ["up", "down"] {
        let mut builder =
            crate::machine::about("built", crate::machine::LAB, &["up", &lab.files[0]])
                .spawn()
                .expect("a file of a machine's own");
        wait_until("a namespace is there", || {
            Path::new("/run/netns/built.r9").exists()
        });
        let pid = supervisor("built").expect("a supervisor");
        // First the command, which would clean up after the supervisor.
        send(builder.id(), Signal::SIGKILL);
        send(pid, Signal::SIGKILL);
        // The lock is held until the killed command has ended.
        builder.wait().expect("a child can be waited for");
        if command == "up" {
            lab.up().exits(0);
            assert_eq!(told(&lab), Told::Up);
        }
        lab.down().exits(0);
        settle("built");
        assert_eq!(traces("built"), Vec::<String>::new());
    }
}

fn leave_record(lab: &Lab, text: &str) {
    fs::create_dir_all(folder(&lab.name)).expect("a file of a machine's own");
    fs::write(folder(&lab.name).join("lab.json"), text).expect("a file of a machine's own");
}

/// Files are written before anything is changed, so that the running lab is unharmed.
#[test]
fn an_edit_that_a_full_or_read_only_run_refuses_changes_nothing() {
    let Some(_machine) =
        Machine::enter("leftovers::an_edit_that_a_full_or_read_only_run_refuses_changes_nothing")
    else {
        return;
    };
    let lab = Lab::hub_spoke("full");
    lab.up().exits(0);
    let supervisor = supervisor("full");
    let refused = || {
        let refused = lab.run(&["up", &lab.files[1]]).exits(3);
        let file = "error: cannot write /run/netns-lab/full/";
        assert!(refused.complained.starts_with(file), "{refused:#?}");
    };
    let is_as_it_was = || {
        assert_eq!(
            machine::supervisor("full"),
            supervisor,
            "the same supervisor stays"
        );
        let said = lab.up().exits(0).said;
        assert_eq!(said, "lab full is up already\n");
        lab.run(&["status", "--check", "--lab", "full"]).exits(0);
    };
    let used = statvfs("/run").expect("the machine's own /run");
    let used = used.blocks() - used.blocks_free();
    remounted("/run", MsFlags::empty(), &format!("nr_blocks={used}"));
    refused();
    remounted("/run", MsFlags::empty(), "nr_blocks=0");
    is_as_it_was();
    let own = folder("full");
    let nothing = None::<&str>;
    mount(Some(&own), &own, nothing, MsFlags::MS_BIND, nothing).expect("a mount");
    remounted(
        "/run/netns-lab/full",
        MsFlags::MS_BIND | MsFlags::MS_RDONLY,
        "",
    );
    refused();
    umount(&own).expect("a mount");
    is_as_it_was();
    lab.run(&["up", &lab.files[1]]).exits(0);
    lab.down().exits(0);
}

/// Remounts a path of the test's machine.
fn remounted(path: &str, flags: MsFlags, options: &str) {
    let nothing = None::<&str>;
    let flags = MsFlags::MS_REMOUNT | flags;
    mount(nothing, path, nothing, flags, Some(options)).expect("a mount of the machine's own");
}

/// A restart of the machine empties /run, but not /etc.
#[test]
fn down_all_removes_the_links_of_labs_that_a_restart_ended() {
    let test = "leftovers::down_all_removes_the_links_of_labs_that_a_restart_ended";
    let Some(_machine) = Machine::enter(test) else {
        return;
    };
    let etc = Path::new("/etc/netns");
    fs::create_dir_all(etc).expect("a file of a machine's own");
    let of_gone = folder("gone").join("etc");
    for (name, files, is_old) in [
        ("gone.r1", of_gone.as_path(), true),
        ("gone.r2", &of_gone, true),
        ("mine.r1", Path::new("/etc"), true),
        ("new.r1", &folder("new").join("etc"), false),
    ] {
        let link = etc.join(name);
        symlink(files, &link).expect("a file of a machine's own");
        if is_old {
            let link = link.to_str().expect("a plain name");
            let touched = about("", "touch", &["--no-dereference", "--date=@1", link]);
            end({ touched }.spawn().expect("touch")).exits(0);
        }
    }
    let said = lab("", &["down", "--all"]).exits(0).said;
    assert!(
        said.starts_with("what was left of lab gone is removed in "),
        "{said}"
    );
    assert_eq!(entries(etc), [etc.join("mine.r1"), etc.join("new.r1")]);
    fs::remove_dir_all(etc).expect("a file of a machine's own");
    assert_clean();
}
