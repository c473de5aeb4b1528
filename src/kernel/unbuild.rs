//! Undoes parts of a plan in a running lab.

use nix::errno::Errno;

use crate::kernel::failure::Failure;
use crate::kernel::limit;
use crate::kernel::live::Live;
use crate::kernel::message;
use crate::kernel::rtnl::Request;
use crate::kernel::tc::{self, Side};
use crate::names::IfName;
use crate::plan::{Device, Entry, Limit, Operation, Plan, RuleSelector};
use crate::topology::NodeId;

/// A request in words, in a node.
type Step = (NodeId, String, Request);

impl Live {
    /// Undoes a part of a plan. It is no error if something is already undone.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; all are tried.
    pub fn undo(&mut self, part: &Plan) -> Result<(), Failure> {
        let mut result = Ok(());
        for operation in part.undone() {
            let steps = self.undoing(operation);
            result = result.and(self.take_steps(steps));
            for Device { node, name } in operation.creates() {
                self.forget(node, &name);
            }
        }
        result
    }

    /// Removes entries of a node. It is no error if one is already removed.
    ///
    /// # Errors
    ///
    /// The first [`Failure`]; all are tried.
    pub fn remove(&mut self, node: NodeId, entries: &[Entry]) -> Result<(), Failure> {
        let steps = entries
            .iter()
            .filter_map(|entry| self.removing(node, entry));
        let steps = steps.collect();
        self.take_steps(steps)
    }

    fn take_steps(&mut self, steps: Vec<Step>) -> Result<(), Failure> {
        let mut result = Ok(());
        for (node, words, request) in steps {
            let done = self.run(node, &[(words, request)]);
            result = result.and(done.and_then(|refused| match refused.into_iter().next() {
                Some((_, _, failure)) => Err(failure),
                None => Ok(()),
            }));
        }
        result
    }

    fn undoing(&self, operation: Operation<'_>) -> Vec<Step> {
        match operation {
            Operation::Entry(node, entry) => self.removing(node, entry).into_iter().collect(),
            Operation::Limit(node, limit) => self.unlimiting(node, limit),
            Operation::Bridge(..) | Operation::Link(_) | Operation::Tunnel(_) => {
                let devices = operation.creates().into_iter();
                devices.map(|device| self.deleting(&device)).collect()
            }
            // Routes, filters and firewalls are changed as a whole, and a namespace is removed as a whole.
            Operation::Namespace(..)
            | Operation::Route(..)
            | Operation::Filter(..)
            | Operation::Firewall(..) => Vec::new(),
        }
    }

    /// Removes an entry. A port's settings disappear with the port.
    fn removing(&self, node: NodeId, entry: &Entry) -> Option<Step> {
        let named = |name: &IfName| Device {
            node,
            name: name.clone(),
        };
        let at = |name| self.index_of(&named(name));
        Some(match entry {
            Entry::Port { .. } => return None,
            Entry::Forwarding { port, mac } => {
                let away = message::forwarding_away(at(port), *mac);
                let words = format!("bridge fdb delete {mac}");
                step(&named(port), &words, away, Errno::ENOENT)
            }
            Entry::Address {
                interface,
                address,
                connected,
            } => {
                let away = message::address_away(at(interface), *address, *connected);
                let words = format!("address delete {address}");
                step(&named(interface), &words, away, Errno::EADDRNOTAVAIL)
            }
            Entry::Neighbour {
                interface,
                address,
                mac,
            } => {
                let away = message::neighbour_away(at(interface), *address, *mac);
                let words = format!("neighbour delete {address}");
                step(&named(interface), &words, away, Errno::ENOENT)
            }
            Entry::Rule { packets, table } => {
                let away = Request::change(message::rule_away(packets, *table));
                let words = match packets {
                    RuleSelector::Arriving { interface, to } => {
                        format!("rule delete to {to} dev {interface}")
                    }
                    RuleSelector::From(source) => format!("rule delete from {source}"),
                    RuleSelector::Udp { to, port } => {
                        format!("rule delete to {to} ipproto udp dport {port}")
                    }
                };
                (node, words, away.or_refused_with(Errno::ENOENT))
            }
            Entry::AskEachSource => {
                let away = Request::change(message::rule_for_everything_away());
                let words = "rule delete from all".to_owned();
                (node, words, away.or_refused_with(Errno::ENOENT))
            }
        })
    }

    fn deleting(&self, device: &Device) -> Step {
        let away = message::link_away(self.index_of(device));
        step(device, "link delete", away, Errno::ENODEV)
    }

    /// The filters to a limit's devices are removed first, so that no packet is redirected to a missing device.
    fn unlimiting(&self, node: NodeId, limit: &Limit) -> Vec<Step> {
        let named = |name: &IfName| Device {
            node,
            name: name.clone(),
        };
        let led = limit.interfaces.iter().flat_map(|name| {
            let device = named(name);
            let index = self.index_of(&device);
            [Side::Ingress, Side::Egress].map(|side| {
                let away = tc::no_redirect(index, side, limit::PREFERENCE);
                step(&device, "tc filter delete", away, Errno::ENOENT)
            })
        });
        let devices = [&limit.arriving, &limit.leaving].into_iter();
        led.chain(devices.map(|name| self.deleting(&named(name))))
            .collect()
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
