//! Each operation comes after those that create what it needs.

use super::*;

fn named<'a>(node: NodeId, names: impl IntoIterator<Item = &'a IfName>) -> Vec<Device> {
    let names = names.into_iter().cloned();
    names.map(|name| Device { node, name }).collect()
}

/// The interfaces that an operation creates.
pub(super) fn made(operation: Operation<'_>) -> Vec<Device> {
    match operation {
        Operation::Namespace(node, _) => named(node, [&IfName::loopback()]),
        Operation::Limit(node, limit) => named(node, [&limit.arriving, &limit.leaving]),
        _ => operation.creates(),
    }
}

/// The interfaces that must exist before an operation.
fn needed(operation: Operation<'_>) -> Vec<Device> {
    match operation {
        Operation::Link(link) => {
            let ends = link.ends.iter();
            ends.flat_map(|end| named(end.node, &end.interface.bridge))
                .collect()
        }
        Operation::Entry(node, Entry::Rule { packets, .. }) => match packets {
            RuleSelector::Arriving { interface, .. } => named(node, [interface]),
            RuleSelector::From(_) | RuleSelector::Udp { .. } => Vec::new(),
        },
        Operation::Entry(node, entry) => named(node, entry.on()),
        Operation::Filter(node, filter) => match filter {
            Filter::SetInnerTtl {
                tunnel: interface, ..
            }
            | Filter::SelectTraffic {
                tunnel: interface, ..
            }
            | Filter::Silence { interface, .. }
            | Filter::DropForwarded { nic: interface }
            | Filter::FilterPeering {
                port: interface, ..
            } => named(node, [interface]),
            Filter::HideGateway { nic, tunnels } => {
                named(node, std::iter::once(nic).chain(tunnels))
            }
            Filter::ClampMss { tunnels, .. } => named(node, tunnels),
        },
        Operation::Route(key, path) => named(key.node, path.hops.iter().map(|hop| &hop.name)),
        Operation::Limit(node, limit) => named(node, &limit.interfaces),
        Operation::Namespace(..)
        | Operation::Bridge(..)
        | Operation::Tunnel(_)
        | Operation::Firewall(..) => Vec::new(),
    }
}

/// Asserts that the namespaces and interfaces of each operation exist before it.
fn assert_in_order<'a>(plan: &Plan, operations: impl IntoIterator<Item = Operation<'a>>) {
    let (mut namespaces, mut devices) = (BTreeSet::new(), BTreeSet::new());
    for operation in operations {
        let text = plan.describe(operation);
        if let Operation::Namespace(node, _) = operation {
            assert!(namespaces.insert(node), "twice: {text}");
        }
        let mut nodes = operation.nodes().into_iter();
        assert!(
            nodes.all(|node| namespaces.contains(&node)),
            "no namespace: {text}"
        );
        let mut needed = needed(operation).into_iter();
        assert!(
            needed.all(|device| devices.contains(&device)),
            "no device: {text}"
        );
        let mut made = made(operation).into_iter();
        assert!(
            made.all(|device| devices.insert(device)),
            "made twice: {text}"
        );
    }
}

#[test]
fn every_operation_finds_what_earlier_ones_made() {
    for (_, plan) in plans() {
        assert_in_order(&plan, plan.operations());
    }
}

/// The kernel receives a plan in stages: all nodes' bridges, then links, and so on.
#[test]
fn every_stage_finds_what_earlier_ones_made() {
    for (_, plan) in plans() {
        let mut operations = plan.operations();
        operations.sort_by_key(|operation| match operation {
            Operation::Namespace(..) => 0,
            Operation::Bridge(..) => 1,
            Operation::Link(_) => 2,
            Operation::Tunnel(_) => 3,
            Operation::Entry(..) => 4,
            Operation::Limit(..) => 5,
            Operation::Filter(..) | Operation::Firewall(..) => 6,
            Operation::Route(..) => 7,
        });
        assert_in_order(&plan, operations);
    }
}
