//! A lab as BIRD's configuration files, one for each speaker.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::Ipv4Addr;

use netns_lab::addresses::Prefix;
use netns_lab::topology::{NodeId, Role, SessionId, Topology};

use crate::contest::Lab;
use crate::filters::{BEHIND, DEFINITIONS, NEIGHBOUR, Place, export, import};
use crate::speakers::{End, Speaker, sessions, speakers, title, works};
use crate::table::Held;

/// BIRD's preference for originated routes: higher than for any learned route.
pub(crate) const OWN_PREFERENCE: u32 = 65_000;

/// The range of all session addresses (RFC 6598), and the route to each of them.
pub(crate) const RANGE: &str = "100.64.0.0/10";

/// The first address of the range.
pub(crate) const FIRST: Ipv4Addr = Ipv4Addr::new(100, 64, 0, 0);

/// Common settings of all sessions: the `MULTI_EXIT_DISC` removes paths as RFC 4271, section 9.1.2.2 c, says, connections are retried every second, and slow neighbours are kept.
const NEIGHBOURS: &str = "\
template bgp neighbour {
  strict bind yes; multihop;
  hold time 240; startup hold time 240;
  connect delay time 1; connect retry time 1; error wait time 1, 1;
  deterministic med on;
  graceful restart off; long lived graceful restart off;
}
";

/// A speaker, and its BIRD configuration.
#[derive(Debug, Clone)]
pub(crate) struct Configured {
    pub(crate) speaker: Speaker,
    pub(crate) text: String,
}

/// The configuration of a lab's speakers, and their sessions. Addresses begin at `first`.
pub(crate) fn configure(lab: &Lab, first: Ipv4Addr) -> (Vec<Configured>, Vec<SessionId>) {
    let all = lab.topology.sessions.iter();
    let names: BTreeSet<&str> = all.map(|session| session.name.as_str()).collect();
    let connections: Vec<&str> = names.into_iter().collect();
    let sessions = sessions(lab);
    let configured = speakers(&lab.topology, &sessions, first)
        .into_iter()
        .map(|speaker| Configured {
            text: text(lab, &connections, &speaker),
            speaker,
        })
        .collect();
    (configured, sessions)
}

fn text(lab: &Lab, connections: &[&str], speaker: &Speaker) -> String {
    let topology = &lab.topology;
    let own = own(topology, speaker.id.node);
    let statics = statics(lab, connections, speaker.id.node, &own);
    let mut text = format!(
        "router id {};\n{DEFINITIONS}{NEIGHBOURS}protocol device {{ }}\n\
         ipv4 table ways;\n\
         protocol static {{ ipv4 {{ table ways; }}; route {RANGE} via \"lo\"; }}\n\
         protocol static own {{\n  ipv4 {{ preference {OWN_PREFERENCE}; }};\n",
        speaker.router_id
    );
    for (prefix, marks) in statics {
        let _ = write!(text, "  route {prefix} blackhole {{");
        for mark in marks {
            let _ = write!(text, " bgp_large_community.add({mark});");
        }
        text.push_str(" };\n");
    }
    text.push_str("}\n");
    for end in &speaker.ends {
        let place = Place {
            topology,
            node: speaker.id.node,
            end,
            connections,
            own: &own,
        };
        text.push_str(&protocol(&place, end));
    }
    text
}

fn protocol(place: &Place<'_>, end: &End) -> String {
    // Only one end connects, so that two connections cannot collide.
    let passive = if end.index == 0 { "" } else { " passive;" };
    // 6.7: an MSEE accepts its own ASN in a path.
    let loops = match place.topology.node(place.node).role {
        Role::Msee => " allow local as;",
        _ => "",
    };
    format!(
        "protocol bgp {name} from neighbour {{\n  \
           local {own} as {number};{passive}{loops}\n  \
           neighbor {other} as {other_number};\n  \
           ipv4 {{\n    igp table ways; next hop self;\n    \
             import filter {{\n      {lead}\n      {import} }};\n    \
             export filter {{ {export} }};\n  }};\n}}\n",
        name = end.protocol(),
        own = end.addresses[0],
        other = end.addresses[1],
        number = end.numbers[0],
        other_number = end.numbers[1],
        lead = lead(end),
        import = import(place),
        export = export(place),
    )
}

/// The prefixes that a speaker originates: a gateway those of its network and of those that use it by peering
/// (azure-semantics 5.3, 6.5), a device its configured ones.
fn own(topology: &Topology, node: NodeId) -> Vec<Prefix> {
    let (Role::VpnGateway { vnet } | Role::ExpressRouteGateway { vnet }) = topology.node(node).role
    else {
        return topology.node(node).advertise.clone();
    };
    let network = topology.vnet(vnet);
    let mut own = network.prefixes.clone();
    for peering in network.peerings.iter().filter(|one| one.gives_transit) {
        own.extend(&peering.prefixes);
    }
    own
}

/// Every prefix that a speaker knows without BGP, with its marks: originated ones and, while they work, its
/// connections' static ones (azure-semantics 5.3, 5.9).
fn statics(
    lab: &Lab,
    connections: &[&str],
    node: NodeId,
    own: &[Prefix],
) -> BTreeMap<Prefix, BTreeSet<String>> {
    let mut statics: BTreeMap<Prefix, BTreeSet<String>> = BTreeMap::new();
    for prefix in own {
        statics.entry(*prefix).or_default().insert("OWN".to_owned());
    }
    for (index, session) in lab.topology.sessions.iter().enumerate() {
        if !works(lab, SessionId(index)) {
            continue;
        }
        let number = connections
            .iter()
            .position(|name| *name == session.name.as_str())
            .expect("every session's name is numbered");
        for end in session.ends.iter().filter(|end| end.node == node) {
            let neighbour = end.peer_address.map(Prefix::from);
            // 30.5: a peer address among a local network gateway's prefixes counts only as the peer address.
            let networks = end.networks.iter().filter(|one| Some(**one) != neighbour);
            let networks = networks.map(|prefix| (*prefix, BEHIND));
            for (prefix, kind) in networks.chain(neighbour.map(|prefix| (prefix, NEIGHBOUR))) {
                let mark = format!("({kind}, {number}, 0)");
                statics.entry(prefix).or_default().insert(mark);
            }
        }
    }
    statics
}

/// A comment in BIRD's syntax, to be replaced by a rule for a led speaker.
fn lead(end: &End) -> String {
    format!("# {}", end.protocol())
}

/// The same configuration, but the speaker accepts of each prefix only the solver's best path.
pub(crate) fn led(topology: &Topology, configured: &Configured, solved: &Held) -> String {
    let Configured { speaker, text } = configured;
    let name = topology.speaker_name(speaker.id).as_str();
    let ends = speaker.ends.iter();
    ends.fold(text.clone(), |text, end| {
        let from = title(topology, end.session, end.index);
        let told = solved.iter().filter(|((listener, _, teller), quality)| {
            listener == name && *teller == from && quality.is_best
        });
        let best: Vec<String> = told.map(|((_, prefix, _), _)| prefix.to_string()).collect();
        let rule = if best.is_empty() {
            "reject;".to_owned()
        } else {
            format!("if !(net ~ [ {} ]) then reject;", best.join(", "))
        };
        let mark = format!("{}\n", lead(end));
        text.replace(&mark, &format!("{rule}\n"))
    })
}
