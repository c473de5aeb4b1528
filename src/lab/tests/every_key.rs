//! The values of the keys that a simple lab does not need.

use std::fmt::Debug;

use crate::lab::model::Spec;
use crate::lab::parse;
use crate::topology::Semantics;

use crate::lab::tests::shown;

/// A lab with every key. It need not make sense as a network.
pub(crate) const EVERY_KEY: &str = r"name: every-key
semantics:
  vpnGatewayHops: legacy
  strictPeeringFlags: true
  expressRouteRoutesInVpnGateway: true
  bgpPeerHostRoutes: always
  reservedPrefixes: 2021
  listIdleInstances: true
  customerEdgeHops: answering
convergence: immediate
strict: true
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.1.0.0/16]
    subnets:
      nva: { addressPrefix: 10.1.1.0/24, routeTable: to-spokes, privateEndpointNetworkPolicies: RouteTableEnabled }
      lan: { addressPrefix: 10.1.2.0/24, serviceEndpoints: { Microsoft.Storage: [20.60.0.0/16] } }
    virtualMachines:
      nva1:
        subnet: nva
        privateIPAddress: 10.1.1.4
        ipForwarding: true
        asn: 65001
        tunnel: { sourceAddress: 203.0.113.1, address: 172.16.0.1, bgpPeeringAddress: 10.1.1.4, mtu: 1436 }
        tunnelInterfaces: { nva1-loc1: { sourceAddress: 203.0.113.4, address: 172.16.0.2 } }
        advertise: [10.9.0.0/16]
        routes:
          - { addressPrefix: 0.0.0.0/0, nextHopIpAddress: 10.1.1.1 }
          - { addressPrefix: 10.8.0.0/16, connection: nva1-loc1 }
        firewall: |
          table inet filter {
            chain forward {
              type filter hook forward priority filter; policy accept;
            }
          }
      vm: { subnet: lan, privateIPAddress: 10.1.2.4 }
      nva2:
        networkInterfaces:
          outside: { subnet: nva, privateIPAddress: 10.1.1.5, ipForwarding: true }
          inside: { subnet: lan, privateIPAddress: 10.1.2.5 }
    privateEndpoints:
      sql: { subnet: lan, privateIPAddress: 10.1.2.6, port: 1433 }
    peerings:
      - { remoteVirtualNetwork: spoke, allowVirtualNetworkAccess: false, allowForwardedTraffic: true,
          peerCompleteVnets: false, localSubnetNames: [nva, lan] }
      - { remoteVirtualNetwork: branch, peerCompleteVnets: true }
routeTables:
  to-spokes:
    disableBgpRoutePropagation: true
    routes:
      inspected: { addressPrefix: 10.0.0.0/8, nextHopType: VirtualAppliance, nextHopIpAddress: 10.1.1.100 }
      onprem: { addressPrefix: 10.2.0.0/16, nextHopType: VirtualNetworkGateway }
      local: { addressPrefix: 10.1.0.0/16, nextHopType: VnetLocal }
      out: { addressPrefix: 0.0.0.0/0, nextHopType: Internet }
      dropped: { addressPrefix: 10.3.0.0/16, nextHopType: None }
  empty: {}
loadBalancers:
  nva-lb: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.1.1.100, backends: [nva1, nva2/inside] }
