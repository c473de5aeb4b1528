//! A lab's control socket: requests and answers.

use std::time::Duration;

use netns_lab::control::{
    Answer, Changed, Impair, Impaired, Moment, Request, Started, SupervisorStatus,
};
use netns_lab::units::Impairment;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A line is a valid request or not, and a valid answer or not; valid ones survive serialization.
///
/// # Panics
///
/// If a request changes in serialization, or its impairment cannot be computed.
pub fn control(line: &[u8]) {
    if let Some(request) = Request::of_line(line) {
        let again = serde_json::to_vec(&request).expect("a request can be said");
        assert_eq!(Request::of_line(&again).as_ref(), Some(&request));
        match request {
            Request::Impair(order) => impaired(&order),
            Request::Up(order) => super::lab_file(order.text.as_bytes()),
            _ => {}
        }
    }
    answer::<Started>(line);
    answer::<SupervisorStatus>(line);
    answer::<Moment>(line);
    answer::<Answer<Changed>>(line);
    answer::<Answer<Impaired>>(line);
}

/// An answer can be serialized and parsed again. Fractions may lose their last digit.
fn answer<T: DeserializeOwned + Serialize>(line: &[u8]) {
    if let Ok(heard) = serde_json::from_slice::<T>(line) {
        let again = serde_json::to_vec(&heard).expect("an answer can be said");
        assert!(serde_json::from_slice::<T>(&again).is_ok());
    }
}

/// An impairment is refused, or all values that a wire needs can be computed from it.
fn impaired(order: &Impair) {
    let change = order.change.unwrap_or_default();
    let wanted = change.of(&Impairment::delay(Duration::from_millis(2)));
    if wanted.check().is_err() {
        return;
    }
    let framed = wanted.in_frames();
    let burst = framed.largest_burst();
    if let Some(rate) = framed.rate {
        assert!(rate.time_for(u64::from(burst)) > Duration::ZERO);
        assert!(rate.bytes_in(Duration::from_secs(1)) > 0);
    }
    let shares = [wanted.loss, wanted.duplicate, wanted.reorder];
    assert!(shares.iter().all(|share| share.millionths() <= 1_000_000));
    assert!(!wanted.to_string().contains('\n'));
}
