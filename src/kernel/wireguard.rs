//! The kernel's `WireGuard`, configured over generic netlink.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use netlink_packet_core::{NLM_F_ACK, NetlinkDeserializable, NetlinkSerializable};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::nlas::GenlCtrlAttrs;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd};
use netlink_packet_wireguard::{
    WireguardAddressFamily, WireguardAllowedIp, WireguardAllowedIpAttr, WireguardAttribute,
    WireguardCmd, WireguardMessage, WireguardPeer, WireguardPeerAttribute,
};
use netlink_sys::protocols::NETLINK_GENERIC;

use crate::kernel::rtnl::{BatchError, Rtnl};
use crate::names::IfName;

/// A device's own half of a tunnel.
#[derive(Clone)]
pub struct WireGuardEnd {
    /// The interface.
    pub name: IfName,
    /// Its private key.
    pub private_key: [u8; 32],
    /// The UDP port that it listens on.
    pub port: u16,
    /// Its one peer.
    pub peer: WireGuardPeer,
}

/// A device's peer, which may send from and receive for any address.
#[derive(Debug, Clone)]
pub struct WireGuardPeer {
    /// The peer's public key.
    pub public_key: [u8; 32],
    /// Where it is.
    pub address: SocketAddr,
    /// Seconds between packets that keep the session alive.
    pub keepalive_seconds: u16,
}

/// Configures an interface in the calling thread's namespace.
///
/// # Errors
///
/// The kernel's.
pub fn configure(end: &WireGuardEnd) -> io::Result<()> {
    let mut socket = Rtnl::open_protocol(NETLINK_GENERIC)?;
    let family = family(&mut socket)?;
    let message = WireguardMessage {
        cmd: WireguardCmd::SetDevice,
        attributes: attributes(end),
    };
    let mut message = GenlMessage::from_payload(message);
    message.set_resolved_family_id(family);
    ask(&mut socket, message).map(|_| ())
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

/// The number that the kernel gave `WireGuard`'s family when its module came up.
fn family(socket: &mut Rtnl) -> io::Result<u16> {
    let request = GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![GenlCtrlAttrs::FamilyName("wireguard".to_owned())],
    });
    let answers = ask(socket, request)?;
    let ids = answers.iter().flat_map(|answer| &answer.payload.nlas);
    ids.into_iter()
        .find_map(|attribute| match attribute {
            GenlCtrlAttrs::FamilyId(id) => Some(*id),
            _ => None,
        })
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

fn ask<M>(socket: &mut Rtnl, request: M) -> io::Result<Vec<M>>
where
    M: NetlinkSerializable + NetlinkDeserializable,
{
    socket.ask(request, NLM_F_ACK).map_err(|error| match error {
        BatchError::Refused(_, refusal) => refusal.errno.into(),
        BatchError::Socket(error) => error,
    })
}
