//! Captures with tcpdump on every interface of a namespace.

use std::io::{BufRead, BufReader, Read};
use std::net::Ipv4Addr;
use std::process::{ChildStderr, ChildStdout, Stdio};

use crate::program::{Beside, command};

/// Seconds after which a capture ends by itself, so that no test waits forever for a packet.
const PATIENCE: &str = "30";

/// The sizes of the capture file's header, of a record's header, and of tcpdump's header for a packet from the "any"
/// interface (`LINUX_SLL2`).
const FILE_HEADER: usize = 24;
const RECORD_HEADER: usize = 16;
const ANY_HEADER: usize = 20;

/// A running capture.
#[derive(Debug)]
pub(crate) struct Capture {
    output: BufReader<ChildStdout>,
    _errors: BufReader<ChildStderr>,
    _tcpdump: Beside,
}

/// A captured packet.
#[derive(Debug)]
pub(crate) struct Packet {
    bytes: Vec<u8>,
}

/// The header of an IPv4 packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) protocol: u8,
    pub(crate) from: Ipv4Addr,
    pub(crate) to: Ipv4Addr,
}

/// Protocol numbers of IPv4.
pub(crate) const ICMP: u8 = 1;
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

impl Capture {
    /// Captures in a namespace or, without one, in the host's own. Returns when tcpdump listens.
    pub(crate) fn start(namespace: Option<&str>, filter: &str) -> Self {
        let tcpdump = [
            "tcpdump",
            "-n",
            "-i",
            "any",
            "-y",
            "LINUX_SLL2",
            "--immediate-mode",
        ];
        let enter = namespace.map_or(Vec::new(), |name| vec!["ip", "netns", "exec", name]);
        let words = [
            &[PATIENCE],
            &enter[..],
            &tcpdump[..],
            &["-U", "-w", "-", filter],
        ]
        .concat();
        let mut timed = command("timeout", &words);
        let mut tcpdump = Beside::start(timed.stdout(Stdio::piped()).stderr(Stdio::piped()));
        let streams = tcpdump.streams();
        let output = streams.stdout.take().expect("its standard output");
        let errors = streams.stderr.take().expect("its standard error");
        let mut errors = BufReader::new(errors);
        await_listening(&mut errors);
        let mut output = BufReader::new(output);
        read(&mut output, FILE_HEADER).expect("the capture's header");
        Self {
            output,
            _errors: errors,
            _tcpdump: tcpdump,
        }
    }

    /// All captured packets, up to the one for which `ends` is true.
    #[track_caller]
    pub(crate) fn until(&mut self, mut ends: impl FnMut(&Packet) -> bool) -> Vec<Packet> {
        let mut packets = Vec::new();
        loop {
            let seen = packets.len();
            let packet = self.next();
            let packet = packet.unwrap_or_else(|| panic!("no packet ended the capture of {seen}"));
            let is_last = ends(&packet);
            packets.push(packet);
            if is_last {
                return packets;
            }
        }
    }

    fn next(&mut self) -> Option<Packet> {
        let header = read(&mut self.output, RECORD_HEADER)?;
        let length = u32::from_ne_bytes(header[8..12].try_into().expect("four bytes"));
        let bytes = read(&mut self.output, usize::try_from(length).expect("a length"))?;
        Some(Packet { bytes })
    }
}

fn await_listening(errors: &mut impl BufRead) {
    let mut said = String::new();
    while !said.contains("listening on") {
        let count = errors.read_line(&mut said).expect("what tcpdump says");
        assert_ne!(count, 0, "tcpdump ended: {said}");
    }
}

fn read(from: &mut impl Read, count: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

impl Packet {
    /// The IPv4 header; `None` for other packets.
    pub(crate) fn header(&self) -> Option<Header> {
        let is_ipv4 = self.bytes.starts_with(&[0x08, 0x00]);
        let packet = self.bytes.get(ANY_HEADER..).filter(|_| is_ipv4)?;
        let address = |at: usize| -> Option<Ipv4Addr> {
            let bytes: [u8; 4] = packet.get(at..at + 4)?.try_into().ok()?;
            Some(bytes.into())
        };
        Some(Header {
            protocol: *packet.get(9)?,
            from: address(12)?,
            to: address(16)?,
        })
    }

    /// Source port, destination port and content of a UDP packet.
    pub(crate) fn udp(&self) -> Option<([u16; 2], &[u8])> {
        self.header().filter(|header| header.protocol == UDP)?;
        let words = usize::from(self.bytes.get(ANY_HEADER)? & 0xf);
        let segment = self.bytes.get(ANY_HEADER + 4 * words..)?;
        let port = |at: usize| {
            Some(u16::from_be_bytes([
                *segment.get(at)?,
                *segment.get(at + 1)?,
            ]))
        };
        Some(([port(0)?, port(2)?], segment.get(8..)?))
    }

    /// The two-byte value of a TCP option (RFC 9293, section 3.1).
    pub(crate) fn tcp_option(&self, kind: u8) -> Option<u16> {
        self.header().filter(|header| header.protocol == TCP)?;
        let words = usize::from(self.bytes.get(ANY_HEADER)? & 0xf);
        let segment = self.bytes.get(ANY_HEADER + 4 * words..)?;
        let end = usize::from(segment.get(12)? >> 4) * 4;
        let mut options = segment.get(20..end)?;
        loop {
            match options {
                [1, rest @ ..] => options = rest,
                [found, 4, high, low, ..] if *found == kind => {
                    return Some(u16::from_be_bytes([*high, *low]));
                }
                [_, length, ..] => options = options.get(usize::from((*length).max(2))..)?,
                _ => return None,
            }
        }
    }

    /// Whether the packet contains these bytes anywhere.
    pub(crate) fn contains(&self, pattern: &[u8]) -> bool {
        self.bytes
            .windows(pattern.len())
            .any(|window| window == pattern)
    }
}
