//! Lists as `az ... -o json` prints them.

use super::*;

macro_rules! file {
    ($name:literal) => {
        input(
            concat!($name, ".json"),
            include_str!(concat!("az/", $name, ".json")),
        )
    };
}

pub(super) fn files() -> Vec<Input> {
    vec![
        file!("networks"),
        file!("interfaces"),
        file!("addresses"),
        file!("route-tables"),
        file!("load-balancers"),
        file!("circuits"),
        file!("gateways"),
        file!("local-gateways"),
        file!("connections"),
        file!("security-groups"),
    ]
}

#[test]
#[expect(clippy::too_many_lines, reason = "the lab file is shown whole")]
fn a_hub_with_spokes_sites_and_circuits() {
    insta::assert_snapshot!(shown(&files(), &named("hub")), @r#"
    # Imported by `lab import`. Values marked "chosen" are not in the imported files.
    # Resources without a comment are in /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/net.
    name: hub

    virtualNetworks:
      hub:
        location: westeurope
        addressPrefixes: [10.0.0.0/22]
        subnets:
          GatewaySubnet: { addressPrefix: 10.0.0.0/26, routeTable: from-gateways }
          nva: 10.0.1.0/24
          shared: 10.0.2.0/24
        virtualMachines:
          fw1: { subnet: nva, privateIPAddress: 10.0.1.4, ipForwarding: true }
          fw2: { subnet: nva, privateIPAddress: 10.0.1.5, ipForwarding: true }
          shared-vm: { subnet: shared, privateIPAddress: 10.0.2.4 }
        peerings:
          - { remoteVirtualNetwork: spoke1, allowGatewayTransit: true }
          - { remoteVirtualNetwork: spoke2, allowGatewayTransit: true }
      spoke1:
        location: westeurope
        addressPrefixes: [10.1.0.0/16]
        subnets:
          app: { addressPrefix: 10.1.0.0/24, routeTable: via-nva }
          db: 10.1.1.0/24
        virtualMachines:
          app1: { subnet: app, privateIPAddress: 10.1.0.4 }
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true, allowForwardedTraffic: true }
      spoke2:
        location: westeurope
        addressPrefixes: [10.2.0.0/16]
        subnets: { app: 10.2.0.0/24 }
        virtualMachines:
          app2: { subnet: app, privateIPAddress: 10.2.0.4 }
        peerings:
          - { remoteVirtualNetwork: hub, useRemoteGateways: true, allowForwardedTraffic: true }

    routeTables:
      via-nva:
        disableBgpRoutePropagation: true
        routes:
          all: { addressPrefix: 0.0.0.0/0, nextHopIpAddress: 10.0.1.100 }
      from-gateways:
        routes:
          s1: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: 10.0.1.100 }

    loadBalancers:
      fw-lb: { virtualNetwork: hub, subnet: nva, frontendIPAddress: 10.0.1.100, backends: [fw1, fw2] }

    virtualNetworkGateways:
      hub-vpn:
        virtualNetwork: hub
        gatewayType: Vpn
        sku: VpnGw2AZ
        activeActive: true
        privateIPAddresses: [10.0.0.14, 10.0.0.15]
        publicIPAddresses: [20.1.1.1, 20.1.1.2]
      hub-er: { virtualNetwork: hub, gatewayType: ExpressRoute, sku: ErGw1Az }

    expressRouteCircuits:
      ams:
        bandwidthInMbps: 1000
        primary:
          peerAddressPrefix: 172.16.10.0/30
          customerEdge: ams-ce1 # chosen
        secondary:
          peerAddressPrefix: 172.16.10.4/30
          customerEdge: ams-ce2 # chosen
      # /subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/net/providers/Microsoft.Network/expressRouteCircuits/fra
      fra:
        bandwidthInMbps: 1000 # chosen
        primary: fra-ce1 # chosen
        secondary: fra-ce2 # chosen

    connections:
      to-office:
        gateway: hub-vpn
        device: office-ce # chosen
      to-shop:
        gateway: hub-vpn
        device: shop-ce # chosen
        enableBgp: false
        localNetworkAddressPrefixes: [192.168.60.0/24, 192.168.61.0/24]
      er: { gateway: hub-er, circuit: ams, routingWeight: 10 }
      er2: { gateway: hub-er, circuit: fra }

    sites:
      # The customer's end of ams
      ams-site:
        asn: 65010
        routers: [ams-lan, ams-ce1, ams-ce2] # chosen
        hosts: [ams-host] # chosen
        links: [[ams-ce1, ams-lan], [ams-ce2, ams-lan]] # chosen
      # The customer's end of fra
      fra-site:
        routers: [fra-lan, fra-ce1, fra-ce2] # chosen
        hosts: [fra-host] # chosen
        links: [[fra-ce1, fra-lan], [fra-ce2, fra-lan]] # chosen
      office:
        asn: 65050
        routers:
          office-ce: # chosen
            tunnel: { sourceAddress: 203.0.113.10, bgpPeeringAddress: 192.168.50.1 }
        hosts: [office-host] # chosen
      shop:
        routers:
          shop-ce: # chosen
            address: 192.168.60.1/24 # chosen
            tunnel: { sourceAddress: 203.0.113.20 }
            routes: # chosen
              - { addressPrefix: 10.0.0.0/22, connection: to-shop }
              - { addressPrefix: 10.1.0.0/16, connection: to-shop }
              - { addressPrefix: 10.2.0.0/16, connection: to-shop }
        hosts: { shop-host: 192.168.60.10/24 } # chosen
    ---
    taken: 3 virtualNetworks, 5 virtualMachines, 2 routeTables, 1 loadBalancers, 2 virtualNetworkGateways, 1 expressRouteCircuits, 4 connections
    not taken: 1 IPv6 ranges (spoke1): labs have IPv4 only
    not taken: 1 peerings (hub/old to gone): the other resource is not in the files
    not taken: 1 routes (via-nva/storage): its prefix is a service tag, of which a lab has no addresses
    not taken: 1 networkSecurityGroups (app-nsg): a lab has no network security groups: nothing is filtered
    chosen: sites at circuits: routers, a host and its LAN; --on-premises FILE states them (ams-site, fra-site)
    chosen: circuits that are not in the files, only connections to them (fra)
    chosen: sites of local network gateways: a router, a host and its LAN; --on-premises FILE states them (office, shop)
    "#);
}

