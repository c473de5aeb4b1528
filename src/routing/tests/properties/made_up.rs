//! Random labs, without appliances and user-defined routes.

use super::lab::{Lab, Network, Site};

/// Random numbers with a fixed seed (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators").
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A random number from 0 to below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("a number of things fits");
        usize::try_from(self.roll() % end).expect("it is below a number of things")
    }

    /// True with this probability in percent.
    fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }
}

/// The hubs' names, numbers and VPN gateways' ASNs. Two of them have the default ASN.
const HUBS: [(&str, u8, u32); 3] = [("a", 1, 65515), ("b", 2, 65010), ("c", 3, 65515)];

/// The sites' names and numbers.
const SITES: [(&str, u8); 3] = [("x", 1), ("y", 2), ("z", 3)];

/// What a hub has.
struct Hub {
    name: &'static str,
    number: u8,
    asn: u32,
    vpn: bool,
    circuits: bool,
    /// Whether its gateway is large enough for `FastPath`.
    is_large: bool,
}

/// A random lab with a few hubs, spokes, sites and circuits.
pub(super) fn made_up(dice: &mut Dice) -> Lab {
    let hubs: Vec<Hub> = HUBS[..=dice.below(HUBS.len())]
        .iter()
        .map(|hub| hub_of(dice, *hub))
        .collect();
    let sites = &SITES[..=dice.below(SITES.len())];
    let mut lab = Lab::default();
    lab = with_networks(lab, dice, &hubs);
    lab = with_gateways(lab, dice, &hubs);
    let mut joined = Joined::default();
    lab = with_tunnels(lab, dice, &hubs, sites, &mut joined);
    lab = with_circuits(lab, dice, &hubs, sites, &mut joined);
    lab = with_wan(lab, dice, sites, &mut joined);
    with_sites(lab, dice, sites, &joined)
}

