//! The queue against its promises: order, delay, chance, rate, bound.
//!
//! Whatever is left to chance has a fixed seed. The tolerances are four standard deviations or more,
//! so that another generator would pass as well.
#![expect(
    clippy::disallowed_methods,
    reason = "an instant can only be had from the clock"
)]

use std::time::Duration;

use super::*;
use crate::units::{Bandwidth, Share};

const THERE: Direction = Direction { wire: 0, entry: 0 };
const BACK: Direction = Direction { wire: 0, entry: 1 };
const OTHER: Direction = Direction { wire: 1, entry: 0 };

const MS: Duration = Duration::from_millis(1);

/// Bytes that an interface puts in front of a frame.
const HEADER: usize = super::super::frame::HEADER;

/// A direction that was given frames, and what became of them.
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

    /// Sends a frame of that many bytes, with a number in it, so long after the start.
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

    /// When each frame leaves, and its number, in the order of leaving.
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
    // 3,000 of 100,000, whose standard deviation is 54.
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
    // A hundredth of all pairs, whose standard deviation is 33.
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
    // Half lose one of the two at once; of the other half, half lose the second: 75,000.
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
    // 10,000 of 40,000, whose standard deviation is 87.
    assert!((9650..=10_350).contains(&at_once), "{at_once}");
    let late = arrivals
        .iter()
        .filter(|(after, number)| *after == MS * (*number + 10));
    assert_eq!(late.count(), 40_000 - at_once);
    // But for the first few, each has something to overtake.
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
        // An eighth of all is 10,000, whose standard deviation is 94.
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

#[test]
fn a_rate_spaces_frames_by_their_bytes_after_the_delay() {
    let mut trial = Trial::of(Impairment {
        rate: rate(100),
        ..Impairment::delay(5 * MS)
    });
    let micros = Duration::from_micros;
    // 1,250 bytes take 0.1 ms, half of them half of that.
    for (number, len) in [(0, 1250), (1, 1250), (2, 625)] {
        trial.send(Duration::ZERO, number, len);
    }
    trial.send(20 * MS, 3, 1250);
    assert_eq!(
        trial.arrivals(),
        [
            (micros(5100), 0),
            (micros(5200), 1),
            (micros(5250), 2),
            (micros(25_100), 3)
        ]
    );
}

#[test]
fn what_would_wait_long_for_a_rate_is_lost_and_the_rate_is_used_in_full() {
    let mut trial = Trial::of(Impairment {
        rate: rate(10),
        ..Impairment::delay(5 * MS)
    });
    // Twice what the rate allows: 1,250 bytes take 1 ms.
    for number in 0..2000 {
        trial.send(MS * number / 2, number, 1250);
    }
    let arrivals = trial.arrivals();
    assert!(arrivals.array_windows().all(|[a, b]| b.0 == a.0 + MS));
    let longest = arrivals
        .iter()
        .map(|(after, number)| after.abs_diff(MS * *number / 2))
        .max()
        .unwrap();
    assert!((105 * MS..=107 * MS).contains(&longest), "{longest:?}");
    assert_eq!(trial.fate[1], 2000 - arrivals.len() as u64);
}

#[test]
fn a_slow_rate_has_a_few_frames_wait_however_long_that_takes() {
    let mut trial = Trial::of(Impairment {
        rate: Bandwidth::from_bits_per_second(8000),
        ..Impairment::default()
    });
    trial.send_all(40, Duration::ZERO);
    assert_eq!((trial.arrivals().len(), trial.fate[1]), (32, 8));
}

#[test]
fn a_queue_takes_as_many_frames_as_asked_and_more_when_some_have_left() {
    let mut trial = Trial::of(Impairment {
        queue: Some(5),
        ..Impairment::delay(10 * MS)
    });
    trial.send_all(7, MS);
    assert_eq!(trial.fate, [0, 2, 0, 0]);
    let (now, mut left) = (trial.start + 11 * MS, Vec::new());
    while let Some((_, frame)) = trial.queue.pop_due(now) {
        left.push(number_of(&frame));
    }
    assert_eq!(left, [0, 1]);
    trial.send(11 * MS, 7, 60);
    trial.send(11 * MS, 8, 60);
    trial.send(11 * MS, 9, 60);
    let numbers: Vec<u32> = trial.arrivals().iter().map(|(_, number)| *number).collect();
    assert_eq!(numbers, [2, 3, 4, 7, 8]);
}

