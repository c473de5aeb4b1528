//! The kernel's own cost of a chain of namespaces: only the required requests, in as few system calls as possible.
#![expect(
    clippy::disallowed_methods,
    reason = "namespaces that no lab has, made as plainly as can be"
)]

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NetlinkMessage, NetlinkPayload,
};
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::AddressAttribute;
use netlink_packet_route::link::{InfoData, InfoKind, InfoVeth};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nix::sched::{CloneFlags, unshare};
use rtnetlink::{AddressMessageBuilder, LinkMessageBuilder, LinkUnspec, LinkVeth};

/// `RTNLGRP_LINK` of `linux/rtnetlink.h`.
const LINKS: u32 = 1;

/// Indexes of a namespace's two ends: fixed, so that they need not be queried. The two ends of a pair differ: with
/// equal indexes, the kernel would take a second to detect that the pair is up.
const TO_NEXT: u32 = 1000;
const TO_PREVIOUS: u32 = 1001;

/// A namespace without a name, and a socket in it.
struct Space {
    file: File,
    socket: Socket,
}

impl Space {
    /// Moves the calling thread into a new namespace.
    fn enter_new() -> Self {
        unshare(CloneFlags::CLONE_NEWNET).expect("namespaces need root");
        let file = File::open("/proc/thread-self/ns/net").expect("/proc is mounted");
        let mut socket = Socket::new(NETLINK_ROUTE).expect("the kernel speaks netlink");
        socket.bind_auto().expect("a free port is found");
        socket
            .connect(&SocketAddr::new(0, 0))
            .expect("the kernel is there");
        Self { file, socket }
    }

    /// Sends requests to the kernel in one system call, and waits for its answer.
    fn run(&self, requests: Vec<RouteNetlinkMessage>) {
        let mut bytes = Vec::new();
        let count = requests.len();
        for (number, request) in requests.into_iter().enumerate() {
            let mut message = NetlinkMessage::from(request);
            let is_last = number + 1 == count;
            message.header.flags =
                NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | if is_last { NLM_F_ACK } else { 0 };
            message.finalize();
            let start = bytes.len();
            bytes.resize(start + message.buffer_len().next_multiple_of(4), 0);
            message.serialize(&mut bytes[start..]);
        }
        self.socket.send(&bytes, 0).expect("the kernel takes it");
        let (answer, _) = self.socket.recv_from_full().expect("the kernel answers");
        let answer = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&answer)
            .expect("the kernel speaks netlink");
        let NetlinkPayload::Error(error) = answer.payload else {
            panic!("the kernel answers otherwise: {answer:?}");
        };
        assert!(error.code.is_none(), "the kernel refuses: {error:?}");
    }
}

/// The kernel's time for a chain of that many namespaces, joined by pairs of interfaces with an address at each end,
/// all up.
pub(super) fn chain(nodes: usize) -> Duration {
    on_fresh_thread(move || {
        let began = Instant::now();
        let spaces: Vec<Space> = (0..nodes).map(|_| Space::enter_new()).collect();
        for (number, pair) in spaces.windows(2).enumerate() {
            let [near, far] = pair else { continue };
            near.run(vec![
                veth(far.file.as_raw_fd()),
                address(TO_NEXT, number, 0),
            ]);
            far.run(vec![up(TO_PREVIOUS), address(TO_PREVIOUS, number, 1)]);
        }
        began.elapsed()
    })
}

/// Waits until the kernel has removed every unused namespace, which it does in the background.
pub(super) fn settle() {
    // It removes them in batches. When the second of two is removed, all earlier batches are complete.
    for _ in 0..2 {
        on_fresh_thread(|| {
            let kept = Space::enter_new();
            let mut witness = Socket::new(NETLINK_ROUTE).expect("the kernel speaks netlink");
            witness.bind_auto().expect("a free port is found");
            witness
                .add_membership(LINKS)
                .expect("anybody may hear of links");
            let going = Space::enter_new();
            kept.run(vec![veth(going.file.as_raw_fd())]);
            drop(going);
            // Otherwise the thread itself would keep the namespace.
            unshare(CloneFlags::CLONE_NEWNET).expect("namespaces need root");
            while !tells_of_removal(&witness) {}
        });
    }
}

/// Whether the next message of a socket reports a removed link.
fn tells_of_removal(witness: &Socket) -> bool {
    let (told, _) = witness.recv_from_full().expect("the kernel tells");
    let told = NetlinkMessage::<RouteNetlinkMessage>::deserialize(&told);
    let payload = told.map(|told| told.payload);
    matches!(
        payload,
        Ok(NetlinkPayload::InnerMessage(RouteNetlinkMessage::DelLink(
            _
        )))
    )
}

fn veth(far_namespace: i32) -> RouteNetlinkMessage {
    let far = LinkMessageBuilder::<LinkUnspec>::new()
        .name("previous")
        .index(TO_PREVIOUS)
        .setns_by_fd(far_namespace)
        .build();
    let near = LinkMessageBuilder::<LinkVeth>::new_with_info_kind(InfoKind::Veth)
        .name("next")
        .index(TO_NEXT)
        .up()
        .set_info_data(InfoData::Veth(InfoVeth::Peer(far)));
    RouteNetlinkMessage::NewLink(near.build())
}

fn up(index: u32) -> RouteNetlinkMessage {
    RouteNetlinkMessage::SetLink(LinkUnspec::new_with_index(index).up().build())
}

fn address(index: u32, link: usize, end: u32) -> RouteNetlinkMessage {
    let number = u32::try_from(link * 2).expect("chains are shorter") + end;
    let address = Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + number);
    let mut message = AddressMessageBuilder::<Ipv4Addr>::new()
        .index(index)
        .address(address, 31)
        .build();
    message
        .attributes
        .retain(|attribute| !matches!(attribute, AddressAttribute::Broadcast(_)));
    RouteNetlinkMessage::NewAddress(message)
}

fn on_fresh_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(work).join().expect("the thread ends well")
}
