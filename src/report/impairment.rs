//! The impairments of a link's directions, for `lab impair` and `lab status`.

use serde::Serialize;

use crate::units::{Bandwidth, Impairment, Share, milliseconds};

/// One direction of a link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direction {
    /// The node at which packets enter the link.
    pub from: String,
    /// The node at which they leave it.
    pub to: String,
    /// The impairments of these packets.
    #[serde(flatten)]
    pub values: Values,
}

/// The impairments of packets; the names are those of the lab file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Values {
    /// The delay in milliseconds.
    pub delay_ms: f64,
    /// The maximum deviation from the delay in milliseconds, up or down.
    pub jitter_ms: f64,
    /// The loss in percent.
    pub loss_percent: f64,
    /// The percentage of packets that arrive twice.
    pub duplicate_percent: f64,
    /// The percentage of packets without delay, which overtake others.
    pub reorder_percent: f64,
    /// The rate in bits per second; null if it is unlimited.
    pub rate_bits_per_second: Option<u64>,
    /// Maximum number of packets in flight or in the queue; null if it is unlimited.
    pub queue_packets: Option<u32>,
    /// All impairments in words.
    #[serde(skip)]
    words: String,
}

impl From<&Impairment> for Values {
    fn from(impairment: &Impairment) -> Self {
        let percent = |share: Share| f64::from(share.millionths()) / 10_000.0;
        Self {
            delay_ms: milliseconds(impairment.delay),
            jitter_ms: milliseconds(impairment.jitter),
            loss_percent: percent(impairment.loss),
            duplicate_percent: percent(impairment.duplicate),
            reorder_percent: percent(impairment.reorder),
            rate_bits_per_second: impairment.rate.map(Bandwidth::bits_per_second),
            queue_packets: impairment.queue,
            words: impairment.to_string(),
        }
    }
}

impl Direction {
    /// The impairments in words; empty if there are none.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.values.words
    }
}

/// Both directions of a link between two nodes.
#[must_use]
pub fn directions([a, b]: &[String; 2], now: &[Impairment; 2]) -> [Direction; 2] {
    let direction = |from: &String, to: &String, impairment: &Impairment| Direction {
        from: from.clone(),
        to: to.clone(),
        values: Values::from(impairment),
    };
    [direction(a, b, &now[0]), direction(b, a, &now[1])]
}

/// A link's directions, one per line.
#[must_use]
pub fn text(link: &str, directions: &[Direction; 2]) -> String {
    let lines = directions.iter().map(|direction| {
        let words = match direction.words() {
            "" => "as fast as this machine",
            words => words,
        };
        format!("  {} to {}: {words}\n", direction.from, direction.to)
    });
    format!("{link}\n{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_direction_has_a_line() {
        let there = Impairment {
            loss: Share::parse("1%").unwrap(),
            ..Impairment::delay(Duration::from_millis(40))
        };
        let ends = ["ce1", "er1-msee1"].map(str::to_owned);
        let shown = directions(&ends, &[there, Impairment::default()]);
        insta::assert_snapshot!(text("er1-primary", &shown), @r"
        er1-primary
          ce1 to er1-msee1: delay 40ms loss 1%
          er1-msee1 to ce1: as fast as this machine
        ");
        insta::assert_snapshot!(serde_json::to_string(&shown[0]).unwrap(), @r#"{"from":"ce1","to":"er1-msee1","delay_ms":40.0,"jitter_ms":0.0,"loss_percent":1.0,"duplicate_percent":0.0,"reorder_percent":0.0,"rate_bits_per_second":null,"queue_packets":null}"#);
    }
}
