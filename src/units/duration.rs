//! Durations as text.

use std::time::Duration;

/// Reads a duration from a lab file: a number and its unit, `1.5ms`, `300us`, `2s`.
///
/// # Errors
///
/// A sentence that shows the format of a duration.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let known = |unit: &str| match unit {
        "us" => Some(1e-6),
        "ms" => Some(1e-3),
        "s" => Some(1.0),
        _ => None,
    };
    let duration = read_duration(text, ["ms", "us or s", "us, ms or s"], known)?;
    Some(duration)
        .filter(|duration| *duration <= LONGEST_DURATION)
        .ok_or_else(|| format!("`{text}` is longer than 60s, the longest that a lab takes"))
}

/// Reads a timeout: a number and its unit, `30s`, `10min`, `1h`.
///
/// # Errors
///
/// A sentence that shows the format of a duration.
pub fn parse_patience(text: &str) -> Result<Duration, String> {
    let known = |unit: &str| match unit {
        "ms" => Some(1e-3),
        "s" => Some(1.0),
        "min" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    };
    let duration = read_duration(text, ["s", "min or h", "ms, s, min or h"], known)?;
    Some(duration)
        .filter(|duration| *duration <= LONGEST_PATIENCE)
        .ok_or_else(|| format!("`{text}` is longer than 24h, the longest that a command waits"))
}

/// Reads a number and a known unit; the arguments are the usual unit, the others and all of them.
fn read_duration(
    text: &str,
    [usual, others, units]: [&str; 3],
    known: impl Fn(&str) -> Option<f64>,
) -> Result<Duration, String> {
    let number_ends = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(number_ends);
    let no_duration =
        || format!("`{text}` is not a duration: write it like `2{usual}` or `1.5{usual}`");
    if number.is_empty() {
        return Err(no_duration());
    }
    let seconds_each = match unit.trim() {
        "" => {
            return Err(format!(
                "`{text}` has no unit: write `{text}{usual}`, or {others}"
            ));
        }
        unit => {
            known(unit).ok_or_else(|| format!("`{unit}` is not a unit of time: write {units}"))?
        }
    };
    let value: f64 = number.parse().map_err(|_| no_duration())?;
    // A duration too long for the type exceeds every limit.
    Ok(Duration::try_from_secs_f64(value * seconds_each).unwrap_or(Duration::MAX))
}

/// The longest timeout, longer than any command runs.
const LONGEST_PATIENCE: Duration = Duration::from_hours(24);

/// The longest delay: longer than any link on Earth. A probe waits at most twice this.
pub(super) const LONGEST_DURATION: Duration = Duration::from_mins(1);

/// A duration in a lab file's format, in the largest unit that needs at most three decimals.
pub(super) fn duration_text(duration: Duration) -> String {
    if duration < Duration::from_millis(1) {
        format!("{}us", duration.as_micros())
    } else if duration < Duration::from_secs(1) {
        format!("{}ms", milliseconds(duration))
    } else {
        format!("{}s", milliseconds(duration) / 1e3)
    }
}

/// A duration in milliseconds for reports, in whole microseconds: no clock here is more precise.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "no lab's duration has 2^53 microseconds"
)]
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_needs_its_unit() {
        assert_eq!(parse_duration("1.5ms"), Ok(Duration::from_micros(1500)));
        assert_eq!(parse_duration("300us"), Ok(Duration::from_micros(300)));
        assert_eq!(parse_duration("2s"), Ok(Duration::from_secs(2)));
        for wrong in [
            "5",
            "ms",
            "5 fortnights",
            "1e400ms",
            "-1ms",
            "61s",
            "1.2.3ms",
            "",
        ] {
            assert!(parse_duration(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn patience_has_longer_units() {
        assert_eq!(parse_patience("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_patience("1.5min"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_patience("24h"), Ok(Duration::from_hours(24)));
        for wrong in ["", "10", "h", "1d", "25h", "1e400h", "-1s"] {
            assert!(parse_patience(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(
            parse_patience("10"),
            Err("`10` has no unit: write `10s`, or min or h".to_owned())
        );
    }
}
