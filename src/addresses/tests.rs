//! Both families, against the standard library and `ipnet`.

use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

use super::*;

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn prefix(text: &str) -> Prefix {
    text.parse().unwrap()
}

const ADDRESSES: [&str; 12] = [
    "0.0.0.0",
    "10.0.0.0",
    "10.0.0.1",
    "10.0.1.0",
    "127.0.0.1",
    "169.254.21.1",
    "255.255.255.255",
    "::",
    "::1",
    "2001:db8::1",
    "fe80::1",
    "ff02::1",
];

const PREFIXES: [&str; 19] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.0.0.4/24",
    "10.0.0.4/30",
    "10.0.0.4/31",
    "10.0.0.4/32",
    "10.1.0.0/16",
    "255.255.255.255/32",
    "255.255.255.254/31",
    "::/0",
    "::/64",
    "::/80",
    "::/96",
    "2001:db8::/32",
    "2001:db8:0:1::/64",
    "2001:db8:0:1::5/64",
    "2001:db8::5/126",
    "2001:db8::5/128",
];

#[test]
fn texts_are_read_and_written_as_the_standard_library_does() {
    for text in ADDRESSES {
        assert_eq!(address(text).to_string(), text);
        assert_eq!(format!("{:?}", address(text)), text);
        assert_eq!(serde_json::to_value(address(text)).unwrap(), text);
        let read: Address = serde_json::from_value(text.into()).unwrap();
        assert_eq!(read, address(text));
    }
    for text in PREFIXES {
        assert_eq!(prefix(text).to_string(), text);
        assert_eq!(serde_json::to_value(prefix(text)).unwrap(), text);
        let read: Prefix = serde_json::from_value(text.into()).unwrap();
        assert_eq!(read, prefix(text));
    }
    assert_eq!(format!("{:>10}", address("10.0.0.1")), "  10.0.0.1");
    for text in ["", "10.0.0", "10.0.0.256", "10.0.0.0/33", "::/129", "x"] {
        assert_eq!(text.parse::<Prefix>(), Err(SyntaxError), "{text}");
        assert_eq!(text.parse::<Address>(), Err(SyntaxError), "{text}");
    }
}

#[test]
fn an_ipv6_address_that_no_node_can_have_is_refused() {
    for text in ["::ffff:10.0.0.1", "ffff:ffff:ffff:ffff::1"] {
        assert_eq!(text.parse::<Address>(), Err(SyntaxError), "{text}");
        assert!(is_ipv6_address(text) && is_ipv6(text));
    }
    assert!(is_ipv6("fd00::/8") && !is_ipv6_address("fd00::/8"));
    assert!(!is_ipv6("10.0.0.1") && !is_ipv6("10.0.0.0/8") && !is_ipv6("x"));
}

#[test]
fn ipv4_is_in_its_usual_order_and_before_most_of_ipv6() {
    let order = |text: &str| text.parse::<Ipv4Addr>().unwrap();
    let ipv4 = || ADDRESSES.iter().filter(|text| !text.contains(':'));
    for a in ipv4() {
        for b in ipv4() {
            assert_eq!(address(a).cmp(&address(b)), order(a).cmp(&order(b)));
        }
        assert!(address(a) < address("2001:db8::1"));
    }
    let order = |text: &str| text.parse::<Ipv4Net>().unwrap();
    let ipv4 = || PREFIXES.iter().filter(|text| !text.contains(':'));
    for a in ipv4() {
        for b in ipv4() {
            assert_eq!(prefix(a).cmp(&prefix(b)), order(a).cmp(&order(b)));
        }
    }
}

#[test]
fn a_prefix_contains_what_it_does_as_of_its_family() {
    for outer in PREFIXES {
        for inner in PREFIXES {
            let expected = match (outer.parse::<Ipv4Net>(), inner.parse::<Ipv4Net>()) {
                (Ok(outer), Ok(inner)) => outer.contains(&inner),
                (Err(_), Err(_)) => {
                    let [outer, inner] =
                        [outer, inner].map(|text| text.parse::<Ipv6Net>().unwrap());
                    outer.contains(&inner)
                }
                _ => false,
            };
            let found = prefix(outer).contains(&prefix(inner));
            assert_eq!(found, expected, "{inner} in {outer}");
        }
        for inner in ADDRESSES {
            let inner = address(inner);
            let expected = prefix(outer).contains(&Prefix::from(inner));
            assert_eq!(prefix(outer).contains(&inner), expected);
        }
    }
    assert!(prefix("10.0.0.4/24").contains(&address("10.0.0.255")));
    assert!(!prefix("10.0.0.4/24").contains(&address("10.0.1.0")));
}

