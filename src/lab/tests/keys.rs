//! Compares the description of the keys with the code that reads them.

use std::collections::BTreeSet;

use crate::lab::document::document;
use crate::lab::keys::{Key, mappings};
use crate::lab::tests::every_key::EVERY_KEY;
use crate::yaml::fields::Decoder;
use crate::yaml::reading;

/// The keys that the decoder reads from the mappings of a text.
fn asked(text: &str) -> BTreeSet<(String, String)> {
    let Ok(tree) = reading::read(text) else {
        panic!("not YAML: {text}");
    };
    let mut decoder = Decoder::default();
    document(&mut decoder, &tree);
    let asked = decoder.asked.into_iter();
    asked
        .map(|(mapping, key)| (mapping.to_owned(), key.to_owned()))
        .collect()
}

#[test]
fn every_key_that_is_read_is_described_and_no_other() {
    let mut read = asked(EVERY_KEY);
    // Since these mappings have no kind, the decoder reads the keys of all kinds.
    read.extend(asked(
        "peerings: [{}]\nvirtualNetworkGateways: { g: {} }\nconnections: { c: {} }\nsites: { s: { links: [{}], hosts: { h: {} } } }\n",
    ));
    let described = mappings().into_iter().flat_map(|mapping| {
        let name = mapping.name;
        let keys = mapping.keys.into_iter();
        keys.map(move |key| (name.clone(), key.name))
            .collect::<Vec<_>>()
    });
    let described: BTreeSet<_> = described.collect();
    let undescribed: Vec<_> = read.difference(&described).collect();
    let unread: Vec<_> = described.difference(&read).collect();
    assert!(
        undescribed.is_empty() && unread.is_empty(),
        "not described: {undescribed:?}\nnot read: {unread:?}"
    );
}

#[test]
fn shapes_and_kinds_lead_somewhere() {
    const VALUES: [&str; 16] = [
        "word",
        "integer",
        "boolean",
        "text",
        "name",
        "reference",
        "address",
        "prefix",
        "community",
        "interface",
        "duration",
        "rate",
        "share",
        "silent",
        "steady",
        "nothing",
    ];
    let all = mappings();
    let names: Vec<&str> = all.iter().map(|mapping| mapping.name.as_str()).collect();
    for mapping in &all {
        for key in &mapping.keys {
            let text = format!("{:?}", key.shape);
            let kinds = text.split("One(\"").skip(1);
            for kind in kinds.filter_map(|rest| rest.split('"').next()) {
                assert!(
                    VALUES.contains(&kind) || names.contains(&kind),
                    "{}: {kind}",
                    key.name
                );
            }
            let kind = mapping
                .kind
                .as_ref()
                .and_then(|kind| mapping.keys.iter().find(|key| key.name == *kind));
            for only in &key.only {
                let is_known =
                    |kind: &&Key| kind.words.iter().any(|word| word.to_string() == *only);
                assert!(kind.iter().any(is_known), "{}: {only}", key.name);
            }
        }
    }
}
