//! Where IPv4 is named as such: what the program does with it elsewhere, it does with an address of either family.

use std::path::Path;

use crate::{Source, is_test, sources};

/// The standard library's types of IPv4 alone.
const IPV4_TYPES: &[&str] = &["Ipv4Addr", "SocketAddrV4"];

/// The modules that may name them: what they read and write has a form of its own for IPv4.
const IPV4_MODULES: &[&str] = &["addresses", "capture", "probe", "tunnel"];

/// Files of other modules that may, each with the reason.
const IPV4_FILES: &[(&str, &str)] = &[
    (
        "kernel/message.rs",
        "the messages that build a lab are of IPv4",
    ),
    (
        "kernel/wireguard.rs",
        "a tunnel of the kernel accepts every IPv4 packet",
    ),
    (
        "supervisor/live/opened.rs",
        "a tunnel's socket listens at every IPv4 address",
    ),
    (
        "supervisor/live/tunnels.rs",
        "the two ends of a tunnel are IPv4 sockets",
    ),
    ("ui.rs", "the page is served at 127.0.0.1"),
];

fn names_ipv4(line: &str) -> bool {
    let code = line.trim_start();
    !code.starts_with("//") && IPV4_TYPES.iter().any(|name| code.contains(name))
}

/// The lines of a file that name a type of IPv4, where an address should stand.
fn ipv4_elsewhere(source: &Source) -> Vec<String> {
    let Source { path, module, text } = source;
    let mut files = IPV4_FILES.iter().map(|(file, _)| Path::new(file));
    if IPV4_MODULES.contains(&module.as_str()) || is_test(path) || files.any(|file| path == file) {
        return Vec::new();
    }
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| names_ipv4(line))
        .map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim()))
        .collect()
}

#[test]
fn only_edges_name_ipv4() {
    let sources = sources();
    let wrong: Vec<String> = sources.iter().flat_map(ipv4_elsewhere).collect();
    assert!(
        wrong.is_empty(),
        "write `addresses::Address` instead:\n{}",
        wrong.join("\n")
    );
    let names = |source: &&Source| source.text.lines().any(names_ipv4);
    for (excepted, _) in IPV4_FILES {
        let mut found = sources.iter().filter(names);
        assert!(
            found.any(|source| source.path == Path::new(excepted)),
            "{excepted} is no exception any more"
        );
    }
    for module in IPV4_MODULES {
        let mut found = sources.iter().filter(names);
        assert!(
            found.any(|source| source.module == *module),
            "{module} is no exception any more"
        );
    }
}

#[test]
fn ipv4_in_another_module_is_found() {
    let found = |path: &str, module: &str, line: &str| {
        let source = Source {
            path: path.into(),
            module: module.to_owned(),
            text: line.to_owned(),
        };
        ipv4_elsewhere(&source).join("; ")
    };
    let uses = "use std::net::Ipv4Addr;";
    assert_eq!(
        found("routing/nic.rs", "routing", uses),
        "routing/nic.rs:1: use std::net::Ipv4Addr;"
    );
    assert_eq!(found("routing/nic.rs", "routing", "// An Ipv4Addr."), "");
    assert_eq!(found("routing/tests/nic.rs", "routing", uses), "");
    assert_eq!(found("kernel/message.rs", "kernel", uses), "");
    assert_eq!(found("probe/flow.rs", "probe", uses), "");
}
