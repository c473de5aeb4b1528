//! The syntax of expectations, their pairs, and the findings about them.

use insta::assert_snapshot;

use crate::findings::Finding;
use crate::lab::{excess, parse, resolve};
use crate::topology::{Expectation, ExpectedPath, Topology, Waypoint};
use crate::yaml::{Source, position, render};

/// A hub with an appliance that has two network interfaces, two spokes, and a site.
const LAB: &str = "name: sets
virtualNetworks:
  hub:
    addressPrefixes: [10.0.0.0/16]
    location: region1
    subnets: { out: { addressPrefix: 10.0.1.0/24 }, in: { addressPrefix: 10.0.2.0/24 } }
    virtualMachines:
      fw:
        networkInterfaces:
          outside: { subnet: out, privateIPAddress: 10.0.1.4, ipForwarding: true }
          inside: { subnet: in, privateIPAddress: 10.0.2.4, ipForwarding: true }
    peerings: [{ remoteVirtualNetwork: spoke1 }]
  spoke1:
    addressPrefixes: [10.1.0.0/16]
    location: region1
    subnets: { default: { addressPrefix: 10.1.0.0/24 } }
    virtualMachines:
      vm1: { subnet: default, privateIPAddress: 10.1.0.4 }
      vm2: { subnet: default, privateIPAddress: 10.1.0.5 }
    peerings: [{ remoteVirtualNetwork: hub }]
sites:
  office:
    asn: 65001
    routers: { ce: { address: 10.9.0.1/24 } }
    hosts: { pc: { address: 10.9.0.10/24, gateway: 10.9.0.1 } }
";

fn with(expect: &str) -> String {
    let lines = expect.lines().map(|line| format!("  - {{ {line} }}\n"));
    format!("{LAB}expect:\n{}", lines.collect::<String>())
}

fn waypoint(topology: &Topology, waypoint: &Waypoint) -> String {
    let nodes = waypoint.nodes.iter();
    let nodes: Vec<_> = nodes
        .map(|node| topology.node(*node).name.as_str())
        .collect();
    format!("{}={}", waypoint.names.join("|"), nodes.join("|"))
}

fn shown(topology: &Topology, expectation: &Expectation) -> String {
    let [from, to] = [expectation.from, expectation.to].map(|node| &topology.node(node).name);
    let path = match &expectation.path {
        ExpectedPath::Unreachable => "unreachable".to_owned(),
        ExpectedPath::Hops(hops) => {
            let hops = hops.iter();
            let hops = hops.map(|hop| format!("{:?} {:?}", hop.words, hop.addresses));
            hops.collect::<Vec<_>>().join(" > ")
        }
        ExpectedPath::Reached { via, not_via } => {
            let [via, not_via] = [via, not_via].map(|list| {
                let list = list.iter().map(|one| waypoint(topology, one));
                list.collect::<Vec<_>>().join(" ")
            });
            format!("reached, via [{via}], not via [{not_via}]")
        }
    };
    format!("{from} > {to}: {path}")
}

/// The pairs of expectations.
fn pairs(expect: &str) -> String {
    let text = with(expect);
    let topology = parse(&text).and_then(|spec| resolve(&spec));
    let topology = topology.unwrap_or_else(|findings| panic!("{}", rendered(&text, &findings)));
    let lines = topology
        .expectations
        .iter()
        .map(|one| shown(&topology, one));
    lines.collect::<Vec<_>>().join("\n")
}

fn rendered(text: &str, findings: &[Finding]) -> String {
    let source = Source {
        file: "lab.yaml".to_owned(),
        text: text.to_owned(),
    };
    render(&source, findings)
}

