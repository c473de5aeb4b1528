//! TCP packets as a wire would carry them: packets that the kernel delivered as one are split into segments, and
//! checksums are computed. Pure.
//!
//! The kernel segments large TCP packets as late as possible (segmentation offload), and between namespaces never. A
//! packet socket sees them whole, without their segment size. A segment is here at most as large as the interface's MTU
//! allows and, if the connection's start was captured, as the MSS options of its ends allow (RFC 9293, section 3.7.1).
//! The kernel leaves checksums to the interface, and an interface without a wire does not compute them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::capture::pcapng::LinkType;

/// The length of an Ethernet header, and the offset of its protocol field.
const ETHERNET: usize = 14;
const ETHERTYPE: usize = 12;
const IPV4: [u8; 2] = [0x08, 0x00];

/// Offsets of fields in an IPv4 header (RFC 791, section 3.1).
const TOTAL_LENGTH: usize = 2;
const IDENTIFICATION: usize = 4;
const FRAGMENT: usize = 6;
const PROTOCOL: usize = 9;
const HEADER_CHECKSUM: usize = 10;
const SOURCE: usize = 12;
const DESTINATION: usize = 16;
const LEAST_IP: usize = 20;

/// All bits of the fragment word except "don't fragment".
const IS_FRAGMENT: u16 = 0xbfff;

const TCP: u8 = 6;

/// Offsets of fields in a TCP header (RFC 9293, section 3.1).
const SEQUENCE: usize = 4;
const DATA_OFFSET: usize = 12;
const FLAGS: usize = 13;
const CHECKSUM: usize = 16;
const LEAST_TCP: usize = 20;

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
const PSH: u8 = 0x08;
const CWR: u8 = 0x80;

/// Option kinds of a TCP header: end of list, no-operation, and maximum segment size.
const END: u8 = 0;
const NOTHING: u8 = 1;
const LARGEST_SEGMENT: u8 = 2;

/// Maximum number of remembered connections.
const MOST_CONNECTIONS: usize = 10_000;

/// The two ends of a connection, the lower first.
type Connection = [(Ipv4Addr, u16); 2];

/// Splits packets, with the MSS seen in their connections.
#[derive(Debug, Default)]
pub(super) struct Cutter {
    /// The lower MSS that the two ends of a connection advertise, without options.
    largest: BTreeMap<Connection, usize>,
}

/// An unfragmented TCP packet over IPv4.
#[derive(Debug, Clone, Copy)]
struct Tcp<'a> {
    bytes: &'a [u8],
    /// The offsets of the IP header, the TCP header and the payload, and the end of the payload.
    ip: usize,
    transport: usize,
    payload: usize,
    end: usize,
}

/// What a wire would carry instead of a packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Carried {
    /// The same packet with its checksum.
    Completed(Vec<u8>),
    /// Several segments.
    Cut(Vec<Vec<u8>>),
}

impl Cutter {
    /// What a wire would carry instead of a packet; `None` if it would carry the packet unchanged.
    pub(super) fn cut(&mut self, bytes: &[u8], link_type: LinkType, mtu: usize) -> Option<Carried> {
        let packet = Tcp::parse(bytes, link_type)?;
        let connection = packet.connection();
        if packet.flags() & SYN != 0 {
            self.learn(connection, packet.largest_segment());
        }
        if packet.end - packet.ip <= mtu {
            let payload = &bytes[packet.payload..packet.end];
            let completed = || Carried::Completed(packet.segment(payload, 0, 0, true));
            return packet.has_checksum_left().then(completed);
        }
        let headers = packet.payload - packet.ip;
        let of_mtu = mtu.checked_sub(headers)?;
        let options = packet.payload - packet.transport - LEAST_TCP;
        let of_ends = self.largest.get(&connection);
        let of_ends = of_ends.and_then(|largest| largest.checked_sub(options));
        let size = of_ends.map_or(of_mtu, |of_ends| of_ends.min(of_mtu));
        (size > 0).then(|| Carried::Cut(packet.segments(size)))
    }

