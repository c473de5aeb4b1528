//! Routes in columns: a network interface's as in az, and a node's own routing table.

use crate::report::az_table;
use crate::report::origins::DROPPED;
use crate::report::routes::{EffectiveRoute, SystemRoute};

pub(super) fn effective_table(routes: &[EffectiveRoute]) -> String {
    let headers = [
        "Source",
        "State",
        "Address Prefix",
        "Next Hop Type",
        "Next Hop IP",
    ];
    let rows = routes.iter().flat_map(|route| {
        let row = |address: String| {
            vec![
                format!("{:?}", route.source),
                format!("{:?}", route.state),
                route.address_prefix.concat(),
                route.next_hop_type.to_owned(),
                address,
            ]
        };
        // az repeats the row for each next hop.
        let addresses = route.next_hop_ip_address.iter();
        let rows: Vec<_> = addresses.map(|address| row(address.to_string())).collect();
        if rows.is_empty() {
            vec![row(String::new())]
        } else {
            rows
        }
    });
    az_table(&headers, &rows.collect::<Vec<_>>())
}

pub(super) fn system_table(routes: &[SystemRoute]) -> String {
    let headers = [
        "Prefix",
        "Next hop",
        "Interface",
        "Origin",
        "AS path",
        "Weight",
        "Local pref",
        "State",
    ];
    let rows = routes.iter().flat_map(|route| {
        let row = |hop: &str, interface: &str| {
            let state = match &route.beaten_by {
                None => "active".to_owned(),
                Some(beaten) => format!("inactive: {}", beaten.rule),
            };
            let number = |number: Option<u32>| number.map_or(String::new(), |n| n.to_string());
            vec![
                route.prefix.clone(),
                hop.to_owned(),
                interface.to_owned(),
                route.origin.clone(),
                route.as_path.clone().unwrap_or_default(),
                number(route.weight),
                number(route.local_preference),
                state,
            ]
        };
        let hops = route.next_hops.iter();
        let rows: Vec<_> = hops.map(|hop| row(&hop.shown, &hop.interface)).collect();
        if rows.is_empty() {
            vec![row(DROPPED, "")]
        } else {
            rows
        }
    });
    az_table(&headers, &rows.collect::<Vec<_>>())
}
