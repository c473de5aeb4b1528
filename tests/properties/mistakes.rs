//! The catalogue's labs with one mistake at a time: each is built, or refused with findings, and the kernel accepts
//! every route of its plan.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use netns_lab::addresses::Address;
use netns_lab::engine::{CATALOGUE, EngineError, load_text};
use netns_lab::findings::Finding;
use netns_lab::lab::filled;
use netns_lab::plan::{Entry, Path, Plan, RouteKey};
use netns_lab::yaml::Source;

/// The text before the address of a next hop.
const NEXT_HOP: &str = "nextHopIpAddress: ";

/// Every address of a text.
fn addresses(text: &str) -> BTreeSet<Ipv4Addr> {
    let words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The text with each next hop in turn replaced by each of its addresses, and by an unused one.
fn with_other_next_hops(text: &str) -> Vec<String> {
    let nobodys = Ipv4Addr::new(10, 20, 0, 77);
    let all: Vec<Ipv4Addr> = addresses(text).into_iter().chain([nobodys]).collect();
    let places = text
        .match_indices(NEXT_HOP)
        .map(|(at, _)| at + NEXT_HOP.len());
    places
        .flat_map(|at| {
            let (before, rest) = text.split_at(at);
            let end = rest.find([' ', '}', '\n']).unwrap_or(rest.len());
            let after = &rest[end..];
            all.iter()
                .map(move |address| format!("{before}{address}{after}"))
        })
        .collect()
}

/// The text without each of its peerings in turn, and without IP forwarding of each of its appliances in turn.
fn with_something_left_out(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let peerings =
        (0..lines.len()).filter(|line| lines[*line].contains("- { remoteVirtualNetwork:"));
    let without = peerings.map(|left_out| {
        let kept = (0..lines.len()).filter(|line| *line != left_out);
        kept.map(|line| lines[line]).collect::<Vec<_>>().join("\n")
    });
    let appliances = text.match_indices("ipForwarding: true").map(|(at, _)| at);
    let deaf =
        appliances.map(|at| text[..at].to_owned() + &text[at..].replacen("true", "false", 1));
    without.chain(deaf).collect()
}

/// A route through an address of its own node, which the kernel refuses.
fn route_to_itself(plan: &Plan) -> Option<&(RouteKey, Path)> {
    plan.nodes.iter().find_map(|node| {
        let own = node.entries.iter().filter_map(|entry| match entry {
            Entry::Address { address, .. } => Some(address.addr()),
            _ => None,
        });
        let own: BTreeSet<Address> = own.collect();
        node.routes.iter().find(|(_, path)| {
            let mut addresses = path.hops.iter().filter_map(|hop| hop.via);
            addresses.any(|via| own.contains(&via))
        })
    })
}

#[test]
fn a_lab_with_a_mistake_is_built_or_refused() {
    let [mut built, mut refused] = [0, 0];
    for (name, text) in CATALOGUE {
        // The long form has all addresses, and each side of a peering on its own line.
        let long = filled(text).expect("a shipped lab is well formed");
        // With a mistake, expectations may not match the lab, which is an error too.
        let text = long.split("\nexpect:\n").next().unwrap_or_default();
        let mistaken = with_other_next_hops(text).into_iter();
        for text in mistaken.chain(with_something_left_out(text)) {
            let source = Source {
                file: (*name).to_owned(),
                text,
            };
            match load_text(source.clone()) {
                Ok(lab) => {
                    assert_eq!(route_to_itself(&lab.plan), None, "{}", source.text);
                    built += 1;
                }
                Err(EngineError::Findings(_, findings)) => {
                    assert!(findings.iter().any(Finding::is_error), "{}", source.text);
                    refused += 1;
                }
                Err(error) => panic!("{error:?} in\n{}", source.text),
            }
        }
    }
    assert!(built > 200, "{built} built, {refused} refused");
}