    fn learn(&mut self, connection: Connection, largest: Option<usize>) {
        let Some(largest) = largest else {
            return;
        };
        if self.largest.len() >= MOST_CONNECTIONS {
            self.largest.clear();
        }
        // Both ends advertise an MSS, and a router may lower it between two interfaces. The lowest counts.
        let known = self.largest.entry(connection).or_insert(largest);
        *known = largest.min(*known);
    }
}

impl<'a> Tcp<'a> {
    fn parse(bytes: &'a [u8], link_type: LinkType) -> Option<Self> {
        let ip = match link_type {
            LinkType::Raw => 0,
            LinkType::Ethernet => (bytes.get(ETHERTYPE..ETHERNET)? == IPV4).then_some(ETHERNET)?,
        };
        let first = *bytes.get(ip)?;
        let tcp = ip + usize::from(first & 0xf) * 4;
        let end = ip + usize::from(half(bytes, ip + TOTAL_LENGTH)?);
        let is_whole = half(bytes, ip + FRAGMENT)? & IS_FRAGMENT == 0;
        let is_tcp = first >> 4 == 4 && *bytes.get(ip + PROTOCOL)? == TCP && tcp >= ip + LEAST_IP;
        let payload = tcp + usize::from(*bytes.get(tcp + DATA_OFFSET)? >> 4) * 4;
        let is_sound = payload >= tcp + LEAST_TCP && payload <= end && end <= bytes.len();
        (is_whole && is_tcp && is_sound).then_some(Self {
            bytes,
            ip,
            transport: tcp,
            payload,
            end,
        })
    }

    fn flags(&self) -> u8 {
        self.bytes[self.transport + FLAGS]
    }

    fn connection(&self) -> Connection {
        let address = |at: usize| {
            let octets = [0, 1, 2, 3].map(|octet| self.bytes[self.ip + at + octet]);
            Ipv4Addr::from(octets)
        };
        let port = |at: usize| half(self.bytes, self.transport + at).unwrap_or_default();
        let mut ends = [(address(SOURCE), port(0)), (address(DESTINATION), port(2))];
        ends.sort_unstable();
        ends
    }

    /// The sender's MSS, if the packet has the option.
    fn largest_segment(&self) -> Option<usize> {
        let mut options = &self.bytes[self.transport + LEAST_TCP..self.payload];
        loop {
            let length = match options {
                [END, ..] | [] => return None,
                [NOTHING, ..] => 1,
                [LARGEST_SEGMENT, 4, high, low, ..] => {
                    return Some(u16::from_be_bytes([*high, *low]).into());
                }
                [_, length, ..] => usize::from(*length).max(2),
                [_] => return None,
            };
            options = options.get(length..)?;
        }
    }

    /// Whether the checksum covers the pseudo-header only, and the interface is expected to complete it.
    fn has_checksum_left(&self) -> bool {
        let pseudo = pseudo_sum(&self.bytes[..self.end], self.ip, self.transport);
        half(self.bytes, self.transport + CHECKSUM) == Some(!checksum(pseudo))
    }

    fn segments(&self, size: usize) -> Vec<Vec<u8>> {
        let payload = &self.bytes[self.payload..self.end];
        let count = payload.len().div_ceil(size);
        let parts = payload.chunks(size).enumerate();
        parts
            .map(|(number, part)| self.segment(part, number, number * size, number + 1 == count))
            .collect()
    }

