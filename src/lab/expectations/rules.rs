//! The expected paths of a lab file, without failures and in the steps of its storyboards.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::addresses::Address;
use crate::azure::addresses::{are_different, given};
use crate::azure::scopes::{Scope, Scopes};
use crate::findings::{Finding, Located};
use crate::findings::{Rule, no_such};
use crate::lab::model::{Expectation, ExpectedOutcome, Spec, StepExpectations};

const EXPECTED_ALREADY: Rule = Rule::new("expected-already");
const ANOTHERS_ADDRESS: Rule = Rule::new("anothers-address");
const NO_HOPS: Rule = Rule::of_whole_files("no-hops");
const TOO_MANY_HOPS: Rule = Rule::new("too-many-hops");
const WRONG_END: Rule = Rule::new("wrong-end");

/// The most hops of a path: as many as `traceroute` tries.
const MOST_HOPS: usize = 30;

/// Every machine and host that may probe and be probed, with its address.
fn machines(spec: &Spec) -> impl Iterator<Item = (&str, Address)> {
    let virtual_machines = spec
        .resources
        .virtual_networks
        .iter()
        .flat_map(|vnet| &vnet.virtual_machines);
    let hosts = spec.resources.sites.iter().flat_map(|site| &site.hosts);
    virtual_machines
        .map(|machine| {
            (
                machine.name.value.as_str(),
                machine.primary().private_ip_address.value,
            )
        })
        .chain(hosts.map(|host| (host.name.value.as_str(), host.address.value.addr())))
}

fn address_of(spec: &Spec, name: &Located<String>) -> Option<Address> {
    machines(spec)
        .find(|(machine, _)| *machine == name.value)
        .map(|(_, address)| address)
}

/// The lab's own expectations, and those of each step that has some.
fn lists(spec: &Spec) -> impl Iterator<Item = &[Expectation]> {
    let steps = spec
        .storyboards
        .iter()
        .flat_map(|storyboard| &storyboard.steps);
    let own = steps.filter_map(|step| match &step.expect {
        StepExpectations::Own(list) => Some(list.as_slice()),
        StepExpectations::Steady => None,
    });
    std::iter::once(spec.expectations.as_slice()).chain(own)
}

/// An expectation must be about two different machines, and each ordered pair may have one in its list.
pub(crate) fn name_two_machines(spec: &Spec) -> Vec<Finding> {
    lists(spec)
        .flat_map(|list| two_machines_each(spec, list))
        .collect()
}

fn two_machines_each(spec: &Spec, list: &[Expectation]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    for expectation in list {
        let ends = [&expectation.from, &expectation.to];
        let unknown = ends
            .into_iter()
            .filter(|end| address_of(spec, end).is_none());
        findings.extend(unknown.map(|end| {
            no_such(
                "virtual machine or host",
                end,
                machines(spec).map(|(name, _)| name),
            )
        }));
        let [from, to] = ends.map(|end| end.value.as_str());
        if from == to {
            findings.push(Finding::new(
                Rule::SAME_END,
                expectation.to.place,
                format!("`{from}` is both the source and the destination of this path"),
            ));
        } else if !seen.insert((from, to)) {
            let message = format!("the path from `{from}` to `{to}` already has an expectation");
            findings.push(Finding::new(EXPECTED_ALREADY, expectation.place, message));
        }
    }
    findings
}

/// The probed machine's address must belong to it as the probing machine sees it.
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
    lists(spec)
        .flatten()
        .filter_map(|expectation| {
            let address = address_of(spec, &expectation.to)?;
            let seen = scopes_of(spec, &scopes, &expectation.from.value)?;
            let owners = owners.get(&address)?;
            let mut nearest = seen.into_iter().filter_map(|scope| {
                let mut owners = owners.iter();
                owners.find(|(own, _)| *own == scope)
            });
            let (_, whose) = nearest.next()?;
            (*whose != expectation.to.value).then(|| {
                let message = format!(
                    "`{}` cannot be probed from `{}`, where {address} is the address of {}",
                    expectation.to.value, expectation.from.value, whose
                );
                Finding::new(ANOTHERS_ADDRESS, expectation.to.place, message)
                    .with_help("a path needs two machines that are connected")
            })
        })
        .collect()
}

/// Where a machine or host looks up an address: in its own network, and in its routing domain.
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

/// The last hop of a reachable destination must be the destination itself.
pub(crate) fn end_at_their_destination(spec: &Spec) -> Vec<Finding> {
    lists(spec)
        .flatten()
        .filter_map(|expectation| wrong_end(spec, expectation))
        .collect()
}

fn wrong_end(spec: &Spec, expectation: &Expectation) -> Option<Finding> {
    let ExpectedOutcome::Hops(hops) = &expectation.outcome else {
        return None;
    };
    let address = address_of(spec, &expectation.to)?;
    let Some(last) = hops.last() else {
        let message = "a path has at least one hop, its destination";
        return Some(
            Finding::new(NO_HOPS, expectation.place, message).with_help(format!(
                "end `hops` with {address}, or write `unreachable: timeout`"
            )),
        );
    };
    if hops.len() > MOST_HOPS {
        return Some(Finding::new(
            TOO_MANY_HOPS,
            hops[MOST_HOPS].place,
            format!("a path has at most {MOST_HOPS} hops"),
        ));
    }
    (last.addresses != [address]).then(|| {
        let message = format!(
            "the last hop is not `{}`, whose address is {address}",
            expectation.to.value
        );
        Finding::new(WRONG_END, last.place, message).with_help(format!(
            "end `hops` with {address}, or write `unreachable: timeout`"
        ))
    })
}
