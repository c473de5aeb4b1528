//! `lab doctor`

use clap::Args;

use crate::cli::exit::{CommandError, Exit};
use crate::cli::output::Format;
use crate::engine::{self, Checkup, HOSTS};
use crate::kernel;
use crate::report::doctor::{Ability, Doctor as Report, text};
use crate::report::status::{Backend, Backends};

/// Show what this machine supports, what would carry labs, and how to add what is missing.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    format: Format,
}

impl Doctor {
    pub(super) fn run(&self) -> Result<Exit, CommandError> {
        let report = report(&engine::checkup());
        self.format.print(&report, || text(&report))?;
        Ok(if report.obstacles.is_empty() {
            Exit::Done
        } else {
            Exit::Refused
        })
    }
}

fn report(checkup: &Checkup) -> Report {
    let mut abilities: Vec<Ability> = checkup.abilities.iter().map(ability).collect();
    abilities.push(program("iperf3", checkup.has_iperf, "`lab iperf`"));
    let filters = "filters of `lab capture`, and `--along`";
    abilities.push(program("tcpdump", checkup.has_tcpdump, filters));
    abilities.push(Ability {
        name: HOSTS.to_owned(),
        present: checkup.has_hosts,
        vital: false,
        needed_for: "names of nodes in programs of `lab exec`".to_owned(),
        because: (!checkup.has_hosts).then(|| "there is no such file".to_owned()),
        remedy: (!checkup.has_hosts).then(|| format!("sudo touch {HOSTS}")),
    });
    let (because, remedy) = checkup.without_root.clone().unzip();
    abilities.push(Ability {
        name: "user namespaces".to_owned(),
        present: because.is_none(),
        vital: false,
        needed_for: "labs without root".to_owned(),
        because,
        remedy,
    });
    let lacking = abilities
        .iter()
        .filter(|ability| ability.vital && !ability.present);
    let mut obstacles: Vec<String> = lacking
        .map(|ability| format!("there is no {}", ability.name))
        .collect();
    obstacles.extend(checkup.backends.as_ref().err().cloned());
    Report {
        kernel: engine::kernel_release(),
        abilities,
        backends: checkup.backends.as_ref().ok().map(|chosen| Backends {
            tunnels: Backend::from_kernel(chosen.kernel_tunnels),
            delays: Backend::from_kernel(chosen.kernel_delays),
        }),
        obstacles,
    }
}

/// A program that a command needs. Its Debian package has the same name.
fn program(name: &str, present: bool, needed_for: &str) -> Ability {
    Ability {
        name: name.to_owned(),
        present,
        vital: false,
        needed_for: needed_for.to_owned(),
        because: (!present).then(|| "there is no such program".to_owned()),
        remedy: (!present).then(|| format!("apt-get install {name}")),
    }
}

fn ability(ability: &kernel::Ability) -> Ability {
    let is_missing = ability.missing.is_some();
    Ability {
        name: ability.name.to_owned(),
        present: !is_missing,
        vital: ability.is_vital,
        needed_for: ability.needed_for.to_owned(),
        because: ability.missing.clone(),
        remedy: is_missing.then(|| ability.remedy.to_owned()),
    }
}
