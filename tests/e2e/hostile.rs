//! Malicious input: endless files, names that lead elsewhere, garbage on a lab's socket.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::thread;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::lab::{Lab, Turn};
use crate::program::{LAB, Ran, is_alive, run};
use crate::removal::traces;

/// The most seconds for a refusal: without limits, it would take minutes, all memory or forever.
const AT_MOST: &str = "20";

/// Commands that read a lab file.
const READERS: [&[&str]; 6] = [
    &["up"],
    &["verify"],
    &["validate"],
    &["plan"],
    &["down"],
    &["routes", "hub-vm", "--file"],
];

/// Names that lead elsewhere, are options, or look like other names.
const NAMES: [&str; 9] = [
    "../x",
    "a/b",
    ".",
    "..",
    "-rf",
    "",
    "a\nb",
    "\u{1b}[31m",
    "hub-spoke.x",
];

/// Runs the program, and ends it if it takes too long.
fn lab(words: &[&str]) -> Ran {
    run("timeout", &[&[AT_MOST, LAB], words].concat())
}

/// The text of a refusal: nothing on standard output and, on standard error, one line with the reason below.
#[track_caller]
fn refused(ran: Ran) -> String {
    let ran = ran.exits(2);
    assert_eq!(ran.said, "", "{ran:#?}");
    let mut lines = ran.complained.lines();
    let first = lines.next().unwrap_or_default();
    assert!(first.starts_with("error"), "{ran:#?}");
    assert!(
        lines
            .next()
            .is_none_or(|line| line.starts_with("  because: ")),
        "{ran:#?}"
    );
    assert!(lines.next().is_none(), "{ran:#?}");
    assert!(!first.contains(char::is_control), "{ran:#?}");
    first.to_owned()
}

/// A missing lab, whose name is part of this test's file names.
fn nothing_of(turn: &Turn) -> Lab {
    turn.lab("hostile", &[])
}

/// The remains of a lab, without this test's own files.
fn left(lab: &Lab) -> Vec<String> {
    let found = traces(lab).into_iter();
    found.filter(|path| path != &lab.file).collect()
}

#[test]
fn what_is_no_file_of_text_is_refused_for_what_it_is() {
    let turn = Turn::begin();
    let lab_of_none = nothing_of(&turn);
    let at = |name: &str| turn.folder().join(name).display().to_string();
    let [large, pipe, folder] = ["large", "pipe", "folder"].map(at);
    let file = File::create(&large).expect("a file of the test's own");
    file.set_len(100 << 20).expect("a large file");
    mkfifo(pipe.as_str(), Mode::S_IRWXU).expect("a pipe of the test's own");
    fs::create_dir(&folder).expect("a folder of the test's own");
    let name = lab_of_none.name.as_bytes();
    let not_utf8 = [b"name: ", name, b"\nsites: {}\n# \xff\xfe\n"].concat();
    let binary = at("binary");
    fs::write(&binary, not_utf8).expect("a file of the test's own");
    let line = format!("{binary}:3:3: the byte 0xff");
    let cases = [
        (large.as_str(), "more than 4194304 bytes"),
        (&pipe, "named pipe"),
        (&folder, "directory"),
        ("/dev/zero", "device"),
        ("/dev/stdin", "device"),
        (&binary, &line),
    ];
    for (path, what) in cases {
        for words in READERS {
            let told = refused(lab(&[words, &[path]].concat()));
            assert!(told.contains(path) && told.contains(what), "{told}");
        }
    }
    assert_eq!(left(&lab_of_none), Vec::<String>::new());
}

/// Networks with the same prefix.
fn alike(count: u32) -> String {
    let prefixes = (0..count).map(|_| "10.0.0.0/24");
    let prefixes: Vec<&str> = prefixes.collect();
    format!(
        "virtualNetworks:\n  n: {{ location: r, addressPrefixes: [{}] }}\n",
        prefixes.join(", ")
    )
}

