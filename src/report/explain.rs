//! The meaning of a key of a lab file, for `lab explain`.

use crate::lab::keys::{Key, Mapping, Needed, ROOT, Scalar, Shape};
use crate::report::table;

/// The width of explanations in characters.
const WIDTH: usize = 100;

/// A key and its path.
struct Place<'a> {
    /// The path of its mapping, the names of entries written NAME: `virtualNetworks.NAME.subnets.NAME`.
    path: String,
    key: &'a Key,
}

/// Explains every key with this name, or whose path ends with it (`subnets.addressPrefix`), or lists the keys of the
/// mapping with this name (`peering`). `None` if nothing has the name.
#[must_use]
pub fn explain(mappings: &[Mapping], asked: &str) -> Option<String> {
    let places = places(mappings);
    let mut texts: Vec<(String, Vec<String>)> = Vec::new();
    for place in places.iter().filter(|place| place.is_called(asked)) {
        let text = key(mappings, place.key);
        let path = format!("{}{}", place.path, place.key.name);
        // A key that several mappings share is explained once, with all its paths.
        match texts.iter_mut().find(|(known, _)| *known == text) {
            Some((_, paths)) => paths.push(path),
            None => texts.push((text, vec![path])),
        }
    }
    if texts.is_empty() {
        let called = |mapping: &&Mapping| bare(&mapping.name).eq_ignore_ascii_case(asked);
        let found = mappings.iter().find(called).map(mapping);
        return found.or_else(|| explain_meant(mappings, asked));
    }
    let texts: Vec<String> = texts
        .into_iter()
        .map(|(text, paths)| format!("{}\n{text}", paths.join("\n")))
        .collect();
    Some(texts.join("\n"))
}

/// Explains the first key that has `asked` among the other words for it.
fn explain_meant(mappings: &[Mapping], asked: &str) -> Option<String> {
    let mut keys = mappings.iter().flat_map(|mapping| &mapping.keys);
    let is_meant = |also: &String| also.eq_ignore_ascii_case(asked);
    let key = keys.find(|key| key.also.iter().any(is_meant))?;
    explain(mappings, &key.name)
}

/// The parts of a lab file.
#[must_use]
pub fn overview(mappings: &[Mapping]) -> String {
    let root = mappings.iter().find(|mapping| mapping.name == ROOT);
    root.map(mapping).unwrap_or_default()
}

/// Every name that can be explained.
#[must_use]
pub fn names(mappings: &[Mapping]) -> Vec<&str> {
    let keys = mappings.iter().flat_map(|mapping| &mapping.keys);
    let keys = keys.map(|key| key.name.as_str());
    let mappings = mappings.iter().map(|mapping| bare(&mapping.name));
    let mut names: Vec<&str> = keys.chain(mappings).collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl Place<'_> {
    /// Whether the key's path, without the names of entries, ends with the name.
    fn is_called(&self, asked: &str) -> bool {
        let full = format!("{}{}", self.path, self.key.name);
        let bare = |part: &'_ str| part.trim_end_matches("[]").to_owned();
        let path = full.split('.').filter(|part| !is_entry(part)).map(bare);
        let asked = asked.split('.').filter(|part| !is_entry(part)).map(bare);
        let (path, asked): (Vec<String>, Vec<String>) = (path.collect(), asked.collect());
        if asked.is_empty() {
            return false;
        }
        let ends_so = |path: &[String]| {
            path.iter()
                .zip(&asked)
                .all(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        path.len()
            .checked_sub(asked.len())
            .is_some_and(|from| ends_so(&path[from..]))
    }
}

fn is_entry(part: &str) -> bool {
    part.chars().all(|c| c.is_ascii_uppercase())
}

/// Every key with its path, in the order of the file.
fn places(mappings: &[Mapping]) -> Vec<Place<'_>> {
    let mut places = Vec::new();
    visit(mappings, ROOT, "", &mut places);
    places
}

fn visit<'a>(mappings: &'a [Mapping], name: &str, path: &str, places: &mut Vec<Place<'a>>) {
    let Some(mapping) = mappings.iter().find(|mapping| mapping.name == name) else {
        return;
    };
    for key in &mapping.keys {
        places.push(Place {
            path: path.to_owned(),
            key,
        });
        for (below, of) in parts(&key.shape, &format!("{path}{}.", key.name)) {
            visit(mappings, &of, &below, places);
        }
    }
}

