//! Mistakes that Azure accepts: the lab is built, and loses the packets that Azure loses.

use crate::lab::Turn;
use crate::program;

/// Two networks, one of them with its half of a peering. Routes lead to a machine that does not forward, to an unused
/// address, across the peering, and back to the appliance.
const MISTAKEN: &str = "\
name: mistaken
virtualNetworks:
  hub:
    location: region1
    addressPrefixes: [10.61.0.0/16]
    subnets:
      nva: { addressPrefix: 10.61.1.0/24, routeTable: back }
      work: { addressPrefix: 10.61.2.0/24, routeTable: out }
      plain: { addressPrefix: 10.61.3.0/24 }
    virtualMachines:
      nva-vm: { subnet: nva, privateIPAddress: 10.61.1.4, ipForwarding: true }
      deaf-vm: { subnet: nva, privateIPAddress: 10.61.1.5 }
      work-vm: { subnet: work, privateIPAddress: 10.61.2.4 }
      plain-vm: { subnet: plain, privateIPAddress: 10.61.3.4 }
    peerings: [{ remoteVirtualNetwork: other }]
  other:
    location: region1
    addressPrefixes: [10.62.0.0/16]
    subnets: { default: { addressPrefix: 10.62.0.0/24 } }
    virtualMachines: { other-vm: { subnet: default, privateIPAddress: 10.62.0.4, ipForwarding: true } }
routeTables:
  out:
    routes:
      deaf: { addressPrefix: 10.61.3.0/24, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.5 }
      nobody: { addressPrefix: 10.71.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.99 }
      half: { addressPrefix: 10.72.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.62.0.4 }
      loop: { addressPrefix: 10.73.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.4 }
  back:
    routes:
      loop: { addressPrefix: 10.73.0.0/16, nextHopType: VirtualAppliance, nextHopIpAddress: 10.61.1.4 }
expect:
  - { from: work-vm, to: nva-vm, hops: [10.61.1.4] }
  - { from: nva-vm, to: plain-vm, hops: [10.61.3.4] }
  - { from: work-vm, to: plain-vm, unreachable: timeout }
  - { from: work-vm, to: other-vm, unreachable: timeout }
  - { from: other-vm, to: work-vm, unreachable: timeout }
";

#[test]
fn a_lab_with_warnings_is_built_and_loses_what_azure_loses() {
    let turn = Turn::begin();
    let lab = turn.named_lab("mistaken", MISTAKEN);
    let ran = program::lab(&["up", &lab.file]).exits(0);
    assert_eq!(ran.complained.matches("warning[").count(), 5, "{ran:#?}");
    program::lab(&["status", &lab.name, "--check"]).exits(0);
    let proved = program::lab(&["verify", &lab.name]).exits(0);
    assert!(
        proved.said.contains("5 paths proved, 0 failed"),
        "{proved:#?}"
    );
    for (destination, mistake) in [
        ("plain-vm", "it has no `ipForwarding`"),
        ("10.71.0.1", "to 10.61.1.99, which no node has"),
        ("10.72.0.1", "the peering hub to other is Initiated"),
        ("10.73.0.1", "to 10.61.1.4, which leads back to nva-vm"),
        ("other-vm", "the peering hub to other is Initiated"),
    ] {
        lab.run(&["ping", "work-vm", destination, "-c", "1"])
            .exits(1);
        let why = lab
            .run(&["why", "work-vm", destination, "-o", "json"])
            .exits(1)
            .json();
        let summary = why["summary"].as_str().unwrap_or_default();
        assert!(summary.contains(mistake), "{summary}");
    }
}

#[test]
fn a_lab_that_is_read_strictly_is_not_built() {
    let turn = Turn::begin();
    let lab = turn.named_lab("mistaken", MISTAKEN);
    for command in ["validate", "plan", "up", "verify"] {
        let ran = program::lab(&[command, "--strict", &lab.file]).exits(2);
        let closing = "5 findings in ";
        assert!(ran.complained.contains(closing), "{ran:#?}");
        assert!(!ran.complained.contains("warning["), "{ran:#?}");
    }
    let file = turn.file("strict.yaml", &format!("strict: true\n{MISTAKEN}"));
    program::lab(&["up", &file]).exits(2);
    assert!(!program::lab(&["ls"]).exits(0).said.contains("mistaken"));
    program::lab(&["validate", &lab.file]).exits(0);
    let report = program::lab(&["validate", "--json", &lab.file])
        .exits(0)
        .json();
    assert_eq!(report["findings"][0]["level"], "warning");
}

/// Two spokes of a hub with an appliance.
const SPOKES: &str = "\
name: spokes
virtualNetworks:
  hub: { virtualMachines: { hub-vm: ~, nva: { ipForwarding: true } } }
  spoke1: { virtualMachines: [spoke1-vm] }
  spoke2: { virtualMachines: [spoke2-vm] }
peerings:
  - { virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub }
";