/// Texts that follow a lab's name, each with a title and the rule that refuses it.
fn endless_texts() -> Vec<(&'static str, String, &'static str)> {
    let aliases = |line: usize| vec![format!("*a{}", line - 1); 9].join(", ");
    let levels = (1..9).map(|line| format!("a{line}: &a{line} [{}]", aliases(line)));
    let levels: Vec<String> = levels.collect();
    let unknown: Vec<String> = (0..200_000).map(|number| format!("k{number}: 1")).collect();
    let brackets = "[".repeat(1 << 20);
    let dashes = "- ".repeat(1 << 20);
    vec![
        (
            "bomb",
            format!("a0: &a0 x\n{}\n", levels.join("\n")),
            "too-large",
        ),
        ("deep", format!("sites: {brackets}"), "too-deep"),
        ("dashes", format!("sites:\n  {dashes}"), "too-deep"),
        ("nul", "sites: {\0}\n".to_owned(), "not-text"),
        ("controls", "\u{1}".repeat(4_000_000), "not-text"),
        (
            "twice",
            "sites: {}\nsites: {}\n".repeat(100_000),
            "duplicate-key",
        ),
        ("unknown", unknown.join("\n"), "unknown-key"),
        ("overlaps", alike(20_000), "overlap"),
        (
            "long",
            format!("sites: {{ {} }}", "x".repeat(4_000_000)),
            "",
        ),
    ]
}

#[test]
fn a_text_that_takes_too_long_is_refused_at_its_place() {
    let turn = Turn::begin();
    let none = nothing_of(&turn);
    for (label, rest, rule) in endless_texts() {
        let file = turn.file(label, &format!("name: {}\n{rest}", none.name));
        for words in [["up"], ["validate"]] {
            let ran = lab(&[&words[..], &[&file]].concat()).exits(2);
            let length = ran.complained.len();
            assert!(length < 100_000, "{label}: {length} bytes");
            let starts = format!("error[{rule}");
            assert!(ran.complained.starts_with(&starts), "{ran:#?}");
            assert!(ran.complained.contains(&format!("{file}:")), "{ran:#?}");
        }
        let told = lab(&["validate", "--json", &file]).exits(2).json();
        let line = told["findings"][0]["line"].as_u64();
        assert!(line.is_some_and(|line| line > 0), "{label}");
    }
    assert_eq!(left(&none), Vec::<String>::new());
}

#[test]
fn standard_input_and_what_a_program_says_are_read_as_files() {
    let turn = Turn::begin();
    let lab = nothing_of(&turn);
    let said = |script: &str| run("timeout", &[AT_MOST, "bash", "-c", script]);
    for script in [
        format!("cat {} | {LAB} validate /dev/stdin", lab.file),
        format!("{LAB} validate /dev/stdin <{}", lab.file),
        format!("{LAB} validate <(cat {})", lab.file),
    ] {
        let said = said(&script).exits(0).said;
        assert!(said.contains("30 expected paths"), "{said}");
    }
    let told = refused(said(&format!("yes | {LAB} validate /dev/stdin")));
    assert!(told.contains("more than 4194304 bytes"), "{told}");
}

#[test]
fn a_name_that_is_none_is_refused_in_a_file() {
    let turn = Turn::begin();
    let none = nothing_of(&turn);
    let long = "x".repeat(300);
    for name in NAMES.into_iter().chain([long.as_str(), "a\0b"]) {
        let quoted = serde_json::to_string(name).expect("a name in quotes");
        let texts = [
            format!("name: {quoted}\nsites: {{ s: {{ routers: {{ r1: {{}} }} }} }}\n"),
            format!(
                "name: {}\nsites: {{ s: {{ routers: {{ {quoted}: {{}} }} }} }}\n",
                none.name
            ),
        ];
        for (text, line) in texts.iter().zip([1, 2]) {
            let file = turn.file("names.yaml", text);
            for words in READERS {
                let ran = lab(&[words, &[&file]].concat()).exits(2);
                let place = format!("{file}:{line}:");
                assert!(ran.complained.contains(&place), "{ran:#?}");
                let is_control = |c: char| c.is_control() && c != '\n';
                assert!(!ran.complained.contains(is_control), "{ran:#?}");
            }
        }
    }
    assert_eq!(left(&none), Vec::<String>::new());
    assert!(!fs::exists("/run/x").expect("it can be looked for"));
}

