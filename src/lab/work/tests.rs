//! Labs whose work is estimated. None of them is created.

use super::*;
use crate::lab::parse;

fn found(text: &str, factor: u64) -> Vec<String> {
    let spec = parse(text).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let findings = excess(&spec, factor).into_iter();
    findings
        .map(|finding| format!("{}: {}", finding.message, finding.help.unwrap_or_default()))
        .collect()
}

/// An address of 10.0.0.0/8.
fn address(number: usize) -> String {
    format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255)
}

/// A site of routers in a chain.
fn chain(name: &str, routers: usize, keys: &str) -> String {
    let names = (0..routers).map(|number| format!("{name}{number}: {{}}"));
    let names = names.collect::<Vec<_>>().join(", ");
    let links = (1..routers).map(|number| {
        let [a, b] = [address(2 * number), address(2 * number + 1)];
        format!(
            "      - {{ a: {name}{}, b: {name}{number}, addresses: [{a}/31, {b}/31] }}\n",
            number - 1
        )
    });
    format!(
        "  {name}:\n    {keys}\n    routers: {{ {names} }}\n    links:\n{}",
        links.collect::<String>()
    )
}

/// Networks that are all peered with each other.
fn peered(networks: usize, machines: usize) -> String {
    let networks = (0..networks).map(|own| {
        let at = |last: usize| address(own << 8 | last);
        let machines = (4..4 + machines)
            .map(|last| format!("v{own}-{last}: {{ subnet: s, privateIPAddress: {} }}", at(last)));
        let others = (0..networks).filter(|other| *other != own);
        let peerings = others.map(|other| format!("{{ remoteVirtualNetwork: n{other} }}"));
        format!(
            "  n{own}:\n    location: region1\n    addressPrefixes: [{at}/24]\n    \
             subnets: {{ s: {{ addressPrefix: {at}/24 }} }}\n    virtualMachines: {{ {} }}\n    peerings: [{}]\n",
            machines.collect::<Vec<_>>().join(", "),
            peerings.collect::<Vec<_>>().join(", "),
            at = at(0),
        )
    });
    format!(
        "name: peered\nvirtualNetworks:\n{}",
        networks.collect::<String>()
    )
}

#[test]
fn a_chain_is_refused_by_its_routes_unless_the_limit_is_raised_or_its_routers_learn_nothing() {
    let text = |keys| format!("name: long\nsites:\n{}", chain("s", 4000, keys));
    assert_eq!(
        found(&text("igp: true"), 1),
        [
            "site s needs 15996000 routes; a lab may need at most 2000000: make the lab smaller, or run the command with \
             LAB_MAX_WORK=8, which allows 8 times 2000000"
        ]
    );
    assert_eq!(found(&text("igp: true"), 7).len(), 1);
    assert_eq!(found(&text("igp: true"), 8), Vec::<String>::new());
    assert_eq!(found(&text("igp: false"), 1), Vec::<String>::new());
}

#[test]
fn a_thousand_routers_with_routing_have_room_and_so_have_many_islands_of_few() {
    let text = format!("name: long\nsites:\n{}", chain("s", 1000, "igp: true"));
    assert_eq!(found(&text, 1), Vec::<String>::new());
    let mut islands = chain("s", 4000, "igp: true");
    for number in (1..4000).filter(|number| number % 10 == 0) {
        let line = islands
            .lines()
            .find(|line| line.contains(&format!("b: s{number},")));
        islands = islands.replace(&format!("{}\n", line.unwrap_or_default()), "");
    }
    assert_eq!(
        found(&format!("name: islands\nsites:\n{islands}"), 1),
        Vec::<String>::new()
    );
}

#[test]
fn internal_sessions_between_all_routers_are_counted_with_their_prefixes() {
    let keys = |prefixes: usize| {
        let prefixes = (0..prefixes).map(|number| format!("172.16.{number}.0/24"));
        let prefixes = prefixes.collect::<Vec<_>>().join(", ");
        format!("asn: 65021\n    igp: false\n    ibgp: true\n    advertise: [{prefixes}]")
    };
    let text = |prefixes| format!("name: full\nsites:\n{}", chain("s", 200, &keys(prefixes)));
    assert_eq!(found(&text(50), 1), Vec::<String>::new());
    assert_eq!(
        found(&text(51), 1),
        [
            "lab full needs 1014900 BGP advertisements; a lab may need at most 1000000: make the lab smaller, or run the \
             command with LAB_MAX_WORK=2, which allows 2 times 1000000"
        ]
    );
}

#[test]
fn machines_of_peered_networks_know_each_other() {
    assert_eq!(found(&peered(1, 200), 1), Vec::<String>::new());
    assert_eq!(found(&peered(20, 100), 1), Vec::<String>::new());
    assert_eq!(
        found(&peered(20, 110), 1),
        [
            "virtual network n0 needs 244090 neighbour entries, the whole lab 4881800; a lab may need at most 4200000: make \
             the lab smaller, or run the command with LAB_MAX_WORK=2, which allows 2 times 4200000"
        ]
    );
}

