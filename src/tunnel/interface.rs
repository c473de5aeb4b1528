//! The interface whose packets go through a tunnel.
//!
//! This process tells the kernel that it handles packets of up to 64 KiB, like a network card with segmentation
//! offload: most of a packet's cost is its system call. Packets from the kernel are segmented here, and packets from
//! the tunnel are merged.

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

/// The size of the encryption buffers.
const BUFFER: usize = 2048;

/// The largest packet of a tunnel, in bytes: a buffer less WireGuard's header and checksum. A larger packet would be
/// silently truncated.
pub(super) const LARGEST_MTU: u16 = 2048 - 32;

/// The most that the kernel passes at once.
const LARGEST_READ: usize = VIRTIO_NET_HDR_LEN + 65_535;

/// The most packets in 64 KiB: TCP's smallest segments hold 48 bytes.
const MOST_SEGMENTS: usize = 2048;

/// A pool of packet buffers.
pub(super) type Pool = PacketBufPool<BUFFER>;

/// An IP interface whose packets this process reads and writes. It vanishes when this is dropped.
pub struct Tun {
    device: SyncDevice,
    mtu: u16,
}

impl Tun {
    /// Creates an interface called `name` in the namespace of the calling thread, for packets of up to `mtu` bytes. It
    /// is down and has no address.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Mtu`] for packets larger than a tunnel's buffers, and [`TunnelError::Open`] for a name in use, a
    /// process without `CAP_NET_ADMIN`, or a kernel without TUN interfaces.
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

    /// Keeps the interface after this is dropped, until its namespace ends. The kernel takes 20 ms to remove a single
    /// one, but no extra time to remove it with its namespace.
    ///
    /// # Errors
    ///
    /// Errors of the kernel.
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
        // The builder would bring the interface up itself.
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

/// A [`Tun`] with its buffers for reading and writing.
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

    /// Reads the namespace's next packet, or the several segments of one.
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

    /// Adds buffers after a packet with more segments than expected. It is lost; its retransmission fits.
    fn make_room(&mut self, pool: &Pool) {
        if self.segments.len() < MOST_SEGMENTS {
            let more = self.segments.len();
            self.segments.extend(Segment::some(more, pool));
            self.sizes.resize(self.segments.len(), 0);
        }
    }

    /// Writes packets to the namespace, and frees them. Rejected ones are lost, as on any interface that is down.
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
        // Frees large buffers; other buffers grow next time.
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

/// A buffer for one packet from the kernel.
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

/// A packet for the kernel, preceded by the header for its segmentation.
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
    /// The buffer grows when packets are appended, so that only necessary buffers are large.
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
