//! The kernel's `WireGuard`, configured over generic netlink.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use netlink_packet_core::NLM_F_ACK;
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_packet_wireguard::{
    WireguardAddressFamily, WireguardAllowedIp, WireguardAllowedIpAttr, WireguardAttribute,
    WireguardCmd, WireguardDeviceFlags, WireguardMessage, WireguardPeer, WireguardPeerAttribute,
    WireguardTimeSpec,
};
use netlink_sys::protocols::NETLINK_GENERIC;

use crate::kernel::observe::as_io;
use crate::kernel::rtnl::Rtnl;
use crate::names::IfName;

/// A device's end of a tunnel.
#[derive(Clone)]
pub struct WireGuardEnd {
    /// The interface.
    pub name: IfName,
    /// Its private key.
    pub private_key: [u8; 32],
    /// The UDP port that it listens on.
    pub port: u16,
    /// Its single peer.
    pub peer: WireGuardPeer,
}

/// A device's peer. It may send from and receive for any address.
#[derive(Debug, Clone)]
pub struct WireGuardPeer {
    /// The peer's public key.
    pub public_key: [u8; 32],
    /// Its endpoint.
    pub address: SocketAddr,
    /// Seconds between keepalive packets.
    pub keepalive_seconds: u16,
}

/// The statistics of a tunnel's peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireGuardSeen {
    /// The peer's public key.
    pub public_key: [u8; 32],
    /// The Unix time of the last handshake; `None` without a session.
    pub handshake: Option<Duration>,
    /// Bytes received from the peer, encrypted.
    pub received: u64,
    /// Bytes sent to the peer, encrypted.
    pub sent: u64,
}

/// Configures an interface in the calling thread's namespace.
///
/// # Errors
///
/// Errors of the kernel.
pub fn configure(end: &WireGuardEnd) -> io::Result<()> {
    set(attributes(end))
}

/// Makes an end start a handshake with its peer at once, in the calling thread's namespace. It forgets the peer's
/// state, including the time of the last attempt. By itself it would start one only when it has something to send, and
/// not within five seconds of an unanswered attempt (`REKEY_TIMEOUT`, the `WireGuard` paper, section 6.1). Packets sent
/// meanwhile wait for the session; packets from the other end in the old session are lost, and the counters restart at
/// zero.
///
/// # Errors
///
/// Errors of the kernel.
pub fn renew(end: &WireGuardEnd) -> io::Result<()> {
    let flags = WireguardAttribute::Flags(WireguardDeviceFlags::ReplacePeers);
    let mut attributes = attributes(end);
    attributes.insert(1, flags);
    set(attributes)
}

/// The peer statistics of an interface in the calling thread's namespace.
///
/// # Errors
///
/// Errors of the kernel.
pub fn peers(name: &IfName) -> io::Result<Vec<WireGuardSeen>> {
    let mut socket = Rtnl::open_protocol(NETLINK_GENERIC)?;
    let family = family(&mut socket)?;
    let attributes = vec![WireguardAttribute::IfName(name.to_string())];
    let request = message(family, WireguardCmd::GetDevice, attributes);
    let answers = socket.dump(request).map_err(as_io)?;
    let attributes = answers.iter().flat_map(|answer| &answer.payload.attributes);
    let peers = attributes.filter_map(|attribute| match attribute {
        WireguardAttribute::Peers(peers) => Some(peers),
        _ => None,
    });
    Ok(peers.flatten().filter_map(seen).collect())
}

fn seen(peer: &WireguardPeer) -> Option<WireGuardSeen> {
    let public_key = peer.iter().find_map(|attribute| match attribute {
        WireguardPeerAttribute::PublicKey(key) => Some(*key),
        _ => None,
    })?;
    let mut seen = WireGuardSeen {
        public_key,
        handshake: None,
        received: 0,
        sent: 0,
    };
    for attribute in peer.iter() {
        match attribute {
            WireguardPeerAttribute::LastHandshake(time) => seen.handshake = since_1970(time),
            WireguardPeerAttribute::RxBytes(bytes) => seen.received = *bytes,
            WireguardPeerAttribute::TxBytes(bytes) => seen.sent = *bytes,
            _ => {}
        }
    }
    Some(seen)
}

/// A time; `None` is encoded as zero.
fn since_1970(time: &WireguardTimeSpec) -> Option<Duration> {
    let seconds = u64::try_from(time.seconds).ok()?;
    let nanoseconds = u32::try_from(time.nano_seconds).ok()?;
    Some(Duration::new(seconds, nanoseconds)).filter(|time| !time.is_zero())
}

fn set(attributes: Vec<WireguardAttribute>) -> io::Result<()> {
    let mut socket = Rtnl::open_protocol(NETLINK_GENERIC)?;
    let family = family(&mut socket)?;
    let request = message(family, WireguardCmd::SetDevice, attributes);
    socket.ask(request, NLM_F_ACK).map(drop).map_err(as_io)
}

fn message(
    family: u16,
    cmd: WireguardCmd,
    attributes: Vec<WireguardAttribute>,
) -> GenlMessage<WireguardMessage> {
    let mut message = GenlMessage::from_payload(WireguardMessage { cmd, attributes });
    message.set_resolved_family_id(family);
    message
}

fn attributes(end: &WireGuardEnd) -> Vec<WireguardAttribute> {
    let everything = WireguardAllowedIp(vec![
        WireguardAllowedIpAttr::Family(WireguardAddressFamily::Ipv4),
        WireguardAllowedIpAttr::IpAddr(Ipv4Addr::UNSPECIFIED.into()),
        WireguardAllowedIpAttr::Cidr(0),
    ]);
    let peer = WireguardPeer(vec![
        WireguardPeerAttribute::PublicKey(end.peer.public_key),
        WireguardPeerAttribute::Endpoint(end.peer.address),
        WireguardPeerAttribute::PersistentKeepalive(end.peer.keepalive_seconds),
        WireguardPeerAttribute::AllowedIps(vec![everything]),
    ]);
    vec![
        WireguardAttribute::IfName(end.name.to_string()),
        WireguardAttribute::PrivateKey(end.private_key),
        WireguardAttribute::ListenPort(end.port),
        WireguardAttribute::Peers(vec![peer]),
    ]
}

/// The family number that the kernel assigned to `WireGuard` when its module was loaded.
fn family(socket: &mut Rtnl) -> io::Result<u16> {
    let request = GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![GenlCtrlAttrs::FamilyName("wireguard".to_owned())],
    });
    let answers = socket.ask(request, NLM_F_ACK).map_err(as_io)?;
    let ids = answers.iter().flat_map(|answer| &answer.payload.nlas);
    ids.into_iter()
        .find_map(|attribute| match attribute {
            GenlCtrlAttrs::FamilyId(id) => Some(*id),
            _ => None,
        })
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}
