//! The formats, and what programs may hold on to in them.

use crate::report::picture::tests::{LABS, drawn, resolved};
use crate::report::picture::{compact, dot, drawio, html, mermaid, picture, route_details, svg};
use crate::report::solved::Solved;

/// Names that mean something in XML, HTML, scripts, Mermaid and dot.
const HOSTILE: &str = r#"name: hostile
virtualNetworks:
  a:
    location: "</script><b> & \"west\" 'x' #1 \\ `tick`"
    addressPrefixes: [10.0.0.0/24]
    subnets: { default: { addressPrefix: 10.0.0.0/25 } }
    virtualMachines: { vm: { subnet: default, privateIPAddress: 10.0.0.4 } }
"#;

/// Whether every tag of an XML text is closed in order, and every `<` and `&` is in a valid place.
fn is_well_formed(text: &str) -> bool {
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>') else {
            return false;
        };
        let tag = &rest[start + 1..start + end];
        rest = &rest[start + end + 1..];
        let name = tag
            .trim_start_matches('/')
            .split([' ', '\n', '/'])
            .next()
            .unwrap();
        if let Some(closing) = tag.strip_prefix('/') {
            if open.pop() != Some(closing) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
    let is_entity =
        |(at, _): (usize, &str)| entities.iter().any(|entity| text[at..].starts_with(entity));
    open.is_empty() && text.match_indices('&').all(is_entity)
}

#[test]
fn programs_find_nodes_links_networks_sites_circuits_and_peerings() {
    let svg = svg(&drawn(LABS[0].1));
    for part in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"lab\"",
        "<g class=\"node machine\" data-node=\"hub-vm\"",
        "<g class=\"node vpn-gateway\" data-node=\"hub-vpngw\"",
        "<g class=\"node msee\" data-node=\"er1-msee1\"",
        "<g class=\"node router\" data-node=\"loc1-ce1\"",
        "<g class=\"vnet\" data-vnet=\"branch\"",
        "<g class=\"site\" data-site=\"loc2\"",
        "<g class=\"circuit\" data-circuit=\"er2\"",
        "<g class=\"link circuit-link\" data-link=\"er1-primary\" data-links=\"er1-primary\"",
        "<g class=\"link circuit-link disabled\" data-link=\"er1-secondary\"",
        "<g class=\"link tunnel\" data-link=\"hub-branch\" data-links=\"hub-branch\"",
        "data-links=\"er1-hub-primary-in er1-hub-primary-out\"",
        "<g class=\"link peering\" data-peering=\"hub spoke\" data-link=\"hub-spoke\"",
        "<g class=\"overlay\">",
    ] {
        assert!(svg.contains(part), "no {part}");
    }
}

#[test]
fn every_link_that_is_named_is_one_that_can_fail() {
    for (name, text) in LABS {
        let topology = resolved(text);
        let picture = picture(&topology);
        let links = picture.scene.cables.iter().flat_map(|cable| &cable.lanes);
        for link in links.flat_map(|lane| &lane.links) {
            assert!(
                topology.link_named(link).is_some(),
                "{name} has no link {link}"
            );
        }
    }
}

#[test]
fn every_node_that_a_path_may_come_to_is_drawn_once() {
    for (name, text) in LABS {
        let topology = resolved(text);
        let picture = picture(&topology);
        for (index, node) in topology.nodes.iter().enumerate() {
            let id = crate::topology::NodeId(index);
            let boxes = picture.scene.boxes.iter();
            let number = boxes.filter(|shape| shape.node == Some(id)).count();
            let hidden = matches!(
                node.role,
                crate::topology::Role::Fabric | crate::topology::Role::Internet
            );
            assert_eq!(number, usize::from(!hidden), "{name}: {}", node.name);
        }
    }
}

#[test]
fn text_is_text_in_every_format() {
    let solved = Solved::of(HOSTILE);
    let picture = picture(&solved.topology);
    let svg = svg(&picture);
    assert!(is_well_formed(&svg), "{svg}");
    assert!(svg.contains("&lt;/script&gt;&lt;b&gt; &amp; &quot;west&quot; &#39;x&#39; #1"));
    let drawio = drawio(&picture);
    assert!(is_well_formed(&drawio), "{drawio}");
    assert!(drawio.contains("&lt;b&gt;&amp;lt;/script&amp;gt;"));
    let page = html(&picture, &route_details(&solved.topology, &solved.tables));
    assert_eq!(page.matches("</script>").count(), 2, "the page's own alone");
    assert!(
        mermaid(&picture).contains("#lt;/script#gt;#lt;b#gt; #amp; #quot;west#quot; 'x' #35;1")
    );
    assert!(dot(&picture).contains(r#"</script><b> & \"west\" 'x' #1 \\ `tick`"#));
}

#[test]
fn catalogue_labs_are_well_formed() {
    for (name, text) in LABS {
        let picture = drawn(text);
        assert!(is_well_formed(&svg(&picture)), "{name}");
        assert!(is_well_formed(&drawio(&picture)), "{name}");
    }
}

#[test]
fn a_page_loads_nothing_and_tells_routes() {
    let solved = Solved::hub_spoke();
    let page = html(
        &picture(&solved.topology),
        &route_details(&solved.topology, &solved.tables),
    );
    let without_namespace = page.replace("http://www.w3.org/2000/svg", "");
    for loads in ["http:", "https:", "src=", "url(", "@import", "fetch("] {
        assert!(!without_namespace.contains(loads), "{loads}");
    }
    assert!(
        page.contains("VirtualNetworkGateway"),
        "no effective routes"
    );
}

#[test]
fn a_flowchart_says_the_same() {
    let text = mermaid(&drawn(LABS[0].1));
    for part in [
        "subgraph b",
        "[\"hub-vm<br/>10.10.30.4\"]",
        "===|\"er1-primary<br/>192.168.30.16/30 · 0.9 ms\"|",
        "-.-|\"hub-branch<br/>VNet-to-VNet · BGP · 1 ms\"|",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

#[test]
fn the_catalogues_pictures_are_those_that_are_drawn() {
    for (name, text) in LABS {
        let file = format!("{}/labs/{name}.svg", env!("CARGO_MANIFEST_DIR"));
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == svg(&drawn(text)),
            "{file} is out of date: run scripts/pictures"
        );
    }
    let file = format!("{}/labs/hub-spoke-compact.svg", env!("CARGO_MANIFEST_DIR"));
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let drawn = svg(&compact(&resolved(LABS[0].1)));
    assert!(kept == drawn, "{file} is out of date: run scripts/pictures");
}
