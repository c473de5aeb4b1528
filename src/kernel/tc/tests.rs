//! Compares encoded messages with those that Debian's tc sends (iproute2 6.1, read by
//! `strace -e raw=sendmsg -e write=3 tc ...`, without the header that all messages have).

use netlink_packet_core::NetlinkSerializable;

use super::*;

const V0: u32 = 3;
const V1: u32 = 2;
const IFB: u32 = 4;

fn assert_same(message: &RouteNetlinkMessage, tc: &str) {
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    let words = tc.split_whitespace();
    let theirs: Vec<u8> = words
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect();
    assert_eq!(bytes, theirs);
}

#[test]
fn a_place_for_filters_is_asked_for_as_tc_does() {
    let clsact_of_v0 = "00 00 00 00 03 00 00 00 00 00 ff ff f1 ff ff ff 00 00 00 00 \
                        0b 00 01 00 63 6c 73 61 63 74 00 00";
    // qdisc add dev v0 clsact, and qdisc delete
    assert_same(&clsact(V0), clsact_of_v0);
    assert_same(&no_clsact(V0), clsact_of_v0);
    // qdisc delete dev v0 root
    assert_same(
        &no_root(V0),
        "00 00 00 00 03 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00",
    );
}

#[test]
fn a_redirection_is_asked_for_as_tc_does() {
    // filter add dev v0 egress protocol all pref 1 u32 match u32 0 0 action mirred egress redirect dev ifb0
    assert_same(
        &redirect((V0, Side::Egress), 1, (IFB, Side::Egress)),
        "00 00 00 00 03 00 00 00 00 00 00 00 f3 ff ff ff 00 03 01 00 08 00 01 00 75 33 32 00 \
         60 00 02 00 38 00 07 00 34 00 01 00 0b 00 01 00 6d 69 72 72 65 64 00 00 24 00 02 80 \
         20 00 02 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 \
         04 00 00 00 24 00 05 00 01 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 \
         00 00 00 00 00 00 00 00 00 00 00 00",
    );
    // filter add dev v0 ingress protocol all pref 2 u32 match u32 0 0 action mirred ingress redirect dev v1
    assert_same(
        &redirect((V0, Side::Ingress), 2, (V1, Side::Ingress)),
        "00 00 00 00 03 00 00 00 00 00 00 00 f2 ff ff ff 00 03 02 00 08 00 01 00 75 33 32 00 \
         60 00 02 00 38 00 07 00 34 00 01 00 0b 00 01 00 6d 69 72 72 65 64 00 00 24 00 02 80 \
         20 00 02 00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00 03 00 00 00 \
         02 00 00 00 24 00 05 00 01 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 \
         00 00 00 00 00 00 00 00 00 00 00 00",
    );
    // filter delete dev v0 egress pref 1
    assert_same(
        &no_redirect(V0, Side::Egress, 1),
        "00 00 00 00 03 00 00 00 00 00 00 00 f3 ff ff ff 00 00 01 00",
    );
}
