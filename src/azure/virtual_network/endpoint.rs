//! Private endpoints of a virtual network, and service endpoints of its subnets.

use crate::azure::virtual_machine::model::{NetworkInterface, VirtualMachine};
use crate::azure::virtual_network::model::{EndpointPolicies, PrivateEndpoint, ServiceEndpoint};
use crate::firewall::Firewall;
use crate::names::NodeName;
use crate::onpremises::device::model::Device;
use crate::yaml::fields::Decoder;
use crate::yaml::tree::{Key, Kind, Node};
use crate::yaml::values::{address, choice, key_text, located, node_name, prefixes, reference};

/// The port of HTTPS, which most services use.
const PORT: u16 = 443;

const POLICIES: [(&str, EndpointPolicies); 4] = [
    ("Disabled", EndpointPolicies::Disabled),
    (
        "NetworkSecurityGroupEnabled",
        EndpointPolicies::SecurityGroups,
    ),
    ("RouteTableEnabled", EndpointPolicies::RouteTables),
    ("Enabled", EndpointPolicies::Enabled),
];

/// The value of `privateEndpointNetworkPolicies`.
pub(crate) fn policies(d: &mut Decoder, node: &Node) -> Option<EndpointPolicies> {
    choice(d, node, &POLICIES)
}

/// An entry of `privateEndpoints`.
pub(crate) fn private_endpoint(d: &mut Decoder, key: &Key, node: &Node) -> Option<PrivateEndpoint> {
    let name = node_name(d, key);
    d.mapping(node, key.place, "a private endpoint", |fields| {
        let subnet = fields.required("subnet", reference);
        let private_ip_address = fields.required("privateIPAddress", address);
        let port = fields.if_given("port", port);
        Some(PrivateEndpoint {
            name: name?,
            subnet: subnet?,
            private_ip_address: private_ip_address?,
            port: port.unwrap_or(PORT),
        })
    })
}

fn port(d: &mut Decoder, node: &Node) -> Option<u16> {
    let given = match &node.kind {
        Kind::Integer(number) => u16::try_from(*number).ok().filter(|port| *port > 0),
        _ => return d.wrong_type(node, "a TCP port"),
    };
    given.or_else(|| d.wrong_value(node.place, "expected a TCP port from 1 to 65535"))
}

/// The value of `serviceEndpoints`.
pub(crate) fn service_endpoints(d: &mut Decoder, node: &Node) -> Option<Vec<ServiceEndpoint>> {
    d.named(node, "prefixes by the name of a service", |d, key, node| {
        let name = key_text(d, key);
        Some((name, prefixes(d, node)?))
    })
}

/// The machine that stands for a private endpoint: it accepts TCP on its port, and nothing else.
pub(crate) fn machine(endpoint: &PrivateEndpoint) -> VirtualMachine {
    let place = endpoint.name.place;
    let port = endpoint.port;
    let filter = Firewall::new(&format!(
        "\
table inet endpoint {{
  chain input {{
    type filter hook input priority filter; policy drop;
    tcp dport {port} accept
  }}
}}
"
    ));
    let interface = NetworkInterface {
        name: located(
            place,
            NodeName::new("eth0").expect("`eth0` is a valid name"),
        ),
        subnet: endpoint.subnet.clone(),
        private_ip_address: endpoint.private_ip_address,
        ip_forwarding: located(place, false),
    };
    VirtualMachine {
        name: endpoint.name.clone(),
        network_interfaces: vec![interface],
        device: Device {
            firewall: Some(located(place, filter)),
            ..Device::default()
        },
    }
}
