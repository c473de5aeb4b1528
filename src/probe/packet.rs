//! Encodes echo requests, and parses the answers to them (RFC 792).
//!
//! Any bytes can be parsed. A packet that does not answer an echo request gives `None`, not an error: a raw socket
//! receives every ICMP packet of its namespace.

use std::net::Ipv4Addr;

use pnet::packet::{
    icmp::{
        self, IcmpPacket, IcmpTypes, echo_reply::EchoReplyPacket, echo_request::EchoRequestPacket,
        echo_request::MutableEchoRequestPacket, time_exceeded,
    },
    ip::IpNextHeaderProtocols,
    ipv4::Ipv4Packet,
};

use super::trace::{Answer, ReplyKind};

/// Length of an echo request in bytes: the header and ping's default of 56 bytes of data, so that probes have the same
/// size as in a real network.
pub const ECHO_REQUEST_LEN: usize = 64;

/// Bytes before the quoted packet in a time-exceeded or unreachable message.
const ERROR_HEADER_LEN: usize = 8;

/// An answer to an echo request, from any sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The identifier of the echo request.
    pub id: u16,
    /// The destination of the echo request, according to the answer.
    pub destination: Ipv4Addr,
    /// The answer itself.
    pub answer: Answer,
}

/// The ICMP part of an echo request; the kernel adds the IP header.
#[must_use]
pub fn echo_request(id: u16, sequence: u16) -> [u8; ECHO_REQUEST_LEN] {
    let mut bytes = [0; ECHO_REQUEST_LEN];
    if let Some(mut request) = MutableEchoRequestPacket::new(&mut bytes) {
        request.set_icmp_type(IcmpTypes::EchoRequest);
        request.set_identifier(id);
        request.set_sequence_number(sequence);
    }
    let checksum = IcmpPacket::new(&bytes).map(|packet| icmp::checksum(&packet));
    if let Some(mut request) = MutableEchoRequestPacket::new(&mut bytes) {
        request.set_checksum(checksum.unwrap_or_default());
    }
    bytes
}

/// Parses an IPv4 packet from a raw socket; `None` if it does not answer an echo request.
#[must_use]
pub fn parse(bytes: &[u8]) -> Option<Received> {
    let (ip, body) = ipv4(bytes)?;
    let body = body.get(..body_len(&ip)?)?;
    let message = IcmpPacket::new(body)?;
    // The kernel delivers packets to raw sockets before it checks the ICMP checksum.
    if icmp::checksum(&message) != message.get_checksum() {
        return None;
    }
    let (echo, destination, kind) = match message.get_icmp_type() {
        IcmpTypes::EchoReply => (echo_reply(body)?, ip.get_source(), ReplyKind::EchoReply),
        _ => quoted(body, error_kind(&message)?)?,
    };
    Some(Received {
        id: echo.id,
        destination,
        answer: Answer {
            sequence: echo.sequence,
            from: ip.get_source(),
            kind,
            remaining_ttl: ip.get_ttl(),
        },
    })
}

/// The two numbers that match an answer to its probe.
struct Echo {
    id: u16,
    sequence: u16,
}

fn echo_reply(body: &[u8]) -> Option<Echo> {
    let reply = EchoReplyPacket::new(body)?;
    Some(Echo {
        id: reply.get_identifier(),
        sequence: reply.get_sequence_number(),
    })
}

fn error_kind(message: &IcmpPacket<'_>) -> Option<ReplyKind> {
    let code = message.get_icmp_code();
    let in_transit = time_exceeded::IcmpCodes::TimeToLiveExceededInTransit;
    match message.get_icmp_type() {
        IcmpTypes::TimeExceeded if code == in_transit => Some(ReplyKind::TimeExceeded),
        IcmpTypes::DestinationUnreachable => Some(ReplyKind::Unreachable(code.0)),
        _ => None,
    }
}

/// The echo request that an error message quotes: at least its IP header and 8 bytes more.
fn quoted(body: &[u8], kind: ReplyKind) -> Option<(Echo, Ipv4Addr, ReplyKind)> {
    let (ip, body) = ipv4(body.get(ERROR_HEADER_LEN..)?)?;
    let request = EchoRequestPacket::new(body)?;
    let is_echo_request = request.get_icmp_type() == IcmpTypes::EchoRequest;
    is_echo_request.then(|| {
        let echo = Echo {
            id: request.get_identifier(),
            sequence: request.get_sequence_number(),
        };
        (echo, ip.get_destination(), kind)
    })
}

