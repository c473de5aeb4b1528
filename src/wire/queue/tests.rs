//! Tests the queue: order, delay, random choices, rate and limits.
//!
//! Random choices have a fixed seed. Tolerances are four standard deviations or more, so that another generator would
//! pass too.
#![expect(
    clippy::disallowed_methods,
    reason = "an instant can only be had from the clock"
)]

mod room;

use std::time::Duration;

use super::*;
use crate::units::{Bandwidth, Share};

const THERE: Direction = Direction { wire: 0, entry: 0 };
const BACK: Direction = Direction { wire: 0, entry: 1 };
const OTHER: Direction = Direction { wire: 1, entry: 0 };

const MS: Duration = Duration::from_millis(1);

/// Bytes that an interface puts in front of a frame.
const HEADER: usize = super::super::frame::HEADER;

/// A direction with its frames, and their results.
struct Trial {
    queue: Queue,
    start: Instant,
    fate: [u64; 4],
}

impl Trial {
    fn of(impairment: Impairment) -> Self {
        let mut queue = Queue::new(7);
        queue.add(THERE, impairment);
        Self {
            queue,
            start: Instant::now(),
            fate: [0; 4],
        }
    }

    /// Sends a frame of `len` bytes that contains `number`, `after` the start.
    fn send(&mut self, after: Duration, number: u32, len: usize) -> Fate {
        let frame = numbered(&mut self.queue, number, len);
        let fate = self.queue.push(THERE, frame, self.start + after);
        let counts = [fate.lost, fate.queue_full, fate.duplicated, fate.reordered];
        for (sum, count) in self.fate.iter_mut().zip(counts) {
            *sum += u64::from(count);
        }
        fate
    }

    /// Sends small frames, one every `gap`.
    fn send_all(&mut self, count: u32, gap: Duration) {
        for number in 0..count {
            self.send(gap * number, number, 60);
        }
    }

    /// The departure time and number of each frame, in order of departure.
    fn arrivals(&mut self) -> Vec<(Duration, u32)> {
        let mut arrivals = Vec::new();
        while let Some(due) = self.queue.next_deadline() {
            let just_before = due.checked_sub(Duration::from_nanos(1)).unwrap();
            assert!(self.queue.pop_due(just_before).is_none());
            let (_, frame) = self.queue.pop_due(due).unwrap();
            arrivals.push((due - self.start, number_of(&frame)));
            self.queue.pool().recycle(frame);
        }
        arrivals
    }
}

fn numbered(queue: &mut Queue, number: u32, len: usize) -> Frame {
    let read = queue.pool().read(|room| {
        room[..HEADER].fill(0);
        room[HEADER..HEADER + 4].copy_from_slice(&number.to_be_bytes());
        Ok(HEADER + len)
    });
    read.unwrap()
}

fn number_of(frame: &Frame) -> u32 {
    let (number, _) = frame.bytes()[HEADER..].split_first_chunk().unwrap();
    u32::from_be_bytes(*number)
}

fn share(percent: u32) -> Share {
    Share::from_millionths(percent * 10_000).unwrap()
}

fn rate(megabits: u32) -> Option<Bandwidth> {
    Bandwidth::from_megabits_per_second(megabits)
}

#[test]
fn a_frame_leaves_its_delay_after_it_came_and_not_before() {
    let mut trial = Trial::of(Impairment::delay(10 * MS));
    trial.send_all(3, MS);
    assert_eq!(trial.arrivals(), [(10 * MS, 0), (11 * MS, 1), (12 * MS, 2)]);
    assert_eq!(trial.fate, [0; 4]);
}

#[test]
fn the_earliest_deadline_of_all_wires_comes_first() {
    let (mut queue, start) = (Queue::new(1), Instant::now());
    for (direction, delay) in [(THERE, 10 * MS), (BACK, 10 * MS), (OTHER, 3 * MS)] {
        queue.add(direction, Impairment::delay(delay));
    }
    for (direction, after) in [(BACK, MS), (THERE, 2 * MS), (OTHER, 4 * MS)] {
        let frame = numbered(&mut queue, 0, 60);
        queue.push(direction, frame, start + after);
    }
    let leaving: Vec<_> = std::iter::from_fn(|| queue.pop_due(start + 20 * MS))
        .map(|(direction, _)| direction)
        .collect();
    assert_eq!(leaving, [OTHER, BACK, THERE]);
    assert_eq!((THERE.exit(), BACK.exit()), (1, 0));
    assert_eq!(Direction::of_number(BACK.number()), Some(BACK));
}

#[test]
fn a_share_of_frames_is_lost_and_no_other() {
    let mut trial = Trial::of(Impairment {
        loss: share(3),
        ..Impairment::delay(MS)
    });
    trial.send_all(100_000, MS);
    let [lost, queue_full, duplicated, reordered] = trial.fate;
    // 3,000 of 100,000; the standard deviation is 54.
    assert!((2780..=3220).contains(&lost), "{lost}");
    assert_eq!([queue_full, duplicated, reordered], [0; 3]);
    assert_eq!(trial.arrivals().len() as u64, 100_000 - lost);
}

#[test]
fn all_frames_are_lost_or_none() {
    for (percent, lost) in [(0, 0), (100, 1000)] {
        let mut trial = Trial::of(Impairment {
            loss: share(percent),
            ..Impairment::default()
        });
        trial.send_all(1000, MS);
        assert_eq!(trial.fate[0], lost);
    }
}