const TO_DO: &str = "
What to do
  1. Peer spoke1 with spoke2: in the lab file, add to `peerings` after line 7

  - { virtualNetwork: spoke1, remoteVirtualNetwork: spoke2 }

  With this, spoke1-vm reaches spoke2-vm in 1 hop, and back.

  2. Send what spoke1 and spoke2 exchange through nva in hub: add at the end of the lab file

routeTables:
  spoke1-to-spoke2:
    routes:
      spoke2: { addressPrefix: 10.2.0.0/16, nextHopIpAddress: nva }
  spoke2-to-spoke1:
    routes:
      spoke1: { addressPrefix: 10.1.0.0/16, nextHopIpAddress: nva }

  and in the lab file, replace line 7 by

  - { virtualNetwork: [spoke1, spoke2], remoteVirtualNetwork: hub, allowForwardedTraffic: true }

  and in the lab file, replace line 5 by

  spoke2:
    virtualMachines: [spoke2-vm]
    subnets:
      default: { routeTable: spoke2-to-spoke1 }

  and in the lab file, replace line 4 by

  spoke1:
    virtualMachines: [spoke1-vm]
    subnets:
      default: { routeTable: spoke1-to-spoke2 }

  With this, spoke1-vm reaches spoke2-vm in 2 hops, and back.
";

#[test]
fn why_ends_with_what_makes_the_path_work_and_the_lines_do() {
    let turn = Turn::begin();
    let file = turn.file("spokes.yaml", SPOKES);
    let words = ["why", "spoke1-vm", "spoke2-vm", "--file", &file];
    let said = program::lab(&words).exits(1).said;
    let (_, to_do) = said.split_at(said.find("\nWhat to do").unwrap_or_default());
    assert_eq!(to_do, TO_DO, "{said}");
    assert!(said.contains("peering is not\n  transitive") || said.contains("not transitive"));

    let why = program::lab(&[&words[..], &["--json"]].concat()).exits(1);
    let why = why.json();
    let edit = &why["cures"][0]["edits"][0];
    assert_eq!(edit["path"], "peerings");
    assert_eq!(edit["action"], "add");
    let lines = edit["lines"].as_array().map_or(&[][..], Vec::as_slice);
    let added: Vec<&str> = lines.iter().filter_map(|line| line.as_str()).collect();
    assert_eq!(edit["line"], SPOKES.lines().count());
    let cured = turn.file("cured.yaml", &format!("{SPOKES}{}\n", added.join("\n")));
    program::lab(&["validate", &cured]).exits(0);
    let words = ["why", "spoke1-vm", "spoke2-vm", "--file", &cured];
    let said = program::lab(&words).exits(0).said;
    assert!(!said.contains("What to do"), "{said}");
    let rows = program::lab(&[
        "why",
        "spoke1-vm",
        "spoke2-vm",
        "--file",
        &file,
        "-o",
        "tsv",
    ]);
    let rows = rows.exits(1).said;
    let begins: Vec<&str> = rows.lines().map(|line| &line[..16]).collect();
    assert_eq!(begins, ["there\tspoke1-vm\t", "back\tspoke2-vm\tv"]);
    let down = ["--down", "spoke1-vm"];
    let said = program::lab(&[&words[..], &down].concat()).exits(1).said;
    let heal = "Heal the link spoke1-vm: leave it out of `--down`\n";
    assert!(said.contains(heal), "{said}");
    // The peering alone does not help while the machine's link is down.
    let words = ["why", "spoke1-vm", "spoke2-vm", "--file", &file];
    let said = program::lab(&[&words[..], &down].concat()).exits(1).said;
    let nothing = "\nWhat to do\n  No change that lab knows makes this path work.\n";
    assert!(said.ends_with(nothing), "{said}");
}

#[test]
fn why_names_the_command_that_ends_a_failure_of_a_running_lab() {
    let turn = Turn::begin();
    let lab = turn.named_lab("spokes", SPOKES);
    program::lab(&["up", &lab.file]).exits(0);
    let words = ["why", "spoke1-vm", "hub-vm"];
    for (option, what) in [
        (None, "Heal the link hub-spoke1: `lab heal hub-spoke1"),
        (
            Some("--blackhole"),
            "Heal the link hub-spoke1: `lab heal hub-spoke1",
        ),
    ] {
        let fault = ["fault", "hub-spoke1"].into_iter().chain(option);
        lab.run(&fault.collect::<Vec<_>>()).exits(0);
        let said = lab.run(&words).exits(1).said;
        assert!(said.contains(what), "{said}");
        let json = lab
            .run(&["why", "spoke1-vm", "hub-vm", "--json"])
            .exits(1)
            .json();
        let command = json["cures"][0]["command"].as_str().unwrap_or_default();
        assert!(command.starts_with("lab heal hub-spoke1"), "{json}");
        lab.run(&["heal", "hub-spoke1"]).exits(0);
        lab.run(&words).exits(0);
    }
    let to_do = lab.run(&["why", "spoke1-vm", "spoke2-vm"]).exits(1).said;
    assert!(
        to_do.ends_with(TO_DO),
        "the file is the recorded one: {to_do}"
    );
}
