//! A TAP interface: one end of a wire.

use std::{
    fmt, io,
    os::fd::{AsFd, BorrowedFd},
};

use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::WireError;
use crate::names::IfName;

/// An Ethernet interface whose frames come to this process. It vanishes when this is dropped.
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

    /// Takes the next frame that the namespace sends, as long as `buffer` allows.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.device.recv(buffer)
    }

    /// Hands the namespace a frame.
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
        // The builder would bring the interface up by itself.
        .inherit_enable_state()
        .build_sync()?;
    device.set_nonblocking(true)?;
    Ok(device)
}