#[test]
fn a_direction_without_room_says_so_and_leaves_others_alone() {
    let mut trial = Trial::of(Impairment::delay(10 * MS));
    trial.queue.add(BACK, Impairment::delay(10 * MS));
    let mut sent = 0;
    while trial.queue.has_room(THERE) {
        assert_eq!(trial.send(Duration::ZERO, sent, 60_000), Fate::default());
        sent += 1;
    }
    let bytes = u64::from(sent) * 60_000;
    assert!((50_000_000..70_000_000).contains(&bytes), "{bytes}");
    assert!(trial.queue.has_room(BACK) && !trial.queue.has_room_again(THERE));
    let mut left = 0;
    while !trial.queue.has_room_again(THERE) {
        assert!(trial.queue.pop_due(trial.start + 10 * MS).is_some());
        left += 1;
    }
    assert!(left < sent / 4, "{left} of {sent}");
    assert_eq!(
        trial.arrivals().len(),
        usize::try_from(sent - left).unwrap()
    );
    assert!(trial.queue.has_room(THERE));
}

#[test]
fn a_direction_that_is_removed_takes_its_frames_along() {
    let mut trial = Trial::of(Impairment::delay(10 * MS));
    trial.queue.add(OTHER, Impairment::delay(10 * MS));
    trial.send_all(5, MS);
    let frame = numbered(&mut trial.queue, 9, 60);
    trial.queue.push(OTHER, frame, trial.start);
    trial.queue.remove(THERE);
    assert_eq!(trial.send(20 * MS, 6, 60), Fate::default());
    assert!(!trial.queue.has_room(THERE));
    assert_eq!(trial.arrivals(), [(10 * MS, 9)]);
}

#[test]
fn the_same_seed_does_the_same_and_each_direction_by_itself() {
    let impairment = Impairment {
        loss: share(50),
        jitter: MS,
        ..Impairment::delay(MS)
    };
    let fates = |seed: u64, direction: Direction, others: bool| -> Vec<u8> {
        let (mut queue, now) = (Queue::new(seed), Instant::now());
        for direction in [THERE, BACK, OTHER] {
            queue.add(direction, impairment);
        }
        let mut fates = Vec::new();
        for number in 0..200 {
            for direction in [THERE, OTHER].iter().filter(|_| others) {
                let frame = numbered(&mut queue, number, 60);
                queue.push(*direction, frame, now);
            }
            let frame = numbered(&mut queue, number, 60);
            fates.push(queue.push(direction, frame, now).lost);
        }
        fates
    };
    assert_eq!(fates(1, BACK, false), fates(1, BACK, true));
    assert_ne!(fates(1, BACK, false), fates(2, BACK, false));
    assert_ne!(fates(1, BACK, false), fates(1, THERE, false));
    assert_ne!(fates(1, OTHER, false), fates(1, THERE, false));
}

/// Random arrivals and departures against a list that is searched from end to end.
#[test]
fn any_sequence_of_arrivals_keeps_the_order_of_times() {
    let mut lots = fastrand::Rng::with_seed(3);
    let mut same_lots = Lot::new(3, OTHER.number());
    let directions = [(THERE, 10 * MS), (BACK, 3 * MS), (OTHER, 5 * MS)];
    let mut queue = Queue::new(3);
    for (direction, delay) in directions {
        let reorder = share(if direction == OTHER { 50 } else { 0 });
        let impairment = Impairment {
            reorder,
            ..Impairment::delay(delay)
        };
        queue.add(direction, impairment);
    }
    let mut model: Vec<(Instant, Direction, u32)> = Vec::new();
    let mut now = Instant::now();
    for number in 0..20_000_u32 {
        now += Duration::from_micros(lots.u64(..900));
        assert_eq!(queue.next_deadline(), model.first().map(|(due, ..)| *due));
        if lots.bool() {
            let (direction, delay) = directions[lots.usize(..3)];
            let at_once = direction == OTHER && same_lots.falls_on(share(50));
            let due = if at_once { now } else { now + delay };
            let frame = numbered(&mut queue, number, 60);
            queue.push(direction, frame, now);
            model.push((due, direction, number));
            model.sort();
        } else {
            let is_due = model.first().is_some_and(|(due, ..)| *due <= now);
            let expected = is_due.then(|| model.remove(0));
            let left = queue.pop_due(now);
            assert_eq!(
                left.map(|(direction, frame)| (direction, number_of(&frame))),
                expected.map(|(_, direction, number)| (direction, number))
            );
        }
    }
}
