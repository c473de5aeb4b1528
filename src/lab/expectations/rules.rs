//! Rules for the expected paths of a lab file, without failures and in the steps of its storyboards.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::addresses::Address;
use crate::azure::addresses::{are_different, given};
use crate::azure::scopes::{Scope, Scopes};
use crate::findings::{Finding, Located};
use crate::findings::{Rule, no_such};
use crate::lab::expectations::pairs::{Machines, Pair, lists};
use crate::lab::model::{Answerer, Expectation, ExpectedHop, ExpectedOutcome, Spec};
use crate::topology::Topology;

const EXPECTED_ALREADY: Rule = Rule::new("expected-already");
const ANOTHERS_ADDRESS: Rule = Rule::new("anothers-address");
const NO_HOPS: Rule = Rule::of_whole_files("no-hops");
const TOO_MANY_HOPS: Rule = Rule::new("too-many-hops");
const WRONG_END: Rule = Rule::new("wrong-end").needing(&["privateIPAddress", "address", "hops"]);
const NO_PAIR: Rule = Rule::of_whole_files("no-pair");

/// The maximum number of hops of a path: the default of `traceroute`.
const MOST_HOPS: usize = 30;

/// An expectation must have two different machines. Each ordered pair may have only one expectation in its list that is
/// equally specific.
pub(crate) fn name_two_machines(spec: &Spec) -> Vec<Finding> {
    let machines = Machines::of(spec);
    lists(spec)
        .flat_map(|list| two_machines_each(&machines, list))
        .collect()
}

fn two_machines_each(machines: &Machines<'_>, list: &[Expectation]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = list
        .iter()
        .flat_map(|one| unknown_or_same(machines, one))
        .collect();
    let mut reported = None;
    for pair in machines.pairs(list).repeated {
        let Pair {
            from,
            to,
            expectation,
            ..
        } = pair;
        // Only the first pair of a set is reported.
        if reported.replace(expectation.place) != Some(expectation.place) {
            let message = format!("the path from `{from}` to `{to}` already has an expectation");
            let finding = Finding::new(EXPECTED_ALREADY, expectation.place, message);
            findings.push(if pair.is_explicit {
                finding
            } else {
                finding.with_help(
                    "a more specific expectation overrides a less specific one: a machine's name is more specific than a list, and \
                     a list is more specific than `\"*\"`",
                )
            });
        }
    }
    findings
}

fn unknown_or_same(machines: &Machines<'_>, expectation: &Expectation) -> Vec<Finding> {
    let Expectation { from, to, .. } = expectation;
    let names = from.names().iter().chain(to.names());
    let unknown = names.filter(|name| !machines.knows(&name.value));
    let mut findings: Vec<Finding> = unknown
        .map(|name| no_such("virtual machine or host", name, machines.names()))
        .collect();
    match (from.only(), to.only()) {
        (Some(one), Some(other)) if one.value == other.value && machines.is_machine(&one.value) => {
            let message = format!(
                "`{}` is both the source and the destination of this path",
                one.value
            );
            findings.push(Finding::new(Rule::SAME_END, other.place, message));
        }
        _ if findings.is_empty() && !machines.has_pair(expectation) => {
            let message = "this expectation matches no pair of two different machines";
            let finding = Finding::new(NO_PAIR, to.place(), message);
            findings.push(
                finding.with_help(
                    "name machines, or virtual networks and sites that contain machines",
                ),
            );
        }
        _ => {}
    }
    findings
}

/// As seen from the probing machine, the probed address must belong to the probed machine. Sets omit other pairs.
pub(crate) fn probe_what_they_name(spec: &Spec) -> Vec<Finding> {
    if lists(spec).all(<[_]>::is_empty) {
        return Vec::new();
    }
    let given = given(&spec.resources);
    if are_different(&given) {
        return Vec::new();
    }
    let scopes = Scopes::new(&spec.resources);
    let mut owners: BTreeMap<Address, Vec<(Scope<'_>, Cow<'_, str>)>> = BTreeMap::new();
    for given in given {
        let scope = scopes.of(given.at, given.address.value);
        let owners = owners.entry(given.address.value).or_default();
        owners.push((scope, given.whose));
    }
    owners.retain(|_, owners| owners.len() > 1);
    let machines = Machines::of(spec);
    let explicit = lists(spec)
        .flatten()
        .filter_map(|expectation| expectation.from.only().zip(expectation.to.only()));
    explicit
        .filter_map(|(from, to)| {
            let address = machines.address_of(&to.value)?;
            let seen = scopes_of(spec, &scopes, &from.value)?;
            let owners = owners.get(&address)?;
            let mut nearest = seen.into_iter().filter_map(|scope| {
                let mut owners = owners.iter();
                owners.find(|(own, _)| *own == scope)
            });
            let (_, whose) = nearest.next()?;
            (*whose != to.value).then(|| {
                let message = format!(
                    "`{}` cannot be probed from `{}`, where {address} is the address of {}",
                    to.value, from.value, whose
                );
                Finding::new(ANOTHERS_ADDRESS, to.place, message)
                    .with_help("a path needs two machines that are connected")
            })
        })
        .collect()
}

