//! The impairments of one direction of a link.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::Bandwidth;
use super::duration::{LONGEST_DURATION, duration_text};

/// A share of packets, from none to all, in millionths.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32")]
pub struct Share(u32);

impl TryFrom<u32> for Share {
    type Error = &'static str;

    fn try_from(millionths: u32) -> Result<Self, Self::Error> {
        Self::from_millionths(millionths).ok_or("a share is all packets at most")
    }
}

impl Share {
    /// No packet.
    pub const NONE: Self = Self(0);

    /// Every packet.
    pub const ALL: Self = Self(1_000_000);

    /// That many of a million packets; `None` for more than a million.
    #[must_use]
    pub const fn from_millionths(millionths: u32) -> Option<Self> {
        if millionths > Self::ALL.0 {
            None
        } else {
            Some(Self(millionths))
        }
    }

    /// How many of a million packets.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// Whether it is zero.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Reads a share from a lab file or the command line: `1%`, `0.05%`.
    ///
    /// # Errors
    ///
    /// A sentence that shows the format of a share.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(number) = text.strip_suffix('%') else {
            return Err(format!(
                "`{text}` is not a share of packets: write `1%` or `0.5%`"
            ));
        };
        let number = number.trim_end();
        let is_plain = |c: char| c.is_ascii_digit() || c == '.';
        let percent: Option<f64> = Some(number)
            .filter(|number| number.chars().all(is_plain))
            .and_then(|number| number.parse().ok());
        match percent {
            None => Err(format!(
                "`{text}` is not a share of packets: write `1%` or `0.5%`"
            )),
            Some(percent) if percent > 100.0 => Err(format!(
                "`{text}` is more than all packets: write 0% to 100%"
            )),
            Some(percent) if percent > 0.0 && percent < 0.000_1 => Err(format!(
                "`{text}` is less than 0.0001%, the smallest share of packets"
            )),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and a million"
            )]
            Some(percent) => Ok(Self((percent * 10_000.0).round() as u32)),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / 10_000.0)
    }
}

/// The impairments of one direction of a link. Names and meaning are those of Linux's netem (tc-netem(8)).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Impairment {
    /// The delay of a packet.
    pub delay: Duration,
    /// The largest deviation of a packet's delay, uniformly distributed. A packet with a shorter delay than the one
    /// before it may overtake it.
    pub jitter: Duration,
    /// The share of lost packets.
    pub loss: Share,
    /// The share of packets that arrive twice.
    pub duplicate: Share,
    /// The share of packets without delay, which overtake delayed ones.
    pub reorder: Share,
    /// The rate of full IP packets in bit/s; see [`Bandwidth::framed`].
    pub rate: Option<Bandwidth>,
    /// The most packets in transit or in the queue; further ones are lost.
    pub queue: Option<u32>,
}

/// The most bytes that the kernel passes to an interface as one packet, to be segmented later.
const LARGEST_BURST: u32 = 65_536;

/// How long such a packet may occupy a link.
const LONGEST_BURST: Duration = Duration::from_millis(1);

/// The smallest limit for such packets: a full Ethernet frame.
const FULL_FRAME: u32 = 1_514;

impl Impairment {
    /// Only a delay.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self {
            delay,
            ..Self::default()
        }
    }

    /// Whether the link changes nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the rate is the only impairment.
    #[must_use]
    pub fn is_rate_alone(&self) -> bool {
        let without = Self {
            rate: None,
            ..*self
        };
        self.rate.is_some() && without.is_none()
    }

    /// The most bytes that several packets may have to cross as one: a full frame if packets are counted or selected at
    /// random, a millisecond's worth if only the rate matters.
    #[must_use]
    pub fn largest_burst(&self) -> u32 {
        let is_by_packet = self.queue.is_some()
            || !self.jitter.is_zero()
            || [self.loss, self.duplicate, self.reorder]
                .iter()
                .any(|share| !share.is_none());
        match self.rate {
            _ if is_by_packet => FULL_FRAME,
            None => LARGEST_BURST,
            Some(rate) => {
                let bytes = rate.bytes_in(LONGEST_BURST);
                u32::try_from(bytes).map_or(LARGEST_BURST, |bytes| {
                    bytes.clamp(FULL_FRAME, LARGEST_BURST)
                })
            }
        }
    }

    /// The same with the rate of frames, which queues count, instead of IP packets.
    #[must_use]
    pub fn in_frames(&self) -> Self {
        Self {
            rate: self.rate.map(Bandwidth::framed),
            ..*self
        }
    }

    /// Rejects impairments that no link can have.
    ///
    /// # Errors
    ///
    /// The reason, in a sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.jitter > self.delay {
            return Err(format!(
                "jitter {} is more than the delay {} that it varies: a packet cannot arrive before it is sent",
                duration_text(self.jitter),
                duration_text(self.delay)
            ));
        }
        if !self.reorder.is_none() && self.delay.is_zero() {
            return Err(
                "reorder needs a delay: a packet can overtake only delayed packets".to_owned(),
            );
        }
        if self.delay.saturating_add(self.jitter) > LONGEST_DURATION {
            return Err(format!(
                "delay and jitter are more than {}, the longest that a link may take",
                duration_text(LONGEST_DURATION)
            ));
        }
        Ok(())
    }
}