#[test]
fn losses_come_one_by_one_and_not_in_a_pattern() {
    let mut trial = Trial::of(Impairment {
        loss: share(10),
        ..Impairment::default()
    });
    let lost: Vec<bool> = (0..100_000)
        .map(|number| trial.send(Duration::ZERO, number, 60).lost == 1)
        .collect();
    let after_a_loss = lost.array_windows().filter(|pair| *pair == &[true, true]);
    // A hundredth of all pairs; the standard deviation is 33.
    let pairs = after_a_loss.count();
    assert!((860..=1140).contains(&pairs), "{pairs}");
}

#[test]
fn a_share_of_frames_arrives_twice_one_right_behind_the_other() {
    let mut trial = Trial::of(Impairment {
        duplicate: share(2),
        ..Impairment::delay(5 * MS)
    });
    trial.send_all(100_000, MS);
    let duplicated = trial.fate[2];
    assert!((1810..=2190).contains(&duplicated), "{duplicated}");
    let arrivals = trial.arrivals();
    assert_eq!(arrivals.len() as u64, 100_000 + duplicated);
    let twins = arrivals.array_windows().filter(|[one, two]| one == two);
    assert_eq!(twins.count() as u64, duplicated);
}

#[test]
fn a_duplicate_may_be_lost_by_itself_as_with_netem() {
    let mut trial = Trial::of(Impairment {
        duplicate: Share::ALL,
        loss: share(50),
        ..Impairment::default()
    });
    trial.send_all(100_000, MS);
    let [lost, _, duplicated, _] = trial.fate;
    assert_eq!(duplicated, 100_000);
    // Half lose one copy at once; half of the rest lose the second copy: 75,000 in all.
    assert!((74_400..=75_600).contains(&lost), "{lost}");
    assert_eq!(trial.arrivals().len() as u64, 200_000 - lost);
}

#[test]
fn a_share_of_frames_goes_at_once_and_overtakes() {
    let mut trial = Trial::of(Impairment {
        reorder: share(25),
        ..Impairment::delay(10 * MS)
    });
    trial.send_all(40_000, MS);
    let arrivals = trial.arrivals();
    let at_once = arrivals
        .iter()
        .filter(|(after, number)| *after == MS * *number)
        .count();
    // 10,000 of 40,000; the standard deviation is 87.
    assert!((9650..=10_350).contains(&at_once), "{at_once}");
    let late = arrivals
        .iter()
        .filter(|(after, number)| *after == MS * (*number + 10));
    assert_eq!(late.count(), 40_000 - at_once);
    // All except the first few overtake another frame.
    let reordered = usize::try_from(trial.fate[3]).unwrap();
    assert!(at_once - reordered <= 2, "{reordered}");
}

#[test]
fn jitter_is_uniform_around_the_delay() {
    let mut trial = Trial::of(Impairment {
        jitter: 4 * MS,
        ..Impairment::delay(10 * MS)
    });
    trial.send_all(80_000, 20 * MS);
    let times: Vec<Duration> = trial
        .arrivals()
        .iter()
        .map(|(after, number)| after.abs_diff(20 * MS * *number))
        .collect();
    assert!(times.iter().all(|time| (6 * MS..=14 * MS).contains(time)));
    for eighth in 6..14 {
        let within = MS * eighth..MS * (eighth + 1);
        let count = times.iter().filter(|time| within.contains(time)).count();
        // An eighth of all is 10,000; the standard deviation is 94.
        assert!((9600..=10_400).contains(&count), "{eighth} ms: {count}");
    }
}

#[test]
fn jitter_lets_a_frame_overtake_those_that_take_longer() {
    let mut trial = Trial::of(Impairment {
        jitter: 4 * MS,
        ..Impairment::delay(10 * MS)
    });
    trial.send_all(10_000, MS);
    let arrivals = trial.arrivals();
    assert_eq!(arrivals.len(), 10_000);
    assert!(arrivals.is_sorted_by_key(|(after, _)| *after));
    let overtaken = arrivals.array_windows().filter(|[a, b]| a.1 > b.1);
    assert!(overtaken.count() > 2000 && trial.fate[3] > 2000);
}

#[test]
fn without_jitter_and_reorder_order_is_kept_whatever_else_is_asked_and_however_it_changes() {
    let mut trial = Trial::of(Impairment {
        loss: share(10),
        duplicate: share(10),
        ..Impairment::delay(10 * MS)
    });
    let mut sent = 0;
    for delay in [30, 2, 7, 0] {
        trial.queue.set(
            THERE,
            Impairment {
                duplicate: share(10),
                ..Impairment::delay(MS * delay)
            },
        );
        for _ in 0..20 {
            trial.send(MS * sent / 3, sent, 60);
            sent += 1;
        }
    }
    let arrivals = trial.arrivals();
    assert!(arrivals.is_sorted_by_key(|(_, number)| *number));
    assert_eq!((trial.fate[3], arrivals.last().unwrap().1), (0, sent - 1));
}

#[test]
fn frames_under_way_keep_their_time_when_the_delay_changes() {
    let mut trial = Trial::of(Impairment::delay(10 * MS));
    trial.send(Duration::ZERO, 0, 60);
    trial.queue.set(THERE, Impairment::delay(40 * MS));
    trial.send(MS, 1, 60);
    assert_eq!(trial.arrivals(), [(10 * MS, 0), (41 * MS, 1)]);
}