/// Line within the section, rule, message and help of each finding.
fn refused(expect: &str) -> String {
    let text = with(expect);
    let found = parse(&text)
        .and_then(|spec| resolve(&spec).map(drop))
        .unwrap_err();
    let before = LAB.lines().count() + 1;
    let line = |finding: &Finding| {
        let (line, _) = position(&text, finding.place);
        let help = finding.help.as_ref().map(|help| format!(" ({help})"));
        let help = help.unwrap_or_default();
        format!(
            "{}: {}: {}{help}",
            line - before,
            finding.rule.id,
            finding.message
        )
    };
    found.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn hops_are_addresses_names_and_silence() {
    assert_snapshot!(pairs("from: vm1, to: pc, hops: [fw, fw/inside, ~, '*', [ce, 10.0.0.1], pc]"), @r#"vm1 > pc: ["fw"] [10.0.1.4, 10.0.2.4] > ["fw/inside"] [10.0.2.4] > [] [] > [] [] > ["ce", "10.0.0.1"] [10.9.0.1, 10.0.0.1] > ["pc"] [10.9.0.10]"#);
    assert_snapshot!(pairs("from: vm1, to: vm2, hops: [10.1.0.5], rtt: 2ms"), @r"vm1 > vm2: [] [10.1.0.5]");
}

#[test]
fn reachability_is_said_in_several_ways() {
    let said = "from: vm1, to: vm2, reachable: true
from: vm1, to: fw, reachable: false
from: vm1, to: pc, unreachable: timeout
from: vm2, to: vm1, unreachable: true
from: vm2, to: fw, unreachable: false
from: vm2, to: pc, via: fw
from: fw, to: vm1, via: [fw, [ce, fw]], notVia: pc
from: fw, to: vm2, reachable: true, notVia: [ce, pc]";
    assert_snapshot!(pairs(said), @r"
    vm1 > vm2: reached, via [], not via []
    vm1 > fw: unreachable
    vm1 > pc: unreachable
    vm2 > vm1: unreachable
    vm2 > fw: reached, via [], not via []
    vm2 > pc: reached, via [fw=fw], not via []
    fw > vm1: reached, via [fw=fw ce|fw=fw|ce], not via [pc=pc]
    fw > vm2: reached, via [], not via [ce=ce pc=pc]
    ");
}

#[test]
fn sets_are_pairs_and_the_narrowest_expectation_holds() {
    assert_snapshot!(pairs("from: [vm1, vm2, vm1], to: [fw, vm2], reachable: true"), @r"
    vm1 > fw: reached, via [], not via []
    vm1 > vm2: reached, via [], not via []
    vm2 > fw: reached, via [], not via []
    ");
    let said = "from: '*', to: '*', reachable: true
from: spoke1, to: office, unreachable: true
from: vm1, to: pc, via: fw
from: vm2, to: '*', notVia: fw";
    assert_snapshot!(refused(said), @r#"4: expected-already: the path from `vm2` to `pc` already has an expectation (a more specific expectation overrides a less specific one: a machine's name is more specific than a list, and a list is more specific than `"*"`)"#);
    let said = said.replace("from: vm2, to: '*'", "from: [vm2], to: '*'");
    assert_snapshot!(pairs(&said), @r"
    fw > vm1: reached, via [], not via []
    fw > vm2: reached, via [], not via []
    fw > pc: reached, via [], not via []
    vm1 > fw: reached, via [], not via []
    vm1 > vm2: reached, via [], not via []
    pc > fw: reached, via [], not via []
    pc > vm1: reached, via [], not via []
    pc > vm2: reached, via [], not via []
    vm2 > pc: unreachable
    vm1 > pc: reached, via [fw=fw], not via []
    vm2 > fw: reached, via [], not via [fw=fw]
    vm2 > vm1: reached, via [], not via [fw=fw]
    ");
}

#[test]
fn an_equally_narrow_expectation_of_a_pair_is_refused() {
    let said = "from: vm1, to: vm2, reachable: true
from: vm1, to: vm2, unreachable: true
from: [vm1, fw], to: '*', reachable: true
from: '*', to: [vm2, pc], reachable: true
from: fw, to: pc, reachable: true";
    assert_snapshot!(refused(said), @r#"
    2: expected-already: the path from `vm1` to `vm2` already has an expectation
    4: expected-already: the path from `fw` to `vm2` already has an expectation (a more specific expectation overrides a less specific one: a machine's name is more specific than a list, and a list is more specific than `"*"`)
    "#);
}

#[test]
fn wrong_names_and_pairs_are_found() {
    let said = "from: [vm1, vm3], to: hubb, reachable: true
from: vm1, to: vm1, reachable: true
from: hub, to: hub, reachable: true
from: vm1, to: spoke1, hops: [vm2]
from: vm1, to: vm2, hops: [fw]
from: vm1, to: vm2, hops: [fw, [vm2, fw]]";
    assert_snapshot!(refused(said), @r"
    1: no-such-name: there is no virtual machine or host `vm3`
    1: no-such-name: there is no virtual machine or host `hubb`
    2: same-end: `vm1` is both the source and the destination of this path
    3: no-pair: this expectation matches no pair of two different machines (name machines, or virtual networks and sites that contain machines)
    6: expected-already: the path from `vm1` to `vm2` already has an expectation
    4: wrong-end: `hops` needs a single destination, and `to` names several machines (write `reachable: true` or `via: ...` for several machines)
    5: wrong-end: the last hop is not `vm2`, whose address is 10.1.0.5 (end `hops` with 10.1.0.5 or vm2, or write `unreachable: timeout`)
    6: wrong-end: the last hop is not `vm2`, whose address is 10.1.0.5 (end `hops` with 10.1.0.5 or vm2, or write `unreachable: timeout`)
    ");
    let said = "from: vm1, to: fw, hops: [fw/inside]
from: vm2, to: fw, hops: [fw/outside]";
    assert_snapshot!(refused(said), @r"1: wrong-end: the last hop is not `fw`, whose address is 10.0.1.4 (end `hops` with 10.0.1.4 or fw, or write `unreachable: timeout`)");
    let said = "from: vm1, to: pc, hops: [fv, fw/insid, fv/inside, pc]
from: vm2, to: pc, via: [fw, [ce, cee]], notVia: nobody";
    assert_snapshot!(refused(said), @r"
    1: no-such-name: there is no node `fv`
    1: no-such-name: there is no network interface `insid`
    1: no-such-name: there is no node `fv`
    2: no-such-name: there is no node `cee`
    2: no-such-name: there is no node `nobody` (there is azure, fw, vm1, vm2, ce, pc)
    ");
}

#[test]
fn keys_that_exclude_each_other_are_refused() {
    let said = "from: vm1, to: vm2
from: vm1, to: vm2, hops: [vm2], via: fw
from: vm1, to: vm2, reachable: true, unreachable: timeout
from: vm1, to: vm2, reachable: false, via: fw
from: vm1, to: vm2, unreachable: true, rtt: 2ms
from: vm1, to: vm2, via: fw, rtt: 2ms
from: vm1, to: vm2, unreachable: later
from: vm1, to: vm2, reachable: yes
from: vm1, to: vm2, via: []
from: {}, to: [], hops: [10.1.0, 'a b']";
    assert_snapshot!(refused(said), @r#"
    1: missing-key: an expectation needs `hops` or `reachable` or `via` or `notVia` or `unreachable` (add `hops: [NAME]` or `reachable: true` or `via: NAME` or `notVia: NAME` or `unreachable: true`)
    2: wrong-value: an expectation has `hops` or `via`, not both
    3: wrong-value: an expectation has `reachable` or `unreachable`, not both
    4: wrong-value: an expectation with an unreachable destination cannot have `via`
    5: wrong-value: an expectation with an unreachable destination cannot have rtt
    6: wrong-value: an expectation with `rtt` needs `hops`
    7: unknown-value: `later` is not known here (known here: `timeout`)
    8: wrong-type: expected true or false, found `yes`
    9: wrong-value: expected a name or a list of names, found an empty one
    10: wrong-type: expected a name, a list of names or `"*"`, found a mapping (for example `- { from: [spoke1, spoke2], to: "*", reachable: true }`)
    10: wrong-value: expected a name, a list of names or `"*"`, found an empty one
    10: wrong-value: `10.1.0` is not an IPv4 address
    10: wrong-value: `a b` is not an IPv4 address
    "#);
}

#[test]
fn sets_of_too_many_pairs_are_refused() {
    let machine = |n: usize| {
        format!(
            "      m{n}: {{ subnet: default, privateIPAddress: 10.1.{}.{} }}\n",
            n / 250,
            n % 250 + 4
        )
    };
    let machines: String = (0..1100).map(machine).collect();
    let text = format!(
        "name: big\nvirtualNetworks:\n  net:\n    location: r\n    addressPrefixes: [10.1.0.0/16]\n    \
         subnets: {{ default: {{ addressPrefix: 10.1.0.0/16 }} }}\n    virtualMachines:\n{machines}\
         expect:\n  - {{ from: net, to: '*', reachable: true }}\n"
    );
    let found = excess(&parse(&text).unwrap(), 1);
    let about_paths = found
        .iter()
        .filter(|finding| finding.message.contains("expected paths"));
    let messages: Vec<_> = about_paths.map(|finding| &*finding.message).collect();
    assert_snapshot!(messages.join("\n"), @r"`expect` needs 1210000 expected paths; a lab may need at most 1000000");
}
