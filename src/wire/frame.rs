//! Frames as they come from an interface, and the buffers that hold them.
//!
//! In front of each frame stands what its interface says of it: `struct virtio_net_hdr`, of the
//! virtio specification, section 5.1.6, in the byte order of this machine.

use std::{io, mem};

/// Bytes in front of each frame.
pub(super) const HEADER: usize = 10;

/// The largest frame that an interface sends: the largest packet behind a tagged Ethernet header.
const LARGEST_FRAME: usize = HEADER + 18 + 65_535;

/// Frames from this size on stay in the buffer they were read into. A smaller one is copied, or
/// thousands of small frames under way would each hold 64 KiB.
const LEAST_KEPT: usize = 16 * 1024;

/// Most empty buffers of [`LARGEST_FRAME`] kept for later frames: 8 MiB.
const MOST_SPARE_LARGE: usize = 128;

/// Most empty buffers for smaller frames kept: enough for a burst, little to hold on to after one.
const MOST_SPARE_SMALL: usize = 1024;

/// What cuts TCP over IPv4 and IPv6, the `gso_type` without its bit for ECN.
const TCP: [u8; 2] = [1, 4];

/// What cuts UDP into datagrams, the same.
const UDP: u8 = 5;

/// The bit of `gso_type` that says that the segments carry ECN's marks.
const WITH_ECN: u8 = 0x80;

/// Bytes of a UDP header.
const UDP_HEADER: usize = 8;

/// Where a TCP header tells its own length, in its upper four bits and in words of 4 bytes.
const TCP_LENGTH: usize = 12;

/// An Ethernet frame behind its header.
#[derive(Debug)]
pub(super) struct Frame {
    buffer: Vec<u8>,
    len: usize,
}

impl Frame {
    /// The frame with its header, as an interface takes it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    /// Memory that the frame holds.
    pub(super) fn memory(&self) -> usize {
        self.buffer.capacity() + size_of::<Self>()
    }

    /// Bytes from the destination address on, without the checksum, as the frame stands here.
    pub(super) fn len(&self) -> u64 {
        self.len.saturating_sub(HEADER) as u64
    }

    /// Bytes that a cable would carry, counted as [`Frame::len`] does: a frame to be cut later puts
    /// its headers in front of every segment, as Linux counts it too (`qdisc_pkt_len_init`).
    pub(super) fn len_on_the_wire(&self) -> u64 {
        let more = self.headers_and_segment().map_or(0, |(headers, segment)| {
            let payload = self.len().saturating_sub(headers);
            payload.div_ceil(segment).saturating_sub(1) * headers
        });
        self.len() + more
    }

    /// Bytes of all headers of a frame to be cut, and of the payload of each segment.
    ///
    /// `hdr_len` is no help: Linux writes the length of a buffer of its own there.
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

/// Buffers, used again and again.
#[derive(Debug)]
pub(super) struct Pool {
    /// Where the next frame is read to.
    room: Vec<u8>,
    /// As long as `room`.
    large: Vec<Vec<u8>>,
    small: Vec<Vec<u8>>,
}

impl Pool {
    /// No buffer yet but one.
    pub(super) fn new() -> Self {
        Self {
            room: vec![0; LARGEST_FRAME],
            large: Vec::new(),
            small: Vec::new(),
        }
    }

    /// A frame that `read` writes, with its header, and tells the length of.
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

    /// The same frame again.
    pub(super) fn copy(&mut self, frame: &Frame) -> Frame {
        self.room[..frame.len].copy_from_slice(frame.bytes());
        self.read(|_| Ok(frame.len))
            .expect("a length is not an error")
    }

    /// Takes back the buffer of a frame that has left, for one to come.
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

    /// The first `len` bytes of what was read, in a buffer of their own.
    fn small_frame(&mut self, len: usize) -> Frame {
        let mut buffer = self.small.pop().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(&self.room[..len]);
        Frame { buffer, len }
    }
}

#[cfg(test)]
mod tests;
