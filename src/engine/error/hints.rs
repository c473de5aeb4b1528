//! Remedies for errors.

use std::io;

/// What to do about a name that no lab has.
pub(super) fn lab_hint(near: Option<&String>, known: &str) -> String {
    near.map_or_else(|| format!("the catalogue has {known}"), meant)
}

/// What to do about a name that no template has.
pub(super) fn template_hint(near: Option<&String>, known: &str) -> String {
    near.map_or_else(|| format!("there are {known}"), meant)
}

/// What to do about a lab that is not up.
pub(super) fn up_hint(name: &str, near: Option<&String>) -> String {
    near.map_or_else(
        || format!("`lab up {name}`, or with the path of its file, brings it up"),
        meant,
    )
}

fn meant(near: &String) -> String {
    format!("did you mean `{near}`?")
}

/// The remedy for a name that no link or node has.
pub(super) fn part_hint(near: Option<&String>) -> String {
    near.map_or_else(|| "`lab status` lists them".to_owned(), meant)
}

/// The remedy for a name that no BGP session has.
pub(super) fn session_hint(near: Option<&String>) -> String {
    near.map_or_else(
        || "`lab bgp-peers NODE` lists those of a gateway or router".to_owned(),
        meant,
    )
}

/// The remedy for a name that no node has.
pub(super) fn node_hint(near: Option<&String>) -> String {
    near.map_or_else(
        || "`lab show` prints the file with its nodes, and `lab status` lists those of a lab that is up".to_owned(),
        meant,
    )
}

/// The remedy for a supervisor that does not answer: end it first, if it exists.
pub(super) fn silence_hint(lab: &str, kind: io::ErrorKind) -> String {
    match kind {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
            format!("`lab down {lab}` ends it, and `lab up {lab}` rebuilds the lab")
        }
        _ => format!("`lab up {lab}` repairs the lab"),
    }
}

/// The remedy for a machine that does not let users create namespaces.
pub(super) fn user_namespace_hint(remedy: Option<&str>) -> String {
    let with_root = "run it with sudo";
    remedy.map_or_else(
        || with_root.to_owned(),
        |remedy| format!("{remedy}, or {with_root}"),
    )
}

/// What to do about a program that is not installed.
pub(super) fn program_hint(package: Option<&str>) -> String {
    package.map_or_else(
        || "; install the package that has it".to_owned(),
        |package| format!(": install it, on Debian by `apt-get install {package}`"),
    )
}
