//! What `lab ping` prints: the layout of Linux' ping.

use std::time::Duration;

use crate::addresses::Address;
use crate::units::milliseconds;

/// Bytes of an IPv4 header without options (RFC 791, section 3.1).
const IP_HEADER: u16 = 20;

/// Bytes of an ICMP echo's header (RFC 792).
const ICMP_HEADER: u16 = 8;

/// The destination of a ping, and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The name that the user gave.
    pub name: &'a str,
    /// Its address.
    pub address: Address,
    /// Bytes of each request's ICMP message, its header included.
    pub message_bytes: u16,
}

/// An answer to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Who answered.
    pub from: Address,
    /// The request's number, starting at 1.
    pub sequence: u16,
    /// The kind of answer.
    pub kind: AnswerKind,
}

/// The answers to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerKind {
    /// An echo reply from the destination.
    Echo {
        /// The remaining TTL of the answer on arrival.
        ttl: u8,
        /// The time from the request to the answer.
        round_trip_time: Duration,
    },
    /// A "destination unreachable" from a router without a route.
    Unreachable,
    /// A "time exceeded" from a router at which the request's TTL expired.
    TimeExceeded,
}

/// The line before the answers.
#[must_use]
pub fn heading(target: Target<'_>) -> String {
    let Target {
        name,
        address,
        message_bytes,
    } = target;
    let data = message_bytes.saturating_sub(ICMP_HEADER);
    let packet = message_bytes.saturating_add(IP_HEADER);
    format!("PING {name} ({address}) {data}({packet}) bytes of data.\n")
}

/// An answer's line.
#[must_use]
pub fn line(target: Target<'_>, answer: Answer) -> String {
    let Answer {
        from,
        sequence,
        kind,
    } = answer;
    match kind {
        AnswerKind::Echo {
            ttl,
            round_trip_time,
        } => {
            let (bytes, time) = (target.message_bytes, time(round_trip_time));
            format!("{bytes} bytes from {from}: icmp_seq={sequence} ttl={ttl} time={time} ms\n")
        }
        AnswerKind::Unreachable => {
            format!("From {from} icmp_seq={sequence} Destination Host Unreachable\n")
        }
        AnswerKind::TimeExceeded => {
            format!("From {from} icmp_seq={sequence} Time to live exceeded\n")
        }
    }
}

/// The lines after the last answer. `round_trip_times` has one entry per request, `None` if it got no echo reply.
#[must_use]
pub fn statistics(target: Target<'_>, round_trip_times: &[Option<Duration>]) -> String {
    let times: Vec<Duration> = round_trip_times.iter().flatten().copied().collect();
    let (sent, received) = (round_trip_times.len(), times.len());
    let loss = (100 * (sent - received))
        .checked_div(sent)
        .unwrap_or_default();
    format!(
        "\n--- {} ping statistics ---\n{sent} packets transmitted, {received} received, {loss}% packet loss\n{}",
        target.name,
        spread(&times)
    )
}

/// The shortest, mean and longest time; empty if there is none.
fn spread(times: &[Duration]) -> String {
    let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
    let total: Duration = times.iter().sum();
    let extremes = times
        .iter()
        .min()
        .zip(times.iter().max())
        .zip(total.checked_div(count));
    let shown = |((least, most), mean): ((&Duration, &Duration), Duration)| {
        let [least, mean, most] = [*least, mean, *most].map(milliseconds);
        format!("rtt min/avg/max = {least:.3}/{mean:.3}/{most:.3} ms\n")
    };
    extremes.map(shown).unwrap_or_default()
}

/// Milliseconds with three significant digits, as ping prints them.
fn time(round_trip_time: Duration) -> String {
    let time = milliseconds(round_trip_time);
    let decimals = match time {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{time:.decimals$}")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    const GATEWAY: Address = Address::v4(10, 10, 30, 142);
    const BRANCH_VM: Address = Address::v4(10, 11, 30, 68);

    const TARGET: Target<'_> = Target {
        name: "branch-vm",
        address: BRANCH_VM,
        message_bytes: 64,
    };

    fn echo(sequence: u16, microseconds: u64) -> String {
        let round_trip_time = Duration::from_micros(microseconds);
        let kind = AnswerKind::Echo {
            ttl: 62,
            round_trip_time,
        };
        line(
            TARGET,
            Answer {
                from: BRANCH_VM,
                sequence,
                kind,
            },
        )
    }

    fn error(sequence: u16, kind: AnswerKind) -> String {
        line(
            TARGET,
            Answer {
                from: GATEWAY,
                sequence,
                kind,
            },
        )
    }

    #[test]
    fn a_ping_has_the_layout_of_linux() {
        let times = [Some(1_923), Some(123), None].map(|time| time.map(Duration::from_micros));
        let lines = [
            heading(TARGET),
            echo(1, 1_923),
            echo(2, 123),
            echo(3, 74_561),
            echo(4, 174_561),
            error(5, AnswerKind::Unreachable),
            error(6, AnswerKind::TimeExceeded),
            statistics(TARGET, &times),
        ];
        assert_snapshot!(lines.concat(), @r"
        PING branch-vm (10.11.30.68) 56(84) bytes of data.
        64 bytes from 10.11.30.68: icmp_seq=1 ttl=62 time=1.92 ms
        64 bytes from 10.11.30.68: icmp_seq=2 ttl=62 time=0.123 ms
        64 bytes from 10.11.30.68: icmp_seq=3 ttl=62 time=74.6 ms
        64 bytes from 10.11.30.68: icmp_seq=4 ttl=62 time=175 ms
        From 10.10.30.142 icmp_seq=5 Destination Host Unreachable
        From 10.10.30.142 icmp_seq=6 Time to live exceeded

        --- branch-vm ping statistics ---
        3 packets transmitted, 2 received, 33% packet loss
        rtt min/avg/max = 0.123/1.023/1.923 ms
        ");
    }

    #[test]
    fn a_ping_without_answers_has_no_times() {
        assert_snapshot!(statistics(TARGET, &[None, None]).trim_start(), @r"
        --- branch-vm ping statistics ---
        2 packets transmitted, 0 received, 100% packet loss
        ");
        assert_snapshot!(statistics(TARGET, &[]).trim_start(), @r"
        --- branch-vm ping statistics ---
        0 packets transmitted, 0 received, 0% packet loss
        ");
    }
}