/// The kinds of value in a shape, each with the path of its mapping.
fn parts(shape: &Shape, path: &str) -> Vec<(String, String)> {
    match shape {
        Shape::One(kind) => vec![(path.to_owned(), kind.clone())],
        Shape::List(of) => parts(of, &format!("{}[].", path.trim_end_matches('.'))),
        Shape::Named(name, of) => parts(of, &format!("{path}{name}.")),
        Shape::Any(shapes) => shapes.iter().flat_map(|of| parts(of, path)).collect(),
    }
}

/// The text of a key, without its places.
fn key(mappings: &[Mapping], key: &Key) -> String {
    let mut lines = wrapped(&key.text, "  ");
    let mut rows = vec![vec!["  is".to_owned(), sentence(key)]];
    let mut row = |what: &str, text: Option<String>| {
        rows.extend(text.map(|text| vec![format!("  {what}"), text]));
    };
    row("needed", needed(key));
    row("only", (!key.only.is_empty()).then(|| key.only.join(", ")));
    row("default", key.default.as_ref().map(Scalar::to_string));
    row("example", key.example.clone());
    row("document", key.document.as_deref().map(link));
    lines += &unheaded(&rows);
    for (_, of) in parts(&key.shape, "") {
        if let Some(below) = mappings.iter().find(|mapping| mapping.name == of) {
            lines += "\n";
            lines += &keys(below);
        }
    }
    lines
}

fn mapping(mapping: &Mapping) -> String {
    let text = wrapped(&mapping.text, "");
    let document = mapping.document.as_deref().map(link);
    let document = document.map(|link| link + "\n").unwrap_or_default();
    format!("{text}{document}\n{}", keys(mapping))
}

/// The keys of a mapping, one per line.
fn keys(mapping: &Mapping) -> String {
    let row = |key: &Key| {
        let first = key.text.split_inclusive(". ").next().unwrap_or_default();
        let mark = if key.needed == Needed::Everywhere(false) {
            ""
        } else {
            " *"
        };
        vec![
            format!("  {}{mark}", key.name),
            first.trim().trim_end_matches('.').to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = mapping.keys.iter().map(row).collect();
    format!("keys of {} (* needed):\n{}", mapping.name, unheaded(&rows))
}

/// Columns without headers.
fn unheaded(rows: &[Vec<String>]) -> String {
    let text = table(&["", ""], rows);
    text.split_once('\n')
        .map(|(_, rows)| rows.to_owned())
        .unwrap_or_default()
}

fn needed(key: &Key) -> Option<String> {
    match &key.needed {
        Needed::Everywhere(true) => Some("always".to_owned()),
        Needed::Everywhere(false) => None,
        Needed::In(kinds) => Some(kinds.join(", ")),
        Needed::Unless { unless } => Some(format!("without {unless}")),
    }
}

/// The kind of value of a key, with its unit and its allowed words.
fn sentence(key: &Key) -> String {
    let unit = key.unit.iter().map(|unit| format!("; {unit}"));
    let words: Vec<String> = key.words.iter().map(Scalar::to_string).collect();
    let words = (!words.is_empty()).then(|| format!(": {}", words.join(", ")));
    let shape = shape(&key.shape, key.count);
    [shape].into_iter().chain(unit).chain(words).collect()
}

fn shape(of: &Shape, count: Option<usize>) -> String {
    let one = |of: &Shape| shape(of, None);
    match of {
        Shape::One(kind) => kind_of_value(kind).to_owned(),
        Shape::List(of) => match count {
            Some(count) => format!("a list of {count}, each {}", one(of)),
            None => format!("a list, each {}", one(of)),
        },
        Shape::Named(name, of) => format!("a mapping from {name} to {}", one(of)),
        Shape::Any(shapes) => shapes.iter().map(one).collect::<Vec<_>>().join(", or "),
    }
}

fn kind_of_value(kind: &str) -> &str {
    match kind {
        "word" => "a word",
        "integer" => "a number",
        "boolean" => "true or false",
        "text" => "a text",
        "name" => "a name of letters, digits, - and _",
        "reference" => "the name of something else in the file",
        "address" => "an IPv4 address",
        "prefix" => "a prefix, such as 10.0.0.0/24",
        "interface" => "an address and prefix length, such as 10.0.0.4/24",
        "duration" => "a duration in us, ms or s",
        "rate" => "a rate in kbit, mbit or gbit",
        "share" => "a share of packets in %",
        "silent" => "\"*\"",
        "steady" => "the word steady",
        "nothing" => "~",
        mapping => mapping,
    }
}

fn link(document: &str) -> String {
    format!("https://learn.microsoft.com/azure/{document}")
}

/// A name without its article.
fn bare(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, bare)| bare)
}

