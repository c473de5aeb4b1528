//! A TAP interface: one end of a wire.

use std::{
    fmt, io,
    os::fd::{AsFd, BorrowedFd},
};

use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::WireError;
use crate::names::IfName;

/// An Ethernet interface whose frames come to this process. It vanishes when this is dropped.
///
/// The namespace leaves checksums and the cutting of large TCP and UDP packets to the interface, and
/// the interface leaves them to the far end of the wire: up to 64 KiB cross as one frame, each behind
/// a header that says how it is to be cut (`struct virtio_net_hdr` of the virtio specification,
/// section 5.1.6). The wire reads that header and passes it on as it is.
pub struct Tap {
    device: SyncDevice,
}

impl Tap {
    /// Creates an interface called `name` in the namespace of the calling thread. It is down and
    /// has no address.
    ///
    /// # Errors
    ///
    /// [`WireError::Open`], for a name in use, a process without `CAP_NET_ADMIN`, or a kernel
    /// without TAP interfaces.
    pub fn open(name: &IfName) -> Result<Self, WireError> {
        create(name)
            .map(|device| Self { device })
            .map_err(|source| WireError::Open {
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

    /// Takes the next frame that the namespace sends, behind its header, as long as `buffer` allows.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.device.recv(buffer)
    }

    /// Hands the namespace a frame behind its header.
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
        // The builder would bring the interface up by itself.
        .inherit_enable_state()
        .build_sync()?;
    device.set_nonblocking(true)?;
    Ok(device)
}
