//! The blocks of a capture file (draft-ietf-opsawg-pcapng, sections in brackets). Pure.
//!
//! Numbers are little-endian, as the section's header says; times are nanoseconds since 1970.

use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Section Header Block [4.1].
const SECTION: u32 = 0x0a0d_0d0a;
/// Interface Description Block [4.2].
const INTERFACE: u32 = 1;
/// Name Resolution Block [4.5].
const NAMES: u32 = 4;
/// Interface Statistics Block [4.6].
const STATISTICS: u32 = 5;
/// Enhanced Packet Block [4.3].
const PACKET: u32 = 6;

/// Shows the byte order of the file [4.1].
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// A comment, in any block [3.5].
const COMMENT: u16 = 1;

/// Which header a packet begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkType {
    /// An Ethernet header.
    Ethernet,
    /// Its IP header.
    Raw,
}

/// An interface with packets in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `hub-vm:eth0`.
    pub name: String,
    /// Its kind, and the far end of its link.
    pub description: String,
    /// Which header its packets begin with.
    pub link_type: LinkType,
}

/// Whether a packet arrived or left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// It arrived.
    Inbound(Reception),
    /// It left.
    Outbound,
}

/// The recipient of a packet that arrived, by its Ethernet header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reception {
    /// To the interface.
    Unicast,
    /// To a group.
    Multicast,
    /// To all.
    Broadcast,
    /// To another interface, as at a bridge's port.
    Promiscuous,
}

/// A packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The index of the interface in the file.
    pub interface: u32,
    /// When it passed, since 1970.
    pub stamp: Duration,
    /// Whether it arrived or left.
    pub way: Direction,
    /// The captured bytes.
    pub bytes: &'a [u8],
    /// The packet's original length in bytes.
    pub length: u32,
}

/// Packet counts of an interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets in the file.
    pub packets: u64,
    /// Packets lost because they were not read in time.
    pub dropped: u64,
    /// TCP packets that the kernel delivered as one, and that the file has as separate segments, as on a wire.
    pub cut: u64,
}

/// The properties of a whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name of the program that writes it.
    pub program: String,
    /// The filter expression; `None` if there is no filter.
    pub filter: Option<String>,
    /// Maximum number of bytes kept of a packet.
    pub most_bytes: u32,
    /// The interfaces.
    pub interfaces: Vec<Interface>,
    /// The names of addresses.
    pub names: Vec<(Ipv4Addr, String)>,
}

impl LinkType {
    /// Its number (LINKTYPE_ values of tcpdump.org).
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Ethernet => 1,
            Self::Raw => 101,
        }
    }
}

impl Direction {
    /// The flags word of a packet [4.3.1]: bits 0 and 1 are the direction, bits 2 to 4 the reception type.
    const fn flags(self) -> u32 {
        match self {
            Self::Outbound => 0b10,
            Self::Inbound(reception) => {
                let reception = match reception {
                    Reception::Unicast => 1,
                    Reception::Multicast => 2,
                    Reception::Broadcast => 3,
                    Reception::Promiscuous => 4,
                };
                0b01 | (reception << 2)
            }
        }
    }
}

impl Header {
    /// Writes the blocks before the first packet.
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        self.section().write(SECTION, output)?;
        for interface in &self.interfaces {
            self.interface(interface).write(INTERFACE, output)?;
        }
        if self.names.is_empty() {
            return Ok(());
        }
        self.resolution().write(NAMES, output)
    }

    fn section(&self) -> Block {
        let mut block = Block::default();
        block.word(BYTE_ORDER);
        block.half(1);
        block.half(0);
        // The section's length: unknown.
        block.bytes(&[0xff; 8]);
        block.option(4, self.program.as_bytes());
        block.end_options();
        block
    }

    fn interface(&self, interface: &Interface) -> Block {
        let mut block = Block::default();
        block.half(interface.link_type.number());
        block.half(0);
        block.word(self.most_bytes);
        block.option(2, interface.name.as_bytes());
        block.option(3, interface.description.as_bytes());
        // The time resolution is 10^-9 seconds.
        block.option(9, &[9]);
        if let Some(filter) = &self.filter {
            // A filter in libpcap's syntax.
            block.option(11, &[&[0], filter.as_bytes()].concat());
        }
        block.end_options();
        block
    }

    fn resolution(&self) -> Block {
        let mut block = Block::default();
        for (address, name) in &self.names {
            block.option(1, &[&address.octets(), name.as_bytes(), &[0]].concat());
        }
        block.end_options();
        block
    }
}

impl Packet<'_> {
    /// Writes it.
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let mut block = Block::default();
        block.word(self.interface);
        block.time(self.stamp);
        block.word(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        block.word(self.length);
        block.padded(self.bytes);
        block.option(2, &self.way.flags().to_le_bytes());
        block.end_options();
        block.write(PACKET, output)
    }
}

