//! The interface whose packets go through a tunnel.
//!
//! The kernel is told that this process takes and gives packets of up to 64 KiB, as a network card
//! does that segments and merges by itself: most of a packet's cost is the system call that moves
//! it. What the kernel hands over is cut up here, and what comes through the tunnel is put together
//! again.

use std::{
    fmt, io, mem,
    os::fd::{AsFd, BorrowedFd},
};

use gotatun::packet::{Packet, PacketBufPool};
use tun_rs::{
    DeviceBuilder, ExpandBuffer, GROTable, IDEAL_BATCH_SIZE, Layer, SyncDevice, VIRTIO_NET_HDR_LEN,
};

use super::TunnelError;
use crate::names::IfName;

/// Bytes of the buffers that packets are encrypted in.
const BUFFER: usize = 2048;

/// Largest packet that a tunnel takes, in bytes: a buffer less WireGuard's header and checksum. A
/// larger packet would be cut short without a word.
pub(super) const LARGEST_MTU: u16 = 2048 - 32;

/// The most that the kernel hands over at once.
const LARGEST_READ: usize = VIRTIO_NET_HDR_LEN + 65_535;

/// Most packets that 64 KiB are cut into: TCP's smallest segments hold 48 bytes.
const MOST_SEGMENTS: usize = 2048;

/// Buffers for packets, used again and again.
pub(super) type Pool = PacketBufPool<BUFFER>;

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
    /// [`TunnelError::Mtu`] for packets larger than a tunnel's buffers, and [`TunnelError::Open`]
    /// for a name in use, a process without `CAP_NET_ADMIN`, or a kernel without TUN interfaces.
    pub fn open(name: &IfName, mtu: u16) -> Result<Self, TunnelError> {
        if mtu > LARGEST_MTU {
            return Err(TunnelError::Mtu { mtu });
        }
        create(name, mtu)
            .map(|device| Self { device, mtu })
            .map_err(|source| TunnelError::Open {
                name: name.clone(),
                source,
            })
    }

    /// Has the interface stay when this is dropped, until its namespace goes. The kernel takes 20 ms to remove one by
    /// itself, and no longer for a namespace with it than without.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn stay(&self) -> io::Result<()> {
        self.device.persist()
    }

    /// The size of the largest packet, in bytes.
    pub(super) const fn mtu(&self) -> u16 {
        self.mtu
    }
}

fn create(name: &IfName, mtu: u16) -> io::Result<SyncDevice> {
    let device = DeviceBuilder::new()
        .name(name.as_str())
        .layer(Layer::L3)
        .mtu(mtu)
        .offload(true)
        // The builder would bring the interface up by itself.
        .inherit_enable_state()
        .build_sync()?;
    device.set_nonblocking(true)?;
    Ok(device)
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

/// A [`Tun`] with all that reading and writing it takes.
pub(super) struct Interface {
    device: SyncDevice,
    raw: Box<[u8]>,
    segments: Vec<Segment>,
    sizes: Vec<usize>,
    frames: Vec<Frame>,
    table: GROTable,
}

impl Interface {
    pub(super) fn new(tun: Tun, pool: &Pool) -> Self {
        Self {
            device: tun.device,
            raw: vec![0; LARGEST_READ].into(),
            segments: Segment::some(IDEAL_BATCH_SIZE, pool),
            sizes: vec![0; IDEAL_BATCH_SIZE],
            frames: Vec::new(),
            table: GROTable::new(),
        }
    }

    /// Takes what the namespace sends next: one packet, or one that was cut into several.
    pub(super) fn read(&mut self, pool: &Pool, packets: &mut Vec<Packet>) -> io::Result<()> {
        let read = self
            .device
            .recv_multiple(&mut self.raw, &mut self.segments, &mut self.sizes, 0);
        let count = match read {
            Ok(count) => count,
            Err(error) if error.raw_os_error().is_some() => return Err(error),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Err(error),
            Err(_) => {
                self.make_room(pool);
                return Ok(());
            }
        };
        for (segment, size) in self.segments.iter_mut().zip(&self.sizes).take(count) {
            let mut packet = mem::replace(&mut segment.0, pool.get());
            packet.truncate(*size);
            packets.push(packet);
        }
        Ok(())
    }

    /// Segments were smaller than any before, and their packet is lost. There is room for what is
    /// sent in its place.
    fn make_room(&mut self, pool: &Pool) {
        if self.segments.len() < MOST_SEGMENTS {
            let more = self.segments.len();
            self.segments.extend(Segment::some(more, pool));
            self.sizes.resize(self.segments.len(), 0);
        }
    }

    /// Hands the namespace packets, and forgets them. What it does not take is lost, as on any
    /// interface that is down.
    pub(super) fn write(&mut self, packets: &mut Vec<Packet>) {
        let count = packets.len();
        if self.frames.len() < count {
            self.frames.resize_with(count, Frame::default);
        }
        for (frame, packet) in self.frames.iter_mut().zip(packets.drain(..)) {
            frame.hold(&packet);
        }
        let frames = &mut self.frames[..count];
        drop(
            self.device
                .send_multiple(&mut self.table, frames, VIRTIO_NET_HDR_LEN),
        );
        // Others grow the next time.
        for frame in frames.iter_mut().filter(|frame| frame.is_large()) {
            *frame = Frame::default();
        }
    }
}

impl AsFd for Interface {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

/// Room for one packet that the kernel hands over.
struct Segment(Packet);

impl Segment {
    fn some(count: usize, pool: &Pool) -> Vec<Self> {
        (0..count).map(|_| Self(pool.get())).collect()
    }
}

impl AsRef<[u8]> for Segment {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Segment {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

/// A packet for the kernel, behind the header that says how to take it apart.
#[derive(Default)]
struct Frame(Vec<u8>);

impl Frame {
    fn is_large(&self) -> bool {
        self.0.capacity() > BUFFER
    }

    fn hold(&mut self, packet: &[u8]) {
        self.0.clear();
        self.0.resize(VIRTIO_NET_HDR_LEN, 0);
        self.0.extend_from_slice(packet);
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl AsMut<[u8]> for Frame {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl ExpandBuffer for Frame {
    /// It grows when others are put behind it, so that only those are large that have to be.
    fn buf_capacity(&self) -> usize {
        usize::from(u16::MAX) + 3 * VIRTIO_NET_HDR_LEN
    }

    fn buf_resize(&mut self, len: usize, value: u8) {
        self.0.resize(len, value);
    }

    fn buf_extend_from_slice(&mut self, more: &[u8]) {
        if self.0.len() + more.len() > self.0.capacity() {
            self.0.reserve_exact(LARGEST_READ);
        }
        self.0.extend_from_slice(more);
    }
}
