//! Several lab files at once, standard input, and reports of what could not be proved.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};

use crate::lab::{Lab, Turn};
use crate::program::{self, Beside, LAB, command, finish, lab, pid, wait_until};

/// Two hosts behind one router.
const ROOM: &str = "\
name: room
sites:
  site:
    routers:
      r: { address: 10.4.0.1/24 }
    hosts:
      pc: { address: 10.4.0.10/24, gateway: 10.4.0.1 }
      tv: { address: 10.4.0.11/24, gateway: 10.4.0.1 }
expect:
  - { from: pc, to: tv, hops: [10.4.0.11] }
  - { from: tv, to: pc, hops: [10.4.0.10] }
";

/// A path that the other room expects otherwise.
const WRONG: &str = "hops: [10.4.0.10]";

/// A storyboard that takes longer than any test.
const SLOW: &str = "\
storyboards:
  slow:
    - { step: off, fault: pc, wait: 60s, expect: [{ from: pc, to: tv, unreachable: timeout }] }
";

fn room(turn: &Turn) -> Lab {
    turn.named_lab("room", ROOM)
}

/// Another room, in which a path fails.
fn other(turn: &Turn) -> Lab {
    let text = ROOM
        .replace("name: room", "name: other")
        .replace(WRONG, "hops: [10.4.0.1, 10.4.0.10]");
    turn.named_lab("other", &text)
}

fn read(path: &str) -> String {
    fs::read_to_string(path).expect("a report")
}

#[test]
fn several_files_are_checked_and_the_worst_counts() {
    let turn = Turn::begin();
    let good = room(&turn);
    let bad = turn.file("bad.yaml", "name: bad\nvnet: {}\n");
    let both = lab(&["validate", &good.file, &bad]).exits(2);
    assert!(both.said.contains("is a lab: 3 nodes, "), "{both:#?}");
    assert!(
        both.complained.contains("did you mean `virtualNetworks`?"),
        "{both:#?}"
    );
    let rows = lab(&["validate", &good.file, &bad, "/no/such.yaml", "--json"])
        .exits(2)
        .json();
    assert_eq!(rows[0]["count"], 0);
    assert_eq!(rows[1]["findings"][0]["rule"], "unknown-key");
    assert_eq!(rows[2]["error"]["kind"], "input");
    lab(&["validate", "hub-spoke", &good.file]).exits(0);
}

#[test]
fn a_lab_file_may_come_by_standard_input_and_by_its_usual_name() {
    let turn = Turn::begin();
    let room = room(&turn);
    let mut words = command(LAB, &["validate", "-"]);
    words.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = words.spawn().expect("a process");
    let mut input = child.stdin.take().expect("its standard input");
    input.write_all(ROOM.as_bytes()).expect("a lab file");
    drop(input);
    let output = child.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("<stdin> is a lab: 3 nodes"), "{said}");
    let here = turn.folder().join("here");
    fs::create_dir(&here).expect("a folder");
    let in_it = |word: &str| finish(command(LAB, &[word]).current_dir(&here));
    for word in ["up", "down", "validate", "show", "plan"] {
        let refused = in_it(word).exits(2).complained;
        let begin = "error: no lab was named, and there is no lab.yaml in this folder: ";
        assert!(refused.starts_with(begin), "{refused}");
        assert!(
            refused.contains(&format!("`lab {word} hub-spoke`")),
            "{refused}"
        );
    }
    let file = here.join("lab.yaml");
    fs::copy(&room.file, &file).expect("a copy");
    let said = in_it("up").exits(0).said;
    assert!(
        said.starts_with(&format!("lab {} is up: 3 nodes", room.name)),
        "{said}"
    );
    for word in ["validate", "show", "plan"] {
        in_it(word).exits(0);
    }
    // Its file is known in every folder.
    assert_eq!(room.status()["file"], file.to_str().expect("a plain name"));
    let said = in_it("down").exits(0).said;
    assert!(
        said.starts_with(&format!("lab {} is down (3 namespaces", room.name)),
        "{said}"
    );
}