virtualNetworkGateways:
  two:
    virtualNetwork: hub
    gatewayType: Vpn
    sku: VpnGw3AZ
    vpnGatewayGeneration: Generation2
    gatewayDefaultSite: hub-loc1
    activeActive: true
    privateIPAddresses: [10.1.0.4, 10.1.0.5]
    bgpPeeringAddresses: [10.1.0.14, 169.254.21.2]
    publicIPAddresses: [52.0.0.4, 52.0.0.5]
  two-of-few-words: { virtualNetwork: spoke, gatewayType: Vpn, activeActive: true, publicIPAddresses: [52.0.0.6, 52.0.0.7] }
  one: { virtualNetwork: branch, gatewayType: Vpn, activeActive: false, bgpPeeringAddress: 10.3.0.254, publicIPAddress: 52.0.0.8, vpnClientAddressPool: [172.31.0.0/24] }
  er: { virtualNetwork: hub, gatewayType: ExpressRoute, sku: UltraPerformance, privateIPAddress: 10.1.0.12, allowRemoteVnetTraffic: true }
  er-of-few-words: { virtualNetwork: spoke, gatewayType: ExpressRoute }
  er-scaled: { virtualNetwork: far, gatewayType: ExpressRoute, sku: ErGwScale, autoScaleConfiguration: { bounds: { min: 2, max: 12 } }, privateIPAddresses: [10.5.0.12, 10.5.0.13] }
expressRouteCircuits:
  er1:
    bandwidthInMbps: 50
    primary: { peerAddressPrefix: 172.16.1.0/30, customerEdge: ce1, microsoftPeerAddressPrefix: 203.0.113.64/30 }
    secondary: { peerAddressPrefix: 172.16.1.4/30, customerEdge: ce2 }
connections:
  er1-hub: { connectionType: ExpressRoute, gateway: er, circuit: er1, endpoints: [10.1.0.6, 10.1.0.7],
             routingWeight: 32000, expressRouteGatewayBypass: true }
  er2-hub: { connectionType: ExpressRoute, gateway: er, circuit: er2, endpoints: [10.1.0.8, 10.1.0.9] }
  static: { connectionType: Vnet2Vnet, gateways: [one, two], enableBgp: false }
  hub-loc1: { connectionType: IPsec, gateway: two, device: ce1, enableBgp: false,
              localNetworkAddressPrefixes: [10.2.0.0/16, 10.2.99.1/32], instances: [1], useLocalAzureIpAddress: false,
              connectionMode: Default, usePolicyBasedTrafficSelectors: false,
              trafficSelectorPolicies: [{ localAddressRanges: [10.1.0.0/16], remoteAddressRanges: [10.2.0.0/16] }],
              transport: er1 }
  nva1-loc1: { connectionType: IPsec, appliance: nva1, device: ce2 }
  one-two: { connectionType: IPsec, gateways: [one, two], enableBgp: true, instances: [two-in0],
             localNetworkAddressPrefixes: { one: [10.1.0.0/16], two: [10.3.0.0/16] } }
  reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 192.168.8.0/29, rtt: 20ms }
sites:
  loc1:
    asn: 65521
    igp: false
    ibgp: true
    routers:
      ce1:
        asn: 64512
        advertise: [10.2.1.0/24]
        transit: true
        localPreference: { er1: 200 }
        asPathPrepend: { er1: 3, far: 10 }
        import: { er1: [10.0.0.0/8, { permit: 172.16.0.0/12, ge: 16, set: { asPathPrepend: 1, localPreference: 300, med: 0, communities: [], addCommunities: [] } }], far: [] }
        export:
          far: [10.2.0.0/16]
          er1-primary:
            - { deny: 10.2.9.0/24, ge: 25, le: 28 }
            - { permit: 10.2.0.0/16, communities: [65001:100], set: { asPathPrepend: 2, med: 50, communities: [no-export], addCommunities: [65001:1] } }
      ce2: {}
wan:
  far: { a: ce1, b: far-ce, addresses: [192.168.9.0/31, 192.168.9.1/31], rtt: 8ms }
  near: { a: ce2, b: far-ce, addresses: [192.168.9.2/31, 192.168.9.3/31] }
impairments:
  - { link: er1-primary, from: ce1, delay: 40ms, jitter: 5ms, loss: 1%, duplicate: 0.1%, reorder: 2%, rate: 100mbit, queue: 200 }
  - { link: near, loss: 0.0001% }
