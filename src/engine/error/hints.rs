//! Remedies for errors.

use std::io;

/// The remedy for a name that no link or node has.
pub(super) fn part_hint(near: Option<&String>) -> String {
    near.map_or_else(
        || "`lab status` lists them".to_owned(),
        |near| format!("did you mean `{near}`?"),
    )
}

/// The remedy for a name that no node has.
pub(super) fn node_hint(near: Option<&String>) -> String {
    near.map_or_else(
        || "`lab plan` lists its nodes, and `lab status` those of a lab that is up".to_owned(),
        |near| format!("did you mean `{near}`?"),
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
