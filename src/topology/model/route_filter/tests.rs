//! Which routes the entries of filters match.

use super::*;

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

fn entry(permits: bool, text: &str, lengths: [u8; 2]) -> FilterEntry {
    FilterEntry {
        permits,
        lengths,
        ..FilterEntry::inside(prefix(text))
    }
}

/// Which of these prefixes a filter permits.
fn permitted(entries: Vec<FilterEntry>) -> String {
    let filter = RouteFilter { entries };
    let prefixes = [
        "0.0.0.0/0",
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.1.0/24",
        "10.1.1.1/32",
    ];
    let permitted = prefixes
        .into_iter()
        .filter(|text| filter.decide(prefix(text), &[]).is_ok());
    permitted.collect::<Vec<_>>().join(" ")
}

#[test]
fn lengths_are_those_of_a_prefix_list() {
    let of = |least, greatest| permitted(vec![entry(true, "10.0.0.0/8", [least, greatest])]);
    assert_eq!(of(8, 8), "10.0.0.0/8");
    assert_eq!(of(8, 32), "10.0.0.0/8 10.1.0.0/16 10.1.1.0/24 10.1.1.1/32");
    assert_eq!(of(16, 24), "10.1.0.0/16 10.1.1.0/24");
    assert_eq!(of(25, 32), "10.1.1.1/32");
}

#[test]
fn the_first_entry_that_matches_decides_and_the_rest_is_denied() {
    let all = entry(true, "10.0.0.0/8", [8, 32]);
    let not_this = entry(false, "10.1.0.0/16", [16, 24]);
    assert_eq!(
        permitted(vec![not_this.clone(), all.clone()]),
        "10.0.0.0/8 10.1.1.1/32"
    );
    assert_eq!(
        permitted(vec![all, not_this]),
        "10.0.0.0/8 10.1.0.0/16 10.1.1.0/24 10.1.1.1/32"
    );
}

#[test]
fn a_filter_that_only_denies_permits_the_rest_and_an_empty_one_nothing() {
    let not_this = entry(false, "10.0.0.0/8", [8, 24]);
    assert_eq!(permitted(vec![not_this]), "0.0.0.0/0 10.1.1.1/32");
    assert_eq!(permitted(Vec::new()), "");
}

#[test]
fn an_entry_matches_routes_with_all_of_its_communities() {
    let [one, two] = ["65001:1", "65001:2"].map(|text| text.parse::<Community>().unwrap());
    let mut both = entry(false, "0.0.0.0/0", [0, 32]);
    both.communities = vec![one, two];
    let filter = RouteFilter {
        entries: vec![both],
    };
    let decide = |communities: &[Community]| filter.decide(prefix("10.0.0.0/8"), communities);
    assert_eq!(decide(&[one, two]), Err(Some(1)));
    assert_eq!(decide(&[two]), Ok(None));
    assert_eq!(decide(&[]), Ok(None));
}

#[test]
fn an_entry_is_shown_in_the_words_of_prefix_lists_and_route_maps() {
    let mut shown = entry(true, "10.0.0.0/8", [16, 24]);
    shown.communities = vec!["65001:1".parse().unwrap()];
    shown.set = Settings {
        prepend: Some(2),
        local_preference: Some(200),
        med: Some(0),
        communities: Some(Vec::new()),
        added_communities: vec![Community::NO_EXPORT],
    };
    insta::assert_snapshot!(format!("{shown}{}", shown.set), @r"permit 10.0.0.0/8 ge 16 le 24 community 65001:1 set prepend 2 set local-preference 200 set med 0 set community none add community no-export");
    insta::assert_snapshot!(entry(false, "10.0.0.0/8", [8, 8]), @r"deny 10.0.0.0/8");
    insta::assert_snapshot!(FilterEntry::inside(prefix("10.0.0.0/8")), @r"permit 10.0.0.0/8 le 32");
}
