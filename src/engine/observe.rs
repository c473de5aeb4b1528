//! The state of a running lab: nodes, links and tunnels, from the kernel and the supervisor.

use std::collections::BTreeMap;

use crate::control::{FaultStatus, SupervisorStatus};
use crate::engine::running::as_it_is;
use crate::engine::{EngineError, Up, client, needs_user_namespace};
use crate::kernel::{self, LinkState};
use crate::store::{Holder, is_stopped};
use crate::topology::{InterfaceId, Link, LinkKind, NodeId};

/// The state of a lab.
#[derive(Debug, Clone, PartialEq)]
pub struct Health {
    /// The supervisor's status; `None` if it does not answer.
    pub supervisor: Option<SupervisorStatus>,
    /// The process of a supervisor that does not answer.
    silent: Option<i32>,
    /// Who is changing the lab, if a part of it is missing.
    pub holder: Option<Holder>,
    /// The links of each node's namespace, by interface; `None` for a missing namespace. Empty outside a user
    /// namespace, where they are invisible: they end with the supervisor.
    nodes: Vec<Option<BTreeMap<String, LinkState>>>,
}

/// A running lab and its state at one moment. It is read again if the lab changed meanwhile.
///
/// # Errors
///
/// [`EngineError`], if there is no such lab.
pub fn look(name: Option<&str>) -> Result<(Up, Health), EngineError> {
    loop {
        let up = as_it_is(name)?;
        let health = health(&up);
        if up.is_recorded() {
            return Ok((up, health));
        }
    }
}

/// Asks the supervisor, which first finishes its present work, and reads every namespace.
fn health(up: &Up) -> Health {
    let supervisor = client::ask(&up.folder);
    let seen = if needs_user_namespace() {
        0
    } else {
        up.lab.topology.nodes.len()
    };
    let nodes = (0..seen)
        .map(|index| kernel::links(&up.lab.plan.namespace(NodeId(index))).ok())
        .collect();
    let silent = match &supervisor {
        Some(_) => None,
        None => client::supervisor(&up.folder),
    };
    let mut health = Health {
        supervisor,
        silent,
        holder: None,
        nodes,
    };
    if health.is_broken(up) {
        health.holder = up.folder.holder();
    }
    health
}

impl Health {
    /// Whether a node's namespace exists.
    #[must_use]
    pub fn has_node(&self, node: NodeId) -> bool {
        self.nodes[node.0].is_some()
    }

    /// An interface's state; `None` if it is missing.
    #[must_use]
    pub fn interface(&self, up: &Up, id: InterfaceId) -> Option<LinkState> {
        let interface = up.lab.topology.interface(id);
        self.nodes[interface.node.0]
            .as_ref()?
            .get(interface.name.as_str())
            .copied()
    }

    /// A link's state: the worse state of its two ends.
    #[must_use]
    pub fn link(&self, up: &Up, link: &Link) -> Option<LinkState> {
        let [a, b] = link.ends.map(|end| self.interface(up, end));
        match (a?, b?) {
            (LinkState::Up, LinkState::Up) => Some(LinkState::Up),
            (LinkState::Down, _) | (_, LinkState::Down) => Some(LinkState::Down),
            _ => Some(LinkState::NoCarrier),
        }
    }

    /// Whether the lab must be rebuilt because a part of it is missing. A link that was taken down still exists, and
    /// may be down on purpose.
    #[must_use]
    pub fn is_broken(&self, up: &Up) -> bool {
        let topology = &up.lab.topology;
        let wires_stopped = self
            .supervisor
            .as_ref()
            .is_none_or(|supervisor| !supervisor.wires_running);
        let node_missing = self.nodes.iter().any(Option::is_none);
        let link_missing = !self.nodes.is_empty()
            && topology
                .links
                .iter()
                .any(|link| self.link(up, link).is_none());
        up.carriers.is_none() || wires_stopped || node_missing || link_missing
    }

    /// The problems, in sentences; empty if the lab is complete.
    #[must_use]
    pub fn problems(&self, up: &Up) -> Vec<String> {
        let name = up.folder.lab();
        let mut problems = Vec::new();
        if let Some(holder) = &self.holder {
            problems.push(format!("lab {name} is being changed by {holder}"));
        } else if up.carriers.is_none() {
            problems.push(format!(
                "building lab {name} was never finished; `lab up {name}` repairs it"
            ));
        }
        if self.holder.is_none() && self.supervisor.is_none() {
            problems.push(match self.silent {
                Some(process) if is_stopped(process.unsigned_abs()) => format!(
                    "the supervisor, process {process}, is stopped; `kill -CONT {process}` resumes it, \
                     `lab down {name}` removes the lab"
                ),
                Some(process) => format!(
                    "the supervisor, process {process}, does not answer; `lab down {name}` ends it"
                ),
                None => format!("the supervisor has died; `lab up {name}` repairs the lab"),
            });
        }
        if self
            .supervisor
            .as_ref()
            .is_some_and(|supervisor| !supervisor.wires_running)
        {
            problems.push(
                "the wires that carry delays have stopped; `lab down` and `lab up` restore them"
                    .to_owned(),
            );
        }
        let not_followed = self.supervisor.iter().flat_map(|it| &it.faults.problems);
        problems.extend(
            not_followed
                .map(|problem| format!("the routes differ from the expected ones: {problem}")),
        );
        let shut = self
            .supervisor
            .iter()
            .flat_map(|supervisor| &supervisor.faults.shut);
        problems.extend(shut.map(|session| format!("{session} was shut by `lab fault`")));
        let topology = &up.lab.topology;
        let missing = topology
            .nodes
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.has_node(NodeId(*index)));
        problems.extend(missing.map(|(_, node)| format!("node {} has no namespace", node.name)));
        problems.extend(
            topology
                .links
                .iter()
                .filter_map(|link| self.link_problem(up, link)),
        );
        problems
    }

    fn link_problem(&self, up: &Up, link: &Link) -> Option<String> {
        let meant_up = link
            .ends
            .iter()
            .all(|end| up.lab.topology.interface(*end).up);
        let what = match link.kind {
            LinkKind::Wire => "link",
            LinkKind::Tunnel { .. } => "tunnel",
        };
        let is_named = |among: fn(&FaultStatus) -> &Vec<String>| {
            let supervisor = self.supervisor.as_ref();
            supervisor.is_some_and(|supervisor| among(&supervisor.faults).contains(&link.name))
        };
        match self.link(up, link) {
            Some(LinkState::Up) => is_named(|faults| &faults.blackholed).then(|| {
                format!(
                    "{what} {} drops all packets, because of `lab fault --blackhole`",
                    link.name
                )
            }),
            None => Some(format!("{what} {} is missing", link.name)),
            Some(_) if !meant_up => None,
            Some(LinkState::Down) if is_named(|faults| &faults.commanded) => Some(format!(
                "{what} {} was taken down by `lab fault`",
                link.name
            )),
            Some(LinkState::Down) => Some(format!("{what} {} was taken down", link.name)),
            Some(LinkState::NoCarrier) => Some(format!(
                "{what} {} has no carrier: its other end is down",
                link.name
            )),
        }
    }
}