/// The scopes in which a machine or host looks up an address: its own network, then its routing domain.
fn scopes_of<'a>(spec: &'a Spec, scopes: &Scopes<'a>, machine: &str) -> Option<[Scope<'a>; 2]> {
    let in_network = spec.resources.virtual_networks.iter().find(|vnet| {
        let mut machines = vnet.virtual_machines.iter();
        machines.any(|own| own.name.value.as_str() == machine)
    });
    if let Some(vnet) = in_network {
        let vnet = vnet.name.value.as_str();
        return Some([Scope::Network(vnet), scopes.network(vnet)]);
    }
    let site = spec.resources.sites.iter().find(|site| {
        let mut hosts = site.hosts.iter();
        hosts.any(|own| own.name.value.as_str() == machine)
    })?;
    Some([scopes.site(site.name.value.as_str()); 2])
}

/// The last hop of a path must be the destination.
pub(crate) fn end_at_their_destination(spec: &Spec) -> Vec<Finding> {
    let machines = Machines::of(spec);
    lists(spec)
        .flatten()
        .filter_map(|expectation| wrong_end(spec, &machines, expectation))
        .collect()
}

/// Whether a name is `VM/NIC` of a machine's primary network interface, which has the machine's address.
fn is_primary(spec: &Spec, machine: &str, name: &str) -> bool {
    let networks = spec.resources.virtual_networks.iter();
    let mut machines = networks.flat_map(|network| &network.virtual_machines);
    name.split_once('/').is_some_and(|(own, interface)| {
        own == machine
            && machines.any(|known| {
                known.name.value.as_str() == machine
                    && known.primary().name.value.as_str() == interface
            })
    })
}

fn wrong_end(spec: &Spec, machines: &Machines<'_>, expectation: &Expectation) -> Option<Finding> {
    let ExpectedOutcome::Hops(hops) = &expectation.outcome else {
        return None;
    };
    let Some(to) = expectation
        .to
        .only()
        .filter(|to| machines.is_machine(&to.value))
    else {
        return several_ends(machines, expectation);
    };
    let address = machines.address_of(&to.value)?;
    let end_with = || {
        format!(
            "end `hops` with {address} or {}, or write `unreachable: timeout`",
            to.value
        )
    };
    let Some(last) = hops.last() else {
        let message = "a path has at least one hop, its destination";
        return Some(Finding::new(NO_HOPS, expectation.place, message).with_help(end_with()));
    };
    if hops.len() > MOST_HOPS {
        return Some(Finding::new(
            TOO_MANY_HOPS,
            hops[MOST_HOPS].place,
            format!("a path has at most {MOST_HOPS} hops"),
        ));
    }
    let is_end = match last.answerers.as_slice() {
        [Answerer::Address(last)] => *last == address,
        [Answerer::Name(last)] => {
            last.value == to.value || is_primary(spec, &to.value, &last.value)
        }
        _ => false,
    };
    (!is_end).then(|| {
        let message = format!(
            "the last hop is not `{}`, whose address is {address}",
            to.value
        );
        Finding::new(WRONG_END, last.place, message).with_help(end_with())
    })
}

/// The finding for hops to several machines. Another rule reports unknown names.
fn several_ends(machines: &Machines<'_>, expectation: &Expectation) -> Option<Finding> {
    let mut names = expectation.to.names().iter();
    names.all(|name| machines.knows(&name.value)).then(|| {
        let message = "`hops` needs a single destination, and `to` names several machines";
        Finding::new(WRONG_END, expectation.to.place(), message)
            .with_help("write `reachable: true` or `via: ...` for several machines")
    })
}

/// The nodes and network interfaces that expectations name must exist. This needs the topology.
pub(crate) fn expectations_name_nodes(spec: &Spec, topology: &Topology) -> Vec<Finding> {
    let outcomes = lists(spec).flatten().map(|one| &one.outcome);
    let names = outcomes.flat_map(|outcome| match outcome {
        ExpectedOutcome::Hops(hops) => hops.iter().flat_map(ExpectedHop::names).collect(),
        ExpectedOutcome::Reached { via, not_via } => via.iter().chain(not_via).flatten().collect(),
        ExpectedOutcome::TimesOut => Vec::new(),
    });
    names
        .filter_map(|name| unknown_node(topology, name))
        .collect()
}

fn unknown_node(topology: &Topology, name: &Located<String>) -> Option<Finding> {
    let Some((machine, interface)) = name.value.split_once('/') else {
        let is_known = !topology.nodes_named(&name.value).is_empty();
        return (!is_known).then(|| no_such("node", name, topology.node_names()));
    };
    let Some(node) = topology.find(machine) else {
        let machine = Located {
            value: machine.to_owned(),
            place: name.place,
        };
        return Some(no_such("node", &machine, topology.node_names()));
    };
    let wanted = Located {
        value: interface.to_owned(),
        place: name.place,
    };
    let known = topology.nics(node).map(|(_, nic)| nic.name.as_str());
    let is_known = topology.nic_named(node, interface).is_some();
    (!is_known).then(|| no_such("network interface", &wanted, known))
}

impl ExpectedHop {
    /// The names among the possible answerers.
    fn names(&self) -> impl Iterator<Item = &Located<String>> {
        self.answerers.iter().filter_map(|answerer| match answerer {
            Answerer::Name(name) => Some(name),
            Answerer::Address(_) => None,
        })
    }
}
