//! What `lab doctor` prints.

use serde::Serialize;

use crate::report::status::{Backend, Backends};
use crate::report::table;

/// The requirements of labs that this machine meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doctor {
    /// The kernel's release, as `uname -r` says it.
    pub kernel: String,
    /// The requirements, one by one.
    pub abilities: Vec<Ability>,
    /// The backends that would carry a lab; null if none can.
    pub backends: Option<Backends>,
    /// The obstacles to every lab, and their remedies; empty if there are none.
    pub obstacles: Vec<String>,
}

/// A requirement of labs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ability {
    /// Its name.
    pub name: String,
    /// Whether it is met.
    pub present: bool,
    /// Whether every lab needs it.
    pub vital: bool,
    /// What labs use it for.
    pub needed_for: String,
    /// Why it is missing, in the system's words; null if it is not missing.
    pub because: Option<String>,
    /// The remedy if it is missing; otherwise null.
    pub remedy: Option<String>,
}

/// A table of the requirements, then the conclusion.
#[must_use]
pub fn text(doctor: &Doctor) -> String {
    let rows: Vec<_> = doctor.abilities.iter().map(row).collect();
    let missing = doctor.abilities.iter().filter(|ability| !ability.present);
    let mut lines: Vec<String> = missing.map(remedy).collect();
    if let (Some(backends), []) = (&doctor.backends, doctor.obstacles.as_slice()) {
        let tunnels = by(backends.tunnels, "WireGuard");
        let delays = by(backends.delays, "netem");
        let kernel = &doctor.kernel;
        lines.push(format!(
            "Linux {kernel} builds every lab: tunnels are carried by {tunnels}, impaired links by {delays}"
        ));
    }
    let obstacles = doctor.obstacles.iter();
    lines.extend(obstacles.map(|obstacle| format!("no lab can be built: {obstacle}")));
    let table = table(&["ABILITY", "", "NEEDED FOR"], &rows);
    format!("{table}\n{}\n", lines.join("\n"))
}

fn row(ability: &Ability) -> Vec<String> {
    let state = if ability.present { "yes" } else { "no" };
    vec![
        ability.name.clone(),
        state.to_owned(),
        ability.needed_for.clone(),
    ]
}

fn remedy(ability: &Ability) -> String {
    let because = ability.because.as_deref().unwrap_or("it is not there");
    let remedy = ability.remedy.as_ref();
    let remedy = remedy.map_or(String::new(), |remedy| format!("; try: {remedy}"));
    format!("no {}: {because}{remedy}", ability.name)
}

fn by(backend: Backend, of_the_kernel: &str) -> String {
    match backend {
        Backend::Kernel => format!("the kernel ({of_the_kernel})"),
        Backend::Userspace => "the lab's own process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ability(name: &str, because: Option<&str>) -> Ability {
        Ability {
            name: name.to_owned(),
            present: because.is_none(),
            vital: name == "bridges",
            needed_for: "some things".to_owned(),
            because: because.map(str::to_owned),
            remedy: because.map(|_| "modprobe it".to_owned()),
        }
    }

    #[test]
    fn what_is_missing_is_said_with_its_remedy() {
        let able = Doctor {
            kernel: "6.18.0".to_owned(),
            abilities: vec![
                ability("bridges", None),
                ability("WireGuard", Some("Operation not supported")),
            ],
            backends: Some(Backends {
                tunnels: Backend::Userspace,
                delays: Backend::Kernel,
            }),
            obstacles: Vec::new(),
        };
        insta::assert_snapshot!(text(&able), @r"
        ABILITY         NEEDED FOR
        bridges    yes  some things
        WireGuard  no   some things

        no WireGuard: Operation not supported; try: modprobe it
        Linux 6.18.0 builds every lab: tunnels are carried by the lab's own process, impaired links by the kernel (netem)
        ");
        let unable = Doctor {
            abilities: vec![ability("bridges", Some("Operation not supported"))],
            backends: None,
            obstacles: vec!["bridges are missing".to_owned()],
            ..able
        };
        insta::assert_snapshot!(text(&unable), @r"
        ABILITY      NEEDED FOR
        bridges  no  some things

        no bridges: Operation not supported; try: modprobe it
        no lab can be built: bridges are missing
        ");
    }
}
