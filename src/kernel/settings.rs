//! Files under /proc/sys/net, as the calling thread's namespace has them.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

/// Where they are.
const DIRECTORY: &str = "/proc/sys/net";

/// What a new namespace's settings are.
pub type Preset = BTreeMap<&'static str, String>;

/// Sets a namespace's settings, from inside it, but for those that it has as it is made.
///
/// # Errors
///
/// The first setting that cannot be made, and why.
pub(super) fn apply(
    settings: &[(&'static str, &'static str)],
    preset: &Preset,
) -> Result<(), (&'static str, &'static str, io::Error)> {
    let differs = |key, value| preset.get(key).is_none_or(|preset| preset != value);
    for (key, value) in settings.iter().filter(|(key, value)| differs(*key, *value)) {
        fs::write(Path::new(DIRECTORY).join(key), value).map_err(|error| (*key, *value, error))?;
    }
    Ok(())
}

/// Reads settings of the calling thread's namespace. One that cannot be read is left out.
pub(super) fn read(keys: impl Iterator<Item = &'static str>) -> Preset {
    let read = |key| {
        let text = fs::read_to_string(Path::new(DIRECTORY).join(key)).ok()?;
        Some((key, text.trim_end().to_owned()))
    };
    keys.filter_map(read).collect()
}
