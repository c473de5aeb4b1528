//! How long a path was interrupted, according to the pings on it.

use std::time::Duration;

use crate::topology::NodeId;

/// An echo request on a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// When it was sent, by the common clock of all pings of a step.
    pub at: Duration,
    /// Whether it was answered.
    pub answered: bool,
}

/// The outage of a path, according to its pings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outage {
    /// The number of pings.
    pub sent: usize,
    /// The number of unanswered pings.
    pub lost: usize,
    /// The sum of all interruptions, each from the first lost request to the next answered one. An interruption that
    /// lasts to the end counts until the last request.
    pub duration: Duration,
}

/// The outage of one path during a step of a storyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathOutage {
    /// The machine that pinged.
    pub from: NodeId,
    /// The machine that was pinged.
    pub to: NodeId,
    /// The outage from the first action of the step on.
    pub outage: Outage,
}

/// Sums up the pings after a given time.
#[must_use]
pub fn outage(pings: &[Sent], from: Duration) -> Outage {
    let mut sum = Outage::default();
    let mut began: Option<Duration> = None;
    let mut last = from;
    for ping in pings.iter().filter(|ping| ping.at >= from) {
        sum.sent += 1;
        last = ping.at;
        if ping.answered {
            if let Some(began) = began.take() {
                sum.duration += ping.at.saturating_sub(began);
            }
        } else {
            sum.lost += 1;
            began.get_or_insert(ping.at);
        }
    }
    if let Some(began) = began {
        sum.duration += last.saturating_sub(began);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pings(answered: &str) -> Vec<Sent> {
        let at = |index: u64| Duration::from_millis(10 * index);
        (0..)
            .zip(answered.chars())
            .map(|(index, mark)| Sent {
                at: at(index),
                answered: mark == '!',
            })
            .collect()
    }

    fn of(answered: &str, from: u64) -> (usize, usize, u128) {
        let outage = outage(&pings(answered), Duration::from_millis(from));
        (outage.sent, outage.lost, outage.duration.as_millis())
    }

    #[test]
    fn an_outage_lasts_from_the_first_loss_to_the_next_answer() {
        assert_eq!(of("!!!!", 0), (4, 0, 0));
        assert_eq!(of("!..!!", 0), (5, 2, 20));
        assert_eq!(of("!.!.!", 0), (5, 2, 20));
        assert_eq!(of("!!...", 0), (5, 3, 20));
        assert_eq!(of("", 0), (0, 0, 0));
    }

    #[test]
    fn what_was_sent_before_is_left_out() {
        assert_eq!(of(".!.!", 10), (3, 1, 10));
    }
}
