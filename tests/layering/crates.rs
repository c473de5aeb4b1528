//! Which modules use which crates: each effect is in one module, and each dependency in as few as possible.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{Source, is_test, sources};

/// Crates that every module may use: they have no effect, and their types are values.
const EVERYWHERE: &[&str] = &["serde", "serde_json", "thiserror"];

/// All others, each with its modules. Only modules with effects make system calls; pure modules are not listed.
const CRATES: &[(&str, &[&str])] = &[
    ("annotate-snippets", &["yaml"]),
    ("axum", &["ui"]),
    ("base64", &["tunnel", "ui"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("fastrand", &["capture", "wire"]),
    ("futures-util", &["ui"]),
    ("getrandom", &["tunnel", "ui"]),
    ("gotatun", &["tunnel"]),
    ("hyper", &["ui"]),
    ("hyper-util", &["ui"]),
    ("indicatif", &["cli"]),
    ("ipnet", &["addresses"]),
    ("json-strip-comments", &["import"]),
    ("netlink-packet-core", &["kernel"]),
    ("netlink-packet-generic", &["kernel"]),
    ("netlink-packet-route", &["kernel"]),
    ("netlink-packet-wireguard", &["kernel"]),
    ("netlink-sys", &["kernel"]),
    (
        "nix",
        &[
            "capture",
            "cli",
            "engine",
            "kernel",
            "privilege",
            "probe",
            "store",
            "supervisor",
            "tunnel",
            "wire",
        ],
    ),
    ("pnet", &["probe"]),
    ("quick-xml", &["report"]),
    ("rtnetlink", &["kernel"]),
    (
        "rustix",
        &["cli", "engine", "kernel", "privilege", "tunnel"],
    ),
    ("seccompiler", &["privilege"]),
    ("serde_yaml", &["report", "yaml"]),
    ("socket2", &["capture"]),
    ("strsim", &["findings"]),
    ("taffy", &["report"]),
    ("thread-priority", &["wire"]),
    ("tokio", &["engine", "supervisor", "tunnel", "ui"]),
    ("tun-rs", &["kernel", "tunnel", "wire"]),
];

/// The program's dependencies, without those of its tests.
fn dependencies() -> Vec<String> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let text = fs::read_to_string(manifest).expect("the manifest is text");
    let lines = text.lines().skip_while(|line| *line != "[dependencies]");
    let lines = lines.skip(1).take_while(|line| !line.starts_with('['));
    let names = lines.filter_map(|line| Some(line.split_once(" = ")?.0.to_owned()));
    names.collect()
}

/// Whether a line of code names a crate.
fn names(line: &str, dependency: &str) -> bool {
    let path = format!("{}::", dependency.replace('-', "_"));
    let mut places = line.match_indices(&path).map(|(place, _)| place);
    let is_start = |place: usize| {
        let before = line[..place].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    };
    !line.trim_start().starts_with("//") && places.any(is_start)
}

/// The lines of a file that name a crate that its module may not use.
fn misplaced(source: &Source) -> Vec<String> {
    let Source { path, module, text } = source;
    let lines = text.lines().enumerate();
    let wrong = lines.flat_map(|(number, line)| {
        let wrong = CRATES
            .iter()
            .filter(|(_, modules)| !modules.contains(&module.as_str()))
            .filter(move |(dependency, _)| names(line, dependency));
        wrong.map(move |(dependency, _)| {
            let place = path.display();
            format!("{place}:{}: `{module}` uses {dependency}", number + 1)
        })
    });
    wrong.collect()
}

#[test]
fn a_module_uses_only_crates_that_are_listed_for_it() {
    let sources = sources()
        .into_iter()
        .filter(|source| !is_test(&source.path));
    let wrong: Vec<String> = sources.flat_map(|source| misplaced(&source)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_dependency_is_listed_and_used_where_the_list_says() {
    let listed = CRATES.iter().map(|(dependency, _)| *dependency);
    let listed: BTreeSet<&str> = listed.chain(EVERYWHERE.iter().copied()).collect();
    let dependencies = dependencies();
    let needed: BTreeSet<&str> = dependencies.iter().map(String::as_str).collect();
    assert_eq!(listed, needed, "tests/layering/crates.rs lists them all");
    let sources = sources();
    let uses = |dependency: &str, module: &str| {
        let mut own = sources.iter().filter(|source| source.module == module);
        own.any(|source| source.text.lines().any(|line| names(line, dependency)))
    };
    let all = CRATES.iter().flat_map(|(dependency, modules)| {
        let modules = modules.iter();
        modules.map(move |module| (*dependency, *module))
    });
    let idle: Vec<_> = all
        .filter(|(dependency, module)| !uses(dependency, module))
        .collect();
    assert!(idle.is_empty(), "no longer used: {idle:?}");
}

#[test]
fn a_crate_in_another_module_is_found() {
    let found = |module: &str, text: &str| {
        let source = Source {
            path: "x.rs".into(),
            module: module.to_owned(),
            text: text.to_owned(),
        };
        misplaced(&source).join("; ")
    };
    let opens = "use nix::sched::setns;";
    assert_eq!(found("kernel", opens), "");
    assert_eq!(found("routing", opens), "x.rs:1: `routing` uses nix");
    assert_eq!(found("routing", "/// See nix::sched."), "");
    assert_eq!(found("routing", "let phoenix::sky = 1;"), "");
}