#[test]
fn several_labs_are_proved_in_one_report() {
    let turn = Turn::begin();
    let (room, other) = (room(&turn), other(&turn));
    let bad = turn.file("bad.yaml", "name: bad\nvnet: {}\n");
    let [junit, markdown] = ["all.xml", "all.md"].map(|name| turn.file(name, "old"));
    let reports = [
        "--json",
        "--quiet",
        "--junit",
        &junit,
        "--markdown",
        &markdown,
    ];
    let proof = [&["verify", &room.file, &other.file, &bad][..], &reports].concat();
    let proof = program::lab(&proof).exits(2);
    let all = proof.json();
    assert_eq!(
        (&all[0]["passed"], &all[0]["schemaVersion"]),
        (&2.into(), &1.into())
    );
    assert_eq!(
        (&all[1]["passed"], &all[1]["failed"]),
        (&1.into(), &1.into())
    );
    for lab in [&all[0], &all[1]] {
        let others = lab["others"].as_array().expect("paths of all other pairs");
        assert_eq!(others.len(), 0, "each pair has an expectation");
    }
    assert_eq!(all[2]["error"]["findings"]["findings"][0]["line"], 2);
    let xml = read(&junit);
    assert_eq!(xml.matches("<testsuites ").count(), 1, "{xml}");
    assert!(
        xml.contains("tests=\"5\" failures=\"1\" errors=\"1\""),
        "{xml}"
    );
    assert!(
        xml.contains(&format!("<testsuite name=\"{}: steady\"", other.name)),
        "{xml}"
    );
    assert!(
        xml.contains("<error message=\"bad.yaml") || xml.contains("type=\"input\""),
        "{xml}"
    );
    let text = read(&markdown);
    assert!(text.contains("## ❌ bad: not proved"), "{text}");
    assert_eq!(text.matches("## ").count(), 3 + 1, "{text}");
    assert!(lab(&["ls"]).exits(0).said.starts_with("no lab is up"));
    let people = program::lab(&["verify", &room.file, &other.file, "--quiet"])
        .exits(1)
        .said;
    assert_eq!(people.matches(" skipped in ").count(), 2, "{people}");
}

#[test]
fn a_report_of_what_could_not_be_proved_holds_the_error() {
    let turn = Turn::begin();
    let bad = turn.file("bad.yaml", "name: bad\nvnet: {}\n");
    let [junit, markdown] = ["one.xml", "one.md"].map(|name| turn.file(name, "old"));
    let reports = ["--junit", &junit, "--markdown", &markdown];
    let refused = program::lab(&[&["verify", &bad, "--json"][..], &reports].concat()).exits(2);
    assert!(
        refused
            .complained
            .contains("did you mean `virtualNetworks`?"),
        "{refused:#?}"
    );
    let error = refused.json();
    assert_eq!(error["error"]["code"], 2);
    assert_eq!(
        error["error"]["findings"]["findings"][0]["rule"],
        "unknown-key"
    );
    let xml = read(&junit);
    assert!(xml.contains("errors=\"1\""), "{xml}");
    assert!(xml.contains("did you mean `virtualNetworks`?"), "{xml}");
    assert!(read(&markdown).starts_with("## ❌ bad: not proved"));
}

#[test]
fn a_proof_that_is_interrupted_or_takes_too_long_leaves_its_reports() {
    let turn = Turn::begin();
    let text = format!("{ROOM}{SLOW}");
    let room = turn.named_lab("room", &text);
    let junit = turn.file("late.xml", "old");
    let words = ["verify", &room.file, "--quiet", "--junit", &junit];
    let late = program::lab(&[&words[..], &["--timeout", "3s"]].concat()).exits(3);
    assert!(late.complained.contains("not done within 3s"), "{late:#?}");
    let xml = read(&junit);
    assert!(xml.contains("<error message=\"not done within 3s"), "{xml}");
    // Several labs: the signal reaches the process that is at work, and no further lab is begun.
    let junit = turn.file("stopped.xml", "old");
    let mut words = command(
        LAB,
        &[
            "verify", &room.file, "hub-nva", "--quiet", "--junit", &junit,
        ],
    );
    let mut proof = Beside::start(words.stdout(Stdio::null()).stderr(Stdio::piped()));
    wait_until("the lab is up", || lab(&["ls"]).said.contains(&room.name));
    wait_until("it is being proved", || {
        !lab(&["status", &room.name]).said.is_empty()
    });
    kill(pid(proof.pid()), Signal::SIGINT).expect("a running proof");
    let (code, complained) = crate::interrupts::end(proof.streams());
    assert_eq!(code, Some(130), "{complained}");
    let xml = read(&junit);
    assert!(xml.contains("type=\"interrupted\""), "{xml}");
    assert!(!xml.contains("hub-nva"), "{xml}");
    assert!(lab(&["ls"]).exits(0).said.starts_with("no lab is up"));
}

#[test]
fn errors_are_json_where_results_are() {
    let turn = Turn::begin();
    let room = room(&turn);
    lab(&["up", &room.file, "--json"]).exits(0);
    let refused = room.run(&["trace", "pc", "tvv", "--json"]).exits(2);
    let error = refused.json();
    assert_eq!(error["schemaVersion"], 1);
    assert_eq!(error["error"]["kind"], "input");
    let message = error["error"]["message"].as_str().unwrap_or_default();
    assert_eq!(refused.complained, format!("error: {message}\n"));
    assert_eq!(room.run(&["trace", "pc", "tvv"]).exits(2).said, "");
    assert_eq!(
        room.run(&["ping", "pc", "tv", "-c", "1", "--json"])
            .exits(0)
            .json()["schemaVersion"],
        1
    );
    // az's shapes stay as they are.
    let routes = room.run(&["routes", "pc", "--json"]).exits(0).json();
    assert_eq!(routes["schemaVersion"], serde_json::Value::Null);
    let rows = lab(&["ls", "-o", "tsv", "--header"]).exits(0).said;
    assert!(rows.starts_with("lab\tstate\tnodes\n"), "{rows}");
}