#[test]
fn a_prefix_has_a_first_and_a_last_address() {
    for text in PREFIXES {
        let (network, last) = if let Ok(net) = text.parse::<Ipv4Net>() {
            (net.network().to_string(), net.broadcast().to_string())
        } else {
            let net: Ipv6Net = text.parse().unwrap();
            (net.network().to_string(), net.broadcast().to_string())
        };
        let own = prefix(text);
        assert_eq!(own.network().to_string(), network, "{text}");
        let last = match text {
            "::/0" => "ffff:ffff:ffff:fffe:ffff:ffff:ffff:ffff",
            "::/80" => "::fffe:ffff:ffff",
            _ => &last,
        };
        assert_eq!(own.last().to_string(), last, "{text}");
        assert_eq!(own.trunc().network(), own.network());
        assert_eq!(own.trunc().prefix_len(), own.prefix_len());
    }
}

#[test]
fn lengths_are_those_of_the_family() {
    let [four, six] = ["10.0.0.1", "2001:db8::1"].map(address);
    assert_eq!(Prefix::new(four, 24), Some(prefix("10.0.0.1/24")));
    assert_eq!(Prefix::new(six, 64), Some(prefix("2001:db8::1/64")));
    assert_eq!([Prefix::new(four, 33), Prefix::new(six, 129)], [None, None]);
    assert_eq!(Prefix::new(four, u8::MAX), None);
    assert_eq!(prefix("10.0.0.1/24").host_bits(), 8);
    assert_eq!(prefix("2001:db8::/64").host_bits(), 64);
    assert!(Prefix::from(four).is_host() && Prefix::from(six).is_host());
    assert_eq!(Prefix::from(four), prefix("10.0.0.1/32"));
    assert_eq!(four.ipv4(), Some(Ipv4Addr::new(10, 0, 0, 1)));
    assert_eq!(six.ipv4(), None);
    assert_eq!(
        Address::from_ipv6(Ipv6Addr::LOCALHOST),
        Some(address("::1"))
    );
}

#[test]
fn addresses_are_counted_within_their_family() {
    let last = address("255.255.255.255");
    assert_eq!(address("10.0.0.255").saturating_add(1), address("10.0.1.0"));
    assert_eq!(last.saturating_add(1), last);
    assert_eq!(address("10.0.1.0").saturating_sub(1), address("10.0.0.255"));
    let first = address("0.0.0.0");
    assert_eq!(address("0.0.0.1").saturating_sub(2), first);
    assert_eq!(
        address("2001:db8::ffff").saturating_add(1),
        address("2001:db8::1:0")
    );
    assert_eq!(address("::").saturating_sub(1), address("::"));
    assert_eq!(address("10.0.1.0").distance_from(address("10.0.0.0")), 256);
    assert_eq!(first.distance_from(last), 0);
}

#[test]
fn a_prefix_has_parts() {
    let parts = |text: &str, length| -> Vec<String> {
        let parts = prefix(text).subnets(length).take(3);
        parts.map(|part| part.to_string()).collect()
    };
    assert_eq!(parts("10.0.0.0/29", 30), ["10.0.0.0/30", "10.0.0.4/30"]);
    assert_eq!(parts("255.255.255.254/31", 32).len(), 2);
    assert_eq!(parts("10.0.0.0/29", 29), ["10.0.0.0/29"]);
    assert_eq!(parts("10.0.0.0/29", 28), [""; 0]);
    assert_eq!(parts("10.0.0.0/29", 33), [""; 0]);
    assert_eq!(parts("2001:db8::/56", 64)[1], "2001:db8:0:1::/64");
    let all = |text: &str| -> Vec<Address> { prefix(text).addresses().collect() };
    assert_eq!(all("10.0.0.6/31"), ["10.0.0.6", "10.0.0.7"].map(address));
    for (text, host) in [
        ("10.0.0.0/24", "10.0.0.1"),
        ("10.0.0.6/31", "10.0.0.6"),
        ("10.0.0.6/32", "10.0.0.6"),
    ] {
        assert_eq!(prefix(text).first_host(), address(host));
    }
    assert_eq!(prefix("0.0.0.0/0").size(), 1 << 32);
    assert_eq!(prefix("::/0").size(), u64::MAX);
}