#[test]
fn the_order_of_the_files_does_not_matter_to_what_a_network_is() {
    let mut backwards = files();
    backwards.reverse();
    let (a, b) = (
        import(&files(), &named("hub")).unwrap(),
        import(&backwards, &named("hub")).unwrap(),
    );
    let spec = |text: &str| lab::filled(text).unwrap();
    let (a, b) = (spec(&a.text), spec(&b.text));
    assert_eq!(a.lines().count(), b.lines().count());
}

#[test]
fn subnets_without_a_machine_get_one_to_trace_from() {
    let options = Options {
        probe_machines: true,
        ..named("hub")
    };
    let imported = import(
        &[
            file!("networks"),
            file!("interfaces"),
            file!("route-tables"),
        ],
        &options,
    )
    .unwrap();
    let chosen: Vec<&str> = imported
        .text
        .lines()
        .filter(|line| line.contains("# chosen"))
        .collect();
    insta::assert_snapshot!(chosen.join("\n"), @"      spoke1-db-vm: { subnet: db } # chosen");
}

#[test]
#[expect(clippy::too_many_lines, reason = "the lab file is shown whole")]
fn a_part_written_by_hand_replaces_what_would_be_chosen() {
    let by_hand = "
        expressRouteCircuits:
          ams:
            rtt: 5ms
            primary: { customerEdge: edge1 }
            secondary: { customerEdge: edge2 }
        connections: { to-office: { device: edge1, rtt: 20ms } }
        sites:
          hq:
            asn: 65010
            routers:
              core: 192.168.0.1/24
              edge1: { tunnel: { sourceAddress: 203.0.113.10, bgpPeeringAddress: 192.168.50.1 } }
              edge2: {}
            hosts: { hq-pc: 192.168.0.10/24 }
            links: [[edge1, core], [edge2, core]]
            advertise: [192.168.0.0/16]
        expect:
          - { from: app1, to: hq-pc, reachable: true }
        ";
    let options = Options {
        on_premises: Some(input("hq.yaml", by_hand)),
        ..named("hub")
    };
    let text = import(&files(), &options).unwrap().text;
    let from = text.find("\nexpressRouteCircuits").unwrap();
    insta::assert_snapshot!(format!("{}{}", &text[from..], findings(&text)), @r#"
    expressRouteCircuits:
      ams:
        bandwidthInMbps: 1000
        primary: { peerAddressPrefix: 172.16.10.0/30, customerEdge: edge1 }
        secondary: { peerAddressPrefix: 172.16.10.4/30, customerEdge: edge2 }
        rtt: 5ms
      # /subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/net/providers/Microsoft.Network/expressRouteCircuits/fra
      fra:
        bandwidthInMbps: 1000 # chosen
        primary: fra-ce1 # chosen
        secondary: fra-ce2 # chosen

    connections:
      to-office: { gateway: hub-vpn, device: edge1, rtt: 20ms }
      to-shop:
        gateway: hub-vpn
        device: shop-ce # chosen
        enableBgp: false
        localNetworkAddressPrefixes: [192.168.60.0/24, 192.168.61.0/24]
      er: { gateway: hub-er, circuit: ams, routingWeight: 10 }
      er2: { gateway: hub-er, circuit: fra }

    sites:
      # The customer's end of fra
      fra-site:
        routers: [fra-lan, fra-ce1, fra-ce2] # chosen
        hosts: [fra-host] # chosen
        links: [[fra-ce1, fra-lan], [fra-ce2, fra-lan]] # chosen
      shop:
        routers:
          shop-ce: # chosen
            address: 192.168.60.1/24 # chosen
            tunnel: { sourceAddress: 203.0.113.20 }
            routes: # chosen
              - { addressPrefix: 10.0.0.0/22, connection: to-shop }
              - { addressPrefix: 10.1.0.0/16, connection: to-shop }
              - { addressPrefix: 10.2.0.0/16, connection: to-shop }
        hosts: { shop-host: 192.168.60.10/24 } # chosen
      hq:
        asn: 65010
        routers:
          core: 192.168.0.1/24
          edge1:
            tunnel: { sourceAddress: 203.0.113.10, bgpPeeringAddress: 192.168.50.1 }
          edge2: {}
        hosts: { hq-pc: 192.168.0.10/24 }
        links: [[edge1, core], [edge2, core]]
        advertise: [192.168.0.0/16]

    expect:
      - { from: app1, to: hq-pc, reachable: true }
    "#);
}

#[test]
fn a_lab_file_is_compared_with_todays_export() {
    let imported = import(&files(), &named("hub")).unwrap();
    let filled = lab::filled(&imported.text).unwrap();
    assert_eq!(imported.drift(&filled), []);
    let edited = imported
        .text
        .replace("10.1.0.4", "10.1.0.7")
        .replace("      db: 10.1.1.0/24\n", "      new: 10.1.9.0/24\n")
        .replace(
            ", useRemoteGateways: true, allowForwardedTraffic: true",
            ", useRemoteGateways: true",
        )
        .replace("shop-ce", "shop-router");
    let filled = lab::filled(&edited).unwrap();
    let lines: Vec<String> = imported
        .drift(&filled)
        .iter()
        .map(|one| format!("{one:?}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    Difference { at: "virtualNetworks.spoke1.subnets.db", lab: None, azure: Some("10.1.1.0/24") }
    Difference { at: "virtualNetworks.spoke1.subnets.new", lab: Some("{addressPrefix: 10.1.9.0/24}"), azure: None }
    Difference { at: "virtualNetworks.spoke1.virtualMachines.app1.privateIPAddress", lab: Some("10.1.0.7"), azure: Some("10.1.0.4") }
    Difference { at: "virtualNetworks.spoke1.peerings", lab: Some("[{remoteVirtualNetwork: hub, useRemoteGateways: true}]"), azure: Some("[{allowForwardedTraffic: true, remoteVirtualNetwork: hub, useRemoteGateways: true}]") }
    Difference { at: "virtualNetworks.spoke2.peerings", lab: Some("[{remoteVirtualNetwork: hub, useRemoteGateways: true}]"), azure: Some("[{allowForwardedTraffic: true, remoteVirtualNetwork: hub, useRemoteGateways: true}]") }
    "#);
}
