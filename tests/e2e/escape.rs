//! Nothing leaves a lab: no packet while it is under load, torn down or orphaned, no port, no key.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};

use crate::capture::{Capture, Packet};
use crate::host::{LAB_ADDRESSES, MARK};
use crate::lab::{Lab, Turn};
use crate::program::{self, Beside, is_alive, pid, run, wait_until};

/// Senders and receivers of floods: through the fabric, through tunnels, through wires.
const FLOODS: [(&str, &str); 3] = [
    ("spoke-vm", "10.10.30.4"),
    ("branch-vm", "10.2.30.10"),
    ("loc1-vm", "10.10.30.4"),
];

/// The kernel's lists of network sockets.
const PORTS: [&str; 9] = [
    "tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "packet",
];

/// The commands whose output is searched for keys.
const TOLD: [&[&str]; 5] = [
    &["status", "--json"],
    &["status", "--check", "--json"],
    &["why", "branch-vm", "loc1-vm", "--json"],
    &["routes", "hub-vm", "--json"],
    &["learned-routes", "hub-vpngw", "--json"],
];

#[test]
fn no_packet_gets_out_of_a_lab_that_ends_under_load() {
    let turn = Turn::begin();
    let mut capture = Capture::start(None, &format!("{LAB_ADDRESSES} or host {MARK}"));
    let lab = turn.lab_up("loaded", &[]);
    let mut load = floods(&lab);
    load.push(iperf(&lab));
    wait_until("packets pass every flood", || are_flowing(&lab));
    let supervisor = lab.supervisor();
    kill(pid(supervisor), Signal::SIGKILL).expect("a running supervisor");
    wait_until("the supervisor is gone", || !is_alive(supervisor));
    // Floods that the kernel carries continue until `up` rebuilds the lab.
    program::lab(&["up", &lab.file]).exits(0);
    drop(load);
    let load = floods(&lab);
    wait_until("packets pass every flood", || are_flowing(&lab));
    lab.down().exits(0);
    for flood in load {
        assert_eq!(flood.signal_at_end(), Some(Signal::SIGKILL as i32));
    }
    run("ping", &["-n", "-c", "1", "-W", "1", &MARK.to_string()]).exits(0);
    let mut is_mark = |packet: &Packet| packet.header().is_some_and(|header| header.to == MARK);
    let packets = capture.until(&mut is_mark);
    assert_eq!(packets.len(), 1, "seen before the mark: {packets:?}");
}

#[test]
fn a_lab_opens_no_port_of_the_host() {
    let turn = Turn::begin();
    let lab = turn.lab_up("portless", &[]);
    let own = sockets(lab.supervisor());
    assert!(own.len() > 20, "a supervisor has sockets: {own:?}");
    for table in PORTS {
        let path = Path::new("/proc/net").join(table);
        let listed = fs::read_to_string(path).unwrap_or_default();
        let words: BTreeSet<&str> = listed.split_whitespace().collect();
        let mut open = own.iter().filter(|socket| words.contains(socket.as_str()));
        assert_eq!(open.next(), None, "{table}: {listed}");
    }
}

#[test]
fn no_key_is_shown_or_written() {
    let turn = Turn::begin();
    let lab = turn.lab("keyless", &[]);
    let mut texts = vec![program::lab(&["up", &lab.file, "--json"]).exits(0).said];
    texts.extend(TOLD.map(|words| lab.run(words).said));
    texts.push(lab.run(&["verify", "--steady", "--json"]).said);
    let folder = PathBuf::from("/run/netns-lab").join(&lab.name);
    assert_eq!(mode(&folder) & 0o077, 0, "only root looks into the folder");
    for file in files(&folder) {
        assert_eq!(
            mode(&file) & 0o022,
            0,
            "only root writes {}",
            file.display()
        );
        texts.push(String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned());
    }
    for what in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{}/{what}", lab.supervisor())).unwrap_or_default();
        texts.push(String::from_utf8_lossy(&text).into_owned());
    }
    assert_eq!(texts.iter().find_map(|text| key(text)), None);
}

/// The search for keys finds them.
#[test]
fn a_key_is_known_by_its_look() {
    for is_key in [
        "key: yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=\n",
        "[\"a0b1c2d3e4f5a6b7a0b1c2d3e4f5a6b7a0b1c2d3e4f5a6b7A0B1C2D3E4F5A6B7\"]",
    ] {
        assert!(key(is_key).is_some(), "{is_key}");
    }
    assert_eq!(
        key("10.0.0.0/24, 12:34:56:78:9a:bc, a-name-of-a-node"),
        None
    );
}

fn floods(lab: &Lab) -> Vec<Beside> {
    let flood = |(from, to): (&str, &str)| {
        let words = ["ping", "-n", "-q", "-f", to];
        Beside::start(lab.command_inside(from, &words).stdout(Stdio::null()))
    };
    FLOODS.map(flood).into()
}

/// A transfer between two nodes that lasts longer than the test.
fn iperf(lab: &Lab) -> Beside {
    let words = ["iperf", "loc1-vm", "hub-vm", "--lab", &lab.name, "-t", "60"];
    let mut command = program::command(program::LAB, &words);
    Beside::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

/// Whether each flood's destination has sent a thousand answers, by its interface's counter.
fn are_flowing(lab: &Lab) -> bool {
    FLOODS.iter().all(|(from, _)| {
        let words = ["cat", "/sys/class/net/eth0/statistics/rx_packets"];
        let count = lab.inside(from, &words).exits(0).said;
        count.trim().parse::<u64>().is_ok_and(|count| count > 1_000)
    })
}

/// The inode numbers of a process's sockets.
fn sockets(process: u32) -> BTreeSet<String> {
    let files = fs::read_dir(format!("/proc/{process}/fd")).expect("a process's files");
    let files = files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok());
    files
        .filter_map(|to| {
            let number = to.to_str()?.strip_prefix("socket:[")?;
            Some(number.strip_suffix(']')?.to_owned())
        })
        .collect()
}

fn mode(path: &Path) -> u32 {
    let data =
        fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    data.permissions().mode()
}

/// The regular files in a folder and its subfolders.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let kinds = entries.filter_map(|entry| Some((entry.path(), entry.file_type().ok()?)));
    kinds
        .flat_map(|(path, kind)| match kind {
            kind if kind.is_dir() => files(&path),
            kind if kind.is_file() => vec![path],
            _ => Vec::new(),
        })
        .collect()
}

/// The first text that looks like 32 bytes, in base64 or in hexadecimal digits.
fn key(text: &str) -> Option<&str> {
    let is_base64 =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '=');
    text.split(|letter| !is_base64(letter)).find(|word| {
        let is_hexadecimal =
            word.len() == 64 && word.chars().all(|digit| digit.is_ascii_hexdigit());
        is_hexadecimal || word.len() == 44 && word.ends_with('=')
    })
}
