//! Undoes parts of a plan in a running lab.

use nix::errno::Errno;

use crate::kernel::failure::Failure;
use crate::kernel::limit;
use crate::kernel::live::Live;
use crate::kernel::message;
use crate::kernel::rtnl::Request;
use crate::kernel::tc::{self, Side};
use crate::names::IfName;
use crate::plan::{Device, Operation, Packets};
use crate::topology::NodeId;

/// A request in words, in a node.
type Step = (NodeId, String, Request);

impl Live {
    /// Undoes operations, in order. It is no error if one is already undone.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; all are tried.
    pub fn undo(&mut self, operations: &[Operation]) -> Result<(), Failure> {
        let mut result = Ok(());
        for operation in operations {
            for (node, words, request) in self.undoing(operation) {
                let done = self.run(node, &[(words, request)]);
                result = result.and(done.and_then(|refused| match refused.into_iter().next() {
                    Some((_, _, failure)) => Err(failure),
                    None => Ok(()),
                }));
            }
        }
        let links = operations.iter().filter(|one| one.is_link());
        for Device { node, name } in links.flat_map(Operation::devices) {
            self.forget(node, &name);
        }
        result
    }

    fn undoing(&self, operation: &Operation) -> Vec<Step> {
        let at = |device| self.index_of(device);
        let (device, words, away, done) = match operation {
            Operation::AddAddress {
                device,
                address,
                connected,
            } => {
                let away = message::address_away(at(device), *address, *connected);
                (
                    device,
                    format!("address delete {address}"),
                    away,
                    Errno::EADDRNOTAVAIL,
                )
            }
            Operation::AddNeighbour {
                device,
                address,
                mac,
            } => {
                let away = message::neighbour_away(at(device), *address, *mac);
                (
                    device,
                    format!("neighbour delete {address}"),
                    away,
                    Errno::ENOENT,
                )
            }
            Operation::AddForwarding { device, mac } => {
                let away = message::forwarding_away(at(device), *mac);
                (
                    device,
                    format!("bridge fdb delete {mac}"),
                    away,
                    Errno::ENOENT,
                )
            }
            Operation::AddNamespace { .. }
            | Operation::AddBridge { .. }
            | Operation::AddLink { .. }
            | Operation::AddTunnel { .. }
            | Operation::SetPort { .. }
            | Operation::AddRoute { .. }
            | Operation::AddRule { .. }
            | Operation::AskEachSource { .. }
            | Operation::LimitTogether { .. }
            | Operation::Filter(_) => return self.undoing_more(operation),
        };
        vec![step(device, &words, away, done)]
    }

    /// Undoes operations with several requests, or without an interface.
    fn undoing_more(&self, operation: &Operation) -> Vec<Step> {
        match operation {
            Operation::AskEachSource { node } => {
                let away = Request::change(message::rule_for_everything_away());
                let words = "rule delete from all".to_owned();
                vec![(*node, words, away.or_refused_with(Errno::ENOENT))]
            }
            Operation::AddRule {
                node,
                packets,
                table,
            } => {
                let away = Request::change(message::rule_away(packets, *table));
                let words = match packets {
                    Packets::Arriving { interface, to } => {
                        format!("rule delete to {to} dev {interface}")
                    }
                    Packets::From(source) => format!("rule delete from {source}"),
                };
                vec![(*node, words, away.or_refused_with(Errno::ENOENT))]
            }
            Operation::LimitTogether {
                node,
                interfaces,
                arriving,
                leaving,
                ..
            } => self.unlimiting(*node, interfaces, [arriving, leaving]),
            Operation::AddBridge { .. }
            | Operation::AddLink { .. }
            | Operation::AddTunnel { .. } => {
                let devices = operation.devices();
                devices.map(|device| self.removing(&device)).collect()
            }
            // A port's settings go with the port, routes and filters are changed as a whole, and a namespace is removed
            // as a whole.
            Operation::AddNamespace { .. }
            | Operation::SetPort { .. }
            | Operation::AddRoute { .. }
            | Operation::Filter(_)
            | Operation::AddAddress { .. }
            | Operation::AddNeighbour { .. }
            | Operation::AddForwarding { .. } => Vec::new(),
        }
    }

    fn removing(&self, device: &Device) -> Step {
        let away = message::link_away(self.index_of(device));
        step(device, "link delete", away, Errno::ENODEV)
    }

    /// The filters to a limit's devices are removed first, so that no packet is redirected to a missing device.
    fn unlimiting(&self, node: NodeId, interfaces: &[IfName], devices: [&IfName; 2]) -> Vec<Step> {
        let named = |name: &IfName| Device {
            node,
            name: name.clone(),
        };
        let led = interfaces.iter().flat_map(|name| {
            let device = named(name);
            let index = self.index_of(&device);
            [Side::Ingress, Side::Egress].map(|side| {
                let away = tc::no_redirect(index, side, limit::PREFERENCE);
                step(&device, "tc filter delete", away, Errno::ENOENT)
            })
        });
        let devices = devices.into_iter().map(|name| self.removing(&named(name)));
        led.chain(devices).collect()
    }
}

fn step(
    device: &Device,
    words: &str,
    message: netlink_packet_route::RouteNetlinkMessage,
    done: Errno,
) -> Step {
    let words = format!("{words} dev {}", device.name);
    (
        device.node,
        words,
        Request::change(message).or_refused_with(done),
    )
}