/// The new values of an [`Impairment`]; the others stay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpairmentChange {
    /// See [`Impairment::delay`].
    pub delay: Option<Duration>,
    /// See [`Impairment::jitter`].
    pub jitter: Option<Duration>,
    /// See [`Impairment::loss`].
    pub loss: Option<Share>,
    /// See [`Impairment::duplicate`].
    pub duplicate: Option<Share>,
    /// See [`Impairment::reorder`].
    pub reorder: Option<Share>,
    /// See [`Impairment::rate`].
    pub rate: Option<Bandwidth>,
    /// See [`Impairment::queue`].
    pub queue: Option<u32>,
}

impl ImpairmentChange {
    /// An impairment with these values set.
    #[must_use]
    pub fn of(&self, impairment: &Impairment) -> Impairment {
        Impairment {
            delay: self.delay.unwrap_or(impairment.delay),
            jitter: self.jitter.unwrap_or(impairment.jitter),
            loss: self.loss.unwrap_or(impairment.loss),
            duplicate: self.duplicate.unwrap_or(impairment.duplicate),
            reorder: self.reorder.unwrap_or(impairment.reorder),
            rate: self.rate.or(impairment.rate),
            queue: self.queue.or(impairment.queue),
        }
    }

    /// Whether no value is set.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// In the syntax of `tc`: `delay 20ms jitter 1ms loss 1% rate 100mbit queue 50`; empty without impairments.
impl fmt::Display for Impairment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        for (name, duration) in [("delay", self.delay), ("jitter", self.jitter)] {
            if !duration.is_zero() {
                words.push(format!("{name} {}", duration_text(duration)));
            }
        }
        let shares = [
            ("loss", self.loss),
            ("duplicate", self.duplicate),
            ("reorder", self.reorder),
        ];
        for (name, share) in shares {
            if !share.is_none() {
                words.push(format!("{name} {share}"));
            }
        }
        words.extend(self.rate.map(|rate| format!("rate {}", rate.tc_text())));
        words.extend(self.queue.map(|queue| format!("queue {queue}")));
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mbit(rate: u32) -> Option<Bandwidth> {
        Bandwidth::from_megabits_per_second(rate)
    }

    #[test]
    fn a_share_is_written_in_percent() {
        assert_eq!(Share::parse("1%").map(Share::millionths), Ok(10_000));
        assert_eq!(Share::parse("0.05%").map(Share::millionths), Ok(500));
        assert_eq!(Share::parse("100%"), Ok(Share::ALL));
        assert_eq!(Share::parse("0.05%").unwrap().to_string(), "0.05%");
        let refusals = ["120%", "1", "-1%", "%", "1.2.3%", "nan%", "1e1%"]
            .map(|wrong| Share::parse(wrong).expect_err(wrong));
        assert_eq!(
            refusals[..2],
            [
                "`120%` is more than all packets: write 0% to 100%",
                "`1` is not a share of packets: write `1%` or `0.5%`"
            ]
        );
        assert_eq!(Share::parse("0.0001%").map(Share::millionths), Ok(1));
        assert_eq!(Share::parse("0%"), Ok(Share::NONE));
        assert_eq!(
            Share::parse("0.00009%").unwrap_err(),
            "`0.00009%` is less than 0.0001%, the smallest share of packets"
        );
    }

    #[test]
    fn what_counts_packets_takes_them_one_by_one() {
        let delay = Impairment::delay(Duration::from_millis(20));
        assert_eq!(delay.largest_burst(), 65_536);
        let loss = Impairment {
            loss: Share::from_millionths(1).unwrap(),
            ..delay
        };
        assert_eq!(loss.largest_burst(), 1_514);
        let rated = |rate| Impairment {
            rate: mbit(rate),
            ..delay
        };
        assert_eq!(rated(1).largest_burst(), 1_514);
        assert_eq!(rated(100).largest_burst(), 12_500);
        assert_eq!(rated(10_000).largest_burst(), 65_536);
    }

    #[test]
    fn a_change_leaves_the_rest() {
        let base = Impairment {
            rate: mbit(1000),
            ..Impairment::delay(Duration::from_millis(2))
        };
        let change = ImpairmentChange {
            delay: Some(Duration::from_millis(40)),
            loss: Share::parse("1%").ok(),
            ..ImpairmentChange::default()
        };
        assert_eq!(
            change.of(&base).to_string(),
            "delay 40ms loss 1% rate 1gbit"
        );
        assert_eq!(ImpairmentChange::default().of(&base), base);
    }

    #[test]
    fn what_no_link_can_do_is_said() {
        let jitter = Impairment {
            jitter: Duration::from_millis(3),
            ..Impairment::delay(Duration::from_millis(2))
        };
        assert!(
            jitter
                .check()
                .unwrap_err()
                .contains("jitter 3ms is more than the delay 2ms")
        );
        let reorder = Impairment {
            reorder: Share::ALL,
            ..Impairment::default()
        };
        assert!(
            reorder
                .check()
                .unwrap_err()
                .contains("reorder needs a delay")
        );
        assert_eq!(Impairment::default().check(), Ok(()));
    }

    #[test]
    fn what_a_message_says_is_refused_as_a_persons_word_is() {
        let read = |text| serde_json::from_str::<ImpairmentChange>(text);
        let most = u64::MAX;
        let endless = format!(
            r#"{{"delay":{{"secs":{most},"nanos":0}},"jitter":{{"secs":{most},"nanos":0}}}}"#
        );
        let endless = read(&endless).unwrap().of(&Impairment::default());
        assert!(endless.check().unwrap_err().contains("longest"));
        assert!(read(r#"{"loss":1000000}"#).is_ok());
        for wrong in [r#"{"loss":1000001}"#, r#"{"rate":0}"#] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