/// What each site's edge is connected to.
#[derive(Default)]
struct Joined {
    neighbours: Vec<(&'static str, String)>,
}

impl Joined {
    fn of(&self, site: &str) -> Vec<&str> {
        let own = self.neighbours.iter().filter(|(of, _)| *of == site);
        let mut names: Vec<&str> = own.map(|(_, name)| name.as_str()).collect();
        names.dedup();
        names
    }
}

fn hub_of(dice: &mut Dice, (name, number, asn): (&'static str, u8, u32)) -> Hub {
    let vpn = dice.happens(80);
    Hub {
        name,
        number,
        asn,
        vpn,
        circuits: !vpn || dice.happens(60),
        is_large: dice.happens(40),
    }
}

fn with_networks(mut lab: Lab, dice: &mut Dice, hubs: &[Hub]) -> Lab {
    let peers_hubs = hubs.len() > 1 && dice.happens(40);
    for (index, hub) in hubs.iter().enumerate() {
        let spoke = format!("{}-spoke", hub.name);
        let mut halves = Vec::new();
        if peers_hubs && index < 2 {
            halves.push(hubs[1 - index].name.to_owned());
        }
        if dice.happens(70) {
            let [gives, uses] =
                *dice.pick(&[["", ""], ["true", ""], ["true", "true"], ["true", "true"]]);
            let gives = flag("allowGatewayTransit", gives);
            let uses = flag("useRemoteGateways", uses);
            halves.push(format!("{spoke}{gives}"));
            let location = *dice.pick(&["region1", "region2"]);
            let network = Network::new(&spoke, hub.number + 10).location(location);
            lab = lab.vnet(network.peers(&[&format!("{}{uses}", hub.name)]));
        }
        let halves: Vec<&str> = halves.iter().map(String::as_str).collect();
        lab = lab.vnet(Network::new(hub.name, hub.number).peers(&halves));
    }
    lab
}

fn flag(name: &str, value: &str) -> String {
    if value.is_empty() {
        String::new()
    } else {
        format!(", {name}: {value}")
    }
}

fn with_gateways(mut lab: Lab, dice: &mut Dice, hubs: &[Hub]) -> Lab {
    for hub in hubs {
        if hub.vpn && dice.happens(50) {
            lab = lab.vpn_gateway_pair(hub.name, hub.number, hub.asn);
        } else if hub.vpn {
            lab = lab.vpn_gateway(hub.name, hub.number, hub.asn);
        }
        if hub.circuits {
            let sku = if hub.is_large { "ErGw3Az" } else { "ErGw1Az" };
            let allows = dice.happens(70);
            lab = lab.circuit_gateway_with(
                hub.name,
                &format!("sku: {sku}, allowRemoteVnetTraffic: {allows}"),
            );
        }
    }
    lab
}

fn with_tunnels(
    mut lab: Lab,
    dice: &mut Dice,
    hubs: &[Hub],
    sites: &[(&'static str, u8)],
    joined: &mut Joined,
) -> Lab {
    let with_vpn: Vec<&Hub> = hubs.iter().filter(|hub| hub.vpn).collect();
    for (index, hub) in with_vpn.iter().enumerate() {
        for other in &with_vpn[index + 1..] {
            let speaks_bgp = hub.asn != other.asn && dice.happens(75);
            if dice.happens(60) {
                lab = lab.tunnel_with(hub.name, other.name, &format!("enableBgp: {speaks_bgp}"));
            }
        }
        for (site, number) in sites {
            if !dice.happens(60) {
                continue;
            }
            let lan = format!("10.{}.0.0/24", 100 + number);
            let settings = match dice.below(4) {
                0 => format!("enableBgp: false, localNetworkAddressPrefixes: [{lan}]"),
                1 => format!("localNetworkAddressPrefixes: [{lan}, 10.250.{number}.0/24]"),
                _ => String::new(),
            };
            if !settings.contains("false") {
                let name = format!("{}-to-{site}", hub.name);
                joined.neighbours.push((*site, name));
            }
            lab = lab.site_to_site_with(hub.name, site, &settings);
        }
    }
    lab
}

fn with_circuits(
    mut lab: Lab,
    dice: &mut Dice,
    hubs: &[Hub],
    sites: &[(&'static str, u8)],
    joined: &mut Joined,
) -> Lab {
    let mut circuits = Vec::new();
    for (index, name) in ["er1", "er2"].into_iter().enumerate() {
        if !dice.happens(70) {
            continue;
        }
        let edges = [0, 1].map(|_| *dice.pick(sites));
        let written = edges.map(|(site, _)| {
            let disabled = if dice.happens(15) {
                ", enabled: false"
            } else {
                ""
            };
            format!("{site}-ce{disabled}")
        });
        for (site, _) in edges {
            joined.neighbours.push((site, name.to_owned()));
        }
        let number = u8::try_from(index).expect("there are two circuits") + 1;
        lab = lab.circuit(name, number, [&written[0], &written[1]]);
        for hub in hubs.iter().filter(|hub| hub.circuits) {
            if dice.happens(75) {
                let first = 140 + 2 * (number - 1);
                let bypass = hub.is_large && dice.happens(50);
                let weight = *dice.pick(&[0, 0, 10]);
                lab = lab.circuit_connection_with(
                    name,
                    hub.name,
                    [hub.number, first],
                    &format!("routingWeight: {weight}, expressRouteGatewayBypass: {bypass}"),
                );
            }
        }
        circuits.push(name);
    }
    if circuits.len() == 2 && dice.happens(60) {
        lab = lab.add(
            "connections",
            "reach: { connectionType: GlobalReach, circuits: [er1, er2], addressPrefix: 172.29.0.0/29 }",
        );
    }
    lab
}

fn with_wan(
    mut lab: Lab,
    dice: &mut Dice,
    sites: &[(&'static str, u8)],
    joined: &mut Joined,
) -> Lab {
    let mut number = 0;
    for (index, (site, _)) in sites.iter().enumerate() {
        for (other, _) in &sites[index + 1..] {
            if dice.happens(40) {
                lab = lab.wan(number, site, other);
                number += 1;
                joined.neighbours.push((*site, format!("{site}-{other}")));
                joined.neighbours.push((*other, format!("{site}-{other}")));
            }
        }
    }
    lab
}

fn with_sites(mut lab: Lab, dice: &mut Dice, sites: &[(&'static str, u8)], joined: &Joined) -> Lab {
    for (name, number) in sites {
        let neighbours = joined.of(name);
        let transit = dice.happens(40);
        let mut settings = vec![format!("transit: {transit}")];
        if !neighbours.is_empty() && dice.happens(40) {
            let neighbour = dice.pick(&neighbours);
            let times = 1 + dice.below(3);
            settings.push(format!("asPathPrepend: {{ {neighbour}: {times} }}"));
        }
        // Two sites that both prefer and pass on each other's routes need not converge.
        if !neighbours.is_empty() && !transit && dice.happens(60) {
            let neighbour = dice.pick(&neighbours);
            settings.push(format!("localPreference: {{ {neighbour}: 200 }}"));
        }
        for direction in ["import", "export"] {
            if !neighbours.is_empty() && dice.happens(40) {
                let neighbour = dice.pick(&neighbours);
                let filter = filter(dice);
                settings.push(format!("{direction}: {{ {neighbour}: [{filter}] }}"));
            }
        }
        let lan = format!("10.{}.0.0/24", 100 + number);
        let shared = if dice.happens(40) {
            ", 10.200.0.0/16"
        } else {
            ""
        };
        let asn = 65000 + u32::from(*number);
        let site = Site::new(name, *number, asn)
            .advertise(&format!("{lan}{shared}"))
            .edge(&settings.join(", "));
        let site = if dice.happens(30) {
            site.second_edge()
        } else {
            site
        };
        lab = lab.on_premises(site);
    }
    lab
}

/// The entries of a filter, which mostly permit all other routes.
fn filter(dice: &mut Dice) -> String {
    let prefix = *dice.pick(&[
        "0.0.0.0/0, le: 32",
        "10.0.0.0/8, ge: 16, le: 16",
        "10.0.0.0/8, ge: 24",
        "10.200.0.0/16",
    ]);
    let community = *dice.pick(&["", "", ", communities: [65001:1]"]);
    let set = *dice.pick(&[
        "med: 10",
        "med: 20, addCommunities: [65001:1]",
        "asPathPrepend: 2",
        "communities: [no-export]",
        "communities: [65001:1, no-advertise]",
    ]);
    let entry = if dice.happens(15) {
        format!("{{ deny: {prefix}{community} }}")
    } else {
        format!("{{ permit: {prefix}{community}, set: {{ {set} }} }}")
    };
    if dice.happens(90) {
        format!("{entry}, 0.0.0.0/0")
    } else {
        entry
    }
}
