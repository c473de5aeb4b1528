//! The queue against its promises: order, delay, bound.
#![expect(
    clippy::disallowed_methods,
    reason = "an instant can only be had from the clock"
)]

use super::*;

const THERE: Direction = Direction { entry: 0 };
const BACK: Direction = Direction { entry: 1 };
const OTHER: Direction = Direction { entry: 2 };

const MS: Duration = Duration::from_millis(1);

/// Two wires, of 10 ms and of 3 ms.
fn queue() -> Queue {
    Queue::new([10 * MS, 3 * MS])
}

#[test]
fn a_frame_leaves_its_delay_after_it_came_and_not_before() {
    let (mut queue, start) = (queue(), Instant::now());
    queue.push(THERE, b"one", start).unwrap();
    queue.push(THERE, b"two", start + MS).unwrap();
    assert_eq!(queue.next_deadline(), Some(start + 10 * MS));
    assert_eq!(queue.pop_due(start + Duration::from_nanos(9_999_999)), None);
    assert_eq!(
        queue.pop_due(start + 10 * MS),
        Some((THERE, Frame(b"one".to_vec())))
    );
    assert_eq!(queue.pop_due(start + 10 * MS), None);
    assert_eq!(queue.next_deadline(), Some(start + 11 * MS));
    assert_eq!(
        queue.pop_due(start + 60 * MS),
        Some((THERE, Frame(b"two".to_vec())))
    );
    assert_eq!(queue.next_deadline(), None);
}

#[test]
fn the_earliest_deadline_of_all_wires_comes_first() {
    let (mut queue, start) = (queue(), Instant::now());
    queue.push(BACK, b"slow", start).unwrap();
    queue.push(OTHER, b"fast", start + MS).unwrap();
    let leaving: Vec<_> = std::iter::from_fn(|| queue.pop_due(start + 20 * MS))
        .map(|(direction, _)| direction)
        .collect();
    assert_eq!(leaving, [OTHER, BACK]);
    assert_eq!((THERE.exit(), BACK.exit(), OTHER.exit()), (1, 0, 3));
}

#[test]
fn a_full_direction_refuses_the_newest_frame_and_no_other_direction() {
    let (mut queue, start) = (queue(), Instant::now());
    let half = vec![0; MOST_BYTES_UNDER_WAY / 2];
    assert_eq!(queue.push(THERE, &half, start), Ok(()));
    assert_eq!(queue.push(THERE, &half, start), Ok(()));
    assert_eq!(queue.push(THERE, &[0], start), Err(Full));
    assert_eq!(queue.push(BACK, &[0], start), Ok(()));
    assert!(queue.pop_due(start + 10 * MS).is_some());
    assert_eq!(queue.push(THERE, &[0], start + 10 * MS), Ok(()));
}

#[test]
fn a_buffer_given_back_carries_the_next_frame() {
    let (mut queue, start) = (queue(), Instant::now());
    queue.push(THERE, b"a longer frame", start).unwrap();
    let (_, first) = queue.pop_due(start + 10 * MS).unwrap();
    let address = first.bytes().as_ptr();
    queue.recycle(first);
    queue.push(BACK, b"short", start).unwrap();
    let (_, second) = queue.pop_due(start + 10 * MS).unwrap();
    assert_eq!(
        (second.bytes(), second.bytes().as_ptr()),
        (&b"short"[..], address)
    );
}

/// Random arrivals and departures against a list that is searched from end to end.
#[test]
fn any_sequence_of_arrivals_keeps_order_and_delay() {
    let (mut queue, mut now) = (queue(), Instant::now());
    let mut model: Vec<(Instant, usize, Vec<u8>)> = Vec::new();
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for number in 0..20_000_u32 {
        now += Duration::from_micros(random(900));
        if random(2) == 0 {
            let entry = usize::try_from(random(4)).unwrap();
            let bytes = number.to_be_bytes().to_vec();
            queue.push(Direction { entry }, &bytes, now).unwrap();
            let delay = if entry < 2 { 10 * MS } else { 3 * MS };
            model.push((now + delay, entry, bytes));
            model.sort();
        } else {
            assert_eq!(queue.next_deadline(), model.first().map(|(due, ..)| *due));
            let is_due = model.first().is_some_and(|(due, ..)| *due <= now);
            let expected = is_due.then(|| model.remove(0));
            let left = queue
                .pop_due(now)
                .map(|(direction, frame)| (direction.entry, frame.0));
            assert_eq!(left, expected.map(|(_, entry, bytes)| (entry, bytes)));
        }
    }
}
