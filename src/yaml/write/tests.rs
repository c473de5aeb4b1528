//! Documents that are written and parsed again.

use proptest::prelude::*;

use crate::yaml::reading::read;
use crate::yaml::tree::{Kind, Node};
use crate::yaml::write::write;

/// A tree without places, for comparison.
fn shape(node: &Node) -> String {
    match &node.kind {
        Kind::Sequence(items) => {
            let items: Vec<String> = items.iter().map(shape).collect();
            format!("[{}]", items.join(","))
        }
        Kind::Mapping(entries) => {
            let entries = entries.iter();
            let entries: Vec<String> = entries
                .map(|(key, value)| format!("{:?}:{}", key.text, shape(value)))
                .collect();
            format!("{{{}}}", entries.join(","))
        }
        kind => format!("{kind:?}"),
    }
}

#[test]
fn small_mappings_are_on_one_line_and_sections_are_not() {
    let text = "name: a\nexpect:\n- {from: x, to: y, hops: [\"*\", [1.2.3.4, ~]]}\nsites: {one: {hosts: {h: {address: 10.0.0.1/24}}}, two: {}}\n";
    insta::assert_snapshot!(write(&read(text).unwrap()), @r"
    name: a

    expect:
      - { from: x, to: y, hops: ['*', [1.2.3.4, ~]] }

    sites:
      one:
        hosts:
          h: { address: 10.0.0.1/24 }
      two: {}
    ");
}

fn tree() -> impl Strategy<Value = Node> {
    let place = crate::findings::Place::default();
    let leaf = prop_oneof![
        Just(Kind::Null),
        any::<bool>().prop_map(Kind::Boolean),
        any::<i64>().prop_map(|number| Kind::Integer(number.into())),
        "[ -~]{0,12}".prop_map(Kind::Text),
        Just(Kind::Text("tab\tand \"quotes\"".to_owned())),
        Just(Kind::Text("\u{2028} \u{85} \\ \u{7f}é".to_owned())),
    ];
    let leaf = leaf.prop_map(move |kind| Node::added(place, kind));
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let key = "[ -~]{0,6}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Kind::Sequence),
            prop::collection::btree_map(key, inner, 0..4).prop_map(move |entries| {
                let entries = entries.into_iter();
                let key = |text| crate::yaml::tree::Key { place, text };
                Kind::Mapping(entries.map(|(text, node)| (key(text), node)).collect())
            }),
        ]
        .prop_map(move |kind| Node::added(place, kind))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_written_document_is_read_as_it_was(value in tree()) {
        let mut document = Node::added(value.place, Kind::Mapping(Vec::new()));
        document.put(0, "all", value.kind);
        let text = write(&document);
        let again = read(&text).map_err(|error| TestCaseError::fail(format!("{error:?} in\n{text}")))?;
        prop_assert_eq!(shape(&document), shape(&again), "{}", text);
    }
}