/// Text in lines of some width.
fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = indent.to_owned();
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            lines += line.trim_end();
            lines.push('\n');
            indent.clone_into(&mut line);
        }
        line += word;
        line.push(' ');
    }
    lines += line.trim_end();
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::lab::keys::mappings;

    fn told(asked: &str) -> String {
        explain(&mappings(), asked).unwrap_or_default()
    }

    #[test]
    fn a_key_has_its_unit_default_and_document() {
        assert_snapshot!(told("routingWeight"), @r"
        connections.NAME.routingWeight
          A higher weight makes this connection's routes preferred to those of the gateway's other
          circuits.
          is        a number; 0 to 32000
          only      ExpressRoute
          default   0
          document  https://learn.microsoft.com/azure/expressroute/expressroute-optimize-routing
        ");
        assert_snapshot!(told("innerTtl"), @r"
        virtualNetworks.NAME.virtualMachines.NAME.tunnel.innerTtl
        virtualNetworks.NAME.virtualMachines.NAME.tunnelInterfaces.CONNECTION.innerTtl
        sites.NAME.routers.NAME.tunnel.innerTtl
        sites.NAME.routers.NAME.tunnelInterfaces.CONNECTION.innerTtl
          The TTL that the device sets on packets that enter the tunnel.
          is       a number; hops, 1 to 255
          default  the TTL stays unchanged
        ");
    }

    #[test]
    fn a_path_picks_one_of_several_keys() {
        assert_snapshot!(told("subnets.addressPrefix"), @r"
        virtualNetworks.NAME.subnets.NAME.addressPrefix
          A part of the network's address space.
          is        a prefix, such as 10.0.0.0/24
          default   the first free /24 of the address space, or else the largest smaller prefix that is free; for the GatewaySubnet, the first /27 of the last /24, or else the last free /27
          example   default: { addressPrefix: 10.10.30.0/25 }
          document  https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq
        ");
        assert_eq!(
            told("virtualNetworks.NAME.subnets.NAME.addressPrefix"),
            told("subnets.addressprefix")
        );
        assert!(
            told("addressPrefix")
                .lines()
                .filter(|line| !line.starts_with(' '))
                .count()
                > 3
        );
    }

    #[test]
    fn a_mapping_has_its_keys() {
        assert_snapshot!(told("load balancer"), @r"
        An internal load balancer in front of network virtual appliances. Its frontend is one next hop for
        all of them.
        https://learn.microsoft.com/azure/load-balancer/load-balancer-ha-ports-overview

        keys of a load balancer (* needed):
          virtualNetwork     Its network
          subnet             The subnet of its frontend
          frontendIPAddress  The address that routes name as `nextHopIpAddress`
          backends *         The virtual machines behind it, in its own network
        ");
        assert_snapshot!(told("storyboards"), @r"
        storyboards
          Sequences of failures, run step by step on the running lab by `lab verify`.
          is  a mapping from NAME to a list, each a step

        keys of a step (* needed):
          step *     Its name, which is also the name of this state in reports
          fault      Links whose interfaces go down, or nodes, which means all of their links
          blackhole  Links that silently drop everything, so that only timers detect it
          heal       Links, nodes and BGP sessions that recover
          wait       The time from the change of the routes to the start of the proof
          expect     The paths that are proved then
        ");
    }

    #[test]
    fn another_word_for_a_key_explains_it() {
        assert_eq!(told("vnet"), told("virtualNetworks"));
        assert_eq!(told("NVA"), told("virtualMachines"));
        assert_eq!(told("udr"), told("routeTables"));
        // A key or a section that has the name itself comes first.
        assert!(
            told("peering").starts_with("One half"),
            "{}",
            told("peering")
        );
    }

    #[test]
    fn other_words_are_no_keys_themselves() {
        let mappings = mappings();
        for mapping in &mappings {
            let words = mapping.keys.iter().flat_map(|key| &key.also);
            let taken = words.filter(|word| mapping.keys.iter().any(|key| key.name == **word));
            assert_eq!(
                taken.collect::<Vec<_>>(),
                Vec::<&String>::new(),
                "{}",
                mapping.name
            );
        }
    }

    #[test]
    fn what_is_no_key_is_not_explained() {
        assert_eq!(explain(&mappings(), "bogus"), None);
        assert_eq!(explain(&mappings(), ""), None);
        assert_eq!(explain(&mappings(), "NAME"), None);
        assert!(names(&mappings()).contains(&"peering"));
    }
}
