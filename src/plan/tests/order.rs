//! Each operation comes after those that make what it needs.

use super::*;

/// The interfaces that an operation makes.
pub(super) fn made(operation: &Operation) -> Vec<Device> {
    match operation {
        Operation::AddNamespace { node, .. } => vec![Device {
            node: *node,
            name: IfName::loopback(),
        }],
        Operation::AddBridge { end } => vec![end.device.clone()],
        Operation::AddLink { ends, .. } => ends.iter().map(|end| end.device.clone()).collect(),
        Operation::LimitTogether {
            node,
            arriving,
            leaving,
            ..
        } => [arriving, leaving]
            .map(|name| Device {
                node: *node,
                name: name.clone(),
            })
            .to_vec(),
        Operation::AddTunnel { ends, .. } => ends.iter().map(|end| end.device.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The interfaces that must be there before an operation.
fn needed(operation: &Operation) -> Vec<Device> {
    match operation {
        Operation::AddLink { ends, .. } => {
            let bridge = |end: &LinkEnd| {
                Some(Device {
                    node: end.device.node,
                    name: end.bridge.clone()?,
                })
            };
            ends.iter().filter_map(bridge).collect()
        }
        Operation::AddRule { .. } => operation.devices().collect(),
        Operation::SetPort { device, .. }
        | Operation::AddAddress { device, .. }
        | Operation::AddNeighbour { device, .. }
        | Operation::AddForwarding { device, .. }
        | Operation::Filter(
            Filter::SetInnerTtl { device, .. }
            | Filter::Silence { device, .. }
            | Filter::KeepOwn { nic: device }
            | Filter::FilterPeering { port: device, .. },
        ) => vec![device.clone()],
        Operation::Filter(Filter::HideGateway { nic, tunnels }) => {
            let tunnels = tunnels.iter().map(|tunnel| Device {
                node: nic.node,
                name: tunnel.clone(),
            });
            std::iter::once(nic.clone()).chain(tunnels).collect()
        }
        Operation::AddRoute { node, hops, .. } => hops
            .iter()
            .map(|hop| Device {
                node: *node,
                name: hop.name.clone(),
            })
            .collect(),
        Operation::LimitTogether {
            node, interfaces, ..
        }
        | Operation::Filter(Filter::ClampMss {
            node,
            tunnels: interfaces,
            ..
        }) => interfaces
            .iter()
            .map(|name| Device {
                node: *node,
                name: name.clone(),
            })
            .collect(),
        Operation::AddNamespace { .. }
        | Operation::AddBridge { .. }
        | Operation::AskEachSource { .. }
        | Operation::AddTunnel { .. } => Vec::new(),
    }
}

#[test]
fn every_operation_finds_what_earlier_ones_made() {
    for (_, plan) in plans() {
        let (mut namespaces, mut devices) = (BTreeSet::new(), BTreeSet::new());
        for operation in &plan.operations {
            if let Operation::AddNamespace { node, .. } = operation {
                assert!(
                    namespaces.insert(*node),
                    "twice: {}",
                    plan.describe(operation)
                );
            }
            let text = plan.describe(operation);
            assert!(
                operation
                    .nodes()
                    .iter()
                    .all(|node| namespaces.contains(node)),
                "no namespace: {text}"
            );
            assert!(
                needed(operation)
                    .iter()
                    .all(|device| devices.contains(device)),
                "no device: {text}"
            );
            assert!(
                made(operation)
                    .into_iter()
                    .all(|device| devices.insert(device)),
                "made twice: {text}"
            );
        }
    }
}