storyboards:
  circuit-lost:
    - { step: at-rest, expect: steady }
    - step: primary-down
      fault: er1-primary
      blackhole: [far, near]
      wait: 2s
      expect:
        - { from: vm, to: nva1, hops: [10.1.1.4] }
    - { step: healed, heal: [er1-primary, far] }
";

fn every_key() -> Spec {
    parse(EVERY_KEY).unwrap_or_else(|findings| panic!("{}", shown(EVERY_KEY, &findings)))
}

/// One line per value, without places.
fn values<T: Debug>(values: &[T]) -> String {
    let lines = values.iter().map(|value| {
        let mut line = format!("{value:?}").replace("Located { value: ", "");
        for (starts, ends) in [(", place: Place(", ") }"), ("place: Place(", "), ")] {
            while let Some(at) = line.find(starts) {
                let length = line[at..].find(ends).unwrap() + ends.len();
                line.replace_range(at..at + length, "");
            }
        }
        line
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_switches_are_read_and_left_alone_have_their_defaults() {
    let spec = every_key();
    insta::assert_snapshot!(values(&[spec.semantics]), @"Semantics { vpn_gateway_hops: Legacy, strict_peering_flags: true, express_route_routes_in_vpn_gateway: true, bgp_peer_host_routes: Always, reserved_prefixes: Seen2021, list_idle_instances: true, customer_edge_hops: Answering }");
    assert!(spec.converges_immediately);
    assert!(spec.is_strict);
    let nothing_said = parse("name: a\nsemantics: {}\n").unwrap();
    assert_eq!(nothing_said.semantics, Semantics::default());
    assert!(!nothing_said.converges_immediately);
    assert!(!nothing_said.is_strict);
    insta::assert_snapshot!(values(&[nothing_said.semantics]), @"Semantics { vpn_gateway_hops: Transparent, strict_peering_flags: false, express_route_routes_in_vpn_gateway: false, bgp_peer_host_routes: VpnOnly, reserved_prefixes: Recommended, list_idle_instances: false, customer_edge_hops: Silent }");
}

#[test]
fn reserved_prefixes_are_a_word_or_a_year_as_text_or_number() {
    let read = |said: &str| {
        let text = format!("name: a\nsemantics: {{ reservedPrefixes: {said} }}\n");
        let prefixes = parse(&text).unwrap().semantics.reserved_prefixes;
        format!("{said}: {prefixes:?}, {}", prefixes.prefixes().len())
    };
    let years = [
        "recommended",
        "documented",
        "2020",
        "\"2021\"",
        "2023",
        "[172.16.0.0/12, 10.0.0.0/8, 10.0.0.0/8]",
        "[]",
    ]
    .map(read);
    insta::assert_snapshot!(years.join("\n"), @r#"
    recommended: Recommended, 6
    documented: Documented, 4
    2020: Seen2020, 5
    "2021": Seen2021, 15
    2023: Seen2023, 17
    [172.16.0.0/12, 10.0.0.0/8, 10.0.0.0/8]: Listed([10.0.0.0/8, 172.16.0.0/12]), 2
    []: Listed([]), 0
    "#);
}

#[test]
fn subnets_machines_and_peerings_are_read() {
    let hub = &every_key().resources.virtual_networks[0];
    insta::assert_snapshot!(values(&hub.subnets), @r#"
    Subnet { name: "nva", address_prefix: 10.1.1.0/24, route_table: Some("to-spokes"), endpoint_policies: RouteTables, service_endpoints: [] }
    Subnet { name: "lan", address_prefix: 10.1.2.0/24, route_table: None, endpoint_policies: Disabled, service_endpoints: [("Microsoft.Storage", [20.60.0.0/16])] }
    Subnet { name: "GatewaySubnet", address_prefix: 10.1.255.0/27, route_table: None, endpoint_policies: Disabled, service_endpoints: [] }
    "#);
    insta::assert_snapshot!(values(&hub.virtual_machines), @r#"
    VirtualMachine { name: NodeName("nva1"), network_interfaces: [NetworkInterface { name: NodeName("eth0"), subnet: "nva", private_ip_address: 10.1.1.4, ip_forwarding: true }], device: Device { asn: Some(Asn(65001)), tunnel: Some(TunnelEnd { source_address: 203.0.113.1, address: 172.16.0.1, bgp_peering_address: Some(10.1.1.4), inner_ttl: None, mtu: Some(1436) }), tunnel_interfaces: [("nva1-loc1", TunnelEnd { source_address: 203.0.113.4, address: 172.16.0.2, bgp_peering_address: None, inner_ttl: None, mtu: None })], advertise: [10.9.0.0/16], transit: false, routes: [StaticRoute { address_prefix: 0.0.0.0/0, next_hop: Address(10.1.1.1) }, StaticRoute { address_prefix: 10.8.0.0/16, next_hop: Connection("nva1-loc1") }], local_preference: [], as_path_prepend: [], import: [], export: [], firewall: Some(Firewall("table inet filter {\n  chain forward {\n    type filter hook forward priority filter; policy accept;\n  }\n}\n")) } }
    VirtualMachine { name: NodeName("vm"), network_interfaces: [NetworkInterface { name: NodeName("eth0"), subnet: "lan", private_ip_address: 10.1.2.4, ip_forwarding: false }], device: Device { asn: None, tunnel: None, tunnel_interfaces: [], advertise: [], transit: false, routes: [], local_preference: [], as_path_prepend: [], import: [], export: [], firewall: None } }
    VirtualMachine { name: NodeName("nva2"), network_interfaces: [NetworkInterface { name: NodeName("outside"), subnet: "nva", private_ip_address: 10.1.1.5, ip_forwarding: true }, NetworkInterface { name: NodeName("inside"), subnet: "lan", private_ip_address: 10.1.2.5, ip_forwarding: false }], device: Device { asn: None, tunnel: None, tunnel_interfaces: [], advertise: [], transit: false, routes: [], local_preference: [], as_path_prepend: [], import: [], export: [], firewall: None } }
    VirtualMachine { name: NodeName("sql"), network_interfaces: [NetworkInterface { name: NodeName("eth0"), subnet: "lan", private_ip_address: 10.1.2.6, ip_forwarding: false }], device: Device { asn: None, tunnel: None, tunnel_interfaces: [], advertise: [], transit: false, routes: [], local_preference: [], as_path_prepend: [], import: [], export: [], firewall: Some(Firewall("table inet endpoint {\n  chain input {\n    type filter hook input priority filter; policy drop;\n    tcp dport 1433 accept\n  }\n}\n")) } }
    "#);
    insta::assert_snapshot!(values(&hub.peerings), @r#"
    Peering { remote_virtual_network: "spoke", allow_gateway_transit: false, use_remote_gateways: false, allow_virtual_network_access: false, allow_forwarded_traffic: true, local_subnet_names: Some(["nva", "lan"]) }
    Peering { remote_virtual_network: "branch", allow_gateway_transit: false, use_remote_gateways: false, allow_virtual_network_access: true, allow_forwarded_traffic: false, local_subnet_names: None }
    "#);
}

#[test]
fn route_tables_and_load_balancers_are_read() {
    let spec = every_key();
    let [to_spokes, empty] = spec.resources.route_tables.as_slice() else {
        panic!("two tables")
    };
    assert!(to_spokes.disable_bgp_route_propagation.value);
    insta::assert_snapshot!(values(&to_spokes.routes), @r#"
    UserRoute { name: NodeName("inspected"), address_prefix: 10.0.0.0/8, next_hop: VirtualAppliance(10.1.1.100) }
    UserRoute { name: NodeName("onprem"), address_prefix: 10.2.0.0/16, next_hop: VirtualNetworkGateway }
    UserRoute { name: NodeName("local"), address_prefix: 10.1.0.0/16, next_hop: VnetLocal }
    UserRoute { name: NodeName("out"), address_prefix: 0.0.0.0/0, next_hop: Internet }
    UserRoute { name: NodeName("dropped"), address_prefix: 10.3.0.0/16, next_hop: None }
    "#);
    assert!(!empty.disable_bgp_route_propagation.value && empty.routes.is_empty());
    insta::assert_snapshot!(values(&spec.resources.load_balancers), @r#"LoadBalancer { name: NodeName("nva-lb"), virtual_network: "hub", subnet: "nva", frontend_ip_address: 10.1.1.100, backends: ["nva1", "nva2/inside"] }"#);
}

#[test]
fn gateways_with_one_instance_and_with_two_are_read() {
    let spec = every_key();
    insta::assert_snapshot!(values(&spec.resources.virtual_network_gateways), @r#"
    VirtualNetworkGateway { name: NodeName("two"), virtual_network: "hub", kind: Vpn { sku: VpnGw3, asn: Asn(65515), client_pools: [], default_site: Some("hub-loc1"), instances: [VpnGatewayInstance { private_ip_address: Some(10.1.0.4), bgp_peering_address: Some(10.1.0.14), public_ip_address: 52.0.0.4 }, VpnGatewayInstance { private_ip_address: Some(10.1.0.5), bgp_peering_address: Some(169.254.21.2), public_ip_address: 52.0.0.5 }] }, size: GatewaySize { name: "VpnGw3AZ", throughput: Bandwidth(2500000000) } }
    VirtualNetworkGateway { name: NodeName("two-of-few-words"), virtual_network: "spoke", kind: Vpn { sku: VpnGw1, asn: Asn(65515), client_pools: [], default_site: None, instances: [VpnGatewayInstance { private_ip_address: None, bgp_peering_address: None, public_ip_address: 52.0.0.6 }, VpnGatewayInstance { private_ip_address: None, bgp_peering_address: None, public_ip_address: 52.0.0.7 }] }, size: GatewaySize { name: "VpnGw1AZ", throughput: Bandwidth(650000000) } }
    VirtualNetworkGateway { name: NodeName("one"), virtual_network: "branch", kind: Vpn { sku: VpnGw1, asn: Asn(65515), client_pools: [172.31.0.0/24], default_site: None, instances: [VpnGatewayInstance { private_ip_address: None, bgp_peering_address: Some(10.3.0.254), public_ip_address: 52.0.0.8 }] }, size: GatewaySize { name: "VpnGw1AZ", throughput: Bandwidth(650000000) } }
    VirtualNetworkGateway { name: NodeName("er"), virtual_network: "hub", kind: ExpressRoute { sku: ErGw3Az, private_ip_addresses: [Some(10.1.0.12), None], allow_remote_vnet_traffic: true }, size: GatewaySize { name: "UltraPerformance", throughput: Bandwidth(10000000000) } }
    VirtualNetworkGateway { name: NodeName("er-of-few-words"), virtual_network: "spoke", kind: ExpressRoute { sku: ErGw1Az, private_ip_addresses: [None, None], allow_remote_vnet_traffic: false }, size: GatewaySize { name: "ErGw1Az", throughput: Bandwidth(1000000000) } }
    VirtualNetworkGateway { name: NodeName("er-scaled"), virtual_network: "far", kind: ExpressRoute { sku: ErGwScale(ScaleUnits { fewest: 2, most: 12 }), private_ip_addresses: [Some(10.5.0.12), Some(10.5.0.13)], allow_remote_vnet_traffic: false }, size: GatewaySize { name: "ErGwScale", throughput: Bandwidth(12000000000) } }
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a snapshot of all sizes")]
fn every_size_of_a_gateway_is_known_by_all_its_names() {
    let read = |kind: &str, sku: &str| {
        let text = format!(
            "name: a\nvirtualNetworkGateways:\n  g: {{ virtualNetwork: v, gatewayType: {kind}, sku: {sku} }}\n"
        );
        let gateways = parse(&text).unwrap().resources.virtual_network_gateways;
        let line = values(&gateways);
        let size = line.split_once("sku: ").unwrap().1;
        let carried = gateways[0].size.throughput;
        let size = size.split([',', ' ']).next().unwrap();
        assert_eq!(gateways[0].size.name, sku.split(',').next().unwrap());
        format!("{sku}: {size} {carried}")
    };
    let vpn = [
        "Basic",
        "Basic, vpnGatewayGeneration: Generation1",
        "VpnGw1",
        "VpnGw5",
        "VpnGw1AZ",
        "VpnGw2AZ",
        "VpnGw3AZ",
        "VpnGw4AZ",
        "VpnGw5AZ",
        "VpnGw2, vpnGatewayGeneration: Generation1",
        "VpnGw2, vpnGatewayGeneration: Generation2",
        "VpnGw3, vpnGatewayGeneration: Generation2",
        "VpnGw4, vpnGatewayGeneration: Generation2",
        "Standard",
        "HighPerformance, vpnGatewayGeneration: Generation1",
    ];
    let express_route = [
        "Standard",
        "ErGw1Az",
        "HighPerformance",
        "ErGw2Az",
        "UltraPerformance",
        "ErGw3Az",
        "ErGw1AZ",
        "ErGw2AZ",
        "ErGw3AZ",
        "ErGwScale",
        "ErGwScale, autoScaleConfiguration: { bounds: { min: 40, max: 40 } }",
        "ErGwScale, autoScaleConfiguration: { bounds: { min: 2, max: 7 } }",
    ];
    let vpn = vpn.map(|sku| read("Vpn, publicIPAddress: 52.0.0.4", sku));
    let express_route = express_route.map(|sku| read("ExpressRoute", sku));
    insta::assert_snapshot!([vpn.join("\n"), express_route.join("\n")].join("\n"), @r"
    Basic: Basic 100 Mbit/s
    Basic, vpnGatewayGeneration: Generation1: Basic 100 Mbit/s
    VpnGw1: VpnGw1 650 Mbit/s
    VpnGw5: VpnGw5 10 Gbit/s
    VpnGw1AZ: VpnGw1 650 Mbit/s
    VpnGw2AZ: VpnGw2 1 Gbit/s
    VpnGw3AZ: VpnGw3 1250 Mbit/s
    VpnGw4AZ: VpnGw4 5 Gbit/s
    VpnGw5AZ: VpnGw5 10 Gbit/s
    VpnGw2, vpnGatewayGeneration: Generation1: VpnGw2 1 Gbit/s
    VpnGw2, vpnGatewayGeneration: Generation2: VpnGw2 1250 Mbit/s
    VpnGw3, vpnGatewayGeneration: Generation2: VpnGw3 2500 Mbit/s
    VpnGw4, vpnGatewayGeneration: Generation2: VpnGw4 5 Gbit/s
    Standard: Standard 100 Mbit/s
    HighPerformance, vpnGatewayGeneration: Generation1: HighPerformance 200 Mbit/s
    Standard: ErGw1Az 1 Gbit/s
    ErGw1Az: ErGw1Az 1 Gbit/s
    HighPerformance: ErGw2Az 2 Gbit/s
    ErGw2Az: ErGw2Az 2 Gbit/s
    UltraPerformance: ErGw3Az 10 Gbit/s
    ErGw3Az: ErGw3Az 10 Gbit/s
    ErGw1AZ: ErGw1Az 1 Gbit/s
    ErGw2AZ: ErGw2Az 2 Gbit/s
    ErGw3AZ: ErGw3Az 10 Gbit/s
    ErGwScale: ErGwScale(ScaleUnits 1 Gbit/s
    ErGwScale, autoScaleConfiguration: { bounds: { min: 40, max: 40 } }: ErGwScale(ScaleUnits 40 Gbit/s
    ErGwScale, autoScaleConfiguration: { bounds: { min: 2, max: 7 } }: ErGwScale(ScaleUnits 7 Gbit/s
    ");
}

#[test]
fn a_circuits_microsoft_peering_is_read() {
    let [primary, secondary] = &every_key().resources.express_route_circuits[0].links;
    insta::assert_snapshot!(values(&[primary, secondary]), @r#"
    CircuitLink { peer_address_prefix: 172.16.1.0/30, customer_edge: Some("ce1"), enabled: true, microsoft_peer_address_prefix: Some(203.0.113.64/30) }
    CircuitLink { peer_address_prefix: 172.16.1.4/30, customer_edge: Some("ce2"), enabled: true, microsoft_peer_address_prefix: None }
    "#);
}

#[test]
fn every_kind_of_connection_is_read() {
    insta::assert_snapshot!(values(&every_key().resources.connections), @r#"
    Connection { name: NodeName("er1-hub"), round_trip_time: 0ns, traffic_selectors: [], kind: ExpressRoute { gateway: "er", circuit: "er1", endpoints: [10.1.0.6, 10.1.0.7], msee_addresses: [10.63.0.1, 10.63.0.2], routing_weight: 32000, gateway_bypass: true } }
    Connection { name: NodeName("er2-hub"), round_trip_time: 0ns, traffic_selectors: [], kind: ExpressRoute { gateway: "er", circuit: "er2", endpoints: [10.1.0.8, 10.1.0.9], msee_addresses: [10.63.0.5, 10.63.0.6], routing_weight: 0, gateway_bypass: false } }
    Connection { name: NodeName("static"), round_trip_time: 0ns, traffic_selectors: [], kind: VnetToVnet { gateways: ["one", "two"], enable_bgp: Some(false) } }
    Connection { name: NodeName("hub-loc1"), round_trip_time: 0ns, traffic_selectors: [TrafficSelector { local: [10.1.0.0/16], remote: [10.2.0.0/16] }], kind: IpSec { end: Gateway("two"), device: "ce1", enable_bgp: Some(false), local_network_address_prefixes: [10.2.0.0/16, 10.2.99.1/32], instances: ["1"], transport: Some("er1"), use_local_azure_ip_address: Some(false) } }
    Connection { name: NodeName("nva1-loc1"), round_trip_time: 0ns, traffic_selectors: [], kind: IpSec { end: Appliance("nva1"), device: "ce2", enable_bgp: None, local_network_address_prefixes: [], instances: [], transport: None, use_local_azure_ip_address: None } }
    Connection { name: NodeName("one-two"), round_trip_time: 0ns, traffic_selectors: [], kind: IpSecGateways { gateways: ["one", "two"], enable_bgp: Some(true), local_network_address_prefixes: [("one", [10.1.0.0/16]), ("two", [10.3.0.0/16])], instances: ["two-in0"] } }
    Connection { name: NodeName("reach"), round_trip_time: 20ms, traffic_selectors: [], kind: GlobalReach { circuits: ["er1", "er2"], address_prefix: 192.168.8.0/29 } }
    "#);
}

#[test]
fn what_a_router_tells_and_takes_is_read() {
    let site = &every_key().resources.sites[0];
    assert!(site.ibgp && !site.igp);
    insta::assert_snapshot!(values(&site.routers), @r#"
    SiteRouter { name: NodeName("ce1"), address: None, device: Device { asn: Some(Asn(64512)), tunnel: Some(TunnelEnd { source_address: 203.0.113.2, address: 172.19.0.1, bgp_peering_address: None, inner_ttl: None, mtu: None }), tunnel_interfaces: [], advertise: [10.2.1.0/24], transit: true, routes: [], local_preference: [("er1", 200)], as_path_prepend: [("er1", 3), ("far", 10)], import: [("er1", RouteFilter { entries: [FilterEntry { permits: true, prefix: 10.0.0.0/8, lengths: [8, 32], communities: [], set: Settings { prepend: None, local_preference: None, med: None, communities: None, added_communities: [] } }, FilterEntry { permits: true, prefix: 172.16.0.0/12, lengths: [16, 32], communities: [], set: Settings { prepend: Some(1), local_preference: Some(300), med: Some(0), communities: Some([]), added_communities: [] } }] }), ("far", RouteFilter { entries: [] })], export: [("far", RouteFilter { entries: [FilterEntry { permits: true, prefix: 10.2.0.0/16, lengths: [16, 32], communities: [], set: Settings { prepend: None, local_preference: None, med: None, communities: None, added_communities: [] } }] }), ("er1-primary", RouteFilter { entries: [FilterEntry { permits: false, prefix: 10.2.9.0/24, lengths: [25, 28], communities: [], set: Settings { prepend: None, local_preference: None, med: None, communities: None, added_communities: [] } }, FilterEntry { permits: true, prefix: 10.2.0.0/16, lengths: [16, 16], communities: [Community(4259905636)], set: Settings { prepend: Some(2), local_preference: None, med: Some(50), communities: Some([Community(4294967041)]), added_communities: [Community(4259905537)] } }] })], firewall: None } }
    SiteRouter { name: NodeName("ce2"), address: None, device: Device { asn: None, tunnel: Some(TunnelEnd { source_address: 203.0.113.3, address: 172.19.0.2, bgp_peering_address: None, inner_ttl: None, mtu: None }), tunnel_interfaces: [], advertise: [], transit: false, routes: [], local_preference: [], as_path_prepend: [], import: [], export: [], firewall: None } }
    "#);
}

#[test]
fn links_between_sites_are_read() {
    insta::assert_snapshot!(values(&every_key().resources.wan), @r#"
    WanLink { name: NodeName("far"), ends: ["ce1", "far-ce"], addresses: [192.168.9.0/31, 192.168.9.1/31], round_trip_time: 8ms }
    WanLink { name: NodeName("near"), ends: ["ce2", "far-ce"], addresses: [192.168.9.2/31, 192.168.9.3/31], round_trip_time: 0ns }
    "#);
}

#[test]
fn what_links_do_is_read() {
    insta::assert_snapshot!(values(&every_key().impairments), @r#"
    LinkImpairment { link: "er1-primary", from: Some("ce1"), delay: Some(40ms), jitter: Some(5ms), loss: Some(Share(10000)), duplicate: Some(Share(1000)), reorder: Some(Share(20000)), rate: Some(Bandwidth(100000000)), queue: Some(200) }
    LinkImpairment { link: "near", from: None, delay: None, jitter: None, loss: Some(Share(1)), duplicate: None, reorder: None, rate: None, queue: None }
    "#);
}

#[test]
fn storyboards_are_read() {
    let storyboard = &every_key().storyboards[0];
    assert_eq!(storyboard.name.value.as_str(), "circuit-lost");
    insta::assert_snapshot!(values(&storyboard.steps), @r#"
    Step { name: NodeName("at-rest"), fault: [], blackhole: [], heal: [], wait: 0ns, expect: Steady }
    Step { name: NodeName("primary-down"), fault: ["er1-primary"], blackhole: ["far", "near"], heal: [], wait: 2s, expect: Own([Expectation { from: One("vm"), to: One("nva1"), outcome: Hops([ExpectedHop { answerers: [Address(10.1.1.4)], round_trip_time: None }]) }]) }
    Step { name: NodeName("healed"), fault: [], blackhole: [], heal: ["er1-primary", "far"], wait: 0ns, expect: Own([]) }
    "#);
}
