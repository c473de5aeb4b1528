//! The lab file of a chain of routers, as scripts/chain writes it.

use std::fmt::Write as _;

/// The lab file of a chain of that many routers, with static routes to both of its ends.
pub(crate) fn lab(routers: usize) -> String {
    let mut text = "name: chain\nsites:\n  chain:\n    igp: false\n    routers:\n".to_owned();
    let last = routers - 1;
    for router in 1..=routers {
        let mut set = Vec::new();
        if router > 2 {
            set.push(route(&address(1, 0), &address(router - 1, 0)));
        }
        if router < last {
            set.push(route(&address(last, 0), &address(router, 1)));
        }
        let _ = writeln!(text, "      r{router}: {{ routes: [{}] }}", set.join(", "));
    }
    text.push_str("    links:\n");
    for link in 1..routers {
        let [a, b] = [0, 1].map(|end| address(link, end));
        let _ = writeln!(
            text,
            "      - {{ a: r{link}, b: r{}, addresses: [{a}/31, {b}/31] }}",
            link + 1
        );
    }
    text
}

fn route(prefix: &str, via: &str) -> String {
    format!("{{ addressPrefix: {prefix}/31, nextHopIpAddress: {via} }}")
}

/// Link n joins router n, which has the even address, to router n + 1.
fn address(link: usize, end: usize) -> String {
    let number = 2 * (link - 1) + end;
    format!(
        "10.{}.{}.{}",
        number / 65536,
        number / 256 % 256,
        number % 256
    )
}