/// The header of an ICMP packet's first fragment, and all bytes that follow it.
fn ipv4(bytes: &[u8]) -> Option<(Ipv4Packet<'_>, &[u8])> {
    let ip = Ipv4Packet::new(bytes)?;
    let is_icmp = ip.get_version() == 4
        && ip.get_header_length() >= 5
        && ip.get_fragment_offset() == 0
        && ip.get_next_level_protocol() == IpNextHeaderProtocols::Icmp;
    let body = bytes.get(header_len(&ip)..)?;
    is_icmp.then_some((ip, body))
}

fn header_len(ip: &Ipv4Packet<'_>) -> usize {
    usize::from(ip.get_header_length()) * 4
}

/// The length of the body by the header's fields; `None` if they are inconsistent.
fn body_len(ip: &Ipv4Packet<'_>) -> Option<usize> {
    usize::from(ip.get_total_length()).checked_sub(header_len(ip))
}

#[cfg(test)]
mod tests {
    use pnet::packet::{
        icmp::{IcmpCode, IcmpType, MutableIcmpPacket},
        ip::IpNextHeaderProtocol,
        ipv4::MutableIpv4Packet,
    };

    use super::*;

    const SOURCE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 254);
    const DESTINATION: Ipv4Addr = Ipv4Addr::new(10, 9, 0, 7);
    const IP_HEADER_LEN: usize = 20;

    fn ip_packet(
        from: Ipv4Addr,
        to: Ipv4Addr,
        protocol: IpNextHeaderProtocol,
        body: &[u8],
    ) -> Vec<u8> {
        let mut bytes = vec![0; IP_HEADER_LEN];
        bytes.extend_from_slice(body);
        let total = u16::try_from(bytes.len()).unwrap();
        let mut ip = MutableIpv4Packet::new(&mut bytes).unwrap();
        ip.set_version(4);
        ip.set_header_length(5);
        ip.set_total_length(total);
        ip.set_ttl(61);
        ip.set_next_level_protocol(protocol);
        ip.set_source(from);
        ip.set_destination(to);
        bytes
    }

    fn icmp_packet(from: Ipv4Addr, body: &[u8]) -> Vec<u8> {
        ip_packet(from, SOURCE, IpNextHeaderProtocols::Icmp, body)
    }

    fn set_checksum(message: &mut [u8]) {
        if let Some(mut message) = MutableIcmpPacket::new(message) {
            let checksum = icmp::checksum(&message.to_immutable());
            message.set_checksum(checksum);
        }
    }

    fn reply(id: u16, sequence: u16) -> Vec<u8> {
        let mut message = echo_request(id, sequence);
        message[0] = IcmpTypes::EchoReply.0;
        set_checksum(&mut message);
        icmp_packet(DESTINATION, &message)
    }

    fn error(kind: IcmpType, code: u8, quote: &[u8]) -> Vec<u8> {
        let mut message = vec![0; ERROR_HEADER_LEN];
        message.extend_from_slice(quote);
        let mut header = MutableIcmpPacket::new(&mut message).unwrap();
        header.set_icmp_type(kind);
        header.set_icmp_code(IcmpCode(code));
        set_checksum(&mut message);
        icmp_packet(ROUTER, &message)
    }

    fn probe(protocol: IpNextHeaderProtocol) -> Vec<u8> {
        ip_packet(SOURCE, DESTINATION, protocol, &echo_request(7, 9))
    }

    fn expected(from: Ipv4Addr, kind: ReplyKind) -> Received {
        Received {
            id: 7,
            destination: DESTINATION,
            answer: Answer {
                sequence: 9,
                from,
                kind,
                remaining_ttl: 61,
            },
        }
    }

    #[test]
    fn a_request_has_a_sound_checksum() {
        let request = echo_request(0xabcd, 0x1234);
        let packet = EchoRequestPacket::new(&request).unwrap();
        assert_eq!(packet.get_icmp_type(), IcmpTypes::EchoRequest);
        assert_eq!(
            (packet.get_identifier(), packet.get_sequence_number()),
            (0xabcd, 0x1234)
        );
        let sum: u32 = request
            .chunks(2)
            .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
            .sum();
        assert_eq!((sum >> 16) + (sum & 0xffff), 0xffff);
    }

    #[test]
    fn answers_are_tied_to_the_request_that_they_carry_or_quote() {
        let probe = probe(IpNextHeaderProtocols::Icmp);
        let unreachable = IcmpTypes::DestinationUnreachable;
        for (bytes, from, kind) in [
            (reply(7, 9), DESTINATION, ReplyKind::EchoReply),
            (
                error(IcmpTypes::TimeExceeded, 0, &probe),
                ROUTER,
                ReplyKind::TimeExceeded,
            ),
            // RFC 792 guarantees the header and 8 bytes only.
            (
                error(
                    IcmpTypes::TimeExceeded,
                    0,
                    &probe[..IP_HEADER_LEN + ERROR_HEADER_LEN],
                ),
                ROUTER,
                ReplyKind::TimeExceeded,
            ),
            (
                error(unreachable, 13, &probe),
                ROUTER,
                ReplyKind::Unreachable(13),
            ),
        ] {
            assert_eq!(parse(&bytes), Some(expected(from, kind)), "{kind:?}");
        }
    }

    #[test]
    fn a_header_with_options_is_read_too() {
        let mut message = echo_request(7, 9);
        message[0] = IcmpTypes::EchoReply.0;
        set_checksum(&mut message);
        let mut with_options = vec![0; 8];
        with_options.extend_from_slice(&message);
        let mut bytes = icmp_packet(DESTINATION, &with_options);
        MutableIpv4Packet::new(&mut bytes)
            .unwrap()
            .set_header_length(7);
        assert_eq!(
            parse(&bytes),
            Some(expected(DESTINATION, ReplyKind::EchoReply))
        );
    }

    #[test]
    fn what_answers_no_echo_request_is_nothing() {
        let request = icmp_packet(DESTINATION, &echo_request(7, 9));
        let udp_quoted = error(
            IcmpTypes::TimeExceeded,
            0,
            &probe(IpNextHeaderProtocols::Udp),
        );
        let reassembly = error(
            IcmpTypes::TimeExceeded,
            1,
            &probe(IpNextHeaderProtocols::Icmp),
        );
        let mut damaged = reply(7, 9);
        damaged[IP_HEADER_LEN + 4] ^= 1;
        let mut later_fragment = reply(7, 9);
        later_fragment[7] = 1;
        for (name, bytes) in [
            ("a request of somebody else", request),
            ("an error about UDP", udp_quoted),
            ("a reassembly that took too long", reassembly),
            ("a wrong checksum", damaged),
            ("a later fragment", later_fragment),
        ] {
            assert_eq!(parse(&bytes), None, "{name}");
        }
    }

    #[test]
    fn no_truncation_panics_or_is_taken_for_the_whole() {
        let probe = probe(IpNextHeaderProtocols::Icmp);
        for whole in [reply(7, 9), error(IcmpTypes::TimeExceeded, 0, &probe)] {
            for len in 0..whole.len() {
                assert_eq!(parse(&whole[..len]), None, "{len} bytes");
            }
        }
    }

    /// Random numbers with a fixed seed (xorshift64).
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 % bound as u64).unwrap()
        }

        fn byte(&mut self) -> u8 {
            u8::try_from(self.below(256)).unwrap()
        }
    }

    #[test]
    fn no_bytes_panic() {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let probe = probe(IpNextHeaderProtocols::Icmp);
        let seeds = [reply(7, 9), error(IcmpTypes::TimeExceeded, 0, &probe)];
        let mut understood = 0;
        for _ in 0..200_000 {
            let mut bytes = seeds[random.below(seeds.len())].clone();
            for _ in 0..=random.below(4) {
                let place = random.below(bytes.len());
                bytes[place] = random.byte();
            }
            bytes.truncate(random.below(bytes.len() * 4));
            // With a correct checksum; otherwise the checksum alone would reject nearly every packet.
            if let Some(message) = bytes.get_mut(IP_HEADER_LEN..) {
                set_checksum(message);
            }
            understood += usize::from(parse(&bytes).is_some());
        }
        assert!(understood > 1000, "only {understood} got past the header");
    }

    #[test]
    fn no_noise_panics() {
        let mut random = Random(42);
        for _ in 0..50_000 {
            let len = random.below(120);
            let noise: Vec<u8> = (0..len).map(|_| random.byte()).collect();
            // One random packet in some billions is a valid answer: version, protocol, type and checksum must fit.
            assert_eq!(parse(&noise), None);
        }
    }
}