#[test]
fn a_name_that_is_none_is_refused_on_the_command_line() {
    let turn = Turn::begin();
    let up = turn.lab_up("names", &[]);
    let long = "x".repeat(300);
    let nodes = up.pinned_nodes();
    let prefix = &up.name[..up.name.len() - 1];
    let name: &str = &up.name;
    for wrong in NAMES.into_iter().chain([long.as_str(), prefix]) {
        if wrong != prefix {
            refused(lab(&["down", "--", wrong]));
        }
        for words in [
            &["status", "--lab"][..],
            &["exec", "hub-vm", "--lab"],
            &["shell", "hub-vm", "--lab"],
            &["trace", "hub-vm", "spoke-vm", "--lab"],
        ] {
            let lab_option = format!("--lab={wrong}");
            let words = [&words[..words.len() - 1], &[&lab_option]].concat();
            let command = if words[0] == "exec" {
                [&words[..], &["--", "true"]].concat()
            } else {
                words
            };
            refused(lab(&command));
        }
        for words in [
            &["exec", "--lab", name, "--", wrong, "true"][..],
            &["shell", "--lab", name, "--", wrong],
            &["trace", "--lab", name, "--", wrong, "spoke-vm"],
            &["trace", "--lab", name, "--", "hub-vm", wrong],
        ] {
            refused(lab(words));
        }
    }
    assert_eq!(up.pinned_nodes(), nodes);
    up.verify().proves_all();
}

#[test]
fn rubbish_on_a_labs_socket_keeps_nobody_waiting() {
    let turn = Turn::begin();
    let up = turn.lab_up("rubbish", &[]);
    let supervisor = up.supervisor();
    let before = peak_memory(supervisor);
    let call = || {
        let socket = format!("/run/netns-lab/{}/control.sock", up.name);
        UnixStream::connect(socket).expect("the lab's socket")
    };
    let mut kept = Vec::new();
    let lines: [&[u8]; 6] = [
        b"\0\xff\x1b rubbish\n",
        b"{\"fault\":[\"no-such-link\"]}\n",
        b"{\"impair\":{\"link\":\"er1-primary\",\"directions\":[true,true],\"change\":{\"rate\":0}}}\n",
        b"{\"impair\":{\"link\":\"er1-primary\",\"directions\":[true,true],\"change\":{\"delay\":{\"secs\":18446744073709551615,\"nanos\":0},\"jitter\":{\"secs\":18446744073709551615,\"nanos\":0}}}}\n",
        b"{\"up\":{\"file\":\"x\",\"text\":\"[[[\",\"choice\":\"probed\",\"may_change\":true}}\n",
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
    ];
    for line in lines {
        let mut stream = call();
        stream.write_all(line).expect("a line is taken");
        kept.push(stream);
    }
    call()
        .write_all(b"{\"fault\":[\"er1-pri")
        .expect("half a line is taken");
    // It is not read to its end: the supervisor closes the connection after the longest request.
    let endless = thread::spawn({
        let mut stream = call();
        let piece = vec![b'x'; 1 << 20];
        move || (0..100).try_for_each(|_| stream.write_all(&piece)).is_err()
    });
    kept.extend((0..200).map(|_| call()));
    let status = run(
        "timeout",
        &["4", LAB, "status", "--lab", &up.name, "--json"],
    )
    .exits(0);
    assert_eq!(status.json()["supervisor"]["pid"], supervisor);
    assert!(endless.join().expect("it writes"), "100 MiB were taken");
    let grown = peak_memory(supervisor) - before;
    assert!(grown < 64 << 10, "{grown} KiB");
    up.verify().proves_all();
    drop(kept);
    up.down().exits(0);
    assert!(!is_alive(supervisor));
    assert_eq!(left(&up), Vec::<String>::new());
}

/// The peak memory of a process, in KiB.
fn peak_memory(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let words = line.expect("a peak").split_whitespace().next();
    words
        .and_then(|number| number.parse().ok())
        .expect("a number of KiB")
}