#[test]
fn two_thousand_hosts_have_room_on_one_lan() {
    let hosts = |count: usize| {
        let hosts = (0..count).map(|host| {
            format!(
                "h{host}: {{ address: {}/16, gateway: 10.1.0.0 }}",
                address(256 + host)
            )
        });
        let hosts = hosts.collect::<Vec<_>>().join(", ");
        format!(
            "name: lan\nsites:\n  s:\n    routers: {{ r: {{ address: 10.0.255.254/16 }} }}\n    hosts: {{ {hosts} }}\n"
        )
    };
    assert_eq!(found(&hosts(2000), 1), Vec::<String>::new());
    assert_eq!(found(&hosts(2100), 1).len(), 1);
}

#[test]
fn steps_that_repeat_all_expectations_are_counted() {
    let hosts = "routers: { r: { address: 10.0.0.1/24 } }\n    hosts: { a: { address: 10.0.0.2/24, gateway: 10.0.0.1 } }";
    let expect = "  - { from: a, to: r, hops: [10.0.0.1] }\n".repeat(1000);
    let steps = |count| {
        let steps =
            (0..count).map(|step| format!("    - {{ step: s{step}, fault: a, expect: steady }}\n"));
        steps.collect::<String>()
    };
    let text = |count| {
        format!(
            "name: story\nsites:\n  s:\n    {hosts}\nexpect:\n{expect}storyboards:\n  t:\n{}",
            steps(count)
        )
    };
    assert_eq!(found(&text(5000), 1), Vec::<String>::new());
    assert_eq!(found(&text(5001), 1).len(), 1);
}

#[test]
fn routes_to_a_load_balancer_of_many_appliances_count_for_their_next_hops() {
    let text = |backends: usize| {
        let machines = (4..1004).map(|last| {
            format!(
                "v{last}: {{ subnet: s, privateIPAddress: {} }}",
                address(last)
            )
        });
        let backends = (4..4 + backends).map(|last| format!("v{last}"));
        let routes = (0..300).map(|route| {
            let prefix = address((route + 256) << 8);
            format!("r{route}: {{ addressPrefix: {prefix}/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.0.200.1 }}")
        });
        format!(
            "name: balanced\nvirtualNetworks:\n  n:\n    location: region1\n    addressPrefixes: [10.0.0.0/16]\n    \
             subnets: {{ s: {{ addressPrefix: 10.0.0.0/16, routeTable: t }} }}\n    virtualMachines: {{ {} }}\n\
             loadBalancers:\n  b: {{ virtualNetwork: n, subnet: s, frontendIPAddress: 10.0.200.1, backends: [{}] }}\n\
             routeTables:\n  t:\n    routes: {{ {} }}\n",
            machines.collect::<Vec<_>>().join(", "),
            backends.collect::<Vec<_>>().join(", "),
            routes.collect::<Vec<_>>().join(", "),
        )
    };
    assert_eq!(found(&text(31), 1), Vec::<String>::new());
    assert_eq!(
        found(&text(192), 1),
        [
            "virtual network n needs 2101000 routes; a lab may need at most 2000000: make the lab smaller, or run the command \
             with LAB_MAX_WORK=2, which allows 2 times 2000000"
        ]
    );
}

#[test]
fn long_paths_of_systems_and_long_filters_count_for_more() {
    let sites = |count: usize, prefixes: usize, router: &str| {
        let sites = (0..count).map(|site| {
            let advertise = (0..prefixes).map(|prefix| {
                let number = site * prefixes + prefix;
                format!("172.{}.{}.0/24", number >> 8, number & 255)
            });
            let advertise = advertise.collect::<Vec<_>>().join(", ");
            format!(
                "  s{site}: {{ asn: {}, advertise: [{advertise}], routers: {{ r{site}: {{ {router} }} }} }}\n",
                site + 1
            )
        });
        let links = (1..count).map(|site| {
            let [a, b] = [address(2 * site), address(2 * site + 1)];
            format!(
                "  w{site}: {{ a: r{}, b: r{site}, addresses: [{a}/31, {b}/31] }}\n",
                site - 1
            )
        });
        format!(
            "name: wide\nsites:\n{}wan:\n{}",
            sites.collect::<String>(),
            links.collect::<String>()
        )
    };
    assert_eq!(
        found(&sites(500, 1, "transit: true"), 1),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&sites(1000, 1, "transit: true"), 1),
        [
            "lab wide needs 7992000 BGP advertisements; a lab may need at most 1000000: make the lab smaller, or run the \
             command with LAB_MAX_WORK=8, which allows 8 times 1000000"
        ]
    );
    let prefixes = (0..2000).map(|prefix| format!("{}/32", address(prefix)));
    let filter = format!(
        "import: {{ w1: [{}] }}",
        prefixes.collect::<Vec<_>>().join(", ")
    );
    assert_eq!(found(&sites(100, 1, &filter), 1), Vec::<String>::new());
    assert_eq!(found(&sites(100, 6, &filter), 1).len(), 1);
}
