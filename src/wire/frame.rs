//! Frames as read from an interface, and their buffers.
//!
//! Each frame is preceded by the interface's header: `struct virtio_net_hdr`, of the virtio specification, section
//! 5.1.6, in the byte order of this machine.

use std::{io, mem};

/// The size of the header in front of each frame.
pub(super) const HEADER: usize = 10;

/// The largest frame that an interface sends: the largest packet behind a tagged Ethernet header.
const LARGEST_FRAME: usize = HEADER + 18 + 65_535;

/// Frames of at least this size stay in the buffer that they were read into. Smaller ones are copied; otherwise
/// thousands of small frames in transit would each hold 64 KiB.
const LEAST_KEPT: usize = 16 * 1024;

/// The most empty buffers of [`LARGEST_FRAME`] kept for later frames: 8 MiB.
const MOST_SPARE_LARGE: usize = 128;

/// The most empty buffers kept for smaller frames: enough for a burst, but not much memory afterwards.
const MOST_SPARE_SMALL: usize = 1024;

/// TCP segmentation over IPv4 and IPv6: the `gso_type` without its ECN bit.
const TCP: [u8; 2] = [1, 4];

/// The `gso_type` of UDP segmentation.
const UDP: u8 = 5;

/// The ECN bit of `gso_type`.
const WITH_ECN: u8 = 0x80;

/// The size of a UDP header.
const UDP_HEADER: usize = 8;

/// The offset of a TCP header's length, in the upper four bits of the byte, in words of 4 bytes.
const TCP_LENGTH: usize = 12;

/// An Ethernet frame with its header.
#[derive(Debug)]
pub(super) struct Frame {
    buffer: Vec<u8>,
    len: usize,
}

impl Frame {
    /// The frame with its header, in the format of an interface.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// Memory that the frame holds.
    pub(super) fn memory(&self) -> usize {
        self.buffer.capacity() + size_of::<Self>()
    }

    /// The size from the destination address on, without the checksum.
    pub(super) fn len(&self) -> u64 {
        self.len.saturating_sub(HEADER) as u64
    }

    /// The size on a cable, counted as in [`Frame::len`]: a frame to be segmented repeats its headers in front of every
    /// segment, as Linux also counts it (`qdisc_pkt_len_init`).
    pub(super) fn len_on_the_wire(&self) -> u64 {
        let more = self.headers_and_segment().map_or(0, |(headers, segment)| {
            let payload = self.len().saturating_sub(headers);
            payload.div_ceil(segment).saturating_sub(1) * headers
        });
        self.len() + more
    }

    /// The size of all headers of a frame to be segmented, and of the payload of each segment.
    ///
    /// `hdr_len` does not help: Linux writes the length of one of its buffers there.
    fn headers_and_segment(&self) -> Option<(u64, u64)> {
        let number = |at: usize| -> Option<u16> {
            let bytes = self.bytes().get(at..at + 2)?;
            Some(u16::from_ne_bytes([bytes[0], bytes[1]]))
        };
        let kind = self.bytes().get(1)? & !WITH_ECN;
        let segment = number(4).filter(|segment| *segment > 0)?;
        let transport = usize::from(number(6)?);
        let length = match kind {
            UDP => UDP_HEADER,
            kind if TCP.contains(&kind) => {
                let words = self.bytes().get(HEADER + transport + TCP_LENGTH)? >> 4;
                usize::from(words) * 4
            }
            _ => return None,
        };
        Some(((transport + length) as u64, u64::from(segment)))
    }
}

/// A pool of buffers.
#[derive(Debug)]
pub(super) struct Pool {
    /// The buffer for the next frame.
    room: Vec<u8>,
    /// Buffers as long as `room`.
    large: Vec<Vec<u8>>,
    small: Vec<Vec<u8>>,
}

impl Pool {
    /// A pool with one buffer only.
    pub(super) fn new() -> Self {
        Self {
            room: vec![0; LARGEST_FRAME],
            large: Vec::new(),
            small: Vec::new(),
        }
    }

    /// A frame with its header; `read` writes it and returns its length.
    pub(super) fn read(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
    ) -> io::Result<Frame> {
        let len = read(&mut self.room)?;
        if len < LEAST_KEPT {
            return Ok(self.small_frame(len));
        }
        let next = self.large.pop().unwrap_or_else(|| vec![0; LARGEST_FRAME]);
        let buffer = mem::replace(&mut self.room, next);
        Ok(Frame { buffer, len })
    }

    /// A copy of the frame.
    pub(super) fn copy(&mut self, frame: &Frame) -> Frame {
        self.room[..frame.len].copy_from_slice(frame.bytes());
        self.read(|_| Ok(frame.len))
            .expect("a length is not an error")
    }

    /// Returns the buffer of a sent frame to the pool.
    pub(super) fn recycle(&mut self, frame: Frame) {
        let buffer = frame.buffer;
        if buffer.len() == LARGEST_FRAME {
            if self.large.len() < MOST_SPARE_LARGE {
                self.large.push(buffer);
            }
        } else if self.small.len() < MOST_SPARE_SMALL {
            self.small.push(buffer);
        }
    }

    /// The first `len` bytes of the last read, in a separate buffer.
    fn small_frame(&mut self, len: usize) -> Frame {
        let mut buffer = self.small.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(&self.room[..len]);
        Frame { buffer, len }
    }
}

#[cfg(test)]
mod tests;
