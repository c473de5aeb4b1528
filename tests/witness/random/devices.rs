//! Sites of a random lab, and the common parts of routers and appliances.

use std::fmt::Write as _;

use crate::dice::Dice;
use crate::random::policies;
use crate::random::{CONTESTED, Draft};

/// A site under construction.
pub(super) struct Site {
    name: String,
    asn: u32,
    /// The prefix that it originates.
    pub(super) range: String,
    pub(super) routers: Vec<Device>,
    speaks_inside: bool,
}

/// A router or appliance under construction.
pub(super) struct Device {
    pub(super) name: String,
    pub(super) asn: u32,
    /// Its keys that do not depend on its neighbours.
    keys: Vec<String>,
    /// The names of its connections and links with BGP, once each.
    neighbours: Vec<String>,
    /// Those of its own AS, toward which it sets no preference and does not prepend.
    inside: Vec<String>,
    routes: Vec<String>,
    /// Its BGP address, except over tunnels of their own.
    pub(super) peer: String,
    /// The ends of tunnels of their own.
    tunnels: Vec<String>,
}

impl Draft {
    /// Up to three sites; sometimes two have one ASN, and a router one of its own.
    pub(super) fn add_sites(&mut self) {
        for index in 0..self.dice.between(1, 3) {
            let number = u32::try_from(index).expect("a lab has few sites");
            let asn = match self.sites.last() {
                Some(last) if self.dice.percent(15) => last.asn,
                _ => self
                    .dice
                    .pick(&[65101 + number, 3001 + number, 4_200_000_100 + number]),
            };
            let count = self.dice.between(1, 3);
            let mut routers: Vec<Device> = (0..count)
                .map(|router| self.router([index, router], asn))
                .collect();
            let alike = routers.iter().filter(|router| router.asn == asn).count();
            let speaks_inside = alike > 1 && self.dice.percent(70);
            if speaks_inside {
                know_each_other(&mut routers);
            }
            let site = Site {
                name: self.name("site"),
                asn,
                range: format!("10.{}.0.0/24", 100 + index),
                routers,
                speaks_inside,
            };
            self.sites.push(site);
        }
    }

    fn router(&mut self, [site, router]: [usize; 2], asn: u32) -> Device {
        let name = self.name("ce");
        let number = u32::try_from(10 * site + router).expect("a lab has few routers");
        let mut device = Device::new(
            &mut self.dice,
            name,
            &format!("203.0.113.{}", 100 + number),
            &format!("10.{}.255.{}", 100 + site, 1 + router),
            format!("10.{}.254.{}", 100 + site, 1 + router),
        );
        device.asn = asn;
        let address = format!("address: 10.{}.0.{}/24", 100 + site, 1 + router);
        device.keys.push(address);
        if self.dice.percent(10) {
            device.asn = 65200 + number;
            device.keys.push(format!("asn: {}", device.asn));
        }
        device
    }
}

/// Routers with one ASN are neighbours by name.
fn know_each_other(routers: &mut [Device]) {
    let all: Vec<(String, u32)> = routers
        .iter()
        .map(|router| (router.name.clone(), router.asn))
        .collect();
    for router in routers {
        for (name, asn) in &all {
            if *asn == router.asn && *name != router.name {
                router.inside.push(name.clone());
            }
        }
    }
}

impl Site {
    pub(super) fn text(&self, dice: &mut Dice) -> String {
        let mut text = format!(
            "  {}:\n    asn: {}\n    ibgp: {}\n    advertise: [{}]\n    routers:\n",
            self.name, self.asn, self.speaks_inside, self.range
        );
        for router in &self.routers {
            let _ = writeln!(text, "      {}: {{ {} }}", router.name, router.keys(dice));
        }
        text
    }
}

impl Device {
    fn new(dice: &mut Dice, name: String, public: &str, inside: &str, loopback: String) -> Self {
        let advertised = dice.some(&CONTESTED, 15);
        let (peer, bgp) = if dice.percent(30) {
            let bgp = format!(", bgpPeeringAddress: {loopback}");
            (loopback, bgp)
        } else {
            (inside.to_owned(), String::new())
        };
        let keys = vec![
            format!("tunnel: {{ sourceAddress: {public}, address: {inside}{bgp} }}"),
            format!("transit: {}", dice.percent(45)),
            format!("advertise: [{}]", advertised.join(", ")),
        ];
        Self {
            name,
            asn: 0,
            keys,
            neighbours: Vec::new(),
            inside: Vec::new(),
            routes: Vec::new(),
            peer,
            tunnels: Vec::new(),
        }
    }

    /// Gives a connection's tunnels an end of their own.
    pub(super) fn add_tunnel(&mut self, connection: &str, number: usize) {
        self.tunnels.push(format!(
            "{connection}: {{ sourceAddress: 198.51.100.{number}, address: 172.25.0.{number} }}"
        ));
    }

    pub(super) fn appliance(dice: &mut Dice, name: String, network: usize) -> Self {
        let public = format!("203.0.113.{}", 200 + network);
        let inside = format!("172.23.{network}.1");
        let loopback = format!("172.23.{network}.9");
        let mut device = Self::new(dice, name, &public, &inside, loopback);
        device.asn = 65300 + u32::try_from(network).expect("a lab has few networks");
        device.keys.push(format!("asn: {}", device.asn));
        device
    }

    pub(super) fn add_neighbour(&mut self, name: &str) {
        if self.neighbours.iter().all(|known| known != name) {
            self.neighbours.push(name.to_owned());
        }
    }

    pub(super) fn add_route(&mut self, prefix: &str, connection: &str) {
        self.routes.push(format!(
            "{{ addressPrefix: {prefix}, connection: {connection} }}"
        ));
    }

    /// Its keys in a lab file, with some policies toward some neighbours.
    pub(super) fn keys(&self, dice: &mut Dice) -> String {
        let mut keys = self.keys.clone();
        if !self.tunnels.is_empty() {
            keys.push(format!(
                "tunnelInterfaces: {{ {} }}",
                self.tunnels.join(", ")
            ));
        }
        if !self.routes.is_empty() {
            keys.push(format!("routes: [{}]", self.routes.join(", ")));
        }
        let preferences = ["50", "200", "300"];
        let all = [self.neighbours.clone(), self.inside.clone()].concat();
        for (key, chance, values, among) in [
            ("localPreference", 20, &preferences[..], &self.neighbours),
            ("asPathPrepend", 20, &["1", "2", "3"], &self.neighbours),
        ] {
            let neighbours = dice.some(among, chance);
            let settings: Vec<String> = neighbours
                .into_iter()
                .map(|neighbour| format!("{neighbour}: {}", dice.pick(values)))
                .collect();
            if !settings.is_empty() {
                keys.push(format!("{key}: {{ {} }}", settings.join(", ")));
            }
        }
        for key in ["import", "export"] {
            let neighbours = dice.some(&all, 20);
            let filters: Vec<String> = neighbours
                .into_iter()
                .map(|name| {
                    let is_inside = self.inside.contains(&name);
                    format!("{name}: {}", policies::filter(dice, key, is_inside))
                })
                .collect();
            if !filters.is_empty() {
                keys.push(format!("{key}: {{ {} }}", filters.join(", ")));
            }
        }
        keys.join(", ")
    }
}
