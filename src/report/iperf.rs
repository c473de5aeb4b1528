//! What `lab iperf` prints.

use std::fmt;

use serde::Serialize;

/// The throughput of a path, and what limits it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Iperf {
    /// The node that sent.
    pub from: String,
    /// The node that received.
    pub to: String,
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// The duration in seconds.
    pub seconds: u64,
    /// The number of parallel streams.
    pub streams: u8,
    /// Received payload in bits per second.
    pub bits_per_second: f64,
    /// Segments that TCP retransmitted; null for UDP.
    pub retransmits: Option<u64>,
    /// Percent of the datagrams that were lost; null for TCP.
    pub lost_percent: Option<f64>,
    /// The bottleneck of the path; null if nothing on it limits the rate.
    pub bottleneck: Option<Bottleneck>,
    /// The links on the path that lose packets at random, in the order of the path.
    pub lossy: Vec<Lossy>,
}

/// The part of a path with the lowest rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bottleneck {
    /// What it is, in words.
    pub what: String,
    /// Its rate.
    pub bits_per_second: u64,
}

/// A link that loses packets at random.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lossy {
    /// The link.
    pub link: String,
    /// Percent of the packets that it loses.
    pub percent: f64,
}

/// A path with a lower share of its bottleneck's rate is limited by something else.
const FULL: f64 = 0.85;

impl fmt::Display for Iperf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            from, to, seconds, ..
        } = self;
        let protocol = self.protocol.to_uppercase();
        let rate = mbit(self.bits_per_second);
        write!(f, "{from} to {to}: {rate} ({protocol}, {seconds} s")?;
        if self.streams > 1 {
            write!(f, ", {} streams", self.streams)?;
        }
        if let Some(count) = self.retransmits {
            write!(f, ", {count} retransmits")?;
        }
        if let Some(percent) = self.lost_percent {
            write!(f, ", {percent:.1}% lost")?;
        }
        f.write_str(")\nbottleneck: ")?;
        let narrowest = self.bottleneck.as_ref();
        if let Some(narrowest) = narrowest.filter(|narrowest| self.fills(narrowest)) {
            return f.write_str(&narrowest.what);
        }
        let loss = self.loss();
        match (&loss, narrowest) {
            (Some(loss), _) => f.write_str(loss)?,
            (None, Some(_)) => f.write_str("this machine, or TCP itself")?,
            (None, None) => {
                f.write_str("this machine; no link or gateway on the path has a rate")?;
            }
        }
        if let Some(narrowest) = narrowest {
            let what = &narrowest.what;
            write!(f, "; the slowest part of the path would carry more: {what}")?;
        }
        Ok(())
    }
}

impl Iperf {
    /// Whether the throughput is close to the rate of a part of the path.
    fn fills(&self, part: &Bottleneck) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "no rate has 2^53 bits a second")]
        let full = part.bits_per_second as f64 * FULL;
        self.bits_per_second >= full
    }

    /// The loss that limits TCP; `None` without loss on the path, or if UDP sends at the requested rate.
    fn loss(&self) -> Option<String> {
        let links = self.lossy.iter().filter(|_| self.protocol == "tcp");
        let links: Vec<String> = links
            .map(|lossy| format!("link {} loses {}%", lossy.link, lossy.percent))
            .collect();
        let links = links.join(" and ");
        let slower = "packet loss on the path, which slows TCP down";
        (!links.is_empty()).then(|| format!("{slower}: {links}"))
    }
}

fn mbit(bits_per_second: f64) -> String {
    format!("{:.0} Mbit/s", bits_per_second / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(bits_per_second: f64, bottleneck: Option<u64>) -> Iperf {
        Iperf {
            from: "hub-vm".to_owned(),
            to: "loc1-vm".to_owned(),
            protocol: "tcp",
            seconds: 5,
            streams: 1,
            bits_per_second,
            retransmits: Some(3),
            lost_percent: None,
            bottleneck: bottleneck.map(|bits_per_second| Bottleneck {
                what: "circuit er1, primary link: 1000 Mbit/s".to_owned(),
                bits_per_second,
            }),
            lossy: Vec::new(),
        }
    }

    #[test]
    fn the_bottleneck_is_named_or_the_machine() {
        let udp = Iperf {
            protocol: "udp",
            streams: 4,
            retransmits: None,
            lost_percent: Some(12.34),
            ..measured(9.5e8, Some(1_000_000_000))
        };
        let lossy = |bottleneck| Iperf {
            lossy: vec![Lossy {
                link: "hub-loc1".to_owned(),
                percent: 0.5,
            }],
            ..measured(3e8, bottleneck)
        };
        let lines = [
            lossy(None),
            lossy(Some(1_000_000_000)),
            lossy(Some(300_000_000)),
            Iperf {
                protocol: "udp",
                retransmits: None,
                lost_percent: Some(0.5),
                ..lossy(None)
            },
            measured(9.5e8, Some(1_000_000_000)),
            measured(3e8, Some(1_000_000_000)),
            measured(2.5e10, None),
            udp,
        ];
        insta::assert_snapshot!(lines.map(|line| line.to_string()).join("\n"), @r"
        hub-vm to loc1-vm: 300 Mbit/s (TCP, 5 s, 3 retransmits)
        bottleneck: packet loss on the path, which slows TCP down: link hub-loc1 loses 0.5%
        hub-vm to loc1-vm: 300 Mbit/s (TCP, 5 s, 3 retransmits)
        bottleneck: packet loss on the path, which slows TCP down: link hub-loc1 loses 0.5%; the slowest part of the path would carry more: circuit er1, primary link: 1000 Mbit/s
        hub-vm to loc1-vm: 300 Mbit/s (TCP, 5 s, 3 retransmits)
        bottleneck: circuit er1, primary link: 1000 Mbit/s
        hub-vm to loc1-vm: 300 Mbit/s (UDP, 5 s, 0.5% lost)
        bottleneck: this machine; no link or gateway on the path has a rate
        hub-vm to loc1-vm: 950 Mbit/s (TCP, 5 s, 3 retransmits)
        bottleneck: circuit er1, primary link: 1000 Mbit/s
        hub-vm to loc1-vm: 300 Mbit/s (TCP, 5 s, 3 retransmits)
        bottleneck: this machine, or TCP itself; the slowest part of the path would carry more: circuit er1, primary link: 1000 Mbit/s
        hub-vm to loc1-vm: 25000 Mbit/s (TCP, 5 s, 3 retransmits)
        bottleneck: this machine; no link or gateway on the path has a rate
        hub-vm to loc1-vm: 950 Mbit/s (UDP, 5 s, 4 streams, 12.3% lost)
        bottleneck: circuit er1, primary link: 1000 Mbit/s
        ");
    }
}
