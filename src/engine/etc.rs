//! The files that a lab's nodes see in /etc.

use std::fmt::Write;
use std::net::Ipv4Addr;
use std::path::Path;

use crate::names::NodeName;
use crate::topology::Topology;

/// The lab's names, so that programs show and take them.
const HOSTS: &str = "hosts";

/// No name server is reached from a lab, so that looking one up fails at once and not after seconds.
const RESOLV: (&str, &str) = (
    "resolv.conf",
    "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
);

/// The files, by name. A file that the host lacks cannot be put in place of it.
pub(super) fn files(topology: &Topology) -> Vec<(&'static str, String)> {
    let hosts = (HOSTS, hosts(topology));
    let resolv = (RESOLV.0, RESOLV.1.to_owned());
    [hosts, resolv]
        .into_iter()
        .filter(|(name, _)| Path::new("/etc").join(name).exists())
        .collect()
}

fn hosts(topology: &Topology) -> String {
    let mut text = "127.0.0.1 localhost\n".to_owned();
    // One file for all nodes names nothing that is not the same as each of them sees it.
    let names = names(topology).into_iter();
    for (address, name) in names.filter(|(address, _)| topology.is_unambiguous(*address)) {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{address} {name}");
    }
    text
}

/// Every address with its node's name, the one that the name stands for first.
pub(super) fn names(topology: &Topology) -> Vec<(Ipv4Addr, &NodeName)> {
    let mut names = Vec::new();
    for node in &topology.nodes {
        let of_interfaces = node
            .interfaces
            .iter()
            .flat_map(|id| &topology.interface(*id).addresses);
        let others = of_interfaces
            .map(ipnet::Ipv4Net::addr)
            .chain(node.loopback.iter().copied());
        let others = others.filter(|address| Some(*address) != node.address);
        let addresses = node.address.into_iter().chain(others);
        names.extend(addresses.map(|address| (address, &node.name)));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::parse;
    use crate::topology::resolve;

    #[test]
    fn a_name_is_left_out_whose_address_is_also_anothers() {
        let network = |name: &str, further: &str| {
            format!(
                "  {name}:\n    location: region1\n    addressPrefixes: [10.40.0.0/16]\n    subnets: {{ all: {{ addressPrefix: 10.40.0.0/24 }} }}\n    virtualMachines: {{ {name}-vm: {{ subnet: all, privateIPAddress: 10.40.0.4 }}{further} }}\n"
            )
        };
        let further = ", red-db: { subnet: all, privateIPAddress: 10.40.0.5 }";
        let (red, blue) = (network("red", further), network("blue", ""));
        let text = format!("name: apart\nvirtualNetworks:\n{red}{blue}");
        let topology = resolve(&parse(&text).unwrap()).unwrap();
        assert_eq!(hosts(&topology), "127.0.0.1 localhost\n10.40.0.5 red-db\n");
    }
}
