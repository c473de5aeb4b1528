//! Paths that a failure cuts.

use insta::assert_snapshot;

use super::peerings::SPOKES;
use super::*;
use crate::units::{Impairment, Share};

const TWO_LINKS: &str = "name: links
sites:
  a:
    routers: { r1: 192.168.1.1/24, r2: 192.168.2.1/24 }
    hosts: { pc1: 192.168.1.10/24, pc2: 192.168.2.10/24 }
    links: [[r1, r2]]
";

#[test]
fn a_link_that_is_down_is_healed() {
    let mut broken = lab(TWO_LINKS);
    broken.down = vec!["r1-r2"];
    assert_snapshot!(broken.cures("pc1", "pc2"), @r#"heal the link r1-r2 (3 hops): Parts(["r1-r2"])"#);
    broken.down = vec!["r1-r2", "pc1"];
    assert_snapshot!(broken.cures("pc1", "pc2"), @r#"heal the links of r1 (3 hops): Node("r1")"#);
}

#[test]
fn several_links_are_healed_by_their_names() {
    let mut broken = lab(TWO_LINKS);
    broken.down = vec!["r1-r2", "pc1", "pc2"];
    assert_snapshot!(broken.cures("pc1", "pc2"), @r#"heal the links r1-r2, pc1 and pc2 (3 hops): Parts(["r1-r2", "pc1", "pc2"])"#);
}

#[test]
fn a_session_that_is_shut_is_opened() {
    let mut broken = lab(include_str!("../../../../labs/hub-spoke.yaml"));
    broken.down = vec!["session:er2"];
    assert_snapshot!(broken.cures("hub-vm", "loc2-vm"), @r#"open session:er2-msee1/loc2-ce1 (4 hops): Parts(["session:er2-msee1/loc2-ce1"])"#);
    broken.down = vec!["session:er2", "er2-primary"];
    assert_snapshot!(broken.cures("hub-vm", "loc2-vm"), @r#"open session:er2-msee2/loc2-ce2 (4 hops): Parts(["session:er2-msee2/loc2-ce2"])"#);
}

#[test]
fn the_files_own_loss_ends() {
    let alone = format!("{TWO_LINKS}impairments:\n  - {{ link: r1-r2, loss: 100% }}\n");
    assert_snapshot!(lab(&alone).cures("pc1", "pc2"), @r"
    end the loss of r1-r2 (3 hops)
    Remove impairments (line 7 to 8)
    impairments:
      - { link: r1-r2, loss: 100% }
    ");
    let slow = alone.replace("loss: 100%", "delay: 1ms, loss: 100%");
    assert_snapshot!(lab(&slow).cures("pc1", "pc2"), @r"
    end the loss of r1-r2 (3 hops)
    Replace impairments[0] (line 8 to 8)
      - { link: r1-r2, delay: 1ms }
    ");
}

#[test]
fn a_failure_stays_in_force_while_the_file_is_edited() {
    let mut broken = lab(SPOKES);
    let whole = broken.cures("spoke1-vm", "spoke2-vm");
    broken.down = vec!["hub-spoke1"];
    assert_eq!(broken.cures("spoke1-vm", "spoke2-vm"), whole);
    broken.down = vec!["spoke1-vm"];
    assert_eq!(broken.cures("spoke1-vm", "spoke2-vm"), "");
}

#[test]
fn a_blackhole_and_an_impairment_end() {
    let topology = crate::lab::resolve(&crate::lab::parse(TWO_LINKS).unwrap()).unwrap();
    let link = topology.link_named("r1-r2").unwrap();
    let [from, to] = ["pc1", "pc2"].map(|name| topology.find(name).unwrap());
    let all = Impairment {
        loss: Share::ALL,
        ..Impairment::default()
    };
    let blackhole = Disturbances {
        blackholed: [link].into(),
        ..Disturbances::default()
    };
    let impaired = Disturbances {
        impaired: [(link, [all, all])].into(),
        ..Disturbances::default()
    };
    let address = topology.node(to).address.unwrap();
    let ended = [blackhole, impaired].map(|disturbances| {
        let topology = Cow::Borrowed(&topology);
        let state = State::solve(topology, Failures::default(), disturbances).unwrap();
        let why = &explain(&state, from, address);
        let lost = Lost {
            state: &state,
            from,
            to,
            why,
        };
        let cures = cures(lost, TWO_LINKS, &|_| None);
        cures.iter().map(shown).collect::<String>()
    });
    assert_snapshot!(ended.concat(), @r#"
    heal the link r1-r2 (3 hops): Parts(["r1-r2"])
    end the impairments of the link r1-r2 (3 hops): Impairment("r1-r2")
    "#);
}
