//! Frames in the format of an interface.

use super::*;

/// A frame with this header, a TCP header of 32 bytes behind Ethernet's and IPv4's, and a payload.
fn frame(kind: u8, segment: u16, payload: usize) -> Frame {
    let transport = 14 + 20;
    let mut bytes = vec![1, kind, 0, 0];
    for number in [segment, transport, 16] {
        bytes.extend(number.to_ne_bytes());
    }
    bytes.resize(HEADER + usize::from(transport) + 32 + payload, 0);
    bytes[HEADER + usize::from(transport) + TCP_LENGTH] = 8 << 4;
    let mut pool = Pool::new();
    pool.read(|room| {
        room[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    })
    .unwrap()
}

#[test]
fn a_frame_to_be_cut_has_its_headers_on_every_segment() {
    let headers = 14 + 20 + 32;
    let tcp = |payload| frame(1, 1448, payload).len_on_the_wire();
    assert_eq!(tcp(1448), 1514);
    assert_eq!(tcp(1449), 1514 + headers + 1);
    assert_eq!(tcp(44 * 1448), 44 * 1514);
    assert_eq!(frame(4, 1448, 2 * 1448).len_on_the_wire(), 2 * 1514);
    assert_eq!(
        frame(1 | WITH_ECN, 1448, 2 * 1448).len_on_the_wire(),
        2 * 1514
    );
    // UDP's header is 24 bytes shorter, so this frame has 24 bytes more payload.
    let udp = frame(UDP, 1000, 1976).len_on_the_wire();
    assert_eq!(udp, 2 * (14 + 20 + 8 + 1000));
    assert_eq!(frame(0, 0, 1448).len_on_the_wire(), 1514);
}

#[test]
fn a_header_that_makes_no_sense_is_no_harm() {
    for bytes in [
        &[][..],
        &[1, 1],
        &[1, 1, 0, 0, 1, 0, 255, 255, 0, 0],
        &[1, 5, 0, 0, 1, 0, 255, 255, 0, 0, 7, 7],
    ] {
        let mut pool = Pool::new();
        let frame = pool
            .read(|room| {
                room[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            })
            .unwrap();
        assert_eq!(frame.bytes(), bytes);
        assert_eq!(frame.len_on_the_wire(), frame.len());
    }
}

#[test]
fn a_buffer_given_back_carries_the_next_frame_of_its_size() {
    let mut pool = Pool::new();
    for len in [100, LEAST_KEPT] {
        let first = pool.read(|_| Ok(len)).unwrap();
        let other = pool.read(|_| Ok(len)).unwrap();
        let address = first.bytes().as_ptr();
        assert_ne!(other.bytes().as_ptr(), address);
        pool.recycle(first);
        // A large buffer is reused for the second frame from now: the next frame's buffer is already in place.
        let next = [pool.read(|_| Ok(len)), pool.read(|_| Ok(len))];
        assert!(
            next.into_iter()
                .any(|frame| frame.unwrap().bytes().as_ptr() == address),
            "{len}"
        );
    }
}

#[test]
fn a_small_frame_does_not_hold_a_large_buffer() {
    let mut pool = Pool::new();
    assert!(pool.read(|_| Ok(1524)).unwrap().memory() < 1700);
    assert!(pool.read(|_| Ok(LARGEST_FRAME)).unwrap().memory() >= LARGEST_FRAME);
}

#[test]
fn a_copy_is_the_same_and_another() {
    let frame = frame(1, 1448, 40_000);
    let mut pool = Pool::new();
    let copy = pool.copy(&frame);
    assert_eq!(copy.bytes(), frame.bytes());
    assert_ne!(copy.bytes().as_ptr(), frame.bytes().as_ptr());
}
