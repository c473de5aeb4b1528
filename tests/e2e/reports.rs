//! Reports of a proof for people, CI systems and later proofs, and the commands that show all paths at once.

use std::fs;

use serde_json::Value;

use crate::lab::{Lab, Turn};
use crate::program::{LAB, command, finish, lab};

/// The last line of a proof, without the time.
const ALL_PROVED: &str = "30 paths proved, 0 failed, 0 skipped in ";

/// A file that a command has written.
#[track_caller]
fn written(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn a_proof_is_reported_and_compared_with_an_earlier_one() {
    let turn = Turn::begin();
    let [baseline, junit, markdown] =
        ["baseline.json", "junit.xml", "summary.md"].map(|name| turn.file(name, "old"));
    let reports = lab_up(&turn);
    let files = ["--junit", &junit, "--markdown", &markdown];
    let proof = [&["verify", "--steady", "--json"], &files[..]].concat();
    let whole = reports.run(&proof).exits(0);
    assert_eq!(whole.complained, "steady: 30 paths\n");
    whole.json();
    fs::write(&baseline, &whole.said).expect("a file in the test's own folder");
    let suite = "tests=\"30\" failures=\"0\" errors=\"0\" skipped=\"0\"";
    assert_eq!(
        written(&junit).matches(suite).count(),
        2,
        "the whole and its suite"
    );
    let title = format!("## ✅ {}: {ALL_PROVED}", reports.name);
    assert!(
        written(&markdown).starts_with(&title),
        "{}",
        written(&markdown)
    );

    let again = ["verify", "--steady", "--quiet", "--baseline", &baseline];
    let same = reports.run(&again).exits(0);
    assert_eq!(same.complained, "");
    let compared = "compared with baseline.json: 30 the same, 0 changed, 0 new, 0 vanished\n";
    assert!(same.said.contains(compared), "{same:#?}");
    let last = same.said.lines().last().unwrap_or_default();
    assert!(last.starts_with(ALL_PROVED), "{same:#?}");
    grid_is_what_the_routes_predict(&reports, &[], 0);

    reports.run(&["fault", "er1-primary"]).exits(0);
    let failed = [&again[..], &files].concat();
    let changed = reports.run(&failed).exits(1);
    let compared = "compared with baseline.json: 24 the same, 6 changed, 0 new, 0 vanished\n";
    assert!(changed.said.contains(compared), "{changed:#?}");
    let way = "loc1-lan > loc1-ce1 > hub-vm\n";
    assert!(changed.said.contains(way), "{changed:#?}");
    assert!(
        changed
            .said
            .contains("lab why: loc1-vm reaches hub-vm in 3 hops"),
        "{changed:#?}"
    );
    assert_eq!(written(&junit).matches("<failure ").count(), 6);
    assert!(
        written(&markdown).starts_with("## ❌ "),
        "{}",
        written(&markdown)
    );
    grid_is_what_the_routes_predict(&reports, &["--down", "er1-primary"], 1);
    adds_to_the_summary_of_a_job(&reports, &turn.file("job.md", "before\n"));
}

fn lab_up(turn: &Turn) -> Lab {
    turn.lab_up("reports", &[])
}

/// Real packets and the routes give the same grid.
#[track_caller]
fn grid_is_what_the_routes_predict(reports: &Lab, down: &[&str], code: i32) {
    let probed = reports.run(&["matrix", "--json"]).exits(code).json();
    let predicted = [&["matrix", "--json", "--file", &reports.file], down].concat();
    let predicted = lab(&predicted).exits(code).json();
    assert_eq!(paths(&probed).len(), 30);
    assert_eq!(paths(&probed), paths(&predicted));
    let text = reports.run(&["matrix"]).exits(code).said;
    assert!(
        text.contains("branch-vm") && text.contains("pairs reach each other"),
        "{text}"
    );
}

/// The paths of a matrix, without times.
pub(crate) fn paths(matrix: &Value) -> Vec<[Value; 5]> {
    let paths = matrix["paths"].as_array().expect("a list of paths");
    let about = |path: &Value| {
        ["from", "to", "reached", "hops", "as_expected"].map(|key| path[key].clone())
    };
    paths.iter().map(about).collect()
}

#[track_caller]
fn adds_to_the_summary_of_a_job(reports: &Lab, summary: &str) {
    let words = [
        "verify",
        "--lab",
        &reports.name,
        "--steady",
        "--markdown",
        summary,
    ];
    let mut proof = command(LAB, &words);
    finish(proof.env("GITHUB_STEP_SUMMARY", summary)).exits(1);
    assert!(
        written(summary).starts_with("before\n## ❌ "),
        "{}",
        written(summary)
    );
}

#[test]
fn a_report_that_has_nowhere_to_go_is_refused_before_a_lab_is_up() {
    let turn = Turn::begin();
    let idle = turn.lab("idle", &[]);
    let rubbish = turn.file("rubbish.json", "{}");
    for (words, told) in [
        (
            ["--junit", "/no/such/folder/it.xml"],
            "cannot write `/no/such/folder/it.xml`",
        ),
        (
            ["--baseline", "/no/such/file"],
            "cannot read `/no/such/file`",
        ),
        (["--baseline", "/dev/zero"], "cannot read `/dev/zero`"),
        (
            ["--baseline", &rubbish],
            "is not an output of `lab verify --json`",
        ),
    ] {
        let refused = lab(&[&["verify", &idle.file], &words[..]].concat()).exits(2);
        assert!(refused.complained.contains(told), "{refused:#?}");
        assert_eq!(refused.said, "");
    }
    let twice = lab(&["verify", &idle.file, "--json", "--markdown", "-"]).exits(2);
    assert!(twice.complained.contains("one result"), "{twice:#?}");
    assert!(idle.pinned_nodes().is_empty());
}

#[test]
fn labs_are_compared_by_their_files() {
    let same = lab(&["diff", "hub-spoke", "hub-spoke"]).exits(0);
    assert_eq!(same.said, "30 pairs the same, 0 differ\n");
    let differ = lab(&[
        "diff",
        "hub-spoke",
        "hub-spoke",
        "--down",
        "er1-primary",
        "--json",
    ]);
    let differ = differ.exits(1).json();
    assert_eq!(
        differ["changed"].as_array().map(Vec::len),
        Some(6),
        "{differ:#}"
    );
    lab(&["diff", "hub-spoke", "no-such-lab"]).exits(2);
    lab(&["diff", "hub-spoke", "hub-spoke", "--down", "no-such-link"]).exits(2);
}