impl Statistics {
    /// Writes the packet counts of an interface for the time between two moments.
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write(
        &self,
        interface: u32,
        [begin, end]: [Duration; 2],
        output: &mut impl Write,
    ) -> io::Result<()> {
        let mut block = Block::default();
        block.word(interface);
        block.time(end);
        if self.dropped > 0 {
            let words = "packets dropped are those of all interfaces of the node";
            block.option(COMMENT, words.as_bytes());
        }
        if self.cut > 0 {
            let words = format!(
                "{} TCP packets that the kernel handed over as one (segmentation offload) are shown as the segments that a \
                 wire would carry",
                self.cut
            );
            block.option(COMMENT, words.as_bytes());
        }
        for (code, time) in [(2, begin), (3, end)] {
            let mut value = Block::default();
            value.time(time);
            block.option(code, &value.0);
        }
        for (code, count) in [(4, self.packets), (5, self.dropped)] {
            block.option(code, &count.to_le_bytes());
        }
        block.end_options();
        block.write(STATISTICS, output)
    }
}

/// The body of a block [3.1].
#[derive(Debug, Default)]
struct Block(Vec<u8>);

impl Block {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn half(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    fn word(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    /// The more significant half comes first, in either byte order [4.3].
    #[expect(
        clippy::cast_possible_truncation,
        reason = "nanoseconds fill 64 bits in the year 2554"
    )]
    fn time(&mut self, since_epoch: Duration) {
        let nanoseconds = since_epoch.as_nanos() as u64;
        self.word((nanoseconds >> 32) as u32);
        self.word(nanoseconds as u32);
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.bytes(bytes);
        let rest = bytes.len().next_multiple_of(4) - bytes.len();
        self.bytes(&[0; 3][..rest]);
    }

    /// Writes an option or a record of names, which have the same layout [3.5, 4.5]. A value that is too long is
    /// truncated.
    fn option(&mut self, code: u16, value: &[u8]) {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.half(code);
        self.half(length);
        self.padded(&value[..length.into()]);
    }

    fn end_options(&mut self) {
        self.word(0);
    }

    fn write(&self, kind: u32, output: &mut impl Write) -> io::Result<()> {
        let length = u32::try_from(self.0.len() + 12).map_err(io::Error::other)?;
        output.write_all(&kind.to_le_bytes())?;
        output.write_all(&length.to_le_bytes())?;
        output.write_all(&self.0)?;
        output.write_all(&length.to_le_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            program: "lab".to_owned(),
            filter: Some("icmp".to_owned()),
            most_bytes: 64,
            interfaces: vec![Interface {
                name: "a:x".to_owned(),
                description: "router".to_owned(),
                link_type: LinkType::Raw,
            }],
            names: vec![(Ipv4Addr::new(10, 0, 0, 1), "a".to_owned())],
        }
    }

    /// The type and the body of each block. Checks that the lengths at both ends of a block are equal.
    fn blocks(mut bytes: &[u8]) -> Vec<(u32, &[u8])> {
        let word = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap());
        let mut blocks = Vec::new();
        while !bytes.is_empty() {
            let length = word(&bytes[4..]) as usize;
            assert_eq!(length % 4, 0);
            let (block, rest) = bytes.split_at(length);
            assert_eq!(word(&block[length - 4..]) as usize, length);
            blocks.push((word(block), &block[8..length - 4]));
            bytes = rest;
        }
        blocks
    }

    #[test]
    fn a_file_says_first_what_its_interfaces_are_and_who_its_addresses() {
        let mut bytes = Vec::new();
        header().write(&mut bytes).unwrap();
        let blocks = blocks(&bytes);
        assert_eq!(
            blocks.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [SECTION, INTERFACE, NAMES]
        );
        assert_eq!(
            blocks[1].1,
            b"\x65\0\0\0\x40\0\0\0\x02\0\x03\0a:x\0\x03\0\x06\0router\0\0\x09\0\x01\0\x09\0\0\0\x0b\0\x05\0\0icmp\0\0\0\0\0\0\0"
        );
        assert_eq!(blocks[2].1, b"\x01\0\x06\0\x0a\0\0\x01a\0\0\0\0\0\0\0");
    }

    #[test]
    fn a_packet_has_its_time_its_way_and_how_long_it_was() {
        let mut bytes = Vec::new();
        let packet = Packet {
            interface: 3,
            stamp: Duration::new(4, 294_967_297),
            way: Direction::Inbound(Reception::Broadcast),
            bytes: b"hello",
            length: 9,
        };
        packet.write(&mut bytes).unwrap();
        let expected: &[u8] =
            b"\x03\0\0\0\x01\0\0\0\x01\0\0\0\x05\0\0\0\x09\0\0\0hello\0\0\0\x02\0\x04\0\x0d\0\0\0\0\0\0\0";
        assert_eq!(blocks(&bytes), [(PACKET, expected)]);
    }

    #[test]
    fn what_was_lost_is_said_at_the_end() {
        let mut bytes = Vec::new();
        let times = [Duration::from_nanos(1), Duration::from_nanos(2)];
        let statistics = Statistics {
            packets: 5,
            dropped: 0,
            cut: 0,
        };
        statistics.write(1, times, &mut bytes).unwrap();
        let expected: &[u8] = b"\x01\0\0\0\0\0\0\0\x02\0\0\0\
            \x02\0\x08\0\0\0\0\0\x01\0\0\0\x03\0\x08\0\0\0\0\0\x02\0\0\0\
            \x04\0\x08\0\x05\0\0\0\0\0\0\0\x05\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(blocks(&bytes), [(STATISTICS, expected)]);
    }
}