    /// The segment with a part of the payload, with the header fields that the kernel sets (`tcp_gso_segment` and
    /// `inet_gso_segment`).
    fn segment(&self, part: &[u8], number: usize, offset: usize, is_last: bool) -> Vec<u8> {
        let mut bytes = [&self.bytes[..self.payload], part].concat();
        let Self {
            ip, transport: tcp, ..
        } = *self;
        let length = low_half(bytes.len() - ip);
        put(&mut bytes, ip + TOTAL_LENGTH, &length.to_be_bytes());
        let identification = half(&bytes, ip + IDENTIFICATION).unwrap_or_default();
        let identification = identification.wrapping_add(low_half(number));
        put(
            &mut bytes,
            ip + IDENTIFICATION,
            &identification.to_be_bytes(),
        );
        put(&mut bytes, ip + HEADER_CHECKSUM, &[0; 2]);
        let checksum = checksum(sum(&bytes[ip..tcp]));
        put(&mut bytes, ip + HEADER_CHECKSUM, &checksum.to_be_bytes());

        let [high, low] = [0, 2].map(|at| half(&bytes, tcp + SEQUENCE + at).unwrap_or_default());
        let sequence = u32::from(high) << 16 | u32::from(low);
        let sequence = sequence.wrapping_add(u32::try_from(offset).unwrap_or_default());
        put(&mut bytes, tcp + SEQUENCE, &sequence.to_be_bytes());
        if !is_last {
            bytes[tcp + FLAGS] &= !(FIN | PSH);
        }
        if number > 0 {
            bytes[tcp + FLAGS] &= !CWR;
        }
        put(&mut bytes, tcp + CHECKSUM, &[0; 2]);
        let pseudo = pseudo_sum(&bytes, ip, tcp);
        let checksum = self::checksum(pseudo + sum(&bytes[tcp..]));
        put(&mut bytes, tcp + CHECKSUM, &checksum.to_be_bytes());
        bytes
    }
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
fn low_half(number: usize) -> u16 {
    number as u16
}

/// The sum of the pseudo-header: addresses, protocol and length (RFC 9293, section 3.1).
fn pseudo_sum(packet: &[u8], ip: usize, tcp: usize) -> u64 {
    let addresses = sum(&packet[ip + SOURCE..ip + LEAST_IP]);
    addresses + u64::from(TCP) + (packet.len() - tcp) as u64
}

/// The sum of 16-bit words for Internet checksums (RFC 1071).
fn sum(bytes: &[u8]) -> u64 {
    let pairs = bytes.chunks(2);
    pairs
        .map(|pair| u64::from(pair[0]) << 8 | u64::from(pair.get(1).copied().unwrap_or(0)))
        .sum()
}

#[expect(clippy::cast_possible_truncation, reason = "folded to 16 bits")]
fn checksum(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TCP packet with 12 bytes of options and a payload of this length.
    fn packet(payload: usize, flags: u8, options: [u8; 12]) -> Vec<u8> {
        let total = u16::try_from(20 + 32 + payload).unwrap();
        let mut bytes = vec![0x45, 0];
        bytes.extend(total.to_be_bytes());
        bytes.extend([0xff, 0xff, 0x40, 0, 64, TCP, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        bytes.extend([
            0x9c, 0x40, 0x14, 0x51, 0xff, 0xff, 0xff, 0, 0, 0, 0, 7, 0x80, flags,
        ]);
        bytes.extend([0; 6]);
        bytes.extend(options);
        bytes.extend((0..payload).map(|at| u8::try_from(at % 251).unwrap()));
        bytes
    }

    const STAMPED: [u8; 12] = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];

    fn opening(largest: u16) -> Vec<u8> {
        let [high, low] = largest.to_be_bytes();
        packet(0, SYN, [2, 4, high, low, 1, 1, 1, 1, 1, 1, 1, 1])
    }

    fn segments(carried: Option<Carried>) -> Vec<Vec<u8>> {
        match carried {
            Some(Carried::Cut(segments)) => segments,
            other => panic!("{other:?}"),
        }
    }

    fn are_sound(segments: &[Vec<u8>], whole: &[u8]) {
        let mut payload = Vec::<u8>::new();
        let mut sequence = 0xffff_ff00_u32;
        for (segment, number) in segments.iter().zip(0_u16..) {
            assert_eq!(usize::from(half(segment, 2).unwrap()), segment.len());
            assert_eq!(half(segment, 4).unwrap(), 0xffff_u16.wrapping_add(number));
            assert_eq!(checksum(sum(&segment[..20])), 0);
            let pseudo = sum(&segment[12..20]) + 6 + (segment.len() - 20) as u64;
            assert_eq!(checksum(pseudo + sum(&segment[20..])), 0);
            assert_eq!(segment[24..28], sequence.to_be_bytes());
            sequence = sequence.wrapping_add(u32::try_from(segment.len() - 52).unwrap());
            payload.extend(&segment[52..]);
        }
        assert_eq!(payload, whole[52..]);
    }

    #[test]
    fn a_large_packet_is_cut_as_its_interface_would() {
        let whole = packet(65_000, FIN | PSH | CWR | 0x10, STAMPED);
        let segments = segments(Cutter::default().cut(&whole, LinkType::Raw, 1500));
        assert_eq!(segments.len(), 65_000_usize.div_ceil(1448));
        assert!(segments[..44].iter().all(|segment| segment.len() == 1500));
        let flags: Vec<u8> = segments.iter().map(|segment| segment[33]).collect();
        assert_eq!((flags[0], flags[1]), (CWR | 0x10, 0x10));
        assert_eq!(flags.last(), Some(&(FIN | PSH | 0x10)));
        are_sound(&segments, &whole);
    }

    #[test]
    fn a_connection_keeps_to_what_its_ends_take() {
        let mut cutter = Cutter::default();
        for largest in [1460, 1350] {
            assert_eq!(cutter.cut(&opening(largest), LinkType::Raw, 1500), None);
        }
        let whole = packet(5000, PSH, STAMPED);
        let segments = segments(cutter.cut(&whole, LinkType::Raw, 1500));
        let lengths: Vec<usize> = segments.iter().map(|segment| segment.len() - 52).collect();
        assert_eq!(lengths, [1338, 1338, 1338, 986]);
        are_sound(&segments, &whole);
    }

    #[test]
    fn what_a_wire_carries_stays_as_it_is() {
        let mut cutter = Cutter::default();
        assert_eq!(
            cutter.cut(&packet(1448, PSH, STAMPED), LinkType::Raw, 1500),
            None
        );
        let whole = packet(3000, PSH, STAMPED);
        let mut datagram = whole.clone();
        datagram[9] = 17;
        let mut fragment = whole.clone();
        fragment[6] = 0x20;
        let cut_short = &whole[..2000];
        for other in [&datagram[..], &fragment, cut_short, &[], &[0x45]] {
            assert_eq!(cutter.cut(other, LinkType::Raw, 1500), None);
        }
        // With an Ethernet header, the result is the same.
        let mut framed = [[2; 12].as_slice(), &IPV4, &whole].concat();
        let segments = segments(cutter.cut(&framed, LinkType::Ethernet, 1500));
        assert_eq!(segments.iter().map(Vec::len).max(), Some(1514));
        framed[13] = 6;
        assert_eq!(cutter.cut(&framed, LinkType::Ethernet, 1500), None);
    }

    #[test]
    fn a_checksum_that_is_left_to_the_interface_is_computed() {
        let mut packet = packet(1000, PSH, STAMPED);
        let pseudo = pseudo_sum(&packet, 0, 20);
        put(
            &mut packet,
            20 + CHECKSUM,
            &(!checksum(pseudo)).to_be_bytes(),
        );
        let mut cutter = Cutter::default();
        let Some(Carried::Completed(completed)) = cutter.cut(&packet, LinkType::Raw, 1500) else {
            panic!("it was not completed");
        };
        are_sound(std::slice::from_ref(&completed), &packet);
        assert_eq!(cutter.cut(&completed, LinkType::Raw, 1500), None);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let mut lots = fastrand::Rng::with_seed(4);
        let whole = packet(3000, SYN, STAMPED);
        for _ in 0..20_000 {
            let mut bytes = whole[..lots.usize(..=whole.len())].to_vec();
            let header = bytes.len().min(80);
            for _ in 0..header.min(3) {
                bytes[lots.usize(..header)] = lots.u8(..);
            }
            Cutter::default().cut(&bytes, LinkType::Raw, lots.usize(..1600));
        }
    }
}
