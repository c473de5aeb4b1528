//! Rates, and frames that find no room.

use super::*;

#[test]
fn a_rate_spaces_frames_by_their_bytes_after_the_delay() {
    let mut trial = Trial::of(Impairment {
        rate: rate(100),
        ..Impairment::delay(5 * MS)
    });
    let micros = Duration::from_micros;
    // 1,250 bytes take 0.1 ms; 625 take half of that.
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

/// A sender that keeps `window` frames in transit: each arrival sends the next. The link's thread wakes `lateness`
/// after each deadline. Returns the arrival times.
fn closed_loop(
    trial: &mut Trial,
    window: u32,
    len: usize,
    lateness: impl Iterator<Item = Duration>,
) -> Vec<Duration> {
    let mut arrivals = Vec::new();
    for number in 0..window {
        trial.send(Duration::ZERO, number, len);
    }
    for late in lateness {
        let Some(due) = trial.queue.next_deadline() else {
            break;
        };
        let now = due + late;
        // While the link is late, a frame sent here may be due at once.
        while let Some((_, frame)) = trial.queue.pop_due(now) {
            trial.queue.pool().recycle(frame);
            arrivals.push(now - trial.start);
            trial.send(now - trial.start, window, len);
        }
    }
    arrivals
}

#[test]
fn a_thread_that_wakes_late_keeps_the_rate() {
    // 1,250 bytes take 0.1 ms, so 4 ms of frames are in transit.
    const WINDOW: u32 = 40;
    let mut lots = fastrand::Rng::with_seed(9);
    let lateness = (0..2000).map(|_| Duration::from_micros(lots.u64(1_000..20_000)));
    let mut trial = Trial::of(Impairment {
        rate: rate(100),
        ..Impairment::default()
    });
    let arrivals = closed_loop(&mut trial, WINDOW, 1250, lateness);
    let time_for = |frames: usize| MS * u32::try_from(frames).unwrap() / 10;
    let ideal = time_for(arrivals.len());
    let took = *arrivals.last().unwrap();
    assert!(
        took.abs_diff(ideal) < ideal / 100,
        "{took:?}, not {ideal:?}"
    );
    // No interval has more frames than the rate and the compensation allow.
    for frames in [50, 500, 5000] {
        for (first, last) in arrivals.iter().zip(&arrivals[frames..]) {
            assert!(*first + time_for(frames) <= *last + Bandwidth::CATCH_UP);
        }
    }
}

#[test]
fn lateness_is_made_good_within_bounds_and_not_long_after() {
    let mut trial = Trial::of(Impairment {
        rate: rate(100),
        ..Impairment::default()
    });
    trial.send(Duration::ZERO, 0, 1250);
    let late = trial.start + 30 * MS;
    assert!(trial.queue.pop_due(late).is_some());
    // Within a round trip of the late frame, the link makes up for 20 ms: 200 frames leave at once.
    for number in 1..=201 {
        trial.send(31 * MS, number, 1250);
    }
    let arrivals = trial.arrivals();
    assert_eq!(arrivals[199].0, 31 * MS);
    assert_eq!(arrivals[200].0, 31 * MS + MS / 10);
    // Long after it, the link makes up for nothing.
    for number in 0..2 {
        trial.send(500 * MS, number, 1250);
    }
    let arrivals: Vec<Duration> = trial.arrivals().iter().map(|(after, _)| *after).collect();
    assert_eq!(arrivals, [500 * MS + MS / 10, 500 * MS + MS / 5]);
}

#[test]
fn what_would_wait_long_for_a_rate_is_lost_and_the_rate_is_used_in_full() {
    let mut trial = Trial::of(Impairment {
        rate: rate(10),
        ..Impairment::delay(5 * MS)
    });
    // Twice the rate: 1,250 bytes take 1 ms.
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

/// Compares random arrivals and departures with a sorted list.
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
