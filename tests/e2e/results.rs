//! Whether results for programs have the shapes of the published schemas.

use boon::{Compiler, Schemas};
use serde_json::Value;

use crate::lab::Turn;
use crate::program::{LAB, run};

/// What the schema of a command has to say of what the command printed; nothing for other programs, and for results
/// without a schema.
pub(crate) fn complaint(arguments: &[String], value: &Value) -> Option<String> {
    let program = arguments.iter().position(|word| word == LAB)?;
    let words = &arguments[program + 1..];
    let for_programs = |word: &String| word == "--json" || word == "json";
    if !words.iter().any(for_programs) {
        return None;
    }
    let name = match value.get("error") {
        Some(_) if value.get("lab").is_none() && value.get("file").is_none() => "error",
        _ => words.iter().find(|word| !word.starts_with('-'))?,
    };
    let schema = run(LAB, &["schema", name]).exits(0);
    let schema = serde_json::from_str(&schema.said).expect("a schema is JSON");
    let mut compiler = Compiler::new();
    compiler
        .add_resource("result.json", schema)
        .expect("a schema has a known form");
    let mut schemas = Schemas::new();
    let index = compiler
        .compile("result.json", &mut schemas)
        .expect("a schema is valid");
    let complaint = schemas.validate(value, index).err()?;
    Some(format!("{complaint:#}"))
}

/// The commands that print results for programs.
fn commands() -> Vec<String> {
    let help = run(LAB, &["--help"]).exits(0).said;
    let words = help.lines().filter_map(|line| line.strip_prefix("  "));
    let words = words.filter_map(|line| line.split_whitespace().next());
    let mut commands: Vec<String> = words.map(str::to_owned).collect();
    commands.retain(|word| {
        let help = run(LAB, &[word, "--help"]);
        help.code == Some(0) && help.said.contains("--json")
    });
    commands.sort();
    commands.dedup();
    commands
}

#[test]
fn every_command_with_results_for_programs_has_a_schema() {
    let commands = commands();
    assert!(commands.len() > 20, "{commands:?}");
    for command in &commands {
        run(LAB, &["schema", command]).exits(0);
    }
    let refused = run(LAB, &["schema", "statsu"]).exits(2).complained;
    assert!(refused.contains("did you mean `status`?"), "{refused}");
}

/// Commands about a lab of the catalogue.
const ABOUT_FILES: [(&str, &[&str]); 16] = [
    ("hub-nva", &["why", "spoke1-vm", "spoke2-vm"]),
    ("hub-nva", &["why", "spoke1-vm", "branch-vm"]),
    ("hub-nva", &["why", "spoke1-vm", "spoke3-vm"]),
    (
        "hub-spoke",
        &["why", "hub-vm", "loc1-vm", "--down", "er1-primary"],
    ),
    ("hub-nva", &["routes", "spoke1-vm"]),
    ("hub-nva", &["routes", "branch-ce"]),
    ("hub-nva", &["routes", "hub-vpngw"]),
    ("er-vpn-coexistence", &["routes", "hub-vpngw"]),
    ("two-nic-nva", &["routes", "nva"]),
    ("hub-nva", &["bgp-peers", "hub-vpngw"]),
    ("hub-nva", &["learned-routes", "hub-vpngw"]),
    ("hub-spoke", &["learned-routes", "er1-msee1"]),
    ("hub-nva", &["advertised-routes", "hub-vpngw", "branch-ce"]),
    (
        "hub-nva",
        &["next-hop", "--source", "spoke1-vm", "--dest", "10.22.0.4"],
    ),
    (
        "hub-nva",
        &[
            "next-hop",
            "--source",
            "spoke1-vm",
            "--dest",
            "203.0.113.99",
        ],
    ),
    ("hub-nva", &["matrix"]),
];

#[test]
fn results_about_files_have_the_shapes_of_their_schemas() {
    for (lab, words) in ABOUT_FILES {
        let ran = run(LAB, &[words, &["--file", lab, "--json"]].concat());
        assert!(ran.json().get("error").is_none(), "{ran:#?}");
    }
    for words in [
        &["validate", "hub-spoke"][..],
        &["validate", "hub-spoke", "two-hubs", "/no/such.yaml"],
        &["plan", "hub-spoke"],
        &["diff", "hub-spoke", "hub-spoke", "--down", "er1-primary"],
        &["doctor"],
        &["ls"],
        &["ls", "--all"],
    ] {
        let ran = run(LAB, &[words, &["--json"]].concat());
        assert!(ran.json().get("error").is_none(), "{ran:#?}");
    }
    for words in [
        &["validate", "/no/such.yaml"][..],
        &["status", "no-such-lab"],
    ] {
        let ran = run(LAB, &[words, &["--json"]].concat()).exits(2);
        assert!(ran.json().get("error").is_some(), "{ran:#?}");
    }
}

#[test]
fn a_comparison_with_recordings_has_the_shape_of_its_schema() {
    let turn = Turn::begin();
    let words = ["routes", "hub-vm", "--file", "hub-spoke", "-o", "json"];
    let routes = run(LAB, &words).said;
    let right = turn.file("hub-vm.json", &routes);
    let wrong = turn.file("wrong.json", &routes.replace("VNetPeering", "Internet"));
    let wrong = format!("hub-vm={wrong}");
    let nothing = run(LAB, &["compare", "hub-spoke"]).exits(2).complained;
    assert!(
        nothing.starts_with("error: nothing to compare"),
        "{nothing}"
    );
    for (recording, code, differences) in [(&right, 0, 0), (&wrong, 1, 2)] {
        let words = [
            "compare",
            "hub-spoke",
            "--effective-routes",
            recording,
            "--json",
        ];
        let ran = run(LAB, &words).exits(code).json();
        let found = ran["parts"][0]["differences"].as_array();
        assert_eq!(found.map(Vec::len), Some(differences), "{ran:#}");
    }
}

#[test]
fn results_about_files_have_rows_of_the_columns_in_their_header() {
    for words in [
        &["why", "hub-vm", "loc1-vm", "--file", "hub-spoke"][..],
        &["why", "branch-vm", "loc2-vm", "--file", "hub-spoke"],
        &["diff", "hub-spoke", "hub-spoke", "--down", "er1-primary"],
        &["diff", "hub-spoke", "hub-nva"],
        &["plan", "hub-spoke"],
    ] {
        let said = run(LAB, &[words, &["-o", "tsv", "--header"]].concat()).said;
        let columns: Vec<usize> = said.lines().map(|line| line.split('\t').count()).collect();
        assert!(columns.len() > 2 && columns[0] > 1, "{words:?}: {said}");
        assert!(columns.iter().all(|count| *count == columns[0]), "{said}");
    }
    let same = ["diff", "hub-spoke", "hub-spoke", "-o", "tsv", "--header"];
    let said = run(LAB, &same).exits(0).said;
    assert!(said.starts_with("difference\tfrom\tto\t"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_field_without_a_schema_is_a_complaint() {
    let words = [LAB, "ls", "--json"].map(str::to_owned);
    let good = serde_json::json!([{ "lab": "a", "state": "up", "nodes": 1 }]);
    assert_eq!(complaint(&words, &good), None);
    let mut wrong = good;
    wrong[0]["colour"] = "red".into();
    let complaint = complaint(&words, &wrong).unwrap_or_default();
    assert!(complaint.contains("colour"), "{complaint}");
}
