//! A TAP interface: one end of a wire.

use std::{
    fmt, io,
    os::fd::{AsFd, BorrowedFd},
};

use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::WireError;
use crate::names::IfName;
use crate::plan::MOST_FRAMES_WAITING;

/// An Ethernet interface whose frames this process reads and writes. It vanishes when this is dropped.
///
/// The namespace leaves checksums and the segmentation of large TCP and UDP packets to the interface, and the interface
/// leaves them to the far end of the wire. Up to 64 KiB cross as one frame, preceded by a header for its segmentation
/// (`struct virtio_net_hdr` of the virtio specification, section 5.1.6). The wire passes that header on unchanged.
pub struct Tap {
    device: SyncDevice,
}

impl Tap {
    /// Creates an interface called `name` in the namespace of the calling thread. It is down and has no address.
    ///
    /// # Errors
    ///
    /// [`WireError::Open`], for a name in use, a process without `CAP_NET_ADMIN`, or a kernel without TAP interfaces.
    pub fn open(name: &IfName) -> Result<Self, WireError> {
        create(name)
            .map(|device| Self { device })
            .map_err(|source| WireError::Open {
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

    /// Reads the namespace's next frame, preceded by its header, into `buffer`.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.device.recv(buffer)
    }

    /// Writes a frame, preceded by its header, to the namespace.
    pub(super) fn write(&self, frame: &[u8]) -> io::Result<usize> {
        self.device.send(frame)
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl fmt::Debug for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tap").field(&self.as_fd()).finish()
    }
}

fn create(name: &IfName) -> io::Result<SyncDevice> {
    let device = DeviceBuilder::new()
        .name(name.as_str())
        .layer(Layer::L2)
        .offload(true)
        // The builder would bring the interface up itself.
        .inherit_enable_state()
        .build_sync()?;
    device.set_nonblocking(true)?;
    // The kernel requires root here, but not if the same is requested by netlink.
    let _ = device.set_tx_queue_len(MOST_FRAMES_WAITING);
    Ok(device)
}
