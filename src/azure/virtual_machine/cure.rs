//! Edits of virtual machines that may make a path work.

use crate::azure::cure::DeadEnd;
use crate::yaml::proposal::Proposal;
use crate::yaml::tree::Kind;

const FORWARDS: &str = "ipForwarding";

/// The machine that drops packets for others forwards them.
pub(crate) fn forward(dead_end: &DeadEnd<'_>) -> Vec<Proposal> {
    let topology = dead_end.topology;
    let node = dead_end.lost_at;
    let is_end = dead_end.ends.iter().any(|(end, _)| *end == node);
    if !topology.node(node).role.is_machine() || is_end {
        return Vec::new();
    }
    let Some(network) = topology.network_of(node).map(|id| dead_end.name(id)) else {
        return Vec::new();
    };
    let name = topology.node(node).name.to_string();
    let written = dead_end.document.get("virtualNetworks");
    let machines = written.and_then(|all| all.get(&network)?.get("virtualMachines"));
    let has_several = machines
        .and_then(|all| all.get(&name)?.get("networkInterfaces"))
        .is_some();
    let deaf = topology.nics(node).filter(|(_, nic)| !nic.forwards);
    let deaf: Vec<String> = deaf.map(|(_, nic)| nic.name.to_string()).collect();
    if deaf.is_empty() {
        return Vec::new();
    }
    let what = if has_several {
        format!(
            "set `{FORWARDS}` on the interface {} of {name}",
            deaf.join(" and ")
        )
    } else {
        format!("set `{FORWARDS}` on {name}")
    };
    vec![Proposal::repair(what, 1, move |document| {
        let network = document.within("virtualNetworks", "").within(&network, "");
        let machine = network.within("virtualMachines", "").within(&name, "");
        if has_several {
            for nic in &deaf {
                let interfaces = machine.within("networkInterfaces", "privateIPAddress");
                let interface = interfaces.within(nic, "");
                interface.within(FORWARDS, "privateIPAddress").kind = Kind::Boolean(true);
            }
        } else {
            machine.within(FORWARDS, "privateIPAddress").kind = Kind::Boolean(true);
        }
    })]
}
