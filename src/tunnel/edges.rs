//! The two edges of a tunnel, the interface and the socket, as gotatun wants them.
//!
//! gotatun's own ways of opening them use the namespace of whichever thread runs the task. These
//! are opened by the caller, in the namespace where the calling thread is, and stay in it.

use std::os::fd::{AsFd, BorrowedFd};
use std::{fmt, io, net::SocketAddrV4, sync::Arc};

use gotatun::{
    packet::{Ip, Packet, PacketBufPool},
    tun::{IpRecv, IpSend, MtuWatcher},
    udp::{
        UdpRecv, UdpTransportFactory, UdpTransportFactoryParams,
        socket::{SockOpt, UdpSocket},
    },
};
use tokio::runtime::Handle;
use tun_rs::{AsyncDevice, DeviceBuilder, Layer, SyncDevice};

use super::TunnelError;
use crate::names::IfName;

/// Largest packet that a tunnel takes, in bytes: gotatun's buffers hold 4096, of which its header
/// and checksum need 32. A larger packet would be cut short without a word.
pub(super) const LARGEST_MTU: u16 = 4096 - 32;

/// An IP interface whose packets come to this process. It vanishes when this is dropped.
pub struct Tun {
    device: SyncDevice,
    mtu: u16,
}

impl Tun {
    /// Creates an interface called `name` in the namespace of the calling thread, for packets of
    /// up to `mtu` bytes. It is down and has no address.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Mtu`] for packets larger than gotatun's buffers, and [`TunnelError::Open`]
    /// for a name in use, a process without `CAP_NET_ADMIN`, or a kernel without TUN interfaces.
    pub fn open(name: &IfName, mtu: u16) -> Result<Self, TunnelError> {
        if mtu > LARGEST_MTU {
            return Err(TunnelError::Mtu { mtu });
        }
        DeviceBuilder::new()
            .name(name.as_str())
            .layer(Layer::L3)
            .mtu(mtu)
            // The builder would bring the interface up by itself.
            .inherit_enable_state()
            .build_sync()
            .map(|device| Self { device, mtu })
            .map_err(|source| TunnelError::Open {
                name: name.clone(),
                source,
            })
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl fmt::Debug for Tun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tun")
            .field("mtu", &self.mtu)
            .finish_non_exhaustive()
    }
}

/// The UDP socket under a tunnel.
#[derive(Clone)]
pub struct Underlay {
    socket: UdpSocket,
}

impl Underlay {
    /// Binds a socket to `address` in the namespace of the calling thread. It is registered with
    /// `runtime`, which must be the one that runs the tunnel.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Bind`], for a port in use or an address of no interface.
    ///
    /// # Panics
    ///
    /// When `runtime` was built without its I/O driver.
    pub fn bind(address: SocketAddrV4, runtime: &Handle) -> Result<Self, TunnelError> {
        let _entered = runtime.enter();
        UdpSocket::bind(address.into(), SockOpt::default())
            .map(|socket| Self { socket })
            .map_err(|source| TunnelError::Bind { address, source })
    }
}

impl fmt::Debug for Underlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Underlay")
            .field(self.socket.socket())
            .finish()
    }
}

/// Hands gotatun the socket that is bound already, whatever address it asks for.
pub(super) struct Sockets {
    underlay: Underlay,
}

impl Sockets {
    pub(super) fn new(underlay: Underlay) -> Self {
        Self { underlay }
    }
}

impl UdpTransportFactory for Sockets {
    type Send = UdpSocket;
    type Recv = UdpSocket;

    async fn bind(&mut self, _: &UdpTransportFactoryParams) -> io::Result<(UdpSocket, UdpSocket)> {
        let socket = &self.underlay.socket;
        socket.enable_udp_gro()?;
        Ok((socket.clone(), socket.clone()))
    }
}

/// A [`Tun`] that tasks read and write.
#[derive(Clone)]
pub(super) struct Interface {
    device: Arc<AsyncDevice>,
    mtu: u16,
}

impl Interface {
    /// Registers an interface with the current runtime.
    pub(super) fn new(tun: Tun) -> io::Result<Self> {
        Ok(Self {
            device: Arc::new(AsyncDevice::new(tun.device)?),
            mtu: tun.mtu,
        })
    }
}

impl IpSend for Interface {
    async fn send(&mut self, packet: Packet<Ip>) -> io::Result<()> {
        self.device.send(&packet.into_bytes()).await.map(drop)
    }
}

impl IpRecv for Interface {
    async fn recv<'a>(
        &'a mut self,
        pool: &mut PacketBufPool,
    ) -> io::Result<impl Iterator<Item = Packet<Ip>> + Send + 'a> {
        let mut packet = pool.get();
        let len = self.device.recv(&mut packet).await?;
        packet.truncate(len);
        // What is no IP packet is dropped: an error would be logged, once for each.
        Ok(packet.try_into_ip().into_iter())
    }

    fn mtu(&self) -> MtuWatcher {
        MtuWatcher::new(self.mtu)
    }
}
