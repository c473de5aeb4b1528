//! Filters of random devices.

use std::fmt::Write as _;

use crate::dice::Dice;

/// Lists of prefixes, which permit those inside them too.
const PREFIXES: [&str; 4] = [
    "[]",
    "[10.0.0.0/8]",
    "[172.16.0.0/12, 192.168.0.0/16]",
    "[172.30.0.0/16, 0.0.0.0/0]",
];

/// The prefixes and lengths of entries.
const MATCHES: [&str; 9] = [
    "0.0.0.0/0",
    "0.0.0.0/0, le: 32",
    "0.0.0.0/0, le: 32",
    "0.0.0.0/0, ge: 16, le: 24",
    "10.0.0.0/8, le: 16",
    "10.0.0.0/8, ge: 24",
    "172.30.0.0/16",
    "172.30.0.0/16, le: 24",
    "192.168.0.0/16, ge: 20, le: 30",
];

/// A few communities, so that filters meet routes that carry them.
const COMMUNITIES: [&str; 4] = ["65001:1", "65001:2", "3001:7", "0:0"];

/// A filter in one direction: a list of prefixes, or entries. Toward routers of its own AS a device sets no preference
/// and does not prepend.
pub(super) fn filter(dice: &mut Dice, key: &str, is_inside: bool) -> String {
    if dice.percent(30) {
        return dice.pick(&PREFIXES).to_owned();
    }
    let mut entries: Vec<String> = (0..dice.between(1, 3))
        .map(|_| entry(dice, key == "import", is_inside))
        .collect();
    if dice.percent(70) {
        entries.push("0.0.0.0/0".to_owned());
    }
    format!("[{}]", entries.join(", "))
}

fn entry(dice: &mut Dice, is_import: bool, is_inside: bool) -> String {
    let mut keys = dice.pick(&MATCHES).to_owned();
    if dice.percent(25) {
        let communities = some_communities(dice);
        let _ = write!(keys, ", communities: [{communities}]");
    }
    if dice.percent(25) {
        return format!("{{ deny: {keys} }}");
    }
    let mut set = Vec::new();
    if dice.percent(50) {
        set.push(format!("med: {}", dice.pick(&[0, 5, 10, 20])));
    }
    if is_import && !is_inside && dice.percent(20) {
        set.push(format!("localPreference: {}", dice.pick(&[50, 200, 300])));
    }
    if !is_inside && dice.percent(25) {
        set.push(format!("asPathPrepend: {}", dice.pick(&[1, 2])));
    }
    if dice.percent(25) {
        let well_known = dice.pick(&["no-export", "no-advertise", "local-as", "3001:7"]);
        let communities = if dice.percent(25) {
            well_known.to_owned()
        } else {
            some_communities(dice)
        };
        set.push(format!("communities: [{communities}]"));
    }
    if dice.percent(25) {
        set.push(format!("addCommunities: [{}]", some_communities(dice)));
    }
    format!("{{ permit: {keys}, set: {{ {} }} }}", set.join(", "))
}

fn some_communities(dice: &mut Dice) -> String {
    dice.some(&COMMUNITIES, 50).join(", ")
}
