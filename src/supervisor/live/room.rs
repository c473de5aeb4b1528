//! Whether this machine has the resources for a lab, tested before anything is built.

use std::fs;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::kernel::netns;
use crate::plan::{LinkPlan, Plan};
use crate::supervisor::error::SupervisorError;

/// Descriptors of a namespace: its file, one socket for requests and one for events.
const DESCRIPTORS_OF_NAMESPACE: u64 = 3;

/// Descriptors of a link that a process may carry: its interfaces, sockets, timers and signals.
const DESCRIPTORS_OF_HELD_LINK: u64 = 16;

/// Descriptors for everything else.
const FURTHER_DESCRIPTORS: u64 = 256;

/// Kernel memory in KiB of a namespace with two interfaces, rounded up: a chain of 1,000 took some 600 for each on
/// Linux 6.18 with two processors.
const KIBIBYTES_OF_NAMESPACE: u64 = 800;

/// The resources that a lab needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Demand {
    namespaces: u64,
    descriptors: u64,
}

/// The resources that a machine has left; `None` if unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Room {
    /// The highest limit that a root process may set.
    descriptors: Option<u64>,
    namespaces: Option<u64>,
    mounts: Option<u64>,
    kibibytes: Option<u64>,
}

/// A resource that a machine lacks for a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// Its name.
    pub what: &'static str,
    /// How much the lab needs.
    pub needed: u64,
    /// How much there is.
    pub there: u64,
    /// The remedy.
    pub remedy: &'static str,
}

/// Raises this process's limit of descriptors as the lab needs, and checks the other resources.
///
/// # Errors
///
/// [`SupervisorError::NoRoom`], for the first missing resource.
pub(in crate::supervisor) fn make_room(plan: &Plan) -> Result<(), SupervisorError> {
    let demand = demand(plan);
    if let Some(shortage) = shortage(demand, look(demand)) {
        return Err(SupervisorError::NoRoom {
            lab: plan.lab.to_string(),
            shortage,
        });
    }
    let (_, most) = limits();
    let wanted = demand.descriptors.max(most);
    // A limit that cannot be raised is reported when descriptors run out.
    let _ = setrlimit(Resource::RLIMIT_NOFILE, wanted, wanted);
    Ok(())
}

fn demand(plan: &Plan) -> Demand {
    let namespaces = plan.nodes.len() as u64;
    let is_impaired = |link: &&LinkPlan| link.directions.iter().any(|it| !it.is_none());
    let held = plan.links.iter().filter(is_impaired).count() + plan.tunnels.len();
    Demand {
        namespaces,
        descriptors: FURTHER_DESCRIPTORS
            + namespaces * DESCRIPTORS_OF_NAMESPACE
            + held as u64 * DESCRIPTORS_OF_HELD_LINK,
    }
}

fn shortage(demand: Demand, room: Room) -> Option<Shortage> {
    let all = [
        (
            "file descriptors",
            demand.descriptors,
            room.descriptors,
            "raise it with `sysctl fs.nr_open`",
        ),
        (
            "network namespaces",
            demand.namespaces,
            room.namespaces,
            "raise it with `sysctl user.max_net_namespaces`",
        ),
        (
            "mounts",
            demand.namespaces,
            room.mounts,
            "raise it with `sysctl fs.mount-max`",
        ),
        (
            "KiB of memory",
            demand.namespaces * KIBIBYTES_OF_NAMESPACE,
            room.kibibytes,
            "take labs down, or a smaller one up",
        ),
    ];
    all.into_iter().find_map(|(what, needed, there, remedy)| {
        let there = there.filter(|there| needed > *there)?;
        Some(Shortage {
            what,
            needed,
            there,
            remedy,
        })
    })
}

fn look(demand: Demand) -> Room {
    let (_, hard) = limits();
    let pinned = netns::pinned("").len() as u64;
    let left = |most: Option<u64>, taken: u64| most.map(|most| most.saturating_sub(taken));
    Room {
        descriptors: number("/proc/sys/fs/nr_open").map(|most| most.max(hard)),
        namespaces: left(number("/proc/sys/user/max_net_namespaces"), pinned),
        mounts: number("/proc/sys/fs/mount-max").map(|most| mounts_left(most, demand)),
        kibibytes: available_memory(),
    }
}

/// Counting mounts takes as long as making them, so for a small lab most of them are assumed to be free.
fn mounts_left(most: u64, demand: Demand) -> u64 {
    if demand.namespaces < most / 8 {
        return most - most / 8;
    }
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    most.saturating_sub(mounts.lines().count() as u64)
}

/// The descriptor limit of this process, and the highest that it may set without being root.
fn limits() -> (u64, u64) {
    getrlimit(Resource::RLIMIT_NOFILE).unwrap_or_default()
}

fn number(file: &str) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn available_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEMAND: Demand = Demand {
        namespaces: 5000,
        descriptors: 15_256,
    };

    fn first(room: Room) -> Option<(&'static str, u64, u64)> {
        shortage(DEMAND, room).map(|it| (it.what, it.needed, it.there))
    }

    #[test]
    fn what_a_machine_does_not_say_is_no_obstacle() {
        assert_eq!(first(Room::default()), None);
    }

    #[test]
    fn each_shortage_is_named_with_both_figures() {
        let enough = Room {
            descriptors: Some(15_256),
            namespaces: Some(5000),
            mounts: Some(5000),
            kibibytes: Some(4_000_000),
        };
        assert_eq!(first(enough), None);
        let short = [
            Room {
                descriptors: Some(15_255),
                ..enough
            },
            Room {
                namespaces: Some(4999),
                ..enough
            },
            Room {
                mounts: Some(0),
                ..enough
            },
            Room {
                kibibytes: Some(3_999_999),
                ..enough
            },
        ];
        assert_eq!(
            short.map(first),
            [
                Some(("file descriptors", 15_256, 15_255)),
                Some(("network namespaces", 5000, 4999)),
                Some(("mounts", 5000, 0)),
                Some(("KiB of memory", 4_000_000, 3_999_999)),
            ]
        );
    }
}
